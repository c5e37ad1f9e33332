// SPDX-License-Identifier: GPL-2.0-or-later

package pki_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"govdsm/internal/pki"
)

// selfSigned writes files whose one certificate is its own authority and ends
// at the given time.
func selfSigned(t *testing.T, end time.Time) pki.Files {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "short"},
		NotBefore: end.Add(-10000 * time.Hour), NotAfter: end,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	files := pki.At(t.TempDir())
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, text := range map[string][]byte{
		files.Key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		files.Cert: cert, files.CA: cert,
	} {
		if err := firstError(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestExpiredIsRefusedByBothSides(t *testing.T) {
	t.Parallel()
	expired, _ := open(t, selfSigned(t, time.Now().Add(-time.Hour)))
	server := expired.Server()
	cfg := expired.Client()
	_, _, err := talk(t, server, cfg)
	if verify, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok || !strings.Contains(verify.Error(), "expired") {
		t.Errorf("client: %v", err)
	}
	cfg.VerifyConnection = nil
	mustRefuse(t, server, cfg, "expired")
}

func TestExpiriesFollowTheFiles(t *testing.T) {
	t.Parallel()
	files := selfSigned(t, time.Now().Add(time.Hour))
	s, _ := open(t, files)
	if left := time.Until(s.Earliest().NotAfter); left > time.Hour {
		t.Errorf("%v left", left)
	}
	fresh := issue(t, authority(t), "host")
	replaceFile(t, fresh.Key, files.Key)
	replaceFile(t, fresh.Cert, files.Cert)
	replaceFile(t, fresh.CA, files.CA)
	ends := s.Expiries()
	if len(ends) != 2 || ends[0].File != files.Cert || ends[1].File != files.CA {
		t.Fatalf("ends: %+v", ends)
	}
	if s.Earliest() != ends[0] || time.Until(ends[0].NotAfter) < 300*24*time.Hour {
		t.Errorf("earliest: %+v", s.Earliest())
	}
}

func TestWatchWarnsDaily(t *testing.T) {
	// Inside the bubble it is the year 2000.
	end := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(92 * 24 * time.Hour)
	files := selfSigned(t, end)
	synctest.Test(t, func(t *testing.T) {
		s, log := open(t, files)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Watch(ctx) }()
		at := func(day int, soon, gone int) {
			t.Helper()
			time.Sleep(time.Until(time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC).AddDate(0, 0, day)))
			synctest.Wait()
			if n := log.count("expires soon"); n != soon {
				t.Errorf("day %d: %d warnings, want %d", day, n, soon)
			}
			if n := log.count("has expired"); n != gone {
				t.Errorf("day %d: %d errors, want %d", day, n, gone)
			}
		}
		at(1, 0, 0) // 91 days left: quiet
		at(2, 2, 0) // 90 days: one line for the certificate, one for its authority
		at(3, 4, 0)
		at(92, 180, 2)
		stop()
		<-done
	})
}

type names map[string][]string

func (n names) LookupAddr(_ context.Context, addr string) ([]string, error) {
	if found, ok := n[addr]; ok {
		return found, nil
	}
	return nil, errors.New("no such address")
}

func TestCheckPeerName(t *testing.T) {
	t.Parallel()
	dns := names{"10.0.0.1": {"Engine.Example.", "alias.example."}}
	for _, c := range []struct {
		cn, peer string
		ok       bool
	}{
		{"anything", "127.0.0.1", true},
		{"anything", "::1", true},
		{"anything", "::ffff:127.0.0.1", true},
		{"10.0.0.2", "::ffff:10.0.0.2", true},
		{"engine.example", "10.0.0.1", true},
		{"alias.example", "::ffff:10.0.0.1", true},
		{"other.example", "10.0.0.1", false},
		{"engine.example", "10.0.0.9", false},
		{"", "10.0.0.1", false},
	} {
		cert := leaf(t, issue(t, authority(t), c.cn).Cert)
		if c.cn == "" {
			cert = &x509.Certificate{}
		}
		err := pki.CheckPeerName(t.Context(), dns, cert, netip.MustParseAddr(c.peer))
		if (err == nil) != c.ok {
			t.Errorf("%q from %s: %v", c.cn, c.peer, err)
		}
	}
}
