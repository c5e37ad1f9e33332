// SPDX-License-Identifier: GPL-2.0-or-later

package ovn

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"govdsm/internal/network/ovsdb"
	"govdsm/internal/network/ovstest"
	"govdsm/internal/pki"
)

// TestConfigured takes one thing after the other away from a host that is a
// part of OVN.
func TestConfigured(t *testing.T) {
	s := ovstest.StartServer(t)
	s.Vsctl("--no-wait", "set", "Open_vSwitch", ".", "external_ids:system-id=host1.example.org")
	root := t.TempDir()
	authority, err := pki.EnsureAuthority(filepath.Join(root, "authority"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := authority.Ensure(filepath.Join(root, "issued"), pki.Subject{CommonName: "x", Names: []string{"host1.example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "etc/pki/vdsm/ovn")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]string{"ovn-key.pem": files.Key, "ovn-cert.pem": files.Cert, "ca-cert.pem": files.CA} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	uid, stopped := os.Getuid(), ""
	h := Host{
		Root: root, Switch: s.Socket,
		Active: func(_ context.Context, service string) (bool, error) { return service != stopped, nil },
		Owner:  func() (int, int, error) { return uid, os.Getgid(), nil },
	}
	ask := func(what string, want bool) {
		t.Helper()
		if got, err := h.Configured(t.Context()); got != want || err != nil {
			t.Errorf("%s: configured is %v, %v", what, got, err)
		}
	}
	ask("all is there", true)
	stopped = "openvswitch-ipsec"
	ask("a service is down", false)
	stopped = ""
	uid++
	ask("somebody else's files", false)
	uid--
	s.Vsctl("--no-wait", "set", "Open_vSwitch", ".", "external_ids:system-id=host2.example.org")
	ask("another host's certificate", false)
	s.Vsctl("--no-wait", "remove", "Open_vSwitch", ".", "external_ids", "system-id")
	ask("no system-id", false)
	s.StopServer()
	if got, err := h.Configured(t.Context()); got || !errors.Is(err, ovsdb.ErrUnavailable) {
		t.Errorf("without a database: %v, %v", got, err)
	}
	os.Remove(filepath.Join(dir, "ca-cert.pem"))
	ask("a file is missing", false)
}

// TestHere asks the machine itself, which is no part of OVN.
func TestHere(t *testing.T) {
	if got, err := (Host{}).Configured(t.Context()); got || err != nil {
		t.Errorf("configured is %v, %v", got, err)
	}
}
