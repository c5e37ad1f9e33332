// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"
)

// errShort says that a message ends before what it announces. The kernel does
// not send such; a recording may be cut.
var errShort = errors.New("netlink message is cut short")

// native is the byte order of netlink: the machine's.
var native = binary.NativeEndian

// typeMask takes the flags off an attribute's type: NLA_TYPE_MASK.
const typeMask = 1<<14 - 1

// attributes calls f with each attribute's type, without its flags, and value.
// The value is a part of b.
func attributes(b []byte, f func(kind uint16, value []byte)) error {
	for len(b) >= unix.SizeofRtAttr {
		size := int(native.Uint16(b))
		if size < unix.SizeofRtAttr || size > len(b) {
			return errShort
		}
		f(native.Uint16(b[2:])&typeMask, b[unix.SizeofRtAttr:size])
		b = b[min(align(size), len(b)):]
	}
	return nil
}

func align(n int) int { return (n + unix.RTA_ALIGNTO - 1) &^ (unix.RTA_ALIGNTO - 1) }

// The readers of values give zero for a value that is too short: an attribute
// that the kernel has in a shape of its own is one that we do not know.

func u8(b []byte) uint8 {
	if len(b) < 1 {
		return 0
	}
	return b[0]
}

func u16(b []byte) uint16 {
	if len(b) < 2 {
		return 0
	}
	return native.Uint16(b)
}

func u32(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return native.Uint32(b)
}

func u64(b []byte) uint64 {
	if len(b) < 8 {
		return 0
	}
	return native.Uint64(b)
}

func text(b []byte) string {
	name, _, _ := strings.Cut(string(b), "\x00")
	return name
}

func ip(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

// hardware is a copy: the message is not kept for the sake of an address.
func hardware(b []byte) net.HardwareAddr { return append(net.HardwareAddr(nil), b...) }
