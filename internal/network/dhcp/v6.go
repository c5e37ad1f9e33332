// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv6"
	"github.com/insomniacslk/dhcp/iana"

	"govdsm/internal/network/netlink"
)

// dhcp6 speaks DHCPv6: it asks for one address, of an IA_NA.
type dhcp6 struct{ pace pace }

// servers6 is the group of all relays and servers on a link.
func servers6() netip.Addr { return netip.MustParseAddr("ff02::1:2") }

// solicitTimeout is the time after which Solicit and Request are sent again
// first: SOL_TIMEOUT and REQ_TIMEOUT of RFC 8415, 7.6.
const solicitTimeout = time.Second

// duid is a DUID-LL: RFC 8415, 11.4.
func duid(mac net.HardwareAddr) *dhcpv6.DUIDLL {
	return &dhcpv6.DUIDLL{HWType: iana.HWTypeEthernet, LinkLayerAddr: mac}
}

// iaid is what NetworkManager makes of a MAC address.
func iaid(mac net.HardwareAddr) (id [4]byte) {
	copy(id[:], mac[len(mac)-4:])
	return id
}

// message returns a message of the client's. A lease puts its address in.
func (d dhcp6) message(kind dhcpv6.MessageType, mac net.HardwareAddr, l Lease, server []byte) (*dhcpv6.Message, error) {
	m, err := dhcpv6.NewMessage(dhcpv6.WithClientID(duid(mac)))
	if err != nil {
		return nil, err
	}
	m.MessageType = kind
	if server != nil {
		id, err := dhcpv6.DUIDFromBytes(server)
		if err != nil {
			return nil, err
		}
		m.AddOption(dhcpv6.OptServerID(id))
	}
	ia := &dhcpv6.OptIANA{IaId: iaid(mac)}
	if a := l.Address.Addr(); a.Is6() {
		ia.Options.Add(&dhcpv6.OptIAAddress{IPv6Addr: a.AsSlice()})
	}
	m.AddOption(ia)
	if kind != dhcpv6.MessageTypeRelease {
		m.AddOption(dhcpv6.OptRequestedOption(dhcpv6.OptionDNSRecursiveNameServer))
	}
	m.AddOption(dhcpv6.OptElapsedTime(0))
	return m, nil
}

// acquire implements protocol.
func (d dhcp6) acquire(ctx context.Context, link netlink.Link, hint netip.Addr) (Lease, error) {
	var wish Lease
	if hint.Is6() {
		wish.Address = netip.PrefixFrom(hint, 128)
	}
	solicit, err := d.message(dhcpv6.MessageTypeSolicit, link.Address, wish, nil)
	if err != nil {
		return Lease{}, err
	}
	d.pace.first = min(d.pace.first, solicitTimeout)
	offer, err := d.talk(ctx, link, solicit, dhcpv6.MessageTypeAdvertise, nil)
	if err != nil {
		return Lease{}, err
	}
	request, err := d.message(dhcpv6.MessageTypeRequest, link.Address, offer, offer.ServerDUID)
	if err != nil {
		return Lease{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, d.pace.answers)
	defer cancel()
	return d.talk(ctx, link, request, dhcpv6.MessageTypeReply, offer.ServerDUID)
}

// confirm implements protocol. Rebinding is chosen over a Confirm message as
// its answer has lifetimes, too.
func (d dhcp6) confirm(ctx context.Context, link netlink.Link, l Lease) (Lease, error) {
	return d.rebind(ctx, link, l)
}

// renew implements protocol.
func (d dhcp6) renew(ctx context.Context, link netlink.Link, l Lease) (Lease, error) {
	m, err := d.message(dhcpv6.MessageTypeRenew, link.Address, l, l.ServerDUID)
	if err != nil {
		return Lease{}, err
	}
	return d.talk(ctx, link, m, dhcpv6.MessageTypeReply, l.ServerDUID)
}

// rebind implements protocol.
func (d dhcp6) rebind(ctx context.Context, link netlink.Link, l Lease) (Lease, error) {
	m, err := d.message(dhcpv6.MessageTypeRebind, link.Address, l, nil)
	if err != nil {
		return Lease{}, err
	}
	return d.talk(ctx, link, m, dhcpv6.MessageTypeReply, nil)
}

// release implements protocol. The address is gone from the kernel, and with it
// may be the device: the packet comes from the link-local address that the
// device had.
func (d dhcp6) release(s Spec, link netlink.Link, mac string, l Lease) error {
	own, err := net.ParseMAC(mac)
	if err != nil {
		return err
	}
	m, err := d.message(dhcpv6.MessageTypeRelease, own, l, l.ServerDUID)
	if err != nil {
		return err
	}
	packet := datagram(netip.AddrPortFrom(linkLocal(own), client6), netip.AddrPortFrom(servers6(), server6), m.ToBytes())
	group := net.HardwareAddr{0x33, 0x33, 0, 1, 0, 2} // RFC 2464, 7
	return sendFrame(link.Index, ethernet(own, group, s.Tag, packet))
}

// linkLocal is the address of EUI-64: RFC 4291, appendix A.
func linkLocal(mac net.HardwareAddr) netip.Addr {
	return netip.AddrFrom16([16]byte{
		0xfe, 0x80, 8: mac[0] ^ 2, 9: mac[1], 10: mac[2], 11: 0xff, 12: 0xfe, 13: mac[3], 14: mac[4], 15: mac[5],
	})
}

// talk exchanges messages with the servers of a link. An answer counts when it
// is of the kind, for us, and from the server if one is named.
func (d dhcp6) talk(ctx context.Context, link netlink.Link, m *dhcpv6.Message, kind dhcpv6.MessageType, server []byte) (Lease, error) {
	w, err := d.open(ctx, link)
	if err != nil {
		return Lease{}, err
	}
	began := time.Now()
	send := func() []byte {
		m.UpdateOption(dhcpv6.OptElapsedTime(min(time.Since(began), 655*time.Second)))
		return m.ToBytes()
	}
	return exchange(ctx, w, d.pace, send, func(b []byte, _ net.HardwareAddr) (Lease, error) {
		answer, err := dhcpv6.MessageFromBytes(b)
		if err != nil || answer.MessageType != kind || answer.TransactionID != m.TransactionID {
			return Lease{}, errNotOurs
		}
		client, from := answer.Options.ClientID(), answer.Options.ServerID()
		if client == nil || from == nil || !client.Equal(duid(link.Address)) ||
			server != nil && !bytes.Equal(from.ToBytes(), server) {
			return Lease{}, errNotOurs
		}
		l, err := lease6(answer, iaid(link.Address))
		if errors.Is(err, errRefused) && kind == dhcpv6.MessageTypeAdvertise {
			return l, errNotOurs // another one may have addresses
		}
		return l, err
	})
}

// open waits for the link-local address to be usable: the kernel takes a second
// or two to see that nobody else has it.
//
// The addresses have no zone: the socket is bound to the device. The net package
// would look a zone's name up in a list that is up to a minute old, and miss a
// device that was just made anew, as the bridges of networks are.
func (d dhcp6) open(ctx context.Context, link netlink.Link) (wire, error) {
	for {
		own, found := sourceOn(link.Name)
		if found {
			w, err := openUDP(ctx, link.Name, netip.AddrPortFrom(own, client6), netip.AddrPortFrom(servers6(), server6))
			if err == nil {
				return w, nil
			}
		}
		pause(ctx, 200*time.Millisecond)
		if ctx.Err() != nil {
			return nil, ended(ctx, ctx.Err())
		}
	}
}

// sourceOn returns a link-local address of a link. That it is still tentative
// is found out by binding to it.
func sourceOn(name string) (netip.Addr, bool) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return netip.Addr{}, false
	}
	all, err := i.Addrs()
	if err != nil {
		return netip.Addr{}, false
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok && ip.Is6() && ip.IsLinkLocalUnicast() {
				return ip, true
			}
		}
	}
	return netip.Addr{}, false
}

// lease6 reads a lease.
func lease6(m *dhcpv6.Message, id [4]byte) (Lease, error) {
	if s := m.Options.Status(); s != nil && s.StatusCode != iana.StatusSuccess {
		return Lease{}, refusal(s)
	}
	for _, ia := range m.Options.IANA() {
		if ia.IaId != id {
			continue
		}
		if s := ia.Options.Status(); s != nil && s.StatusCode != iana.StatusSuccess {
			return Lease{}, refusal(s)
		}
		for _, a := range ia.Options.Addresses() {
			ip, _ := netip.AddrFromSlice(a.IPv6Addr)
			l := Lease{
				Address: netip.PrefixFrom(ip, 128), Obtained: time.Now(),
				Preferred: a.PreferredLifetime, Valid: a.ValidLifetime, Renew: ia.T1, Rebind: ia.T2,
				ServerDUID: m.Options.ServerID().ToBytes(),
			}
			l.bounded()
			if l.check(IPv6) != nil {
				continue
			}
			l.dns6(m)
			return l, nil
		}
		return Lease{}, errRefused // none, or none that may be used
	}
	return Lease{}, errNotOurs
}

func (l *Lease) dns6(m *dhcpv6.Message) {
	for _, ip := range m.Options.DNS() {
		if a, ok := netip.AddrFromSlice(ip); ok && a.Is6() && !a.IsUnspecified() && !a.IsMulticast() && len(l.DNS) < mostServers {
			l.DNS = append(l.DNS, a)
		}
	}
}

// refusal tells a server that has a reason against us from one that is not able
// to answer.
func refusal(s *dhcpv6.OptStatusCode) error {
	switch s.StatusCode {
	case iana.StatusNoAddrsAvail, iana.StatusNoBinding, iana.StatusNotOnLink:
		return errRefused
	}
	return errNotOurs
}
