// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Route is a default route: for whatever no other route is for. Nobody asks for
// others, of which there are several for each address. One over several ways
// has them in Hops.
type Route struct {
	Family  uint8 // unix.AF_INET or AF_INET6
	Table   uint32
	Gateway netip.Addr // invalid for what is reached without one
	Link    int        // index; 0 when Hops tell
	Scope   uint8
	Hops    []Hop
}

// Hop is one way of a route that has several.
type Hop struct {
	Gateway netip.Addr
	Link    int
}

// Where struct rtmsg has them.
const (
	routeLength = 1 // of the destination's prefix, in bits
	routeType   = 7
)

// decodeRoute passes over those that are none of ours with errSkipped.
func decodeRoute(m []byte) (Route, error) {
	if len(m) < rtnl.SizeRoute {
		return Route{}, errShort
	}
	if m[routeLength] != 0 || m[routeType] != unix.RTN_UNICAST {
		return Route{}, errSkipped
	}
	r := Route{Family: m[0], Table: uint32(m[4]), Scope: m[6]}
	for kind, v := range rtnl.Attrs(m[rtnl.SizeRoute:]) {
		switch kind {
		case unix.RTA_TABLE:
			r.Table = rtnl.U32(v)
		case unix.RTA_GATEWAY:
			r.Gateway = ip(v)
		case unix.RTA_VIA: // a gateway of the other family, after its number
			if len(v) > 2 {
				r.Gateway = ip(v[2:])
			}
		case unix.RTA_OIF:
			r.Link = int(rtnl.U32(v))
		case unix.RTA_MULTIPATH:
			r.Hops = hops(v)
		}
	}
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
		b = b[min((size+3)&^3, len(b)):]
	}
	return all
}
