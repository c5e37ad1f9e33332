// SPDX-License-Identifier: GPL-2.0-or-later

package acceptor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// verifyName checks that the client's certificate was made for the machine it
// comes from: its common name is the peer's address or, in any case, one of
// the names of that address. Clients on this machine always pass. Alternative
// names do not count, as they did not in the original (lib/vdsm/sslutils.py).
func (a *Acceptor) verifyName(ctx context.Context, conn *tls.Conn) error {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return fmt.Errorf("address of peer %v is not known", conn.RemoteAddr())
	}
	peer := tcp.AddrPort().Addr().Unmap().WithZone("")
	if peer == netip.MustParseAddr("127.0.0.1") || peer == netip.IPv6Loopback() {
		return nil
	}
	chain := conn.ConnectionState().PeerCertificates
	if len(chain) == 0 {
		return errors.New("client has no certificate")
	}
	name := chain[0].Subject.CommonName
	if addr, err := netip.ParseAddr(name); err == nil && addr.Unmap() == peer {
		return nil
	}
	names, err := a.options.Resolve(ctx, peer.String())
	if err != nil {
		return fmt.Errorf("certificate is for %q, name of %s not found: %w", name, peer, err)
	}
	for _, n := range names {
		if strings.EqualFold(strings.TrimSuffix(n, "."), name) {
			return nil
		}
	}
	return fmt.Errorf("certificate is for %q, but %s is %s", name, peer, strings.Join(names, ", "))
}
