// SPDX-License-Identifier: GPL-2.0-or-later

package netlink_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/hostfs"
	"govdsm/internal/network/netlink"
	"govdsm/internal/network/nettest"
)

func link(t *testing.T, d *netlink.Dump, name string) netlink.Link {
	t.Helper()
	for _, l := range d.Links {
		if l.Name == name {
			return l
		}
	}
	t.Fatalf("no link %s among %v", name, d.Links)
	return netlink.Link{}
}

func dump(t *testing.T, k *netlink.Kernel) *netlink.Dump {
	t.Helper()
	d, err := k.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDump(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(`link add br0 type bridge stp_state 1 priority 4096 group_fwd_mask 8
		link add veth0 type veth peer name veth1
		link set veth0 master br0
		link set veth0 mtu 1400
		link add mac0 link veth1 type macvlan
		link set br0 address 52:54:00:00:00:01
		link set br0 up
		link set veth0 up
		link set veth1 up
		address add 192.0.2.1/24 dev br0
		address add 192.0.2.2/24 dev br0
		address add 2001:db8::1/64 dev br0 nodad
		address add 198.51.100.1 peer 198.51.100.9/32 dev veth1
		route add default via 192.0.2.254 dev br0 metric 425
		route add default via 192.0.2.253 dev br0 table 329647082
		route add default table 7 nexthop via 192.0.2.7 dev br0 nexthop via 198.51.100.9 dev veth1
		route add blackhole default table 8
		route add 203.0.113.0/24 via 192.0.2.7`)
	k := ns.Kernel()
	d := dump(t, k)
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); d = dump(t, k) {
		if veth0 := link(t, d, "veth0"); veth0.OperUp() { // a while after its peer is up
			break
		}
	}
	br0, veth0, mac0 := link(t, d, "br0"), link(t, d, "veth0"), link(t, d, "mac0")
	if br0.Kind != "bridge" || br0.Address.String() != "52:54:00:00:00:01" || !br0.IsUp() {
		t.Errorf("br0: %+v", br0)
	}
	if veth0.Master != br0.Index || veth0.MTU != 1400 || !veth0.OperUp() || veth0.Kind != "veth" {
		t.Errorf("veth0: %+v", veth0)
	}
	if mac0.Parent != link(t, d, "veth1").Index || mac0.OperUp() {
		t.Errorf("mac0: %+v", mac0)
	}
	addresses := make(map[string]netlink.Address)
	for _, a := range d.Addresses {
		addresses[a.Prefix.String()] = a
	}
	for text, secondary := range map[string]bool{
		"192.0.2.1/24": false, "192.0.2.2/24": true, "2001:db8::1/64": false, "198.51.100.1/32": false,
	} {
		a, ok := addresses[text]
		if !ok || !a.Lasting() || a.Scope != unix.RT_SCOPE_UNIVERSE || a.Secondary() != secondary {
			t.Errorf("%s: %+v, %t", text, a, ok)
		}
	}
	var defaults []string
	for _, r := range d.Routes {
		switch {
		case len(r.Hops) == 2:
			defaults = append(defaults, r.Hops[0].Gateway.String()+" or "+r.Hops[1].Gateway.String())
		default:
			defaults = append(defaults, r.Gateway.String())
		}
	}
	slices.Sort(defaults)
	if !slices.Equal(defaults, []string{"192.0.2.253", "192.0.2.254", "192.0.2.7 or 198.51.100.9"}) {
		t.Errorf("default gateways %v", defaults)
	}
}

// The options of a bridge are what its folder in sysfs says.
func TestBridgeOptions(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(`link add br0 type bridge forward_delay 300 stp_state 1 priority 4096 group_fwd_mask 8 mcast_hash_max 512
		link set br0 up
		link add br1 type bridge
		link add br2 type bridge mcast_snooping 0 ageing_time 4600`)
	fs := hostfs.At(ns.Root())
	d := dump(t, ns.Kernel())
	for _, bridge := range []string{"br0", "br1", "br2"} { // in the dump each is told by how it differs from the last
		sameAsFolder(t, fs, "/sys/class/net/"+bridge+"/bridge/", link(t, d, bridge).Bridge)
	}
}

func sameAsFolder(t *testing.T, fs hostfs.FS, folder string, got map[string]string) {
	t.Helper()
	names := fs.Names(folder)
	if len(names) < 30 {
		t.Fatalf("files %v", names)
	}
	for _, name := range names {
		want, err := fs.Text(folder + name)
		if name == "flush" { // write only
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_timer") { // it runs meanwhile
			want = got[name]
		}
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s%s is %q, %t; the file says %q", folder, name, value, ok, want)
		}
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	k := ns.Kernel()
	ctx, cancel := context.WithCancel(t.Context())
	changes := make(chan netlink.Change, 1000)
	done := make(chan error, 1)
	w, err := k.Watch()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if !w.Current() {
		t.Error("there are changes before there are any")
	}
	ns.IP("link set lo up")
	if w.Current() {
		t.Error("a change that nobody was told of counts as told")
	}
	go func() { done <- w.Run(ctx, func(c netlink.Change) { changes <- c }) }()
	await := func(what string, is func(netlink.Change) bool) {
		t.Helper()
		limit := time.After(time.Minute)
		for {
			select {
			case c := <-changes:
				if is(c) {
					return
				}
			case <-limit:
				t.Fatalf("no change tells of %s", what)
			}
		}
	}
	ns.IP("link add br0 type bridge")
	await("a new link", func(c netlink.Change) bool { return c.Link != nil && c.Link.Name == "br0" && !c.Gone })
	ns.IP("link set br0 up")
	await("a link that goes up", func(c netlink.Change) bool { return c.Link != nil && c.Link.IsUp() })
	ns.IP("address add 192.0.2.1/24 dev br0")
	await("an address", func(c netlink.Change) bool {
		return c.Address != nil && c.Address.Prefix == netip.MustParsePrefix("192.0.2.1/24")
	})
	ns.IP("route add default via 192.0.2.254 dev br0")
	await("a route", func(c netlink.Change) bool { return c.Route != nil })
	ns.TC("qdisc add dev br0 root htb")
	await("a queueing discipline", func(c netlink.Change) bool { return c.Queueing != 0 })
	ns.IP("link delete br0")
	await("a link that goes", func(c netlink.Change) bool { return c.Link != nil && c.Gone && c.Link.Name == "br0" })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Dumps are whole while others change the network.
func TestDumpAmidChanges(t *testing.T) {
	t.Parallel()
	ns := nettest.New(t)
	ns.IP(strings.Repeat("link add type bridge\n", 150))
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				ns.IP("link add x type bridge\nlink delete x")
			}
		}
	}()
	defer func() { close(stop); <-done }()
	k := ns.Kernel()
	for range 10 {
		if n := len(dump(t, k).Links); n < 151 || n > 152 {
			t.Fatalf("%d links", n)
		}
	}
}

func TestOpenNothing(t *testing.T) {
	t.Parallel()
	if _, err := netlink.Open("/run/netns/no-such-namespace"); err == nil {
		t.Error("a namespace that is not there opens")
	}
}
