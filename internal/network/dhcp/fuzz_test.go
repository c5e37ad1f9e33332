// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv6"
	"golang.org/x/sys/unix"

	"govdsm/internal/network/netlink"
)

// sound fails the test unless a lease can be put into the kernel as it is.
func sound(t *testing.T, l Lease, f Family) {
	t.Helper()
	if err := l.check(f); err != nil {
		t.Fatalf("accepted %+v: %v", l, err)
	}
	if l.Renew < 0 || l.Renew > l.Rebind || l.Rebind > l.Valid || l.Preferred > l.Valid || l.Valid > forever {
		t.Fatalf("times of %+v", l)
	}
	p := putOf(Spec{Key: Key{"eth0", f}, AutoDNS: true, AutoGateway: true, AutoRoutes: true, Table: 77}, l, 100)
	for _, r := range p.Routes {
		if !r.Dest.IsValid() || r.Dest != r.Dest.Masked() || len(r.Body(1)) == 0 {
			t.Fatalf("route %+v", r)
		}
	}
	if len(l.DNS) > mostServers || len(l.Routes) > mostRoutes || p.Addr.Scope != unix.RT_SCOPE_UNIVERSE {
		t.Fatalf("too much: %+v", l)
	}
}

func FuzzAnswer4(f *testing.F) {
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 1}
	d, err := dhcpv4.NewDiscovery(mac)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(reply(d, dhcpv4.MessageTypeAck, "192.0.2.70"))
	f.Add(reply(d, dhcpv4.MessageTypeAck, "192.0.2.70", dhcpv4.WithGeneric(dhcpv4.OptionClasslessStaticRoute, []byte{0, 192, 0, 2, 3, 33, 10})))
	f.Add(reply(d, dhcpv4.MessageTypeAck, "192.0.2.70", dhcpv4.WithGeneric(dhcpv4.OptionSubnetMask, []byte{255, 0, 255, 0})))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := dhcpv4.FromBytes(b)
		if err != nil {
			return
		}
		want, _ := netip.AddrFromSlice(m.YourIPAddr.To4())
		if l, err := verdict(netlink.Link{Address: mac}, want)(m, mac); err == nil {
			sound(t, l, IPv4)
		}
	})
}

func FuzzAnswer6(f *testing.F) {
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 1}
	l := Lease{Address: netip.MustParsePrefix("2001:db8::5/128"), Valid: time.Hour}
	m, err := dhcp6{}.message(dhcpv6.MessageTypeReply, mac, l, duid(mac).ToBytes())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m.ToBytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := dhcpv6.MessageFromBytes(b)
		if err != nil || m.Options.ServerID() == nil {
			return
		}
		if l, err := lease6(m, iaid(mac)); err == nil {
			sound(t, l, IPv6)
		}
	})
}

func FuzzDatagram(f *testing.F) {
	f.Add(datagram(netip.MustParseAddrPort("192.0.2.1:67"), netip.MustParseAddrPort("255.255.255.255:68"), []byte("hello")))
	f.Fuzz(func(t *testing.T, b []byte) {
		if payload, err := openDatagram(b); err == nil && len(payload) > len(b)-28 {
			t.Fatalf("%d bytes of %d", len(payload), len(b))
		}
	})
}
