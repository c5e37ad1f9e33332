// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import "govdsm/internal/network/netconf"

// raiseBases gives every link below VLAN devices the greatest MTU that one of
// them needs, also lowering it where the VLAN that needed it goes. The kernel
// demands it: a VLAN device cannot have more than its link.
func (p *plan) raiseBases() {
	needed := make(map[string]int)
	for name, i := range p.host.Current.Interfaces {
		if i.Type != TypeVLAN || i.VLAN == nil || p.goes(name) {
			continue
		}
		mtu := i.MTU
		if planned, ok := p.interfaces[name]; ok && planned.MTU != 0 {
			mtu = planned.MTU
		}
		base := i.VLAN.BaseIface
		if !p.goes(base) && (p.host.Current.has(base) || p.interfaces[base] != nil) {
			needed[base] = max(needed[base], mtu)
		}
	}
	if len(needed) == 0 {
		return
	}
	p.countUntagged(needed)
	for base, mtu := range needed {
		planned := p.interfaces[base]
		if planned == nil && p.host.Current.mtu(base) == mtu {
			continue
		}
		if planned != nil {
			mtu = max(mtu, planned.MTU)
		}
		p.iface(base).MTU = mtu
	}
}

// countUntagged adds what running networks directly on a link need, which no
// VLAN device shows.
func (p *plan) countUntagged(needed map[string]int) {
	for _, n := range p.host.Running.Apply(p.request).Networks {
		if _, below := needed[n.Base()]; below && n.VLAN == nil {
			needed[n.Base()] = max(needed[n.Base()], n.MTU)
		}
	}
}

// spreadToPorts gives the ports of every planned bond the MTU of the bond, or
// the default when the bond goes.
func (p *plan) spreadToPorts() {
	ports := make(map[string]int)
	for name, i := range p.interfaces {
		there := p.host.Current.Interfaces[name]
		if i.Type != TypeBond && there.Type != TypeBond {
			continue
		}
		mtu := netconf.DefaultMTU
		switch {
		case i.State == Absent:
		case i.MTU != 0:
			mtu = i.MTU
		case there.MTU != 0:
			mtu = there.MTU
		}
		for _, port := range portsOf(i, there) {
			ports[port] = max(ports[port], mtu)
		}
	}
	for port, mtu := range ports {
		if planned := p.interfaces[port]; planned != nil {
			if planned.State != Absent {
				planned.MTU = max(planned.MTU, mtu)
			}
		} else if now := p.host.Current.mtu(port); now != 0 && now != mtu {
			*p.iface(port) = Interface{Name: port, State: Up, MTU: mtu}
		}
	}
}

// portsOf returns the ports a bond shall have, else those it has.
func portsOf(planned *Interface, there Interface) []string {
	switch {
	case planned.Bond != nil:
		return planned.Bond.Port
	case there.Bond != nil:
		return there.Bond.Port
	}
	return nil
}
