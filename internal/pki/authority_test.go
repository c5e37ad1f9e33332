// SPDX-License-Identifier: GPL-2.0-or-later

package pki_test

import (
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"govdsm/internal/pki"
)

func readAll(t *testing.T, dir string) map[string]string {
	t.Helper()
	content := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		content[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func leaf(t *testing.T, file string) *x509.Certificate {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatalf("%s is not PEM", file)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestEnsureIsIdempotent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	who := pki.Subject{CommonName: "host", Names: []string{"host", "localhost", "127.0.0.1", "::1"}}
	ensure := func() {
		t.Helper()
		a, err := pki.EnsureAuthority(filepath.Join(dir, "ca"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Ensure(filepath.Join(dir, "host"), who); err != nil {
			t.Fatal(err)
		}
	}
	ensure()
	first := readAll(t, dir)
	ensure()
	second := readAll(t, dir)
	if len(first) != 5 || len(second) != 5 {
		t.Errorf("%d files, then %d; want 5", len(first), len(second))
	}
	for name, text := range first {
		if second[name] != text {
			t.Errorf("%s was written again", name)
		}
	}

	// Another name needs another certificate, with the same key.
	who.Names = append(who.Names, "10.0.0.1")
	ensure()
	third := readAll(t, dir)
	files := pki.At(filepath.Join(dir, "host"))
	if third[files.Cert] == first[files.Cert] || third[files.Key] != first[files.Key] {
		t.Error("want a new certificate of the old key")
	}
	if err := leaf(t, files.Cert).VerifyHostname("10.0.0.1"); err != nil {
		t.Error(err)
	}
}

func TestModesAndContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := pki.EnsureAuthority(filepath.Join(dir, "ca"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := a.Ensure(dir, pki.Subject{CommonName: "host", Names: []string{"localhost", "::1"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{
		files.Key: 0o600, files.Cert: 0o644, files.CA: 0o644, filepath.Join(dir, "ca", "ca-key.pem"): 0o600,
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode().Perm(), want)
		}
	}
	cert := leaf(t, files.Cert)
	if cert.IsCA || len(cert.ExtKeyUsage) != 2 || len(cert.AuthorityKeyId) == 0 {
		t.Errorf("unexpected certificate: %+v", cert)
	}
	if !cert.IPAddresses[0].Equal(net.IPv6loopback) || cert.DNSNames[0] != "localhost" {
		t.Errorf("names %v %v", cert.DNSNames, cert.IPAddresses)
	}
}

func TestForeignKeyIsNotReplaced(t *testing.T) {
	t.Parallel()
	files := pki.At(t.TempDir())
	if err := os.MkdirAll(filepath.Dir(files.Key), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files.Key, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(filepath.Dir(files.Key))
	if _, err := authority(t).Ensure(dir, pki.Subject{CommonName: "host"}); err == nil {
		t.Error("no error")
	}
	if text, _ := os.ReadFile(files.Key); string(text) != "mine" {
		t.Error("the key was replaced")
	}
}

// OpenSSL is the library of VDSM and of Python clients: its strict mode is
// what Python 3.13 turned on by default.
func TestOpenSSLAccepts(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Fatal(err)
	}
	files := issue(t, authority(t), "host.example")
	for _, purpose := range []string{"sslserver", "sslclient"} {
		out, err := exec.CommandContext(t.Context(), openssl, "verify", "-x509_strict",
			"-purpose", purpose, "-CAfile", files.CA, files.Cert).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", purpose, err, out)
		}
	}
}

func TestLifeTimes(t *testing.T) {
	t.Parallel()
	files := issue(t, authority(t), "host")
	host, ca := leaf(t, files.Cert), leaf(t, files.CA)
	if left := time.Until(host.NotAfter); left < 300*24*time.Hour || left > 398*24*time.Hour {
		t.Errorf("the host's certificate lasts %v", left)
	}
	if !ca.NotAfter.After(host.NotAfter) || ca.NotBefore.After(time.Now()) {
		t.Errorf("authority from %v to %v", ca.NotBefore, ca.NotAfter)
	}
}
