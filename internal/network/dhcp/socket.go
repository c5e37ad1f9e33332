// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// wire is where messages go to and come from.
type wire interface {
	Send(message []byte) error
	// Receive returns the next message and the hardware address of its sender,
	// nil where that is not known.
	Receive() (message []byte, from net.HardwareAddr, err error)
	SetReadDeadline(t time.Time) error
	Close() error
}

// largest is the size of the largest packet that is received, in bytes.
const largest = 1 << 16

// packets is a socket that needs no address on its link: everything is
// broadcast, and what comes to the port of clients is heard.
type packets struct {
	file *os.File
	raw  syscall.RawConn
	to   unix.SockaddrLinklayer
	in   []byte
}

func bigEndian(v uint16) uint16 { return v<<8 | v>>8 }

// openPackets opens such a socket. On a machine of the other byte order the
// kernel's functions would differ; the project builds for little-endian ones.
func openPackets(index int) (*packets, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	// The filter comes before the binding, so nothing else is ever queued.
	filter := answersOnly()
	err = unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: bigEndian(unix.ETH_P_IP), Ifindex: index})
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	p := &packets{file: os.NewFile(uintptr(fd), "packets"), in: make([]byte, largest)}
	p.to = unix.SockaddrLinklayer{
		Protocol: bigEndian(unix.ETH_P_IP), Ifindex: index, Halen: 6,
		Addr: [8]byte{255, 255, 255, 255, 255, 255},
	}
	if p.raw, err = p.file.SyscallConn(); err != nil {
		p.file.Close()
		return nil, err
	}
	return p, nil
}

// answersOnly is a program for the kernel's packet filter: IPv4, UDP, not a
// later fragment, to the port of clients. See socket(7), SO_ATTACH_FILTER.
func answersOnly() []unix.SockFilter {
	const refuse = 8 // index of the last line
	jump := func(at int) uint8 { return uint8(refuse - at - 1) }
	return []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: 9},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.IPPROTO_UDP, Jf: jump(1)},
		{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_ABS, K: 6},
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: 0x1fff, Jt: jump(3)},
		{Code: unix.BPF_LDX | unix.BPF_B | unix.BPF_MSH, K: 0},
		{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_IND, K: 2},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: client4, Jf: jump(6)},
		{Code: unix.BPF_RET | unix.BPF_K, K: largest},
		{Code: unix.BPF_RET | unix.BPF_K},
	}
}

// Send implements wire: it broadcasts.
func (p *packets) Send(message []byte) error {
	packet := datagram(
		netip.AddrPortFrom(netip.IPv4Unspecified(), client4),
		netip.AddrPortFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), server4), message)
	var failure error
	err := p.raw.Write(func(fd uintptr) bool {
		failure = unix.Sendto(int(fd), packet, 0, &p.to)
		return !errors.Is(failure, unix.EAGAIN)
	})
	return errors.Join(err, failure)
}

// Receive implements wire.
func (p *packets) Receive() ([]byte, net.HardwareAddr, error) {
	for {
		var n int
		var from unix.Sockaddr
		var failure error
		err := p.raw.Read(func(fd uintptr) bool {
			n, from, failure = unix.Recvfrom(int(fd), p.in, 0)
			return !errors.Is(failure, unix.EAGAIN)
		})
		if err := errors.Join(err, failure); err != nil {
			return nil, nil, err
		}
		link, _ := from.(*unix.SockaddrLinklayer)
		if link == nil || link.Pkttype == unix.PACKET_OUTGOING || link.Halen != 6 {
			continue
		}
		if message, err := openDatagram(p.in[:n]); err == nil {
			return message, net.HardwareAddr(link.Addr[:6]), nil
		}
	}
}

// SetReadDeadline implements wire.
func (p *packets) SetReadDeadline(t time.Time) error { return p.file.SetReadDeadline(t) }

// Close implements wire.
func (p *packets) Close() error { return p.file.Close() }

// udp is a socket of the kernel's own UDP, bound to a device.
type udp struct {
	*net.UDPConn
	to netip.AddrPort
	in []byte
}

func openUDP(ctx context.Context, device string, from, to netip.AddrPort) (*udp, error) {
	network := "udp4"
	if to.Addr().Is6() {
		network = "udp6"
	}
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failure error
		err := c.Control(func(fd uintptr) {
			failure = errors.Join(
				unix.SetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE, device),
				unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
		})
		return errors.Join(err, failure)
	}}
	c, err := config.ListenPacket(ctx, network, from.String())
	if err != nil {
		return nil, err
	}
	return &udp{UDPConn: c.(*net.UDPConn), to: to, in: make([]byte, largest)}, nil
}

// Send implements wire.
func (u *udp) Send(message []byte) error {
	_, err := u.WriteToUDPAddrPort(message, u.to)
	return err
}

// Receive implements wire.
func (u *udp) Receive() ([]byte, net.HardwareAddr, error) {
	n, _, err := u.ReadFromUDPAddrPort(u.in)
	return u.in[:n], nil, err
}

// sendFrame sends one Ethernet frame out of a link, whatever the link carries.
func sendFrame(index int, frame []byte) error {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: index, Halen: 6})
}
