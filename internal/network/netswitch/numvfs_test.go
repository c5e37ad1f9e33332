// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/persistence"
	"govdsm/lab"
)

// card is a network card with virtual functions, in a folder that stands for
// /sys: no test machine has such a card.
type card struct {
	*testing.T
	*netswitch.Configurator
	dir string
}

func withCard(t *testing.T, body func(c card)) {
	t.Helper()
	lab.Needs(t, lab.Veth).Run(func(t *testing.T) {
		c := card{T: t, dir: t.TempDir()}
		if out, err := exec.CommandContext(t.Context(), "ip", "link", "add", "eth5", "type", "veth", "peer", "name", "eth6").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if err := os.Symlink("/proc", filepath.Join(c.dir, "proc")); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(c.file("sriov_numvfs")), 0o755); err != nil {
			t.Fatal(err)
		}
		c.put("sriov_numvfs", "2\n")
		c.put("sriov_totalvfs", "8\n")
		c.Configurator = netswitch.New(netswitch.Options{
			Running:    persistence.At(filepath.Join(c.dir, "staging", "netconf")),
			Persistent: persistence.At(filepath.Join(c.dir, "persistence", "netconf")),
			Applier: netswitch.BuiltIn(linkapply.New(linkapply.Options{
				Root: c.dir, Journal: filepath.Join(c.dir, "journal"), ResolvConf: filepath.Join(c.dir, "resolv.conf"),
			})),
		})
		body(c)
	})
}

func (c card) file(name string) string {
	return filepath.Join(c.dir, "sys/class/net/eth5/device", name)
}

func (c card) put(name, text string) {
	c.Helper()
	if err := os.WriteFile(c.file(name), []byte(text), 0o644); err != nil {
		c.Fatal(err)
	}
}

func (c card) has(want string) {
	c.Helper()
	if b, err := os.ReadFile(c.file("sriov_numvfs")); err != nil || strings.TrimSpace(string(b)) != want {
		c.Errorf("the card has %q virtual functions, %v; not %s", b, err, want)
	}
}

// kept fails unless the configuration has the number, "" for none.
func (c card) kept(which, want string) {
	c.Helper()
	b, err := os.ReadFile(filepath.Join(c.dir, which, "netconf/devices/eth5"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		c.Fatal(err)
	}
	if got := strings.Join(strings.Fields(string(b)), ""); got != want {
		c.Errorf("%s keeps %s, not %s", which, got, want)
	}
}

func TestSetNumVFs(t *testing.T) {
	withCard(t, func(c card) {
		if err := c.SetNumVFs(t.Context(), "eth5", 5); err != nil {
			t.Fatal(err)
		}
		c.has("5")
		c.kept("staging", `{"sriov":{"numvfs":5}}`)
		c.kept("persistence", "")
		if err := c.SetSafe(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.kept("persistence", `{"sriov":{"numvfs":5}}`)
		for name, bad := range map[string]struct {
			device string
			count  int
			code   *api.Code
		}{
			"no such card":         {"eth9", 1, api.ErrNetBadNic},
			"a path":               {"../eth5", 1, api.ErrNetBadNic},
			"none that can":        {"eth6", 1, api.ErrNetBadNic},
			"more than it can":     {"eth5", 9, api.ErrNetBadParams},
			"more than any can":    {"eth5", 1 << 40, api.ErrNetBadParams},
			"less than none":       {"eth5", -1, api.ErrNetBadParams},
			"a name of no bytes":   {"", 1, api.ErrNetBadNic},
			"a name of many bytes": {strings.Repeat("x", 4096), 1, api.ErrNetBadNic},
		} {
			if err := c.SetNumVFs(t.Context(), bad.device, bad.count); !errors.Is(err, bad.code) {
				t.Errorf("%s: error is %v", name, err)
			}
		}
		c.has("5")
		c.kept("staging", `{"sriov":{"numvfs":5}}`)
		if err := c.SetNumVFs(t.Context(), "eth5", 0); err != nil {
			t.Fatal(err)
		}
		c.has("0")
		c.kept("staging", `{"sriov":{"numvfs":0}}`)
	})
}

// What cannot be written down is not done.
func TestNumVFsUnsaved(t *testing.T) {
	withCard(t, func(c card) {
		if err := os.WriteFile(filepath.Join(c.dir, "staging"), nil, 0o644); err != nil { // where a folder should be
			t.Fatal(err)
		}
		if err := c.SetNumVFs(t.Context(), "eth5", 3); err == nil {
			t.Error("it succeeded")
		}
		c.has("2")
	})
}
