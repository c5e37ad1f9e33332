// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/network/netinfo"
	"govdsm/internal/network/nettest"
)

// configuration is a running configuration that does not change.
type configuration netinfo.Running

func (c configuration) Running() (netinfo.Running, error) { return netinfo.Running(c), nil }

// unreadable is a running configuration that cannot be read just now.
type unreadable struct{}

func (unreadable) Running() (netinfo.Running, error) { return netinfo.Running{}, syscall.EMFILE }

// Not to know the networks is not to have none.
func TestUnknownNetworks(t *testing.T) {
	t.Parallel()
	r := reader(t, nettest.New(t), func(o *netinfo.Options) { o.Configuration = unreadable{} })
	if c, err := r.Capabilities(t.Context()); !errors.Is(err, syscall.EMFILE) {
		t.Errorf("%d networks are told, and the error is %v", len(c.Networks), err)
	}
}

func reader(t testing.TB, ns *nettest.Namespace, change func(*netinfo.Options)) *netinfo.Reader {
	t.Helper()
	o := netinfo.Options{
		Kernel: ns.Kernel(), Root: ns.Root(),
		FakeNICs: []string{"dummy_*", "veth_*"}, HiddenNICs: []string{"w*", "usb*", "veth_hidden"},
		Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&o)
	}
	return netinfo.New(o)
}

// run runs the reader until the test ends.
func run(t testing.TB, r *netinfo.Reader) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); r.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func capabilities(t testing.TB, r *netinfo.Reader) api.VdsmNetworkCapabilities {
	t.Helper()
	c, err := r.Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

const office = `link add ovirtmgmt type bridge
	link set ovirtmgmt address 52:54:00:00:00:01
	link add veth_a type veth peer name peer_a
	link add veth_b type veth peer name peer_b
	link add veth_hidden type veth peer name peer_c
	link set veth_a address 52:54:00:00:00:0a
	link set veth_b address 52:54:00:00:00:0b
	link set veth_a master ovirtmgmt
	link set veth_b mtu 9000
	link set ovirtmgmt up
	link set veth_a up
	link set peer_a up
	address add 192.0.2.10/24 dev ovirtmgmt
	address add 198.51.100.10/25 dev ovirtmgmt
	address add 2001:db8::10/64 dev ovirtmgmt nodad
	route add default via 198.51.100.1 dev ovirtmgmt
	route add default via 198.51.100.1 dev ovirtmgmt table 329647082
	route add default via 2001:db8::1 dev ovirtmgmt`

func TestCapabilities(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(office)
	r := reader(t, ns, func(o *netinfo.Options) {
		o.Configuration = configuration{Networks: map[string]netinfo.Network{
			"ovirtmgmt": {Switch: "legacy", Bridged: true, NIC: "veth_a"},
			"storage":   {Switch: "legacy", NIC: "veth_b"},
			"lost":      {Switch: "legacy", Bridged: true, NIC: "veth_z"},
			"switched":  {Switch: "ovs", Bridged: true, NIC: "veth_b"},
		}}
	})
	eventually(t, "carrier", func() bool { return capabilities(t, r).Nics["veth_a"].Speed == 10000 })
	c := capabilities(t, r)
	if names := keys(c.Nics); !slices.Equal(names, []string{"veth_a", "veth_b"}) {
		t.Errorf("cards %v", names)
	}
	wantBridge := api.NetInfoBridge{
		Ports: []string{"veth_a"}, STP: "off", Opts: c.Bridges["ovirtmgmt"].Opts, MTU: "1500",
		Addr: "198.51.100.10", Netmask: "255.255.255.128", Ipv4addrs: []string{"192.0.2.10/24", "198.51.100.10/25"},
		Gateway: "198.51.100.1", Ipv4defaultroute: true,
		Ipv6addrs: []string{"2001:db8::10/64"}, Ipv6gateway: "2001:db8::1",
	}
	if diff := cmp.Diff(wantBridge, c.Bridges["ovirtmgmt"]); diff != "" {
		t.Errorf("bridge:\n%s", diff)
	}
	if opts := c.Bridges["ovirtmgmt"].Opts; opts["max_age"] != "2000" || opts["multicast_snooping"] != "1" {
		t.Errorf("bridge options %v", opts)
	}
	wantNIC := api.NetInfoNic{
		Hwaddr: "52:54:00:00:00:0b", MTU: "9000", Ipv4addrs: []string{}, Ipv6addrs: []string{}, Ipv6gateway: "::",
	}
	if diff := cmp.Diff(wantNIC, c.Nics["veth_b"]); diff != "" {
		t.Errorf("card:\n%s", diff)
	}
	if names := keys(c.Networks); !slices.Equal(names, []string{"ovirtmgmt", "storage"}) {
		t.Errorf("networks %v", names)
	}
	for name, want := range map[string]string{
		"ovirtmgmt": `{"iface":"ovirtmgmt","bridged":true,"switch":"legacy","southbound":"veth_a","ports":["veth_a"],"stp":"off",` +
			`"addr":"198.51.100.10","netmask":"255.255.255.128","ipv4addrs":["192.0.2.10/24","198.51.100.10/25"],` +
			`"gateway":"198.51.100.1","ipv4defaultroute":true,"ipv6addrs":["2001:db8::10/64"],"ipv6gateway":"2001:db8::1",` +
			`"dhcpv4":false,"dhcpv6":false,"ipv6autoconf":false,"mtu":"1500"}`,
		"storage": `{"interface":"veth_b","iface":"veth_b","bridged":false,"switch":"legacy","southbound":"veth_b",` +
			`"addr":"","netmask":"","ipv4addrs":[],"gateway":"","ipv4defaultroute":false,"ipv6addrs":[],"ipv6gateway":"::",` +
			`"dhcpv4":false,"dhcpv6":false,"ipv6autoconf":false,"mtu":"9000"}`,
	} {
		got, err := json.Marshal(c.Networks[name])
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
}

func keys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// What was changed before the question is in the answer, however fast it comes.
func TestNeverOld(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(office)
	r := reader(t, ns, nil)
	run(t, r)
	for i := range 50 {
		add := "address add 203.0.113.77/32 dev veth_b"
		if i%2 == 1 {
			add = "address delete 203.0.113.77/32 dev veth_b"
		}
		ns.IP(add)
		if got := len(capabilities(t, r).Nics["veth_b"].Ipv4addrs); got != 1-i%2 {
			t.Fatalf("after %q: %d addresses", add, got)
		}
	}
}

func TestAddressing(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(`link add veth_a type veth peer name p
		link set veth_a up
		link set p up
		address add 192.0.2.9/24 dev veth_a valid_lft 3600 preferred_lft 3600
		address add 2001:db8::5/128 dev veth_a valid_lft 3600 preferred_lft 3600 nodad
		route add default via 192.0.2.1 dev veth_a metric 5
		route add default via 192.0.2.2 dev veth_a metric 6`)
	n := capabilities(t, reader(t, ns, nil)).Nics["veth_a"]
	if !n.Dhcpv4 || !n.Dhcpv6 || n.Ipv6autoconf {
		t.Errorf("addresses that end do not look leased: %+v", n)
	}
	if n.Gateway != "" || n.Ipv4defaultroute {
		t.Errorf("of two gateways %q is told", n.Gateway)
	}
	r := reader(t, ns, func(o *netinfo.Options) {
		o.Configuration = configuration{Networks: map[string]netinfo.Network{
			"blue": {NIC: "veth_a", Addressing: netinfo.Addressing{Autoconf: true}},
		}}
	})
	if n := capabilities(t, r).Nics["veth_a"]; n.Dhcpv4 || !n.Ipv6autoconf {
		t.Errorf("what was set up does not count: %+v", n)
	}
}

func TestNews(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(office)
	var news atomic.Int64
	r := reader(t, ns, func(o *netinfo.Options) {
		o.Changed = func(context.Context) { news.Add(1) }
	})
	ns.IP("link set veth_b up\nlink set peer_b up")
	eventually(t, "carrier", func() bool {
		nics := capabilities(t, r).Nics
		return nics["veth_a"].Speed == 10000 && nics["veth_b"].Speed == 10000
	})
	run(t, r)
	// News need a state to be compared with, which is read by and by.
	for i, limit := 0, time.Now().Add(time.Minute); news.Load() == 0; i++ {
		if time.Now().After(limit) {
			t.Fatal("not within a minute: the first news")
		}
		ns.IP([]string{"address add 203.0.113.77/32 dev veth_b", "address delete 203.0.113.77/32 dev veth_b"}[i%2])
		for wait := time.Now().Add(2 * time.Second); news.Load() == 0 && time.Now().Before(wait); {
			time.Sleep(5 * time.Millisecond)
		}
	}
	// quiet waits until all is heard of the changes before, and of what the
	// kernel makes of them by itself.
	quiet := func() {
		t.Helper()
		last, since := news.Load(), time.Now()
		eventually(t, "quiet", func() bool {
			if n := news.Load(); n != last {
				last, since = n, time.Now()
			}
			return time.Since(since) > 3*time.Second
		})
	}
	quiet()
	heard := func(what string, lines string) {
		t.Helper()
		before := news.Load()
		ns.IP(lines)
		eventually(t, what, func() bool { return news.Load() > before })
	}
	heard("an address", "address add 203.0.113.1/24 dev veth_b")
	heard("a card that is gone", "link delete veth_hidden\nlink set peer_a down")
	heard("a gateway", "route delete default via 198.51.100.1 dev ovirtmgmt")

	// A VM's tap comes and goes, and so do routes that are no manager's business.
	quiet()
	before := news.Load()
	ns.IP(`tuntap add vnet7 mode tap
		link set vnet7 master ovirtmgmt
		link set vnet7 up
		link delete vnet7
		rule add from 192.0.2.0/24 table 12
		route add 203.0.113.128/25 dev veth_b table 12`)
	for limit := time.Now().Add(3 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if n := news.Load(); n != before {
			t.Fatalf("a VM made %d news", n-before)
		}
	}
	// A lease is news when it comes, and not when it is renewed.
	heard("a lease", "address add 203.0.113.2/24 dev veth_b valid_lft 3600 preferred_lft 3600")
	quiet()
	before = news.Load()
	ns.IP("address replace 203.0.113.2/24 dev veth_b valid_lft 7200 preferred_lft 7200")
	for limit := time.Now().Add(2 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if n := news.Load(); n != before {
			t.Fatalf("a renewal made %d news", n-before)
		}
	}
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(office)
	ns.IP("link set lo up")
	r := reader(t, ns, nil)
	if out, err := ns.Run("", "ping", "-c", "3", "-i", "0.01", "127.0.0.1"); err != nil {
		t.Fatalf("ping: %v %s", err, out)
	}
	s, err := r.Statistics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lo := s.Network["lo"]
	if lo.Rx != "504" || lo.Tx != "504" || lo.State != "up" || lo.Speed != "1000" || lo.Duplex != "unknown" {
		t.Errorf("lo: %+v", lo)
	}
	if b := s.Network["veth_b"]; b.State != "down" || b.Rx != "0" || b.Name != "veth_b" || b.SampleTime != lo.SampleTime {
		t.Errorf("veth_b: %+v", b)
	}
	// A link that is made again counts from nothing.
	ns.IP("link delete veth_b\nlink add veth_b type veth peer name peer_b")
	if s, err = r.Statistics(t.Context()); err != nil || s.Network["veth_b"].Rx != "0" {
		t.Errorf("%+v, %v", s.Network["veth_b"], err)
	}
}

func TestNameservers(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	put := func(path, text string) {
		path = filepath.Join(ns.Root(), path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := reader(t, ns, nil)
	check := func(want ...string) {
		t.Helper()
		if got := capabilities(t, r).Nameservers; !slices.Equal(got, want) || got == nil {
			t.Errorf("%v, want %v", got, want)
		}
	}
	check()
	put("etc/resolv.conf", "# none\nsearch example.org\nnameserver 192.0.2.53\nnameserver 2001:db8::53\nnameserver\n")
	check("192.0.2.53", "2001:db8::53")
	put("etc/resolv.conf", "nameserver 127.0.0.53\noptions edns0\n")
	check("127.0.0.53")
	put("run/systemd/resolve/resolv.conf", "nameserver 198.51.100.53\n")
	check("198.51.100.53")
}

func TestOwner(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(office)
	ns.IP("link set lo up")
	r := reader(t, ns, nil)
	for text, want := range map[string]string{
		"127.0.0.1": "lo", "127.1.2.3": "lo", "::ffff:127.0.0.1": "lo", "203.0.113.200": "",
		"192.0.2.10": "ovirtmgmt", "2001:db8::10": "ovirtmgmt", "fe80::1%veth_b": "veth_b",
	} {
		if got, err := r.Owner(t.Context(), netip.MustParseAddr(text)); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
	if got, err := r.Owner(t.Context(), netip.Addr{}); err != nil || got != "" {
		t.Errorf("no address: %q, %v", got, err)
	}
}

func TestManyAsk(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(strings.Repeat("link add type bridge\n", 50))
	r := reader(t, ns, nil)
	run(t, r)
	done := make(chan error, 20)
	for range cap(done) {
		go func() {
			for range 20 {
				if _, err := r.Capabilities(t.Context()); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	ns.IP(strings.Repeat("link add type bridge\n", 20))
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := len(capabilities(t, r).Bridges); n != 70 {
		t.Errorf("%d bridges", n)
	}
}

// A change of networks of our own is over before anybody is told of it.
func TestNewsWaits(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(office)
	var news atomic.Int64
	var underWay atomic.Bool
	r := reader(t, ns, func(o *netinfo.Options) {
		o.Changed = func(context.Context) { news.Add(1) }
		o.UnderWay = underWay.Load
	})
	run(t, r)
	eventually(t, "first news", func() bool {
		ns.IP("address replace 203.0.113.1/24 dev veth_b")
		ns.IP("address delete 203.0.113.1/24 dev veth_b")
		ns.IP(fmt.Sprintf("link set veth_b mtu %d", 1400+time.Now().UnixMilli()%100))
		time.Sleep(time.Second) // longer than changes are given to settle
		return news.Load() > 0
	})
	underWay.Store(true)
	time.Sleep(2 * time.Second) // what came before is told
	before := news.Load()
	ns.IP("link set veth_b mtu 1300")
	time.Sleep(2 * time.Second)
	if n := news.Load(); n != before {
		t.Errorf("%d news during the change", n-before)
	}
	underWay.Store(false)
	eventually(t, "news after the change", func() bool { return news.Load() > before })
}
