// SPDX-License-Identifier: GPL-2.0-or-later

package snapshot

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Route is a unicast route out of one link. Others (several next hops, next
// hop objects, routes that refuse) are nobody's whom this project could know.
type Route struct {
	Dev      string       `json:"dev"`
	Dest     netip.Prefix `json:"dest"` // "0.0.0.0/0" and "::/0" are defaults
	Gateway  netip.Addr   `json:"gateway,omitzero"`
	Table    uint32       `json:"table"`
	Metric   uint32       `json:"metric,omitzero"`
	Protocol uint8        `json:"protocol,omitzero"` // unix.RTPROT_…
	Scope    uint8        `json:"scope,omitzero"`
	Flags    uint32       `json:"flags,omitzero"` // unix.RTNH_F_ONLINK
	Source   netip.Addr   `json:"source,omitzero"`
	TOS      uint8        `json:"tos,omitzero"`
	Attrs    []byte       `json:"attrs,omitzero"` // metrics and preference, as the kernel told
}

// Kernel tells whether the kernel made the route, with an address or from a
// router advertisement; it makes it again when its reason is back.
func (r Route) Kernel() bool {
	return r.Protocol == unix.RTPROT_KERNEL || r.Protocol == unix.RTPROT_RA || r.Protocol == unix.RTPROT_REDIRECT
}

// Body returns the body of a request about the route on a link.
func (r Route) Body(index int32) []byte {
	b := make([]byte, rtnl.SizeRoute, 96)
	b[0], b[1], b[3] = family(r.Dest.Addr()), uint8(r.Dest.Bits()), r.TOS
	if r.Table < 256 {
		b[4] = uint8(r.Table)
	}
	b[5], b[6], b[7] = r.Protocol, r.Scope, unix.RTN_UNICAST
	binary.NativeEndian.PutUint32(b[8:], r.Flags)
	if r.Dest.Bits() > 0 {
		b = rtnl.Put(b, unix.RTA_DST, r.Dest.Addr().AsSlice())
	}
	b = rtnl.PutU32(b, unix.RTA_TABLE, r.Table)
	b = rtnl.PutU32(b, unix.RTA_OIF, uint32(index))
	if r.Gateway.IsValid() {
		b = rtnl.Put(b, unix.RTA_GATEWAY, r.Gateway.AsSlice())
	}
	if r.Metric != 0 {
		b = rtnl.PutU32(b, unix.RTA_PRIORITY, r.Metric)
	}
	if r.Source.IsValid() {
		b = rtnl.Put(b, unix.RTA_PREFSRC, r.Source.AsSlice())
	}
	return append(b, r.Attrs...)
}

func parseRoute(m rtnl.Message) (r Route, index int32, ok bool) {
	if m.Type != unix.RTM_NEWROUTE || len(m.Body) < rtnl.SizeRoute || m.Body[routeType] != unix.RTN_UNICAST {
		return r, 0, false
	}
	const cloned = 0x200 // RTM_F_CLONED: a cache entry
	flags := binary.NativeEndian.Uint32(m.Body[8:])
	attrs := m.Body[rtnl.SizeRoute:]
	unspecified := netip.IPv4Unspecified()
	if m.Body[0] == unix.AF_INET6 {
		unspecified = netip.IPv6Unspecified()
	}
	if flags&cloned != 0 || m.Body[0] != family(unspecified) || m.Body[2] != 0 || rtnl.Find(attrs, unix.RTA_MULTIPATH) != nil ||
		rtnl.Find(attrs, unix.RTA_ENCAP) != nil || rtnl.Find(attrs, rtaNextHopObject) != nil {
		return r, 0, false
	}
	r = Route{
		Dest: netip.PrefixFrom(unspecified, int(m.Body[1])), TOS: m.Body[3], Table: uint32(m.Body[4]),
		Protocol: m.Body[5], Scope: m.Body[6], Flags: flags & unix.RTNH_F_ONLINK,
	}
	for t, v := range rtnl.Attrs(attrs) {
		switch t {
		case unix.RTA_DST:
			if a, ok := netip.AddrFromSlice(v); ok {
				r.Dest = netip.PrefixFrom(a, int(m.Body[1]))
			}
		case unix.RTA_GATEWAY:
			r.Gateway, _ = netip.AddrFromSlice(v)
		case unix.RTA_PREFSRC:
			r.Source, _ = netip.AddrFromSlice(v)
		case unix.RTA_TABLE:
			r.Table = rtnl.U32(v)
		case unix.RTA_PRIORITY:
			r.Metric = rtnl.U32(v)
		case unix.RTA_OIF:
			index = int32(rtnl.U32(v))
		}
	}
	r.Attrs = rtnl.Keep(attrs, unix.RTA_METRICS, unix.RTA_PREF)
	return r, index, index != 0 && r.Dest.IsValid()
}

// routeType is where struct rtmsg has the type.
const routeType = 7

// rtaNextHopObject is RTA_NH_ID of linux/rtnetlink.h.
const rtaNextHopObject = 30
