// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Address is an address of a link.
type Address struct {
	Link   int          // index
	Prefix netip.Prefix // the address with the length of its network's prefix
	Scope  uint8        // RT_SCOPE_UNIVERSE is the one that others can reach
	Flags  uint32       // IFA_F_*
	Origin uint8        // IFAPROT_*: who in the kernel made it; 0 for nobody
}

// From linux/if_addr.h; package unix has no names for them.
const (
	ifaProto            = 11 // IFA_PROTO
	originAdvertisement = 2  // IFAPROT_KERNEL_RA: made from a router's advertisement
)

// Lasting reports whether the address stays until somebody removes it, as one
// does that was not leased or advertised.
func (a *Address) Lasting() bool { return a.Flags&unix.IFA_F_PERMANENT != 0 }

// Advertised reports whether the kernel made the address from what a router
// advertises.
func (a *Address) Advertised() bool { return a.Origin == originAdvertisement }

// Secondary reports whether an IPv4 address is one beside the first of its
// network. (For IPv6 the same bit means "temporary".)
func (a *Address) Secondary() bool { return a.Flags&unix.IFA_F_SECONDARY != 0 }

func decodeAddress(m []byte) (Address, error) {
	if len(m) < rtnl.SizeAddr {
		return Address{}, errShort
	}
	length := int(m[1])
	a := Address{Flags: uint32(m[2]), Scope: m[3], Link: int(native.Uint32(m[4:]))}
	var peer, local netip.Addr
	for kind, v := range rtnl.Attrs(m[rtnl.SizeAddr:]) {
		switch kind {
		case unix.IFA_ADDRESS:
			peer = ip(v)
		case unix.IFA_LOCAL:
			local = ip(v)
		case unix.IFA_FLAGS:
			a.Flags = rtnl.U32(v)
		case ifaProto:
			a.Origin = uint8(rtnl.U32(v))
		}
	}
	if !local.IsValid() { // as for IPv6 without a peer
		local = peer
	}
	a.Prefix = netip.PrefixFrom(local, length)
	return a, nil
}
