// SPDX-License-Identifier: GPL-2.0-or-later

// Package pki holds the three files that say who this host is and whom it
// trusts: a key, its certificate, and the certificates of the authorities.
//
// It promises that renewing them takes no restart: a Source looks at the files
// at every handshake and uses what is there, and a file that cannot be used
// never takes the place of one that could. It also makes a small authority of
// its own for hosts that no manager has enrolled, and says how long the
// certificates are still good.
package pki

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// DefaultDir is where a manager's enrolment puts the files of a host
// (lib/vdsm/common/pki.py).
const DefaultDir = "/etc/pki/vdsm"

// Files names the three files of one identity.
type Files struct {
	Key  string // private key, PEM
	Cert string // its certificate, PEM; may be followed by intermediate ones
	CA   string // trusted authorities, PEM; two of them while one replaces the other
}

// At returns the files below dir under the names that VDSM gives them.
func At(dir string) Files {
	return Files{
		Key:  filepath.Join(dir, "keys", "vdsmkey.pem"),
		Cert: filepath.Join(dir, "certs", "vdsmcert.pem"),
		CA:   filepath.Join(dir, "certs", "cacert.pem"),
	}
}

func (f Files) each() [3]string { return [3]string{f.Key, f.Cert, f.CA} }

// ErrUnusable is wrapped by every error about files that are there and cannot
// be used: not PEM, a key of another certificate, no authority.
var ErrUnusable = errors.New("unusable certificate files")

// identity is one consistent reading of the three files.
type identity struct {
	own         tls.Certificate // Leaf is set
	authorities []*x509.Certificate
	pool        *x509.CertPool
}

func load(f Files) (*identity, error) {
	key, err := os.ReadFile(f.Key)
	if err != nil {
		return nil, err
	}
	cert, err := os.ReadFile(f.Cert)
	if err != nil {
		return nil, err
	}
	bundle, err := os.ReadFile(f.CA)
	if err != nil {
		return nil, err
	}
	own, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%w: %s with %s: %w", ErrUnusable, f.Cert, f.Key, err)
	}
	authorities, err := parseCertificates(bundle)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnusable, f.CA, err)
	}
	id := &identity{own: own, authorities: authorities, pool: x509.NewCertPool()}
	for _, ca := range authorities {
		id.pool.AddCert(ca)
	}
	return id, nil
}

// parseCertificates returns the certificates in PEM text. One that does not
// parse fails the whole: half of a bundle would silently shut out clients.
func parseCertificates(text []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 {
		return nil, errors.New("no certificate in it")
	}
	return certs, nil
}
