// SPDX-License-Identifier: GPL-2.0-or-later

package snapshot

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Addr is an address of a link.
type Addr struct {
	Dev    string       `json:"dev"`
	Prefix netip.Prefix `json:"prefix"` // the address itself, with the length of its network
	Peer   netip.Addr   `json:"peer,omitzero"`
	Scope  uint8        `json:"scope,omitzero"` // unix.RT_SCOPE_…
	Flags  uint32       `json:"flags,omitzero"` // unix.IFA_F_…
	// Attrs are broadcast, label, priority and lifetimes as the kernel told.
	Attrs []byte `json:"attrs,omitzero"`
}

// LinkLocal tells whether the kernel makes the address by itself.
func (a Addr) LinkLocal() bool { return a.Prefix.Addr().Is6() && a.Prefix.Addr().IsLinkLocalUnicast() }

// Dynamic tells whether the address came by router advertisement or lease, and
// goes when its time is over.
func (a Addr) Dynamic() bool { return a.Flags&unix.IFA_F_PERMANENT == 0 }

// Secondary tells whether another address of the same IPv4 network came first.
func (a Addr) Secondary() bool { return a.Flags&unix.IFA_F_SECONDARY != 0 && a.Prefix.Addr().Is4() }

// settable are the flags that may be given with an address; the others are the
// kernel's findings.
const settable = unix.IFA_F_NODAD | unix.IFA_F_OPTIMISTIC | unix.IFA_F_HOMEADDRESS |
	unix.IFA_F_MANAGETEMPADDR | unix.IFA_F_NOPREFIXROUTE | unix.IFA_F_MCAUTOJOIN

// Body returns the body of a request about the address on a link.
func (a Addr) Body(index int32) []byte {
	b := make([]byte, rtnl.SizeAddr, 64)
	b[0], b[1], b[3] = family(a.Prefix.Addr()), uint8(a.Prefix.Bits()), a.Scope
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	local := a.Prefix.Addr().AsSlice()
	b = rtnl.Put(b, unix.IFA_LOCAL, local)
	if a.Peer.IsValid() {
		b = rtnl.Put(b, unix.IFA_ADDRESS, a.Peer.AsSlice())
	} else {
		b = rtnl.Put(b, unix.IFA_ADDRESS, local)
	}
	if f := a.Flags & settable; f != 0 {
		b = rtnl.PutU32(b, unix.IFA_FLAGS, f)
	}
	return append(b, a.Attrs...)
}

func family(a netip.Addr) uint8 {
	if a.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

func parseAddr(m rtnl.Message) (a Addr, index int32, ok bool) {
	if m.Type != unix.RTM_NEWADDR || len(m.Body) < rtnl.SizeAddr {
		return a, 0, false
	}
	a.Flags, a.Scope = uint32(m.Body[2]), m.Body[3]
	index = int32(binary.NativeEndian.Uint32(m.Body[4:]))
	attrs := m.Body[rtnl.SizeAddr:]
	local, peer := rtnl.Find(attrs, unix.IFA_LOCAL), rtnl.Find(attrs, unix.IFA_ADDRESS)
	if local == nil {
		local = peer // IPv6 tells both only for links between two points
	}
	ip, ok := netip.AddrFromSlice(local)
	if !ok {
		return a, 0, false
	}
	a.Prefix = netip.PrefixFrom(ip, int(m.Body[1]))
	if p, ok := netip.AddrFromSlice(peer); ok && p != ip {
		a.Peer = p
	}
	if v := rtnl.Find(attrs, unix.IFA_FLAGS); v != nil {
		a.Flags = rtnl.U32(v)
	}
	keep := []uint16{unix.IFA_BROADCAST, unix.IFA_LABEL, unix.IFA_RT_PRIORITY}
	if a.Dynamic() {
		keep = append(keep, unix.IFA_CACHEINFO)
	}
	a.Attrs = rtnl.Keep(attrs, keep...)
	return a, index, a.Prefix.IsValid()
}
