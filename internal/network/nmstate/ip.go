// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"hash/adler32"
	"net/netip"

	"govdsm/internal/network/netconf"
)

// TableID returns the routing table of its own that a network has: the Adler-32
// sum of the name of the interface with its addresses.
func TableID(nextHop string) uint32 { return adler32.Checksum([]byte(nextHop)) }

// disabled is the state of an address family that an interface does not use.
func disabled() *IP { return &IP{Enabled: false} }

// ipv4 returns the IPv4 state of a network's top interface.
func (n *network) ipv4() *IP {
	switch {
	case n.want.IPAddr != "":
		address := Address{IP: n.want.IPAddr, PrefixLength: prefixOf(n.want.Netmask)}
		return &IP{Enabled: true, Address: []Address{address}, DHCP: new(false)}
	case n.want.DHCPv4():
		return n.dynamic(true)
	}
	return disabled()
}

// ipv6 returns the IPv6 state of a network's top interface. A static address
// wins over dynamic ones.
func (n *network) ipv6() *IP {
	switch {
	case n.want.IPv6Addr != "":
		ip := &IP{Enabled: true, DHCP: new(false), Autoconf: new(false)}
		if p, err := netip.ParsePrefix(n.want.IPv6Addr); err == nil {
			ip.Address = []Address{{IP: p.Addr().String(), PrefixLength: p.Bits()}}
		}
		return ip
	case n.want.DHCPv6 || n.want.IPv6Autoconf:
		ip := n.dynamic(n.want.DHCPv6)
		ip.Autoconf = &n.want.IPv6Autoconf
		return ip
	}
	return disabled()
}

// dynamic is the state of a family whose addresses come from the network. Name
// servers are taken from there only by the default route, and not when it has
// its own.
func (n *network) dynamic(dhcp bool) *IP {
	table := TableID(n.nextHop())
	if n.want.DefaultRoute {
		table = TableMain
	}
	return &IP{
		Enabled: true, DHCP: &dhcp,
		AutoDNS:     new(n.want.DefaultRoute && len(n.want.Nameservers) == 0),
		AutoGateway: new(true), AutoRoutes: new(true),
		AutoRouteTableID: &table,
	}
}

// prefixOf counts the bits of a dotted netmask, which validation has seen.
func prefixOf(netmask string) int {
	a, err := netip.ParseAddr(netmask)
	if err != nil || !a.Is4() {
		return 0
	}
	bits := 0
	for _, b := range a.As4() {
		for ; b&0x80 != 0; b <<= 1 {
			bits++
		}
	}
	return bits
}

// subnet returns the network of a static IPv4 address in CIDR notation, or "".
func subnet(n netconf.Network) string {
	a, err := netip.ParseAddr(n.IPAddr)
	if err != nil {
		return ""
	}
	p, err := a.Prefix(prefixOf(n.Netmask))
	if err != nil {
		return ""
	}
	return p.String()
}
