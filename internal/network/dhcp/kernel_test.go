// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"govdsm/internal/network/netlink"
)

// leased finds the address that a device has of the server's range.
func (s *site) leased(device string) string {
	s.t.Helper()
	find := regexp.MustCompile(`(?m)^` + device + `\S* .*?(192\.0\.2\.\d+)/24`)
	var address string
	s.until("an address of "+device, func() bool {
		m := find.FindStringSubmatch(s.net())
		if m != nil {
			address = m[1]
		}
		return m != nil
	})
	return address
}

// Both families get addresses, routes where they belong and name servers; when
// the client is none any more, all of it goes, and the server hears of it.
func TestLeaseAndRelease(t *testing.T) {
	onSite(t, func(s *site) {
		s.dnsmasq()
		c := s.start(blue("eth0", IPv4), blue("eth0", IPv6))
		address := s.leased("eth0")
		s.shows("default via 192.0.2.1 dev eth0 proto dhcp src "+address+" metric 100",
			"192.0.2.0/24 dev eth0 proto dhcp scope link src "+address+" metric 100", "2001:db8::5")
		s.until("name servers", func() bool {
			return strings.Contains(s.read("resolv.conf"), "nameserver 192.0.2.53\nnameserver 192.0.2.54\nnameserver 2001:db8::53\n")
		})
		if text := s.read("resolv.conf"); !strings.Contains(text, "search example.org") || strings.Contains(text, "203.0.113.53") {
			t.Errorf("resolv.conf:\n%s", text)
		}
		c.change(t.Context(), func() {})
		s.hides("192.0.2.", "2001:db8::5")
		if text := s.read("resolv.conf"); strings.Contains(text, "nameserver") {
			t.Errorf("resolv.conf:\n%s", text)
		}
		s.until("the server to hear of it", func() bool {
			log := s.read("dnsmasq.log")
			return strings.Contains(log, "DHCPRELEASE(peer0) "+address) && strings.Contains(log, "DHCPRELEASE(peer0) 00:03:00:01:52:54:00:00:00:10")
		})
		if left, err := filepath.Glob(filepath.Join(s.dir, "dhcp", "*")); err != nil || len(left) > 0 {
			t.Errorf("left: %v %v", left, err)
		}
	})
}

// A network that is not the default route has its routes in a table of its own,
// which rules lead to.
func TestOwnTable(t *testing.T) {
	onSite(t, func(s *site) {
		s.dnsmasq()
		spec := blue("eth0", IPv4)
		spec.Table, spec.AutoDNS = 329647082, false
		before := s.read("resolv.conf")
		c := s.start(spec)
		s.leased("eth0")
		s.shows("default via 192.0.2.1 dev eth0 table 329647082", "192.0.2.0/24 dev eth0 table 329647082",
			"3200:	from 192.0.2.0/24 lookup 329647082", "3200:	from all to 192.0.2.0/24 lookup 329647082")
		if strings.Contains(s.net(), "default via 192.0.2.1 dev eth0 proto") {
			t.Errorf("in the main table, too:\n%s", s.net())
		}
		if after := s.read("resolv.conf"); after != before {
			t.Errorf("resolv.conf:\n%s", after)
		}
		// It becomes the default route, and keeps its address.
		address := s.leased("eth0")
		c.change(t.Context(), func() {}, blue("eth0", IPv4))
		s.shows("default via 192.0.2.1 dev eth0 proto dhcp src " + address)
		s.hides("329647082")
		c.change(t.Context(), func() {})
		s.hides("192.0.2.")
	})
}

// The default route moves with the change and back with its undoing, although no
// server answers.
func TestRoleMovesUnasked(t *testing.T) {
	onSite(t, func(s *site) {
		stop := s.dnsmasq()
		own := blue("eth0", IPv4)
		own.Table = 329647082
		c := s.start(own)
		address := s.leased("eth0")
		s.shows("default via 192.0.2.1 dev eth0 table 329647082", "from 192.0.2.0/24 lookup 329647082")
		before := s.net()
		stop()
		ch := c.Begin([]Spec{blue("eth0", IPv4)})
		ch.Switch(t.Context())
		if now := s.net(); strings.Contains(now, "329647082") || !strings.Contains(now, "default via 192.0.2.1 dev eth0 proto dhcp src "+address) {
			t.Errorf("after the change:\n%s", now)
		}
		// Who asked for the change may be why it is undone: it has gone.
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := ch.Undo(gone, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		if now := s.net(); now != before {
			t.Errorf("before:\n%s\nundone:\n%s", before, now)
		}
	})
}

// A bridge that takes its card's address over gets the card's lease, and is not
// another client to the server.
func TestBridgeKeepsLease(t *testing.T) {
	onSite(t, func(s *site) {
		s.dnsmasq()
		c := s.start(blue("eth0", IPv4), blue("eth0", IPv6))
		address := s.leased("eth0")
		s.shows("2001:db8::5")
		c.change(t.Context(), func() {
			s.ip(`addr flush dev eth0
				link add name bridge address 52:54:00:00:00:10 type bridge
				link set eth0 master bridge
				link set bridge up`)
		}, blue("bridge", IPv4), blue("bridge", IPv6))
		if got := s.leased("bridge"); got != address {
			t.Errorf("the bridge has %s, the card had %s", got, address)
		}
		s.shows("default via 192.0.2.1 dev bridge proto dhcp src "+address+" metric 425", "bridge           UP             2001:db8::5")
		if log := s.read("dnsmasq.log"); strings.Contains(log, "DHCPRELEASE") || strings.Count(log, "DHCPOFFER") != 1 {
			t.Errorf("the server heard:\n%s", log)
		}
	})
}

// A process that ends keeps all, and the next one goes on with the same lease
// although nothing but the files knows of it.
func TestRestart(t *testing.T) {
	onSite(t, func(s *site) {
		s.dnsmasq()
		c := s.start(blue("eth0", IPv4), blue("eth0", IPv6))
		s.leased("eth0")
		s.shows("2001:db8::5")
		c.stop()
		before := s.net()
		if s.read("resolv.conf"); !strings.Contains(before, "192.0.2.") {
			t.Fatalf("the address went:\n%s", before)
		}
		// As after a boot: the kernel has forgotten.
		s.ip("addr flush dev eth0 scope global")
		c = s.start(blue("eth0", IPv4), blue("eth0", IPv6))
		s.until("the former state", func() bool { return s.net() == before })
		if log := s.read("dnsmasq.log"); strings.Count(log, "DHCPOFFER") != 1 || strings.Count(log, "DHCPADVERTISE") != 1 {
			t.Errorf("the server heard:\n%s", log)
		}
		c.stop()
		// The network is gone when the next process comes.
		c = s.start()
		s.hides("192.0.2.", "2001:db8::5")
		c.stop()
	})
}

// Files that cannot be understood cost a lease, and nothing else.
func TestCorruptedFiles(t *testing.T) {
	for name, text := range map[string]string{
		"empty":     "",
		"torn":      `{"client": {"device": "eth0", "fam`,
		"other":     `{"client": {"device": "eth1", "family": 4}}`,
		"hostile":   `{"client": {"device": "eth0", "family": 4}, "lease": {"address": "224.0.0.1/4", "valid": 99999999999}}`,
		"wrong":     `{"client": 5}`,
		"no times":  `{"client": {"device": "eth0", "family": 4}, "lease": {"address": "192.0.2.50/24"}}`,
		"bad put":   `{"client": {"device": "eth0", "family": 4}, "put": {"addr": {"prefix": "x"}}}`,
		"much":      strings.Repeat("[", maxRecord+1),
		"much deep": strings.Repeat("[", maxRecord-1),
	} {
		t.Run(name, func(t *testing.T) {
			s := store{t.TempDir()}
			path := s.path(Key{"eth0", IPv4})
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			records, err := s.load()
			if len(records) != 0 || err == nil {
				t.Errorf("loaded %v, %v", records, err)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("it is still there")
			}
		})
	}
}

// A wait for a lease ends nothing else: the link goes down and comes back, or
// goes away in the middle of an exchange and is another then.
func TestLinkComesAndGoes(t *testing.T) {
	onSite(t, func(s *site) {
		s.start(blue("eth0", IPv4))
		s.ip("link set eth0 down\nlink set eth0 up\nlink delete eth0") // nobody answers yet
		s.ip(`link add eth0 address 52:54:00:00:00:11 type veth peer name peer0
			link set peer0 netns ` + s.room + `
			link set eth0 up`)
		s.inRoom("ip", "link", "set", "peer0", "up")
		s.inRoom("ip", "addr", "add", "192.0.2.1/24", "dev", "peer0")
		stop := s.dnsmasq()
		address := s.leased("eth0")
		// The cable is pulled; its other end is in another room afterwards.
		s.inRoom("ip", "link", "set", "peer0", "down")
		stop()
		s.inRoom("ip", "addr", "add", "198.51.100.1/24", "dev", "peer0")
		s.inRoom("ip", "addr", "del", "192.0.2.1/24", "dev", "peer0")
		s.write("leases", "")
		s.dnsmasq("--dhcp-range=198.51.100.50,198.51.100.60,255.255.255.0,2m", "--dhcp-authoritative", "--dhcp-option=option:router,198.51.100.1")
		s.until("the other server", func() bool {
			_, log, found := strings.Cut(s.read("dnsmasq.log"), "IP range 198.51.100.50")
			return found && strings.Contains(log, "sockets bound")
		})
		s.inRoom("ip", "link", "set", "peer0", "up")
		s.shows("198.51.100.5", "default via 198.51.100.1 dev eth0")
		s.hides(address)
	})
}

// A card that comes again under its name is another one to the kernel. DHCPv6
// starts on it as soon as its address is there, whatever was known of the former.
func TestIPv6OnNewLink(t *testing.T) {
	onSite(t, func(s *site) {
		opens := func() {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second) // the net package forgets after 60
			defer cancel()
			w, err := dhcp6{hurried()}.open(ctx, netlink.Link{Name: "eth0"})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if err := w.Send([]byte("hello")); err != nil {
				t.Fatal(err)
			}
		}
		opens()
		s.ip("link delete eth0")
		s.ip(`link add eth0 address 52:54:00:00:00:10 type veth peer name peer0
			link set peer0 netns ` + s.room + `
			link set eth0 up`)
		s.inRoom("ip", "link", "set", "peer0", "up")
		opens()
	})
}

// A device that somebody else looks after is left alone, but for the rules that
// nobody else knows of; when it is ours again its client works.
func TestForeignDevice(t *testing.T) {
	onSite(t, func(s *site) {
		s.dnsmasq()
		var ours atomic.Bool
		spec := blue("eth0", IPv4)
		spec.Table, spec.AutoDNS = 329647082, false
		s.foreign = func(context.Context, string) (bool, error) { return !ours.Load(), nil }
		s.start(spec)
		s.ip("addr add 198.51.100.7/24 dev eth0 valid_lft 3600 preferred_lft 3600")
		s.shows("3200:	from 198.51.100.0/24 lookup 329647082", "3200:	from all to 198.51.100.0/24 lookup 329647082")
		if now := s.net(); strings.Contains(now, "192.0.2.") || strings.Contains(s.read("dnsmasq.log"), "DHCPDISCOVER") {
			t.Errorf("asked for a lease:\n%s", now)
		}
		ours.Store(true)
		s.leased("eth0")
	})
}
