// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"maps"
	"slices"
	"strconv"

	"govdsm/api"
	"govdsm/internal/network/netlink"
)

// capabilities reports the visible links.
func (s *state) capabilities(configured func(string, Addressing) Addressing) api.VdsmNetworkCapabilities {
	count := make(map[kind]int)
	for _, k := range s.kinds {
		count[k]++
	}
	c := api.VdsmNetworkCapabilities{
		Networks: api.NetInfoNetworkMap{},
		Bridges:  make(api.NetInfoBridgeMap, count[bridge]),
		Vlans:    make(api.NetInfoVlanMap, count[vlan]),
		Bondings: make(api.NetInfoBondMap, count[bond]),
		Nics:     make(api.NetInfoNicMap, count[nic]),
	}
	for name, k := range s.kinds {
		l := s.byName[name]
		a := s.ip[name]
		a.Addressing = configured(name, a.Addressing)
		switch k {
		case nic:
			c.Nics[name] = s.nic(l, a)
		case bond:
			c.Bondings[name] = s.bond(l, a)
		case vlan:
			c.Vlans[name] = s.vlan(l, a)
		case bridge:
			c.Bridges[name] = s.bridge(l, a)
		}
	}
	return c
}

func (s *state) nic(l *netlink.Link, a addressing) api.NetInfoNic {
	n := api.NetInfoNic{
		Hwaddr: l.Address.String(), Speed: s.speeds[l.Name], MTU: mtu(l),
		Addr: a.addr, Netmask: a.netmask, Ipv4addrs: a.ipv4, Gateway: a.gateway, Ipv4defaultroute: a.defaultRoute,
		Ipv6addrs: a.ipv6, Ipv6gateway: a.ipv6gateway,
		Dhcpv4: a.DHCPv4, Dhcpv6: a.DHCPv6, Ipv6autoconf: a.Autoconf,
	}
	if p := l.BondPort; p != nil {
		if len(p.Permanent) > 0 {
			n.Permhwaddr = new(p.Permanent.String())
		}
		if p.Aggregator != 0 {
			n.AdAggregatorID = new(strconv.Itoa(int(p.Aggregator)))
		}
	}
	return n
}

func (s *state) bond(l *netlink.Link, a addressing) api.NetInfoBond {
	b := api.NetInfoBond{
		Hwaddr: l.Address.String(), Slaves: s.portsOf(l), Speed: s.speeds[l.Name], MTU: mtu(l),
		Opts: api.StringMap(s.bonds[l.Name].changed), Switch: "legacy",
		Addr: a.addr, Netmask: a.netmask, Ipv4addrs: a.ipv4, Gateway: a.gateway, Ipv4defaultroute: a.defaultRoute,
		Ipv6addrs: a.ipv6, Ipv6gateway: a.ipv6gateway,
		Dhcpv4: a.DHCPv4, Dhcpv6: a.DHCPv6, Ipv6autoconf: a.Autoconf,
	}
	if l.Bond != nil {
		b.ActiveSlave = s.nameOf(l.Bond.Active)
		if l.Bond.Aggregator != 0 && len(l.Bond.Partner) > 0 {
			b.AdAggregatorID = new(strconv.Itoa(int(l.Bond.Aggregator)))
			b.AdPartnerMac = new(l.Bond.Partner.String())
		}
	}
	return b
}

func (s *state) vlan(l *netlink.Link, a addressing) api.NetInfoVlan {
	v := api.NetInfoVlan{
		Vlanid: int64(l.VLAN), MTU: mtu(l),
		Addr: a.addr, Netmask: a.netmask, Ipv4addrs: a.ipv4, Gateway: a.gateway, Ipv4defaultroute: a.defaultRoute,
		Ipv6addrs: a.ipv6, Ipv6gateway: a.ipv6gateway,
		Dhcpv4: a.DHCPv4, Dhcpv6: a.DHCPv6, Ipv6autoconf: a.Autoconf,
	}
	if !l.Foreign {
		v.Iface = s.nameOf(l.Parent)
	}
	return v
}

func (s *state) bridge(l *netlink.Link, a addressing) api.NetInfoBridge {
	return api.NetInfoBridge{
		Ports: s.portsOf(l), STP: stp(l), MTU: mtu(l), Opts: api.StringMap(l.Bridge),
		Addr: a.addr, Netmask: a.netmask, Ipv4addrs: a.ipv4, Gateway: a.gateway, Ipv4defaultroute: a.defaultRoute,
		Ipv6addrs: a.ipv6, Ipv6gateway: a.ipv6gateway,
		Dhcpv4: a.DHCPv4, Dhcpv6: a.DHCPv6, Ipv6autoconf: a.Autoconf,
	}
}

// portsOf returns the names of all ports, hidden ones included, sorted. The
// list is the caller's.
func (s *state) portsOf(l *netlink.Link) []string { return append([]string{}, s.ports[l.Index]...) }

func stp(l *netlink.Link) string {
	if l.Bridge["stp_state"] == "1" {
		return "on"
	}
	return "off"
}

func mtu(l *netlink.Link) string { return strconv.FormatUint(uint64(l.MTU), 10) }

// visible returns the names of the links of a kind, sorted.
func (s *state) visible(k kind) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for name := range maps.Keys(s.kinds) {
			if s.kinds[name] == k && !yield(name) {
				return
			}
		}
	})
}
