// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"encoding/json"
	"fmt"

	"govdsm/api"
	"govdsm/internal/network/canonicalize"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
	"govdsm/internal/network/validate"
)

// prepared is a request that was found good, with what it was found good for.
type prepared struct {
	request netconf.Request
	running netconf.Config
	current nmstate.Current
	change  bool // of the switch type
	// now is what current was taken from, nil when it may have changed since.
	now *snapshot.State
}

// prepare reads what there is, fills the request in and checks it.
func (c *Configurator) prepare(ctx context.Context, params api.HostSetupNetworksParams) (*prepared, error) {
	running, err := c.running(ctx)
	if err != nil {
		return nil, err
	}
	resolv, err := c.readResolv()
	if err != nil {
		return nil, err
	}
	now, err := take(ctx)
	if err != nil {
		return nil, err
	}
	request, err := canonicalize.Request(params, canonicalize.Host{
		Running: running, Bonds: bonds(now), Nameservers: canonicalize.Nameservers(resolv),
	})
	if err != nil {
		return nil, err
	}
	// A request that nobody could carry out is refused for that, also where
	// Open vSwitch does not answer.
	vs, silent := c.readSwitch(ctx, request, running)
	p := &prepared{request: request, running: running, current: current(now), now: now}
	addSwitch(&p.current, vs)
	p.current.Nameservers = canonicalize.Nameservers(resolv)
	info := c.info(now, running)
	switchInfo(&info, now, vs, running)
	err = validate.Request(request, validate.Host{Info: info, Running: running, Options: c.bondOptions(ctx, request)})
	if err != nil {
		return p, err
	}
	if p.change, err = validate.SwitchChange(request, running); err != nil {
		return p, err
	}
	return p, silent
}

func take(ctx context.Context) (*snapshot.State, error) {
	conn, err := rtnl.Dial()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return snapshot.Take(ctx, conn)
}

func unsupported(what string) error {
	return api.ErrUnsupportedOperation.With("reason", what+" is not supported yet")
}

// want turns the request, as the hooks left it, into what the kernel shall
// have.
func (p *prepared) want(request netconf.Request) (linkapply.Want, error) {
	want := linkapply.Want{
		State:         nmstate.Generate(request, nmstate.Host{Running: p.running, Current: p.current}),
		BridgeOptions: map[string]map[string]string{},
	}
	var err error
	if want.Shares, err = shares(request, p.running); err != nil {
		return want, err
	}
	for name, n := range request.Networks {
		if n.Remove || !n.Bridged || n.Switch == netconf.SwitchOVS {
			continue
		}
		for _, o := range n.BridgeOptions() {
			if o.Value == "" {
				return want, api.ErrNetBadParams.Says(fmt.Sprintf("bridge option without a value: %q", o.Name))
			}
			if want.BridgeOptions[name] == nil {
				want.BridgeOptions[name] = map[string]string{}
			}
			want.BridgeOptions[name][o.Name] = o.Value
		}
	}
	return want, nil
}

// hookDocument is what scripts get.
type hookDocument struct {
	Request netconf.Request `json:"request"`
}

// beforeSetup is the point at which scripts may change a request.
const beforeSetup = "before_network_setup"

// scripted tells whether anybody has scripts for a point.
func (c *Configurator) scripted(point string) bool {
	return c.o.Hooks != nil && c.o.Hooks.Any(point)
}

// ask lets scripts change the request, or refuse it. What they make of it is
// taken as it is, so they must leave it complete.
func (c *Configurator) ask(ctx context.Context, r netconf.Request) (netconf.Request, error) {
	before, err := json.Marshal(hookDocument{r})
	if err != nil {
		return r, err
	}
	after, err := c.o.Hooks.RunJSON(ctx, beforeSetup, before, nil)
	if err != nil {
		return r, err
	}
	var changed hookDocument
	if err := json.Unmarshal(after, &changed); err != nil {
		return r, api.ErrHook.Because(beforeSetup + " left no request: " + err.Error())
	}
	return changed.Request, nil
}

// observe tells scripts how it ended. They see the request as it was before
// others changed it.
func (c *Configurator) observe(ctx context.Context, point string, params api.HostSetupNetworksParams, p *prepared) {
	if !c.scripted(point) {
		return
	}
	document := any(map[string]any{"request": params})
	if p != nil {
		document = hookDocument{p.request}
	}
	raw, err := json.Marshal(document)
	if err == nil {
		_, err = c.o.Hooks.RunJSON(context.WithoutCancel(ctx), point, raw, nil)
	}
	if err != nil {
		c.o.Log.WarnContext(ctx, "hook failed", "point", point, "error", err)
	}
}
