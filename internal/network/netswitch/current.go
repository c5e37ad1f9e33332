// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/canonicalize"
	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
)

// current is a snapshot in the words of documents.
func current(s *snapshot.State) nmstate.Current {
	c := nmstate.Current{Interfaces: make(map[string]nmstate.Interface, len(s.Links))}
	for _, l := range s.Sorted() {
		c.Interfaces[l.Name] = iface(s, l)
		for _, r := range s.Routes[l.Name] {
			if r.Table != unix.RT_TABLE_LOCAL {
				c.Routes = append(c.Routes, routeOf(r))
			}
		}
	}
	for _, r := range s.Rules {
		rule := nmstate.RouteRule{Priority: int(r.Priority), RouteTable: r.Table}
		if r.From.IsValid() {
			rule.IPFrom = r.From.String()
		}
		if r.To.IsValid() {
			rule.IPTo = r.To.String()
		}
		c.Rules = append(c.Rules, rule)
	}
	return c
}

func iface(s *snapshot.State, l *snapshot.Link) nmstate.Interface {
	i := nmstate.Interface{Name: l.Name, Type: nmstate.TypeEthernet, State: nmstate.Down, MTU: int(l.MTU), MAC: strings.ToUpper(l.MAC)}
	if l.Up {
		i.State = nmstate.Up
	}
	switch l.Kind {
	case snapshot.KindVLAN:
		i.Type, i.VLAN = nmstate.TypeVLAN, &nmstate.VLAN{ID: int(l.VLANTag()), BaseIface: l.Base}
	case snapshot.KindBond:
		i.Type, i.Bond = nmstate.TypeBond, &nmstate.Bond{Mode: fmt.Sprint(l.BondMode())}
		for _, p := range s.Ports(l.Name) {
			i.Bond.Port = append(i.Bond.Port, p.Name)
		}
	case snapshot.KindBridge:
		i.Type, i.Bridge = nmstate.TypeLinuxBridge, &nmstate.Bridge{}
		for _, p := range s.Ports(l.Name) {
			i.Bridge.Port = append(i.Bridge.Port, nmstate.BridgePort{Name: p.Name})
		}
	}
	return i
}

func routeOf(r snapshot.Route) nmstate.Route {
	w := nmstate.Route{
		Destination: r.Dest.String(), NextHopInterface: r.Dev, TableID: r.Table, Metric: new(int(r.Metric)),
		NextHopAddress: map[bool]string{true: "0.0.0.0", false: "::"}[r.Dest.Addr().Is4()],
	}
	if r.Gateway.IsValid() {
		w.NextHopAddress = r.Gateway.String()
	}
	return w
}

// bonds are the kernel's bonds as defaults depend on them.
func bonds(s *snapshot.State) map[string]canonicalize.Bond {
	found := make(map[string]canonicalize.Bond)
	for _, l := range s.Sorted() {
		if l.Kind != snapshot.KindBond {
			continue
		}
		b := canonicalize.Bond{Hwaddr: l.MAC}
		for _, p := range s.Ports(l.Name) {
			b.Ports = append(b.Ports, p.Name)
		}
		found[l.Name] = b
	}
	return found
}

// info is what the validator looks at: which links there are, and what
// networks lie on which. Addresses do not matter to it.
func (c *Configurator) info(s *snapshot.State, running netconf.Config) kernelconfig.Info {
	i := kernelconfig.Info{
		Networks: make(map[string]kernelconfig.Network), Bonds: make(map[string]kernelconfig.Bond),
		Vlans: make(map[string]kernelconfig.Vlan),
	}
	for _, l := range s.Sorted() {
		switch {
		case l.Kind == snapshot.KindVLAN:
			i.Vlans[l.Name] = kernelconfig.Vlan{Base: l.Base, Tag: int(l.VLANTag())}
		case c.isNIC(l):
			i.Nics = append(i.Nics, l.Name)
		}
	}
	for name, b := range bonds(s) {
		i.Bonds[name] = kernelconfig.Bond{Ports: b.Ports, Hwaddr: b.Hwaddr, Switch: netconf.SwitchLegacy}
	}
	for name, n := range running.Networks {
		top := s.Link(n.NextHop(name))
		if top == nil {
			continue
		}
		k := kernelconfig.Network{Bridged: n.Bridged, STP: top.STP(), MTU: int(top.MTU), Switch: n.Switch, Southbound: top.Name}
		if n.Bridged {
			k.Southbound = southbound(s, name, n)
		}
		if l := s.Link(k.Southbound); l != nil && l.Kind == snapshot.KindVLAN {
			k.VLAN = new(int(l.VLANTag()))
		}
		i.Networks[name] = k
	}
	return i
}

// southbound returns the port of a bridge that is the network's, "" when it is
// not there.
func southbound(s *snapshot.State, bridge string, n netconf.Network) string {
	below := n.Base()
	if v := n.VLANDevice(); v != "" {
		below = v
	}
	if l := s.Link(below); l != nil && l.Master == bridge {
		return below
	}
	return ""
}

// isNIC tells whether a link is a card, or a device that stands in for one
// because the configuration says so.
func (c *Configurator) isNIC(l *snapshot.Link) bool {
	if matches(c.o.HiddenNICs, l.Name) || l.Name == "lo" {
		return false
	}
	switch l.Kind {
	case "":
		_, err := net.ParseMAC(l.MAC)
		return err == nil
	case "dummy", "veth", "macvlan":
		return matches(c.o.FakeNICs, l.Name)
	}
	return false
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := filepath.Match(p, name)
		return err == nil && ok
	})
}
