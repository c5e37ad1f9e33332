// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"golang.org/x/sys/unix"
)

// scripted is a server that a test writes. It answers by broadcast.
type scripted struct {
	mu     sync.Mutex
	answer func(m *dhcpv4.DHCPv4) [][]byte
	heard  []string // "DISCOVER", "REQUEST"; in lower case when it came to the server alone
}

// scripted starts a server in the room.
func (s *site) scripted(answer func(m *dhcpv4.DHCPv4) [][]byte) *scripted {
	s.t.Helper()
	conn := s.inRoomListen()
	server := &scripted{answer: answer}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			m, err := dhcpv4.FromBytes(b[:n])
			if err != nil {
				s.t.Errorf("the client sent nonsense: %v", err)
				return
			}
			for _, reply := range server.take(m, from.(*net.UDPAddr)) {
				if _, err := conn.WriteTo(reply, &net.UDPAddr{IP: net.IPv4bcast, Port: client4}); err != nil {
					return
				}
			}
		}
	}()
	s.t.Cleanup(func() { conn.Close(); <-done })
	return server
}

func (s *scripted) take(m *dhcpv4.DHCPv4, from *net.UDPAddr) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	what := m.MessageType().String()
	if !from.IP.IsUnspecified() {
		what = strings.ToLower(what)
	}
	s.heard = append(s.heard, what)
	return s.answer(m)
}

func (s *scripted) says(answer func(m *dhcpv4.DHCPv4) [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *scripted) hears(what string) bool { return strings.Contains(s.all(), what) }

// all is what was heard.
func (s *scripted) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.heard, " ")
}

// inRoomListen opens the port of servers in the server's room.
func (s *site) inRoomListen() net.PacketConn {
	s.t.Helper()
	type result struct {
		conn net.PacketConn
		err  error
	}
	got := make(chan result)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		fd, err := unix.Open("/proc/"+s.room+"/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
			unix.Close(fd)
		}
		if err != nil {
			got <- result{nil, err}
			return
		}
		c, err := openUDP(context.Background(), "peer0", netip.MustParseAddrPort("0.0.0.0:67"), netip.MustParseAddrPort("255.255.255.255:68"))
		if err != nil {
			got <- result{nil, err}
			return
		}
		got <- result{c.UDPConn, nil}
	}()
	r := <-got
	if r.err != nil {
		s.t.Fatal(r.err)
	}
	return r.conn
}

// reply answers as a server does, with a lease of 3 seconds.
func reply(m *dhcpv4.DHCPv4, kind dhcpv4.MessageType, address string, more ...dhcpv4.Modifier) []byte {
	r, err := dhcpv4.NewReplyFromRequest(m, append([]dhcpv4.Modifier{
		dhcpv4.WithMessageType(kind), dhcpv4.WithYourIP(net.ParseIP(address)),
		dhcpv4.WithServerIP(net.IPv4(192, 0, 2, 1)), dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.IPv4(192, 0, 2, 1))),
		dhcpv4.WithNetmask(net.CIDRMask(24, 32)), dhcpv4.WithLeaseTime(3), dhcpv4.WithRouter(net.IPv4(192, 0, 2, 1)),
	}, more...)...)
	if err != nil {
		panic(err)
	}
	return r.ToBytes()
}

// giving answers every question with an address.
func giving(address string, more ...dhcpv4.Modifier) func(m *dhcpv4.DHCPv4) [][]byte {
	return func(m *dhcpv4.DHCPv4) [][]byte {
		if m.MessageType() == dhcpv4.MessageTypeDiscover {
			return [][]byte{reply(m, dhcpv4.MessageTypeOffer, address, more...)}
		}
		return [][]byte{reply(m, dhcpv4.MessageTypeAck, address, more...)}
	}
}

// Short leases: renewed with the server alone, then with all when it is deaf to
// that, refused, got anew with another address, and lost on time when nobody
// answers any more.
func TestShortLeases(t *testing.T) {
	onSite(t, func(s *site) {
		server := s.scripted(giving("192.0.2.70"))
		s.start(blue("eth0", IPv4))
		s.shows("192.0.2.70/24", "default via 192.0.2.1 dev eth0")
		s.until("a renewal", func() bool { return server.hears("request request") })
		// Refused once: a slow test must not have its new lease refused too. From
		// T2 to the end of that there is time to ask everybody.
		refused := false
		server.says(func(m *dhcpv4.DHCPv4) [][]byte {
			if !refused && m.MessageType() == dhcpv4.MessageTypeRequest && m.ServerIdentifier() == nil {
				refused = true
				return [][]byte{reply(m, dhcpv4.MessageTypeNak, "0.0.0.0")}
			}
			return giving("192.0.2.71", dhcpv4.WithLeaseTime(15),
				dhcpv4.WithOption(dhcpv4.OptRenewTimeValue(time.Second)),
				dhcpv4.WithOption(dhcpv4.OptRebindingTimeValue(3*time.Second)))(m)
		})
		s.shows("192.0.2.71/24")
		s.hides("192.0.2.70")
		server.says(func(*dhcpv4.DHCPv4) [][]byte { return nil })
		s.hides("192.0.2.")
		if !server.hears("request REQUEST") {
			t.Errorf("no other server was asked: %v", server.all())
		}
		server.says(giving("192.0.2.72"))
		s.shows("192.0.2.72/24")
	})
}

// Answers that are wrong in every way come before the right one, and do no
// harm.
func TestHostileServer(t *testing.T) {
	onSite(t, func(s *site) {
		wrong := func(m *dhcpv4.DHCPv4, kind dhcpv4.MessageType) [][]byte {
			good := reply(m, kind, "192.0.2.70")
			stranger := reply(m, kind, "192.0.2.66")
			stranger[28] ^= 0xff // hardware address
			late := reply(m, kind, "192.0.2.66")
			late[4] ^= 0xff // transaction
			own := reply(m, kind, "192.0.2.66")
			own[0] = 1 // a request
			list := [][]byte{{}, {2}, stranger, late, own, good[:100], good[:239],
				reply(m, kind, "224.0.0.1"), reply(m, kind, "127.0.0.1"), reply(m, kind, "0.0.0.0"), reply(m, kind, "255.255.255.255"),
				reply(m, dhcpv4.MessageTypeInform, "192.0.2.66"),
			}
			for range 50 {
				b := append([]byte(nil), good[:240]...)
				for range 300 {
					b = append(b, byte(rand.Uint32()))
				}
				list = append(list, b)
			}
			return list
		}
		s.scripted(func(m *dhcpv4.DHCPv4) [][]byte {
			kind := dhcpv4.MessageTypeAck
			if m.MessageType() == dhcpv4.MessageTypeDiscover {
				kind = dhcpv4.MessageTypeOffer
			}
			many := dhcpv4.WithGeneric(dhcpv4.OptionDomainNameServer, []byte(strings.Repeat("\xc0\x00\x02\x35", 50)+strings.Repeat("\xff\xff\xff\xff", 10)))
			routes := dhcpv4.WithGeneric(dhcpv4.OptionClasslessStaticRoute, []byte{0, 192, 0, 2, 3, 16, 10, 9, 192, 0, 2, 4, 32, 224, 0, 0, 1, 127, 0, 0, 1})
			return append(wrong(m, kind), reply(m, kind, "192.0.2.70", dhcpv4.WithLeaseTime(3600), many, routes))
		})
		s.start(blue("eth0", IPv4))
		s.shows("192.0.2.70/24", "default via 192.0.2.3 dev eth0", "10.9.0.0/16 via 192.0.2.4 dev eth0")
		if now := s.net(); strings.Contains(now, "192.0.2.66") || strings.Contains(now, "via 192.0.2.1 ") {
			t.Errorf("something of it was taken:\n%s", now)
		}
		s.until("one name server", func() bool { return strings.Count(s.read("resolv.conf"), "nameserver 192.0.2.53\n") == 1 })
		if strings.Contains(s.read("resolv.conf"), "255.") {
			t.Errorf("resolv.conf: %s", s.read("resolv.conf"))
		}
	})
}

// On a full disk a lease is used all the same, and renewed.
func TestDiskFull(t *testing.T) {
	onSite(t, func(s *site) {
		dir := filepath.Join(s.dir, "dhcp")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
		if err := os.WriteFile(filepath.Join(dir, "full"), make([]byte, 1<<20), 0o600); err == nil {
			t.Fatal("the disk is not full")
		}
		server := s.scripted(giving("192.0.2.70"))
		s.start(blue("eth0", IPv4))
		s.shows("192.0.2.70/24", "default via 192.0.2.1 dev eth0")
		s.until("a renewal", func() bool { return server.hears("request request") })
		left, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if hidden, _ := filepath.Glob(filepath.Join(dir, ".*.json*")); err != nil || len(left)+len(hidden) > 0 {
			t.Errorf("left: %v %v", left, hidden)
		}
		if err := os.Remove(filepath.Join(dir, "full")); err != nil {
			t.Fatal(err)
		}
		s.until("a file", func() bool {
			left, err := filepath.Glob(filepath.Join(dir, "*.json"))
			return err == nil && len(left) == 1
		})
	})
}

// A flood of answers that are none does not keep a client from ending.
func TestEndsInFlood(t *testing.T) {
	onSite(t, func(s *site) {
		s.scripted(func(m *dhcpv4.DHCPv4) [][]byte {
			bad := reply(m, dhcpv4.MessageTypeOffer, "0.0.0.0")
			list := make([][]byte, 5000)
			for i := range list {
				list[i] = bad
			}
			return list
		})
		c := s.start(blue("eth0", IPv4))
		time.Sleep(time.Second)
		ended := make(chan struct{})
		go func() { c.stop(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(60 * time.Second):
			t.Fatal("it does not end")
		}
	})
}
