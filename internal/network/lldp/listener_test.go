// SPDX-License-Identifier: GPL-2.0-or-later

package lldp

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"govdsm/internal/network/netlink"
	"govdsm/internal/network/nettest"
)

// hearing runs a listener in a namespace until the test ends.
func hearing(t *testing.T, ns *nettest.Namespace) *Service {
	t.Helper()
	k := ns.Kernel()
	log := slog.New(slog.DiscardHandler)
	l := NewListener(ListenerOptions{
		Kernel: k,
		Card:   func(l *netlink.Link) bool { return strings.HasPrefix(l.Name, "card") },
		Open: func(l *netlink.Link) (conn net.PacketConn, err error) {
			err = ns.Do(func() error { conn, err = open(l); return err })
			return conn, err
		},
		Log: log,
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return &Service{Kernel: k, Self: l, Log: log}
}

// send sends a frame out of a link.
func send(t *testing.T, ns *nettest.Namespace, device string, to string, payload []byte) {
	t.Helper()
	group, err := net.ParseMAC(to)
	if err != nil {
		t.Fatal(err)
	}
	frame := append([]byte{}, group...)
	frame = append(frame, 2, 0, 0, 0, 0, 9, 0x88, 0xcc)
	frame = append(frame, payload...)
	err = ns.Do(func() error {
		i, err := net.InterfaceByName(device)
		if err != nil {
			return err
		}
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: i.Index})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// await repeats until what is heard on card0 is as wanted.
func await(t *testing.T, s *Service, what string, again func(), holds func(Heard) bool) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		heard, err := s.Neighbours(t.Context(), []string{"card0", "nothing", "../../etc"})
		if err != nil {
			t.Fatal(err)
		}
		if holds(heard["card0"]) {
			if heard["nothing"].Enabled || heard["../../etc"].Enabled {
				t.Error("links that are not there are listened to")
			}
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("not within a minute: %s; heard %+v", what, heard)
		}
		again()
	}
}

func TestListener(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	s := hearing(t, ns)
	await(t, s, "silence", func() {}, func(h Heard) bool { return !h.Enabled })
	// The card comes while we listen, and is the port of a bridge.
	ns.IP(`link add br0 type bridge
		link set br0 up
		link add card0 type veth peer name switch0
		link set card0 master br0
		link set switch0 up
		link set card0 up`)
	await(t, s, "the card", func() {}, func(h Heard) bool { return h.Enabled })
	frame := encode(t, aSwitch())
	for _, group := range []string{"01:80:c2:00:00:0e", "01:80:c2:00:00:03"} {
		say := func() { send(t, ns, "switch0", group, frame) }
		await(t, s, "the switch", say, func(h Heard) bool { return cmp.Equal(h.TLVs, told()) })
		bye := aSwitch()
		bye.TTL = 0
		await(t, s, "good-bye", func() { send(t, ns, "switch0", group, encode(t, bye)) },
			func(h Heard) bool { return h.Enabled && len(h.TLVs) == 0 })
	}
	// What is malformed does not disturb.
	send(t, ns, "switch0", "01:80:c2:00:00:0e", []byte("\xff\xff rubbish"))
	await(t, s, "the switch", func() { send(t, ns, "switch0", "01:80:c2:00:00:0e", frame) },
		func(h Heard) bool { return cmp.Equal(h.TLVs, told()) })
	// A link that was down has no neighbour until there is one again.
	ns.IP("link set card0 down")
	await(t, s, "the card down", func() {}, func(h Heard) bool { return !h.Enabled && len(h.TLVs) == 0 })
	ns.IP("link set card0 up")
	await(t, s, "the switch again", func() { send(t, ns, "switch0", "01:80:c2:00:00:0e", frame) },
		func(h Heard) bool { return len(h.TLVs) > 0 })
	ns.IP("link delete card0")
	await(t, s, "no card", func() {}, func(h Heard) bool { return !h.Enabled })
}

func TestNeighbours(t *testing.T) {
	t.Parallel()
	var n neighbours
	now := time.Unix(1000, 0)
	announce := func(port string, ttl time.Duration) {
		n.hear(&Announcement{Chassis: "c", Port: port, TTL: ttl, TLVs: []TLV{{Name: port}}}, now)
	}
	first := func() string {
		if tlvs := n.tlvs(now); len(tlvs) > 0 {
			return tlvs[0].Name
		}
		return ""
	}
	announce("a", time.Minute)
	announce("b", time.Hour)
	announce("a", time.Minute)
	if first() != "a" {
		t.Errorf("two take turns: %q", first())
	}
	now = now.Add(time.Minute)
	if first() != "b" {
		t.Errorf("after its time to live: %q", first())
	}
	for i := range 10000 {
		announce(fmt.Sprint(i), time.Hour)
	}
	if len(n.known) != mostNeighbours || first() != "b" {
		t.Errorf("a flood: %d, %q", len(n.known), first())
	}
	now = now.Add(time.Hour)
	if first() != "" {
		t.Error("neighbours stay for ever")
	}
}
