// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
)

// errShort says that a message ends before what it announces. The kernel does
// not send such; a recording may be cut.
var errShort = errors.New("netlink message is cut short")

// native is the byte order of netlink: the machine's.
var native = binary.NativeEndian

func ip(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

// hardware is a copy: the message is not kept for the sake of an address.
func hardware(b []byte) net.HardwareAddr { return slices.Clone(b) }
