// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"govdsm/api"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
)

// Plan is what a request would change.
type Plan struct {
	Changes  []nmstate.Change // of the host, as a diff
	Steps    []string         // of the kernel, in their order
	Document nmstate.State    // which the steps lead to
}

// Plan tells what Setup would do. It changes nothing and runs no hook, so it
// does not know what a hook would make of the request. The kernel may still
// refuse what looks good here.
func (c *Configurator) Plan(ctx context.Context, params *api.HostSetupNetworksParams) (Plan, error) {
	p, err := c.prepare(ctx, *params)
	if err != nil {
		return Plan{}, err
	}
	request := p.request
	if p.change { // the other half depends on what the kernel is then
		request = request.Removals()
	}
	want, err := p.want(request)
	if err != nil {
		return Plan{}, err
	}
	now, err := take(ctx)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Changes: nmstate.Diff(p.comparable(now, want.State), want.State), Document: want.State}
	plan.Steps, err = c.o.Applier.Plan(ctx, want)
	if p.change {
		plan.Steps = append(plan.Steps, "and then set all of them up with the other switch type")
	}
	return plan, coded(err)
}

// comparable adds to the current state what plans do not depend on, and people
// want to see compared.
func (p *prepared) comparable(now *snapshot.State, want nmstate.State) nmstate.Current {
	current := p.current
	current.Interfaces = maps.Clone(current.Interfaces)
	clients := make(map[string]netconf.Network)
	for name, n := range p.running.Networks {
		if n.DHCPv4() || n.DHCPv6 || n.IPv6Autoconf {
			clients[n.NextHop(name)] = n
		}
	}
	for _, w := range want.Interfaces {
		have, there := current.Interfaces[w.Name]
		l := now.Link(w.Name)
		if !there || l == nil {
			continue
		}
		have.IPv4, have.IPv6 = addressesOf(now, l)
		if n, client := clients[w.Name]; client { // its addresses are somebody else's choice
			have.IPv4 = asksFor(have.IPv4, w.IPv4, n.DHCPv4(), false)
			have.IPv6 = asksFor(have.IPv6, w.IPv6, n.DHCPv6, n.IPv6Autoconf)
		}
		if l.Kind == snapshot.KindBridge && have.Bridge != nil {
			have.Bridge = &nmstate.Bridge{Port: have.Bridge.Port, Options: &nmstate.BridgeOptions{STP: &nmstate.STP{Enabled: l.STP()}}}
		}
		if w.Bond != nil && have.Bond != nil {
			have.Bond = &nmstate.Bond{Mode: have.Bond.Mode, Port: have.Bond.Port, Options: bondOptions(w.Name, w.Bond)}
			if words := bondOption(w.Name, "mode"); slices.Contains(words, w.Bond.Mode) {
				have.Bond.Mode = w.Bond.Mode
			}
		}
		current.Interfaces[w.Name] = have
	}
	return current
}

func addressesOf(now *snapshot.State, l *snapshot.Link) (v4, v6 *nmstate.IP) {
	v4 = &nmstate.IP{}
	v6 = &nmstate.IP{Enabled: l.IPv6.Known && !l.IPv6.Disabled}
	v6.Autoconf = new(v6.Enabled && l.IPv6.Autoconf != 0 && l.IPv6.AcceptRA != 0)
	for _, a := range now.Addrs[l.Name] {
		ip := v6
		if a.Prefix.Addr().Is4() {
			ip = v4
		}
		ip.Enabled = true
		ip.Address = append(ip.Address, nmstate.Address{IP: a.Prefix.Addr().String(), PrefixLength: a.Prefix.Bits()})
	}
	return v4, v6
}

// asksFor is the state of a family for which a client runs already.
func asksFor(have, want *nmstate.IP, dhcp, autoconf bool) *nmstate.IP {
	if !dhcp && !autoconf {
		return have
	}
	ip := &nmstate.IP{Enabled: true, DHCP: new(dhcp), Autoconf: new(autoconf)}
	if want != nil {
		ip.AutoRouteTableID = want.AutoRouteTableID
	}
	return ip
}

// bondOptions are those that the wanted bond names, in its spelling where the
// kernel has the same.
func bondOptions(name string, want *nmstate.Bond) nmstate.BondOptions {
	have := make(nmstate.BondOptions)
	for option, value := range want.Options {
		switch words := bondOption(name, option); {
		case len(words) == 0:
		case slices.Contains(words, value):
			have[option] = value
		default:
			have[option] = words[0]
		}
	}
	return have
}

// bondOption reads an option: its words mean the same.
func bondOption(bond, option string) []string {
	path := filepath.Join(bond, "bonding", option)
	if !filepath.IsLocal(path) {
		return nil
	}
	b, err := os.ReadFile(filepath.Join("/sys/class/net", path))
	if err != nil {
		return nil // as good as not known
	}
	return strings.Fields(string(b))
}
