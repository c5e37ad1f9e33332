// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"maps"
	"slices"

	"govdsm/internal/network/netconf"
)

// Host is what Generate must know besides the request.
type Host struct {
	Running netconf.Config // what we set up before
	Current Current        // what is there now
	// BridgeName names the Open vSwitch bridge above an interface that has
	// none. nil: a name that follows from the interface's.
	BridgeName func(southbound string) string
}

// Generate returns the state that fulfils a request which validation has
// passed. The request is about one switch type.
func Generate(request netconf.Request, host Host) State {
	p := &plan{
		host: host, interfaces: make(map[string]*Interface),
		networks: networksOf(request, host.Running), request: request,
	}
	if request.UsesOVS(host.Running) {
		p.ovs()
	} else {
		p.legacy()
	}
	p.routesAndDNS()
	p.bonds()
	if request.UsesLegacy(host.Running) {
		p.raiseBases()
	}
	p.spreadToPorts()
	p.state.Interfaces = sorted(p.interfaces)
	return p.state
}

// plan is a state in the making.
type plan struct {
	request    netconf.Request
	host       Host
	networks   []*network // of the request, by name
	interfaces map[string]*Interface
	state      State
}

// network is a network of the request beside what it was.
type network struct {
	name    string
	removed bool
	known   bool            // it is in the running configuration
	want    netconf.Network // zero when it is removed
	was     netconf.Network // zero when it is not known
}

func networksOf(request netconf.Request, running netconf.Config) []*network {
	var list []*network
	for _, name := range slices.Sorted(maps.Keys(request.Networks)) {
		n := &network{name: name, want: request.Networks[name]}
		n.was, n.known = running.Networks[name]
		if n.want.Remove {
			n.removed, n.want = true, netconf.Network{}
		}
		list = append(list, n)
	}
	return list
}

// nextHop is the interface that gets the network's addresses.
func (n *network) nextHop() string { return n.want.NextHop(n.name) }

// left returns the link that the network used and uses no more, or "".
func (n *network) left() string {
	if n.known && (n.removed || n.was.Base() != n.want.Base()) {
		return n.was.Base()
	}
	return ""
}

// iface returns the interface of that name in the plan, and makes it first if
// it is new.
func (p *plan) iface(name string) *Interface {
	i, there := p.interfaces[name]
	if !there {
		i = &Interface{Name: name}
		p.interfaces[name] = i
	}
	return i
}

// absent plans that an interface goes, whatever else was planned for it.
func (p *plan) absent(name string) {
	p.interfaces[name] = &Interface{Name: name, State: Absent}
}

// goes tells whether the interface is planned to go.
func (p *plan) goes(name string) bool {
	i, planned := p.interfaces[name]
	return planned && i.State == Absent
}

// routesAndDNS plans what hangs on addresses.
func (p *plan) routesAndDNS() {
	for _, n := range p.networks {
		routes, rules := n.routes(p.host.Current)
		p.state.Routes = append(p.state.Routes, routes...)
		p.state.Rules = append(p.state.Rules, rules...)
		switch {
		case n.want.DefaultRoute:
			p.state.SetsDNS = true
			p.state.Nameservers = append(p.state.Nameservers, n.want.Nameservers...)
		case n.was.DefaultRoute && len(n.was.Nameservers) > 0:
			p.state.SetsDNS = true // cleared, if nobody takes the role over
		}
	}
}
