// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// steady runs the function and fails the test if the link flaps meanwhile: the
// kernel announces that it is down, not running, or gone.
func (h *host) steady(dev string, run func()) {
	h.Helper()
	h.carries(dev)
	s, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		h.Fatal(err)
	}
	defer unix.Close(s)
	if err := unix.Bind(s, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK}); err != nil {
		h.Fatal(err)
	}
	_ = unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<20)
	run()
	for buffer := make([]byte, 64<<10); ; {
		n, _, err := unix.Recvfrom(s, buffer, 0)
		if errors.Is(err, unix.EAGAIN) {
			return
		}
		if err != nil {
			h.Fatal(err)
		}
		for rest := buffer[:n]; len(rest) >= unix.SizeofNlMsghdr; {
			size := int(binary.NativeEndian.Uint32(rest))
			if size < unix.SizeofNlMsghdr || size > len(rest) {
				break
			}
			if what := flap(rest[:size], dev); what != "" {
				h.Errorf("%s flaps: %s", dev, what)
				return
			}
			rest = rest[min(len(rest), (size+3)&^3):]
		}
	}
}

// flap says what is wrong with a link in a message about it, "" if nothing is.
func flap(m []byte, dev string) string {
	const header = unix.SizeofNlMsghdr + unix.SizeofIfInfomsg
	if len(m) < header || !bytes.Contains(m[header:], append([]byte(dev), 0)) || !named(m[header:], dev) {
		return ""
	}
	flags := binary.NativeEndian.Uint32(m[unix.SizeofNlMsghdr+8:])
	switch {
	case binary.NativeEndian.Uint16(m[4:]) == unix.RTM_DELLINK && m[unix.SizeofNlMsghdr] == unix.AF_UNSPEC:
		return "it was deleted"
	case m[unix.SizeofNlMsghdr] != unix.AF_UNSPEC:
		return "" // a bridge's word about its port
	case flags&unix.IFF_UP == 0:
		return "it went down"
	case flags&unix.IFF_RUNNING == 0:
		return "it stopped running"
	}
	return ""
}

// named tells whether a link's attributes have the name.
func named(attributes []byte, dev string) bool {
	for len(attributes) >= 4 {
		size := int(binary.NativeEndian.Uint16(attributes))
		if size < 4 || size > len(attributes) {
			return false
		}
		if binary.NativeEndian.Uint16(attributes[2:]) == unix.IFLA_IFNAME {
			return string(bytes.TrimRight(attributes[4:size], "\x00")) == dev
		}
		attributes = attributes[min(len(attributes), (size+3)&^3):]
	}
	return false
}

// until waits for what must come.
func (h *host) until(what string, there func() bool) {
	h.Helper()
	for end := time.Now().Add(patience); !there(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			h.Fatalf("not within %v: %s", patience, what)
		}
	}
}
