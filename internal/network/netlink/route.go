// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Route is a route. One over several ways has them in Hops.
type Route struct {
	Family      uint8 // unix.AF_INET or AF_INET6
	Table       uint32
	Destination netip.Prefix // the zero prefix 0.0.0.0/0 or ::/0 for a default route
	Gateway     netip.Addr   // invalid for what is reached without one
	Link        int          // index; 0 when Hops tell, or for a route to nowhere
	Source      netip.Addr   // preferred
	Scope       uint8
	Type        uint8 // RTN_UNICAST and so on
	Protocol    uint8 // who made it: RTPROT_*
	Metric      uint32
	Hops        []Hop
}

// Hop is one way of a route that has several.
type Hop struct {
	Gateway netip.Addr
	Link    int
}

// IsDefault reports whether the route is for whatever no other is for.
func (r *Route) IsDefault() bool { return r.Destination.Bits() == 0 && r.Type == unix.RTN_UNICAST }

func decodeRoute(m []byte) (Route, error) {
	if len(m) < rtnl.SizeRoute {
		return Route{}, errShort
	}
	if m[routeType] != unix.RTN_UNICAST {
		return Route{}, errSkipped // an old kernel tells all
	}
	r := Route{Family: m[0], Table: uint32(m[4]), Protocol: m[5], Scope: m[6], Type: m[7]}
	destination := unspecified(r.Family)
	for kind, v := range rtnl.Attrs(m[rtnl.SizeRoute:]) {
		switch kind {
		case unix.RTA_TABLE:
			r.Table = rtnl.U32(v)
		case unix.RTA_DST:
			destination = ip(v)
		case unix.RTA_GATEWAY:
			r.Gateway = ip(v)
		case unix.RTA_VIA: // a gateway of the other family, after its number
			if len(v) > 2 {
				r.Gateway = ip(v[2:])
			}
		case unix.RTA_OIF:
			r.Link = int(rtnl.U32(v))
		case unix.RTA_PREFSRC:
			r.Source = ip(v)
		case unix.RTA_PRIORITY:
			r.Metric = rtnl.U32(v)
		case unix.RTA_MULTIPATH:
			r.Hops = hops(v)
		}
	}
	r.Destination = netip.PrefixFrom(destination, int(m[1]))
	return r, nil
}

// hops reads the ways of a route, struct rtnexthop each.
func hops(b []byte) []Hop {
	var all []Hop
	for len(b) >= unix.SizeofRtNexthop {
		size := int(native.Uint16(b))
		if size < unix.SizeofRtNexthop || size > len(b) {
			break
		}
		gateway := ip(rtnl.Find(b[unix.SizeofRtNexthop:size], unix.RTA_GATEWAY))
		all = append(all, Hop{Link: int(native.Uint32(b[4:])), Gateway: gateway})
		b = b[min(size+3&^3, len(b)):]
	}
	return all
}

func unspecified(family uint8) netip.Addr {
	if family == unix.AF_INET6 {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

// Rule says which packets look into which table.
type Rule struct {
	Family   uint8
	Priority uint32
	Table    uint32
	From, To netip.Prefix // invalid for any
	Incoming string       // name of the interface; "" for any
}

func decodeRule(m []byte) (Rule, error) {
	if len(m) < rtnl.SizeRule {
		return Rule{}, errShort
	}
	r := Rule{Family: m[0], Table: uint32(m[4])}
	to, from := int(m[1]), int(m[2])
	for kind, v := range rtnl.Attrs(m[rtnl.SizeRule:]) {
		switch kind {
		case unix.FRA_TABLE:
			r.Table = rtnl.U32(v)
		case unix.FRA_PRIORITY:
			r.Priority = rtnl.U32(v)
		case unix.FRA_DST:
			r.To = netip.PrefixFrom(ip(v), to)
		case unix.FRA_SRC:
			r.From = netip.PrefixFrom(ip(v), from)
		case unix.FRA_IIFNAME:
			r.Incoming = rtnl.Text(v)
		}
	}
	return r, nil
}
