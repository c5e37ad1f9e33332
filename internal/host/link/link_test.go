// SPDX-License-Identifier: GPL-2.0-or-later

package link_test

import (
	"net"
	"net/netip"
	"testing"

	"govdsm/internal/host/hostfs"
	"govdsm/internal/host/hosttest"
	"govdsm/internal/host/link"
)

func TestOwner(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"127.0.0.1":        "lo",
		"127.1.2.3":        "lo",
		"::ffff:127.0.0.1": "lo",
		"192.0.2.200":      "",
		"fe80::1%eth7":     "eth7",
	} {
		if got, err := link.Owner(netip.MustParseAddr(text)); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
	if got, err := link.Owner(netip.Addr{}); err != nil || got != "" {
		t.Errorf("no address: %q, %v", got, err)
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		addresses, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			prefix := netip.MustParsePrefix(a.String())
			if prefix.Addr().IsLinkLocalUnicast() { // the same on several interfaces
				continue
			}
			if got, err := link.Owner(prefix.Addr()); err != nil || got != i.Name {
				t.Errorf("%s: %q, %v; want %q", a, got, err, i.Name)
			}
		}
	}
}

func TestNICs(t *testing.T) {
	t.Parallel()
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	root := hosttest.Root(t, "-- sys/class/net/lo/device -> x --\n")
	nics, err := link.NICs(hostfs.At(root)) // the loopback dressed up as a card
	if err != nil || len(nics) != 1 {
		t.Fatalf("%v, %v", nics, err)
	}
	for _, i := range interfaces {
		if i.Name == "lo" {
			if n := nics["lo"]; n.Addr != "127.0.0.1" || n.Netmask != "255.0.0.0" || n.Speed != 0 || n.Dhcpv4 != nil {
				t.Errorf("%+v", n)
			}
		}
	}
}
