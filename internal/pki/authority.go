// SPDX-License-Identifier: GPL-2.0-or-later

package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"govdsm/internal/atomicfile"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	caLife   = 10 * 365 * 24 * time.Hour
	leafLife = 398 * 24 * time.Hour // what the engine gives its hosts

	// Clients' clocks may be behind ours.
	backdate = time.Hour
)

// Authority signs the certificates of a host that no manager has enrolled.
type Authority struct {
	file string // certificate, PEM
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// EnsureAuthority returns the authority kept in dir (ca.pem and ca-key.pem),
// which it makes if there is none, or none that lasts for WarnBefore.
//
// Keys are ECDSA on P-256: made in an instant, and accepted by OpenSSL, GnuTLS
// and every Java that an engine runs on.
func EnsureAuthority(dir string) (*Authority, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	a := &Authority{file: filepath.Join(dir, "ca.pem")}
	var err error
	if a.key, err = ensureKey(filepath.Join(dir, "ca-key.pem")); err != nil {
		return nil, err
	}
	if a.cert, err = a.existing(); err != nil || a.cert != nil {
		return a, err
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{Organization: []string{"govdsm"}, CommonName: "govdsm sandbox authority"},
		NotBefore:             time.Now().Add(-backdate),
		NotAfter:              time.Now().Add(caLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	return a, atomicfile.Write(a.file, encodeCertificate(der), 0o644)
}

// existing returns the authority's certificate if it can still be used, nil
// if a new one must be made.
func (a *Authority) existing() (*x509.Certificate, error) {
	cert, err := firstCertificate(a.file)
	if err != nil || cert == nil {
		return nil, err
	}
	if !a.key.PublicKey.Equal(cert.PublicKey) || expiring(cert) {
		return nil, nil
	}
	return cert, nil
}

// Subject is what a certificate of the authority says about its owner.
type Subject struct {
	CommonName string
	// Names are host names and addresses, "host.example", "::1".
	Names []string
}

// Ensure makes the three files that At(dir) names, for a host or a client:
// each certificate is good for both, as VDSM's is. What is there and good for
// the subject for another WarnBefore is left alone; a renewal keeps the key,
// so that key and certificate match at every instant.
func (a *Authority) Ensure(dir string, who Subject) (Files, error) {
	files := At(dir)
	for _, name := range files.each() {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return files, err
		}
	}
	key, err := ensureKey(files.Key)
	if err != nil {
		return files, err
	}
	if err := a.ensureBundle(files.CA); err != nil {
		return files, err
	}
	switch cert, err := firstCertificate(files.Cert); {
	case err != nil:
		return files, err
	case cert != nil && a.stillGood(cert, key, who):
		return files, nil
	}
	der, err := a.sign(&key.PublicKey, who)
	if err != nil {
		return files, err
	}
	return files, atomicfile.Write(files.Cert, encodeCertificate(der), 0o644)
}

// ensureBundle adds the authority to those that the file names already. An
// administrator may have put another one there.
func (a *Authority) ensureBundle(file string) error {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(text) > 0 {
		known, err := parseCertificates(text)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrUnusable, file, err)
		}
		if slices.ContainsFunc(known, a.cert.Equal) {
			return nil
		}
	}
	return atomicfile.Write(file, append(text, encodeCertificate(a.cert.Raw)...), 0o644)
}

func (a *Authority) stillGood(cert *x509.Certificate, key *ecdsa.PrivateKey, who Subject) bool {
	dns, ips := splitNames(who.Names)
	return key.PublicKey.Equal(cert.PublicKey) &&
		cert.CheckSignatureFrom(a.cert) == nil &&
		!expiring(cert) &&
		cert.Subject.CommonName == who.CommonName &&
		slices.Equal(cert.DNSNames, dns) &&
		slices.EqualFunc(cert.IPAddresses, ips, net.IP.Equal)
}

func (a *Authority) sign(key *ecdsa.PublicKey, who Subject) ([]byte, error) {
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	dns, ips := splitNames(who.Names)
	end := time.Now().Add(leafLife)
	if end.After(a.cert.NotAfter) {
		end = a.cert.NotAfter
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{Organization: []string{"govdsm"}, CommonName: who.CommonName},
		NotBefore:             time.Now().Add(-backdate),
		NotAfter:              end,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		DNSNames:              dns,
		IPAddresses:           ips,
	}
	return x509.CreateCertificate(rand.Reader, template, a.cert, key, a.key)
}

func expiring(cert *x509.Certificate) bool { return time.Until(cert.NotAfter) < WarnBefore }

func splitNames(names []string) (dns []string, ips []net.IP) {
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			ips = append(ips, ip)
		} else {
			dns = append(dns, name)
		}
	}
	return dns, ips
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func encodeCertificate(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
