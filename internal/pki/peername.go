// SPDX-License-Identifier: GPL-2.0-or-later

package pki

import (
	"context"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Resolver finds the names of an address; *net.Resolver is one.
type Resolver interface {
	LookupAddr(ctx context.Context, addr string) (names []string, err error)
}

// CheckPeerName is the check behind the option vars.verify_client_cert: the
// first common name of a client's certificate must be its address, or a name
// that the address has. Clients on this host pass always. subjectAltName does
// not count (lib/vdsm/sslutils.py).
func CheckPeerName(ctx context.Context, r Resolver, cert *x509.Certificate, peer netip.Addr) error {
	peer = peer.Unmap()
	if peer == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || peer == netip.IPv6Loopback() {
		return nil
	}
	cn := firstCommonName(cert)
	if own, err := netip.ParseAddr(cn); err == nil && own.Unmap() == peer.WithZone("") {
		return nil
	}
	names, err := r.LookupAddr(ctx, peer.String())
	if err != nil {
		return fmt.Errorf("certificate of %q shown by %s: %w", cn, peer, err)
	}
	if slices.ContainsFunc(names, func(name string) bool {
		return strings.EqualFold(strings.TrimSuffix(name, "."), cn)
	}) {
		return nil
	}
	return fmt.Errorf("certificate of %q shown by %s, which is known as %q", cn, peer, names)
}

// firstCommonName exists since x509 keeps the last one of several.
func firstCommonName(cert *x509.Certificate) string {
	for _, attribute := range cert.Subject.Names {
		if attribute.Type.Equal(asn1.ObjectIdentifier{2, 5, 4, 3}) {
			name, _ := attribute.Value.(string)
			return name
		}
	}
	return ""
}
