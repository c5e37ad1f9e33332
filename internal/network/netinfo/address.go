// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"net"
	"net/netip"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/netlink"
)

// mainTable is where routes are looked up that no rule sends elsewhere.
const mainTable = 254

// gateways are the default gateways of a link. A manager wants one for each
// family; with several there is none to name.
type gateways struct {
	v4, v6                 netip.Addr
	ambiguous4, ambiguous6 bool
	main4                  bool // v4 also is the default gateway of the main table
}

// defaultWays finds the gateways of every link, in whatever table they are:
// networks with a table of their own have theirs there.
func defaultWays(routes []netlink.Route) map[int]gateways {
	all := make(map[int]gateways)
	inMain := make(map[netip.Addr]bool)
	for i := range routes {
		r := &routes[i]
		if r.Scope != unix.RT_SCOPE_UNIVERSE {
			continue
		}
		ways := r.Hops
		if len(ways) == 0 {
			ways = []netlink.Hop{{Gateway: r.Gateway, Link: r.Link}}
		}
		for _, hop := range ways {
			g := all[hop.Link]
			g.add(r.Family, hop.Gateway)
			all[hop.Link] = g
			if r.Table == mainTable && r.Family == unix.AF_INET && hop.Gateway.IsValid() {
				inMain[hop.Gateway] = true
			}
		}
	}
	for index, g := range all {
		g.main4 = inMain[g.v4]
		all[index] = g
	}
	return all
}

func (g *gateways) add(family uint8, gateway netip.Addr) {
	switch {
	case !gateway.IsValid():
	case family == unix.AF_INET:
		choose(&g.v4, &g.ambiguous4, gateway)
	case family == unix.AF_INET6:
		choose(&g.v6, &g.ambiguous6, gateway)
	}
}

func choose(chosen *netip.Addr, ambiguous *bool, gateway netip.Addr) {
	switch {
	case *ambiguous || *chosen == gateway:
	case chosen.IsValid():
		*chosen, *ambiguous = netip.Addr{}, true
	default:
		*chosen = gateway
	}
}

// addressing is what a link has of addresses, as every entry tells it.
type addressing struct {
	Addressing
	addr, netmask        string
	ipv4, ipv6           []string
	gateway, ipv6gateway string
	defaultRoute         bool
}

func addressingOf(addresses []netlink.Address, ways gateways) addressing {
	a := addressing{ipv4: []string{}, ipv6: []string{}, ipv6gateway: "::", defaultRoute: ways.main4}
	if ways.v4.IsValid() {
		a.gateway = ways.v4.String()
	}
	if ways.v6.IsValid() {
		a.ipv6gateway = ways.v6.String()
	}
	var first, chosen netip.Prefix
	for _, have := range addresses {
		if have.Scope == unix.RT_SCOPE_LINK {
			continue
		}
		if have.Prefix.Addr().Is6() {
			a.ipv6 = append(a.ipv6, have.Prefix.String())
			a.Autoconf = a.Autoconf || !have.Lasting() && have.Advertised()
			a.DHCPv6 = a.DHCPv6 || leased6(have)
			continue
		}
		a.ipv4 = append(a.ipv4, have.Prefix.String())
		a.DHCPv4 = a.DHCPv4 || !have.Lasting()
		if !first.IsValid() {
			first = have.Prefix
		}
		if !chosen.IsValid() && !have.Secondary() && have.Prefix.Contains(ways.v4) {
			chosen = have.Prefix
		}
	}
	if !chosen.IsValid() { // the gateway may be reached by a route of its own
		chosen = first
	}
	if chosen.IsValid() {
		a.addr = chosen.Addr().String()
		a.netmask = net.IP(net.CIDRMask(chosen.Bits(), 32)).String()
	}
	return a
}

// leased6 recognises an address of a DHCPv6 lease: it ends, the kernel did not
// make it, and it is of no network. RFC 8415 leases single addresses.
func leased6(a netlink.Address) bool {
	return !a.Lasting() && !a.Advertised() && a.Prefix.Bits() == 128 && !a.Secondary()
}
