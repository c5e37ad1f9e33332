// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Ports: RFC 2131, 4.1, and RFC 8415, 7.2.
const (
	server4, client4 = 67, 68
	server6, client6 = 547, 546
)

// datagram returns a UDP datagram in an IP packet. It is for clients that have
// no address yet, or have it no more.
func datagram(src, dst netip.AddrPort, payload []byte) []byte {
	udp := make([]byte, 8, 8+len(payload))
	binary.BigEndian.PutUint16(udp, src.Port())
	binary.BigEndian.PutUint16(udp[2:], dst.Port())
	binary.BigEndian.PutUint16(udp[4:], uint16(8+len(payload)))
	udp = append(udp, payload...)
	pseudo := append(src.Addr().AsSlice(), dst.Addr().AsSlice()...)
	pseudo = binary.BigEndian.AppendUint32(pseudo, uint32(len(udp)))
	pseudo = append(pseudo, 0, 0, 0, unix.IPPROTO_UDP)
	sum := checksum(append(pseudo, udp...))
	if sum == 0 {
		sum = 0xffff // 0 means that there is none
	}
	binary.BigEndian.PutUint16(udp[6:], sum)
	if src.Addr().Is6() {
		header := make([]byte, 8, 40+len(udp))
		header[0], header[6], header[7] = 6<<4, unix.IPPROTO_UDP, 64
		binary.BigEndian.PutUint16(header[4:], uint16(len(udp)))
		header = append(append(header, src.Addr().AsSlice()...), dst.Addr().AsSlice()...)
		return append(header, udp...)
	}
	header := make([]byte, 12, 20+len(udp))
	header[0], header[8], header[9] = 4<<4|5, 64, unix.IPPROTO_UDP
	binary.BigEndian.PutUint16(header[2:], uint16(20+len(udp)))
	header = append(append(header, src.Addr().AsSlice()...), dst.Addr().AsSlice()...)
	binary.BigEndian.PutUint16(header[10:], checksum(header))
	return append(header, udp...)
}

// checksum is that of RFC 1071.
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// errNotDHCP says that a packet is none that a client waits for.
var errNotDHCP = errors.New("not an answer to a DHCP client")

// openDatagram returns the payload of an IPv4 packet to a DHCP client. The UDP
// checksum is not looked at: where client and server are on one machine the
// kernel leaves it out. The answer's transaction number must fit anyway.
func openDatagram(b []byte) ([]byte, error) {
	if len(b) < 28 || b[0]>>4 != 4 || b[9] != unix.IPPROTO_UDP {
		return nil, errNotDHCP
	}
	header, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if header < 20 || total > len(b) || header+8 > total {
		return nil, errNotDHCP
	}
	udp := b[header:total]
	length := int(binary.BigEndian.Uint16(udp[4:]))
	if binary.BigEndian.Uint16(udp[2:]) != client4 || length < 8 || length > len(udp) {
		return nil, errNotDHCP
	}
	return udp[8:length], nil
}

// ethernet returns a frame around a packet, with a VLAN tag unless it is 0.
func ethernet(src, dst net.HardwareAddr, tag int, packet []byte) []byte {
	b := append(append(make([]byte, 0, 18+len(packet)), dst...), src...)
	if tag != 0 {
		b = binary.BigEndian.AppendUint16(b, unix.ETH_P_8021Q)
		b = binary.BigEndian.AppendUint16(b, uint16(tag))
	}
	kind := uint16(unix.ETH_P_IP)
	if packet[0]>>4 == 6 {
		kind = unix.ETH_P_IPV6
	}
	return append(binary.BigEndian.AppendUint16(b, kind), packet...)
}
