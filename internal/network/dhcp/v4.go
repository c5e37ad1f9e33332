// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/iana"

	"govdsm/internal/network/netlink"
)

// dhcp4 speaks DHCPv4.
type dhcp4 struct{ pace pace }

// most of what a server may list is more than any host needs.
const (
	mostServers = 8
	mostRoutes  = 256
)

// message returns a message of the client's, which every option is added to
// that all have.
func (d dhcp4) message(kind dhcpv4.MessageType, link netlink.Link, more ...dhcpv4.Modifier) (*dhcpv4.DHCPv4, error) {
	common := []dhcpv4.Modifier{
		dhcpv4.WithMessageType(kind),
		dhcpv4.WithHwAddr(link.Address),
		dhcpv4.WithOption(dhcpv4.OptClientIdentifier(clientID(link.Address))),
		dhcpv4.WithOption(dhcpv4.OptMaxMessageSize(1472)),
		dhcpv4.WithRequestedOptions(
			dhcpv4.OptionSubnetMask, dhcpv4.OptionClasslessStaticRoute, dhcpv4.OptionRouter,
			dhcpv4.OptionDomainNameServer, dhcpv4.OptionBroadcastAddress,
			dhcpv4.OptionIPAddressLeaseTime, dhcpv4.OptionRenewTimeValue, dhcpv4.OptionRebindingTimeValue),
	}
	return dhcpv4.New(append(common, more...)...)
}

// clientID is what NetworkManager sends as "mac": the hardware type of Ethernet
// and the address (RFC 2132, 9.14).
func clientID(mac net.HardwareAddr) []byte {
	return append([]byte{byte(iana.HWTypeEthernet)}, mac...)
}

func requestedIP(a netip.Addr) dhcpv4.Modifier {
	return dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(a.AsSlice()))
}

// acquire implements protocol: discover until there is an offer, and take it.
func (d dhcp4) acquire(ctx context.Context, link netlink.Link, hint netip.Addr) (Lease, error) {
	var hints []dhcpv4.Modifier
	if hint.Is4() {
		hints = append(hints, requestedIP(hint))
	}
	discover, err := d.message(dhcpv4.MessageTypeDiscover, link, hints...)
	if err != nil {
		return Lease{}, err
	}
	type offer struct {
		address netip.Addr
		server  netip.Addr
	}
	chosen, err := talk(ctx, d, link, discover, func(m *dhcpv4.DHCPv4, _ net.HardwareAddr) (offer, error) {
		o := offer{addr(m.YourIPAddr), addr(m.ServerIdentifier())}
		if m.MessageType() != dhcpv4.MessageTypeOffer || !o.address.IsValid() || !o.server.IsValid() {
			return o, errNotOurs
		}
		return o, nil
	})
	if err != nil {
		return Lease{}, err
	}
	request, err := d.message(dhcpv4.MessageTypeRequest, link, dhcpv4.WithTransactionID(discover.TransactionID),
		requestedIP(chosen.address), dhcpv4.WithOption(dhcpv4.OptServerIdentifier(chosen.server.AsSlice())))
	if err != nil {
		return Lease{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, d.pace.answers)
	defer cancel()
	return d.ask(ctx, link, request, chosen.address)
}

// confirm implements protocol: the state INIT-REBOOT of RFC 2131, 4.4.2.
func (d dhcp4) confirm(ctx context.Context, link netlink.Link, l Lease) (Lease, error) {
	request, err := d.message(dhcpv4.MessageTypeRequest, link, requestedIP(l.Address.Addr()))
	if err != nil {
		return Lease{}, err
	}
	return d.ask(ctx, link, request, l.Address.Addr())
}

// rebind implements protocol.
func (d dhcp4) rebind(ctx context.Context, link netlink.Link, l Lease) (Lease, error) {
	request, err := d.message(dhcpv4.MessageTypeRequest, link, dhcpv4.WithClientIP(l.Address.Addr().AsSlice()))
	if err != nil {
		return Lease{}, err
	}
	return d.ask(ctx, link, request, l.Address.Addr())
}

// renew implements protocol. The server is asked directly, from the address
// that it gave.
func (d dhcp4) renew(ctx context.Context, link netlink.Link, l Lease) (Lease, error) {
	request, err := d.message(dhcpv4.MessageTypeRequest, link, dhcpv4.WithClientIP(l.Address.Addr().AsSlice()))
	if err != nil {
		return Lease{}, err
	}
	w, err := openUDP(ctx, link.Name, netip.AddrPortFrom(l.Address.Addr(), client4), netip.AddrPortFrom(l.Server, server4))
	if err != nil {
		return Lease{}, err
	}
	got, err := talkOver(ctx, d, w, link, request, verdict(link, l.Address.Addr()))
	if got.ServerMAC == "" {
		got.ServerMAC = l.ServerMAC
	}
	return got, err
}

// ask broadcasts a request for an address.
func (d dhcp4) ask(ctx context.Context, link netlink.Link, request *dhcpv4.DHCPv4, want netip.Addr) (Lease, error) {
	return talk(ctx, d, link, request, verdict(link, want))
}

// verdict takes a server's answer to a request. One that gives an address that
// was not asked for is not obeyed.
func verdict(link netlink.Link, want netip.Addr) func(*dhcpv4.DHCPv4, net.HardwareAddr) (Lease, error) {
	return func(m *dhcpv4.DHCPv4, from net.HardwareAddr) (Lease, error) {
		switch m.MessageType() {
		case dhcpv4.MessageTypeNak:
			return Lease{}, errRefused
		case dhcpv4.MessageTypeAck:
			l, err := lease4(m)
			if err != nil || l.Address.Addr() != want {
				return Lease{}, errNotOurs
			}
			if from != nil {
				l.ServerMAC = from.String()
			}
			return l, nil
		}
		return Lease{}, errNotOurs
	}
}

// release implements protocol.
func (d dhcp4) release(s Spec, link netlink.Link, mac string, l Lease) error {
	own, err := net.ParseMAC(mac)
	if err != nil {
		return err
	}
	server, err := net.ParseMAC(l.ServerMAC)
	if err != nil {
		return fmt.Errorf("address of the server: %w", err)
	}
	m, err := dhcpv4.New(dhcpv4.WithMessageType(dhcpv4.MessageTypeRelease), dhcpv4.WithHwAddr(own),
		dhcpv4.WithClientIP(l.Address.Addr().AsSlice()),
		dhcpv4.WithOption(dhcpv4.OptClientIdentifier(clientID(own))),
		dhcpv4.WithOption(dhcpv4.OptServerIdentifier(l.Server.AsSlice())))
	if err != nil {
		return err
	}
	packet := datagram(netip.AddrPortFrom(l.Address.Addr(), client4), netip.AddrPortFrom(l.Server, server4), m.ToBytes())
	return sendFrame(link.Index, ethernet(own, server, s.Tag, packet))
}

// talk exchanges broadcasts on a link.
func talk[T any](ctx context.Context, d dhcp4, link netlink.Link, m *dhcpv4.DHCPv4, accept func(*dhcpv4.DHCPv4, net.HardwareAddr) (T, error)) (T, error) {
	w, err := openPackets(link.Index)
	if err != nil {
		var none T
		return none, err
	}
	return talkOver(ctx, d, w, link, m, accept)
}

func talkOver[T any](ctx context.Context, d dhcp4, w wire, link netlink.Link, m *dhcpv4.DHCPv4, accept func(*dhcpv4.DHCPv4, net.HardwareAddr) (T, error)) (T, error) {
	began := time.Now()
	send := func() []byte {
		m.NumSeconds = uint16(min(time.Since(began)/time.Second, 0xffff))
		return m.ToBytes()
	}
	return exchange(ctx, w, d.pace, send, func(b []byte, from net.HardwareAddr) (T, error) {
		var none T
		answer, err := dhcpv4.FromBytes(b)
		if err != nil || answer.OpCode != dhcpv4.OpcodeBootReply || answer.TransactionID != m.TransactionID ||
			!bytes.Equal(answer.ClientHWAddr, link.Address) {
			return none, errNotOurs
		}
		return accept(answer, from)
	})
}

// lease4 reads a lease. What is nonsense beside the address is left out.
func lease4(m *dhcpv4.DHCPv4) (Lease, error) {
	a := addr(m.YourIPAddr)
	l := Lease{
		Obtained: time.Now(), Server: addr(m.ServerIdentifier()),
		Valid:  m.IPAddressLeaseTime(0),
		Renew:  m.IPAddressRenewalTime(0),
		Rebind: m.IPAddressRebindingTime(0),
	}
	ones, bits := m.SubnetMask().Size()
	if bits != 32 {
		ones, _ = net.IP(a.AsSlice()).DefaultMask().Size()
	}
	l.Address = netip.PrefixFrom(a, ones)
	l.bounded()
	if err := l.check(IPv4); err != nil {
		return Lease{}, err
	}
	if !l.Server.IsValid() {
		return Lease{}, fmt.Errorf("no identifier of the server")
	}
	for _, ip := range m.DNS() {
		if dns := addr(ip); dns.IsValid() && !slices.Contains(l.DNS, dns) && len(l.DNS) < mostServers {
			l.DNS = append(l.DNS, dns)
		}
	}
	l.routes4(m)
	return l, nil
}

// routes4 reads the routes. Where there are classless ones, routers do not
// count (RFC 3442).
func (l *Lease) routes4(m *dhcpv4.DHCPv4) {
	static := m.ClasslessStaticRoute()
	for _, r := range static[:min(len(static), mostRoutes)] {
		if r == nil || r.Dest == nil {
			continue
		}
		ones, bits := r.Dest.Mask.Size()
		dest := netip.PrefixFrom(anyAddr(r.Dest.IP), ones).Masked()
		via := addr(r.Router)
		switch {
		case bits != 32 || !dest.IsValid() || via == l.Address.Addr():
		case ones == 0 && via.IsValid():
			l.Gateway = via
		case ones > 0:
			l.Routes = append(l.Routes, Route{Dest: dest, Via: via})
		}
	}
	if len(static) > 0 {
		return
	}
	for _, ip := range m.Router() {
		if via := addr(ip); via.IsValid() && via != l.Address.Addr() {
			l.Gateway = via
			return
		}
	}
}

// anyAddr is an IPv4 address as the library has it, also 0.0.0.0.
func anyAddr(ip net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(ip)
	if a = a.Unmap(); !a.Is4() {
		return netip.Addr{}
	}
	return a
}

// addr is an address that a host can have; not valid if it cannot.
func addr(ip net.IP) netip.Addr {
	a := anyAddr(ip)
	if !a.IsValid() || a.IsUnspecified() || a.IsLoopback() || a.IsMulticast() || a.As4()[0] >= 240 {
		return netip.Addr{}
	}
	return a
}
