// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"govdsm/api"
	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/ovsdb"
	"govdsm/internal/network/snapshot"
	"govdsm/internal/network/vswitch"
)

// aboutSwitch tells whether a request, or what it is about, needs Open vSwitch.
func aboutSwitch(request netconf.Request, running netconf.Config) bool {
	if request.UsesOVS(running) {
		return true
	}
	for _, n := range running.Networks {
		if n.Switch == netconf.SwitchOVS {
			return true
		}
	}
	return false
}

// addSwitch adds Open vSwitch's bridges and interfaces to what the kernel
// tells. The kernel knows neither the bridges nor who made the interfaces.
func addSwitch(c *nmstate.Current, vs *vswitch.State) {
	if vs == nil {
		return
	}
	for name, b := range vs.Bridges {
		bridge := &nmstate.Bridge{Port: []nmstate.BridgePort{}}
		for _, port := range slices.Sorted(maps.Keys(b.Ports)) {
			p := b.Ports[port]
			w := nmstate.BridgePort{Name: port}
			if tag := p.Tag(); tag != nil {
				w.VLAN = &nmstate.PortVLAN{Mode: "access", Tag: tag}
			}
			bridge.Port = append(bridge.Port, w)
			if i, there := c.Interfaces[port]; there && p.Internal() {
				i.Type = nmstate.TypeOVSInterface
				c.Interfaces[port] = i
			}
		}
		i := c.Interfaces[name] // of a bridge with an interface of its own
		i.Name, i.Type, i.Bridge = name, nmstate.TypeOVSBridge, bridge
		if i.State == "" {
			i.State = nmstate.Up
		}
		c.Interfaces[name] = i
	}
	if vs.Mappings != nil {
		c.BridgeMappings = *vs.Mappings
	}
}

// switchInfo adds the running networks that are there on Open vSwitch, and the
// VLAN devices that stand for their tags: nothing else has these.
func switchInfo(i *kernelconfig.Info, s *snapshot.State, vs *vswitch.State, running netconf.Config) {
	for name, b := range running.Bonds {
		if k, there := i.Bonds[name]; there && b.Switch == netconf.SwitchOVS {
			k.Switch = netconf.SwitchOVS
			i.Bonds[name] = k
		}
	}
	for name, n := range running.Networks {
		if n.Switch != netconf.SwitchOVS {
			continue
		}
		delete(i.Networks, name)
		if vs == nil || s.Link(name) == nil {
			continue
		}
		port, bridge := vs.Port(name)
		if port == nil || bridge.Ports[n.Base()] == nil {
			continue
		}
		k := kernelconfig.Network{
			Bridged: n.Bridged, MTU: int(s.Link(name).MTU), Switch: netconf.SwitchOVS,
			Southbound: n.Base(), VLAN: port.Tag(),
		}
		if k.VLAN != nil {
			tagged := netconf.Network{NIC: n.Base(), VLAN: k.VLAN}
			k.Southbound = tagged.VLANDevice()
			i.Vlans[k.Southbound] = kernelconfig.Vlan{Base: n.Base(), Tag: *k.VLAN}
		}
		i.Networks[name] = k
	}
}

// extender is a Change that can go on to another state. When Extend fails the
// whole is undone and over.
type extender interface {
	Extend(ctx context.Context, want linkapply.Want) error
}

// changeSwitch turns all networks from one switch type to the other. A name
// cannot be a bridge and a port of Open vSwitch at once, so all go before they
// come again; it is one change for all that, which is undone as a whole.
func (c *Configurator) changeSwitch(ctx context.Context, p *prepared, note json.RawMessage, leases clients) (Change, error) {
	gone := *p
	removal, err := gone.want(p.request.Removals())
	if err != nil {
		return nil, err
	}
	change, err := c.o.Applier.Begin(ctx, removal, note)
	if err != nil {
		return nil, err
	}
	// From here on whatever fails must undo the change.
	undone := func(err error) (Change, error) {
		if undo := change.Undo(ctx, nil); undo != nil {
			c.o.Log.ErrorContext(ctx, "the former networks are not back", "error", undo)
		}
		return nil, err
	}
	gone.running = p.running.Apply(p.request.Removals())
	if gone.current, err = c.currently(ctx, p.request, p.running); err != nil {
		return undone(err)
	}
	gone.current.Nameservers = p.current.Nameservers
	want, err := gone.want(p.request)
	if err != nil {
		return undone(err)
	}
	leases.fill(&want)
	e, can := change.(extender)
	if !can {
		return undone(unsupported("a change of the switch type by this applier"))
	}
	if err := e.Extend(ctx, want); err != nil {
		return nil, err // and it is undone
	}
	return change, nil
}

// currently reads the host's state in the words of documents.
func (c *Configurator) currently(ctx context.Context, request netconf.Request, running netconf.Config) (nmstate.Current, error) {
	now, err := take(ctx)
	if err != nil {
		return nmstate.Current{}, err
	}
	vs, err := c.readSwitch(ctx, request, running)
	if err != nil {
		return nmstate.Current{}, err
	}
	all := current(now)
	addSwitch(&all, vs)
	return all, nil
}

// readSwitch reads Open vSwitch's configuration, nil when it has no part in a
// request.
func (c *Configurator) readSwitch(ctx context.Context, request netconf.Request, running netconf.Config) (*vswitch.State, error) {
	if !aboutSwitch(request, running) {
		return nil, nil
	}
	return c.Switch(ctx)
}

// Switch reads Open vSwitch's configuration, in bounded time.
func (c *Configurator) Switch(ctx context.Context) (*vswitch.State, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, ovsdb.Patience, ovsdb.ErrSilent)
	defer cancel()
	vs, err := vswitch.Read(ctx, c.o.Switch)
	if err != nil {
		return nil, api.ErrNetOvsConnection.Says(err.Error())
	}
	return vs, nil
}
