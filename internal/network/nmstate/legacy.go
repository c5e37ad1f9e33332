// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import "govdsm/internal/network/netconf"

// legacy plans networks over Linux bridges: link, then VLAN device if tagged,
// then bridge unless the network is for the host alone.
func (p *plan) legacy() {
	for _, n := range p.networks {
		if n.removed {
			p.removeLegacy(n)
		} else {
			p.addLegacy(n)
		}
	}
	for _, n := range p.networks {
		p.tendBase(n)
	}
	p.removeLeftVLANs()
	p.resetLeftBases()
}

func (p *plan) addLegacy(n *network) {
	top := p.addSouthbound(n)
	if n.want.Bridged {
		p.addBridge(n, top)
		return
	}
	if n.was.Bridged {
		p.absent(n.name)
	}
	if top != nil {
		top.IPv4, top.IPv6 = n.ipv4(), n.ipv6()
	}
}

// addSouthbound plans the link of a network and its VLAN device, and returns
// the upper one; nil for a bridge alone. Networks that share the link get the
// greatest MTU of them.
func (p *plan) addSouthbound(n *network) *Interface {
	if n.want.Base() == "" {
		return nil
	}
	base := p.iface(n.want.Base())
	base.State = Up
	base.MTU = max(base.MTU, n.want.MTU)
	if n.want.VLAN == nil {
		return base
	}
	vlan := p.iface(n.want.VLANDevice())
	*vlan = Interface{
		Name: vlan.Name, Type: TypeVLAN, State: Up, MTU: n.want.MTU,
		VLAN: &VLAN{ID: *n.want.VLAN, BaseIface: n.want.Base()},
	}
	return vlan
}

// addBridge plans the bridge of a network above port, which may be nil. The
// bridge takes the address of a port that is there already, so that DHCP gives
// it the same lease.
func (p *plan) addBridge(n *network, port *Interface) {
	bridge := Interface{
		Name: n.name, Type: TypeLinuxBridge, State: Up, MTU: n.want.MTU,
		Bridge: &Bridge{Options: &BridgeOptions{&STP{n.want.STP}}, Port: []BridgePort{}},
		IPv4:   n.ipv4(), IPv6: n.ipv6(),
	}
	if port != nil {
		port.IPv4, port.IPv6 = disabled(), disabled()
		bridge.Bridge.Port = []BridgePort{{Name: port.Name}}
		bridge.MAC = p.host.Current.Interfaces[port.Name].MAC
	}
	p.interfaces[n.name] = &bridge
}

func (p *plan) removeLegacy(n *network) {
	if vlan := n.was.VLANDevice(); vlan != "" {
		if _, planned := p.interfaces[vlan]; !planned {
			p.absent(vlan)
		}
	}
	if n.was.Bridged {
		if _, planned := p.interfaces[n.name]; !planned {
			p.absent(n.name)
		}
	}
}

// tendBase sees to the addresses of the link below a network: a link that only
// now comes up for VLANs has none, and one that an untagged network leaves
// keeps none.
func (p *plan) tendBase(n *network) {
	if !n.removed {
		if n.want.VLAN == nil || n.want.Base() == "" {
			return
		}
		base := p.iface(n.want.Base())
		up := p.host.Current.Interfaces[base.Name].State == Up
		if !up && base.IPv4 == nil && base.IPv6 == nil {
			base.IPv4, base.IPv6 = disabled(), disabled()
		}
		return
	}
	name := n.was.Base()
	_, planned := p.interfaces[name]
	if name == "" || n.was.VLAN != nil || planned || !p.host.Current.has(name) {
		return
	}
	*p.iface(name) = Interface{
		Name: name, State: Up, MTU: p.host.Current.mtu(name), IPv4: disabled(), IPv6: disabled(),
	}
}

// removeLeftVLANs plans that VLAN devices go whose network moved elsewhere.
func (p *plan) removeLeftVLANs() {
	for _, n := range p.networks {
		old := n.was.VLANDevice()
		if old == "" || old == n.want.VLANDevice() {
			continue
		}
		if _, planned := p.interfaces[old]; !planned {
			p.absent(old)
		}
	}
}

// resetLeftBases gives links that carry no network any more the default MTU.
func (p *plan) resetLeftBases() {
	after := p.host.Running.Apply(p.request)
	used := make(map[string]bool)
	for _, n := range after.Networks {
		used[n.Base()] = true
	}
	for _, n := range p.networks {
		base := n.left()
		if base == "" || used[base] || p.goes(base) {
			continue
		}
		if mtu := p.host.Current.mtu(base); mtu != 0 && mtu != netconf.DefaultMTU {
			p.iface(base).MTU = netconf.DefaultMTU
		}
	}
}
