// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"strconv"

	"govdsm/api"
	"govdsm/internal/network/netlink"
)

// capabilities reports the visible links.
func (s *state) capabilities(configured func(string, Addressing) Addressing) api.VdsmNetworkCapabilities {
	count := make(map[kind]int)
	for i := range s.devices {
		count[s.devices[i].kind]++
	}
	c := api.VdsmNetworkCapabilities{
		Networks: api.NetInfoNetworkMap{},
		Bridges:  make(api.NetInfoBridgeMap, count[bridge]),
		Vlans:    make(api.NetInfoVlanMap, count[vlan]),
		Bondings: make(api.NetInfoBondMap, count[bond]),
		Nics:     make(api.NetInfoNicMap, count[nic]),
	}
	for i := range s.devices {
		d := &s.devices[i]
		a := d.ip
		a.Addressing = configured(d.Name, a.Addressing)
		switch d.kind {
		case nic:
			c.Nics[d.Name] = d.nic(a)
		case bond:
			c.Bondings[d.Name] = s.bond(d, a)
		case vlan:
			c.Vlans[d.Name] = s.vlan(d, a)
		case bridge:
			c.Bridges[d.Name] = d.bridge(a)
		}
	}
	return c
}

func (d *device) nic(a addressing) api.NetInfoNic {
	n := api.NetInfoNic{
		Hwaddr: d.Address.String(), Speed: d.speed, MTU: mtu(d.Link),
		Addr: a.addr, Netmask: a.netmask, Ipv4addrs: a.ipv4, Gateway: a.gateway, Ipv4defaultroute: a.defaultRoute,
		Ipv6addrs: a.ipv6, Ipv6gateway: a.ipv6gateway,
		Dhcpv4: a.DHCPv4, Dhcpv6: a.DHCPv6, Ipv6autoconf: a.Autoconf,
	}
	if p := d.BondPort; p != nil {
		if len(p.Permanent) > 0 {
			n.Permhwaddr = new(p.Permanent.String())
		}
		if p.Aggregator != 0 {
			n.AdAggregatorID = new(strconv.Itoa(int(p.Aggregator)))
		}
	}
	return n
}

func (s *state) bond(d *device, a addressing) api.NetInfoBond {
	b := api.NetInfoBond{
		Hwaddr: d.Address.String(), Slaves: d.portsOf(), Speed: d.speed, MTU: mtu(d.Link),
		Opts: api.StringMap(d.bond.changed), Switch: "legacy",
		Addr: a.addr, Netmask: a.netmask, Ipv4addrs: a.ipv4, Gateway: a.gateway, Ipv4defaultroute: a.defaultRoute,
		Ipv6addrs: a.ipv6, Ipv6gateway: a.ipv6gateway,
		Dhcpv4: a.DHCPv4, Dhcpv6: a.DHCPv6, Ipv6autoconf: a.Autoconf,
	}
	if d.Bond != nil {
		b.ActiveSlave = s.nameOf(d.Bond.Active)
		if d.Bond.Aggregator != 0 && len(d.Bond.Partner) > 0 {
			b.AdAggregatorID = new(strconv.Itoa(int(d.Bond.Aggregator)))
			b.AdPartnerMac = new(d.Bond.Partner.String())
		}
	}
	return b
}

func (s *state) vlan(d *device, a addressing) api.NetInfoVlan {
	v := api.NetInfoVlan{
		Vlanid: int64(d.VLAN), MTU: mtu(d.Link),
		Addr: a.addr, Netmask: a.netmask, Ipv4addrs: a.ipv4, Gateway: a.gateway, Ipv4defaultroute: a.defaultRoute,
		Ipv6addrs: a.ipv6, Ipv6gateway: a.ipv6gateway,
		Dhcpv4: a.DHCPv4, Dhcpv6: a.DHCPv6, Ipv6autoconf: a.Autoconf,
	}
	if !d.Foreign {
		v.Iface = s.nameOf(d.Parent)
	}
	return v
}

func (d *device) bridge(a addressing) api.NetInfoBridge {
	return api.NetInfoBridge{
		Ports: d.portsOf(), STP: stp(d.Link), MTU: mtu(d.Link), Opts: api.StringMap(d.Bridge),
		Addr: a.addr, Netmask: a.netmask, Ipv4addrs: a.ipv4, Gateway: a.gateway, Ipv4defaultroute: a.defaultRoute,
		Ipv6addrs: a.ipv6, Ipv6gateway: a.ipv6gateway,
		Dhcpv4: a.DHCPv4, Dhcpv6: a.DHCPv6, Ipv6autoconf: a.Autoconf,
	}
}

// portsOf returns the names of all ports, hidden ones included, sorted. The
// list is the caller's.
func (d *device) portsOf() []string { return append([]string{}, d.ports...) }

func stp(l *netlink.Link) string {
	if l.Bridge["stp_state"] == "1" {
		return "on"
	}
	return "off"
}

func mtu(l *netlink.Link) string { return strconv.FormatUint(uint64(l.MTU), 10) }
