// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"crypto/tls"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"govdsm/client"
	"govdsm/internal/pki"
	"govdsm/test/hosttest"
)

// Renewed certificates count from the next connection on; those who are
// connected notice nothing, and strangers stay out.
func TestCertificatesRenewed(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	old := h.Dial(t)
	before := h.TLS(t)
	first := shownBy(t, h, before)

	// Another authority, as after a re-enrolment of the host.
	ca, err := pki.EnsureAuthority(filepath.Join(t.TempDir(), "ca"))
	if err != nil {
		t.Fatal(err)
	}
	fresh := t.TempDir()
	if _, err := ca.Ensure(fresh, pki.Subject{CommonName: "renewed", Names: []string{"127.0.0.1"}}); err != nil {
		t.Fatal(err)
	}
	mine, err := ca.Ensure(t.TempDir(), pki.Subject{CommonName: "caller"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"keys/vdsmkey.pem", "certs/vdsmcert.pem", "certs/cacert.pem"} {
		content, err := os.ReadFile(filepath.Join(fresh, name))
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(h.Dir, "pki", name)
		if err := os.WriteFile(target+".new", content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(target+".new", target); err != nil {
			t.Fatal(err)
		}
	}

	source, err := pki.Open(mine, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	after := source.Client()
	var second string
	hosttest.Until(t, "the new certificate", func() error {
		c, err := client.Dial(t.Context(), client.Options{Address: h.Address, TLS: after})
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Request(t.Context(), "Host.ping2", map[string]any{})
		return err
	})
	if second = shownBy(t, h, after); second == first || second != "renewed" {
		t.Errorf("the host showed %q and shows %q", first, second)
	}
	if _, err := old.Request(t.Context(), "Host.ping2", map[string]any{}); err != nil {
		t.Errorf("a client that was connected: %v", err)
	}
	if c, err := client.Dial(t.Context(), client.Options{Address: h.Address, TLS: before}); err == nil {
		c.Close()
		t.Error("a certificate of the old authority still lets in")
	}
}

func shownBy(t *testing.T, h *hosttest.Host, config *tls.Config) string {
	t.Helper()
	conn, err := tls.Dial("tcp", h.Address, config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
}
