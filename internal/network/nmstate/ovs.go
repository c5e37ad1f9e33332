// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"maps"
	"slices"
	"strings"

	"govdsm/internal/network/netconf"
)

// bridgePrefix begins the names of our Open vSwitch bridges.
const bridgePrefix = "vdsmbr_"

// ovs plans networks over Open vSwitch: one bridge above each link, and each
// network a port of the bridge with an interface of its own.
func (p *plan) ovs() {
	existing := p.ovsBridges()
	bridges := maps.Clone(existing) // by the link below them
	users := p.usersOfLinks()
	for _, link := range slices.Sorted(maps.Keys(users)) {
		switch {
		case len(users[link]) == 0 && existing[link] != "":
			p.absent(existing[link])
			*p.iface(link) = Interface{Name: link, State: Up, MTU: netconf.DefaultMTU}
			delete(bridges, link)
		case p.addsTo(link):
			if existing[link] == "" {
				bridges[link] = p.newBridge(link, users[link])
			} else {
				p.keepBridge(existing[link])
			}
		}
		p.raiseLink(link, users[link])
	}
	p.addOVSNetworks(bridges)
	p.state.SetsMappings, p.state.BridgeMappings = true, mappings(users, bridges)
}

// ovsBridges finds the bridge above each link that running networks use. Its
// name says nothing; having the link as a port does.
func (p *plan) ovsBridges() map[string]string {
	links := make(map[string]bool)
	for _, n := range p.host.Running.Networks {
		links[n.Base()] = true
	}
	found := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(p.host.Current.Interfaces)) {
		i := p.host.Current.Interfaces[name]
		if i.Type != TypeOVSBridge || i.Bridge == nil {
			continue
		}
		for _, port := range i.Bridge.Port {
			if links[port.Name] && found[port.Name] == "" {
				found[port.Name] = name
			}
		}
	}
	return found
}

// usersOfLinks returns the networks that each link shall carry, by name, and
// nothing for a link that the last one leaves.
func (p *plan) usersOfLinks() map[string]map[string]netconf.Network {
	users := make(map[string]map[string]netconf.Network)
	for _, n := range p.host.Running.Networks {
		users[n.Base()] = make(map[string]netconf.Network)
	}
	delete(users, "") // a network without a link has no bridge; validation refuses it
	for name, n := range p.host.Running.Apply(p.request).Networks {
		if n.Base() == "" {
			continue
		}
		if users[n.Base()] == nil {
			users[n.Base()] = make(map[string]netconf.Network)
		}
		users[n.Base()][name] = n
	}
	return users
}

// addsTo tells whether the request puts a network on a link.
func (p *plan) addsTo(link string) bool {
	return slices.ContainsFunc(p.networks, func(n *network) bool { return !n.removed && n.want.Base() == link })
}

func (p *plan) newBridge(link string, users map[string]netconf.Network) string {
	name := p.bridgeName(link)
	p.interfaces[name] = &Interface{
		Name: name, State: Up, Type: TypeOVSBridge, Bridge: &Bridge{Port: []BridgePort{{Name: link}}},
	}
	*p.iface(link) = Interface{
		Name: link, State: Up, MTU: greatestMTU(users), IPv4: disabled(), IPv6: disabled(),
	}
	return name
}

// keepBridge plans an existing bridge with the ports that the request does not
// touch.
func (p *plan) keepBridge(name string) {
	ports := []BridgePort{}
	for _, port := range p.host.Current.Interfaces[name].Bridge.Port {
		if _, touched := p.request.Networks[port.Name]; !touched {
			ports = append(ports, port)
		}
	}
	p.interfaces[name] = &Interface{Name: name, State: Up, Type: TypeOVSBridge, Bridge: &Bridge{Port: ports}}
}

// raiseLink gives a link the greatest MTU of its networks, if it has another.
func (p *plan) raiseLink(link string, users map[string]netconf.Network) {
	if _, planned := p.interfaces[link]; planned || len(users) == 0 {
		return
	}
	want := greatestMTU(users)
	if cmp.Or(p.host.Current.mtu(link), netconf.DefaultMTU) != want {
		*p.iface(link) = Interface{Name: link, State: Up, MTU: want}
	}
}

func greatestMTU(users map[string]netconf.Network) int {
	greatest := 0
	for _, n := range users {
		greatest = max(greatest, n.MTU)
	}
	return greatest
}

func (p *plan) addOVSNetworks(bridges map[string]string) {
	for _, n := range p.networks {
		if n.removed {
			p.absent(n.name)
			continue
		}
		p.interfaces[n.name] = &Interface{
			Name: n.name, Type: TypeOVSInterface, State: Up, MTU: n.want.MTU,
			MAC:  p.host.Current.Interfaces[n.want.Base()].MAC,
			IPv4: n.ipv4(), IPv6: n.ipv6(),
		}
		port := BridgePort{Name: n.name}
		if n.want.VLAN != nil {
			port.VLAN = &PortVLAN{Mode: "access", Tag: n.want.VLAN}
		}
		if bridge := p.interfaces[bridges[n.want.Base()]]; bridge != nil && bridge.Bridge != nil {
			bridge.Bridge.Port = append(bridge.Bridge.Port, port)
		}
	}
	for _, i := range p.interfaces {
		if i.Type == TypeOVSBridge && i.Bridge != nil {
			slices.SortFunc(i.Bridge.Port, func(a, b BridgePort) int { return cmp.Compare(a.Name, b.Name) })
		}
	}
}

// mappings tells OVN which bridge carries which network.
func mappings(users map[string]map[string]netconf.Network, bridges map[string]string) string {
	var pairs []string
	for _, link := range slices.Sorted(maps.Keys(users)) {
		for _, name := range slices.Sorted(maps.Keys(users[link])) {
			if bridges[link] != "" {
				pairs = append(pairs, name+":"+bridges[link])
			}
		}
	}
	return strings.Join(pairs, ",")
}

// bridgeName returns a free name for the bridge above a link. It follows from
// the link's name, so that planning twice gives the same plan.
func (p *plan) bridgeName(link string) string {
	if p.host.BridgeName != nil {
		return p.host.BridgeName(link)
	}
	for i := 0; ; i++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", link, i))
		name := bridgePrefix + base32.StdEncoding.EncodeToString(sum[:5])
		if _, planned := p.interfaces[name]; !planned && !p.host.Current.has(name) {
			return name
		}
	}
}
