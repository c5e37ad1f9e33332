// SPDX-License-Identifier: GPL-2.0-or-later

package persistence

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/internal/network/netconf"
)

func sample() netconf.Config {
	return netconf.Config{
		Networks: map[string]netconf.Network{
			"ovirtmgmt": {
				NIC: "eth0", MTU: 1500, Bridged: true, Switch: "legacy", BootProto: "none", DefaultRoute: true,
				IPAddr: "192.0.2.10", Netmask: "255.255.255.0", Gateway: "192.0.2.1", Nameservers: []string{"192.0.2.53"},
			},
			"größe": {Bonding: "bond0", VLAN: new(7), MTU: 9000, Switch: "legacy", BootProto: "dhcp", Nameservers: []string{}},
		},
		Bonds:   map[string]netconf.Bond{"bond0": {Nics: []string{"eth1", "eth2"}, Options: "mode=1 miimon=100", Switch: "legacy"}},
		Devices: map[string]netconf.Device{"eth3": {NumVFs: new(4)}},
	}
}

func load(t *testing.T, s *Store) netconf.Config {
	t.Helper()
	c, problems, err := s.Load()
	if err != nil || len(problems) > 0 {
		t.Fatalf("load: %v, problems %v", err, problems)
	}
	return c
}

func TestSavedIsLoaded(t *testing.T) {
	s := At(filepath.Join(t.TempDir(), "staging", "netconf"))
	if c := load(t, s); !c.Equal(netconf.Config{}) {
		t.Errorf("never saved, and there is %+v", c)
	}
	want := sample()
	for range 3 { // the directories take turns
		if err := s.Save(want); err != nil {
			t.Fatal(err)
		}
		if got := load(t, s); !got.Equal(want) {
			t.Errorf("(-saved +loaded)\n%s", cmp.Diff(want, got))
		}
	}
	delete(want.Networks, "größe")
	if err := s.Save(want); err != nil {
		t.Fatal(err)
	}
	if got := load(t, s); !got.Equal(want) {
		t.Errorf("(-saved +loaded)\n%s", cmp.Diff(want, got))
	}
	if left, _ := os.ReadDir(s.parent); len(left) != 2 {
		t.Errorf("more than a link and a directory: %v", left)
	}
	if err := s.Delete(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(s.parent); len(left) != 0 {
		t.Errorf("deleted, and there is %v", left)
	}
}

// TestFormat holds what the original's tools read: one JSON object in a file,
// indented by four, in ASCII.
func TestFormat(t *testing.T) {
	s := At(filepath.Join(t.TempDir(), "netconf"))
	if err := s.Save(sample()); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"nets/größe": "testdata/format/net", "bonds/bond0": "testdata/format/bond", "devices/eth3": "testdata/format/device",
	} {
		got, err := os.ReadFile(filepath.Join(s.parent, "netconf", file))
		if err != nil {
			t.Fatal(err)
		}
		golden, err := os.ReadFile(want)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(golden)), string(got)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", file, diff)
		}
	}
	target, err := os.Readlink(filepath.Join(s.parent, "netconf"))
	if err != nil || filepath.Dir(target) != "." {
		t.Errorf("the link leads to %q, %v", target, err)
	}
}

// TestOriginal reads what the original left, in both of its layouts, and writes
// it again.
func TestOriginal(t *testing.T) {
	for _, layout := range []string{"link", "directory"} {
		t.Run(layout, func(t *testing.T) {
			parent := t.TempDir()
			path, dir := filepath.Join(parent, "netconf"), filepath.Join(parent, "netconf")
			if layout == "link" {
				dir += ".k3J9aZ0q"
				// absolute, and from a tree that stood elsewhere
				if err := os.Symlink("/var/lib/vdsm/persistence/netconf.k3J9aZ0q", path); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.CopyFS(dir, os.DirFS("testdata/original")); err != nil {
				t.Fatal(err)
			}
			s := At(path)
			c := load(t, s)
			n := c.Networks["ovirtmgmt"]
			if n.NIC != "eth0" || !n.DefaultRoute || n.MTU != 1500 || string(n.Extra["zone"]) != `"dmz"` || n.Extra["blockingdhcp"] != nil {
				t.Errorf("ovirtmgmt is %+v", n)
			}
			if b := c.Bonds["bond0"]; len(b.Nics) != 2 || b.Options != "mode=4 miimon=100" {
				t.Errorf("bond0 is %+v", b)
			}
			if d := c.Devices["eth3"]; d.NumVFs == nil || *d.NumVFs != 2 {
				t.Errorf("eth3 is %+v", d)
			}
			if err := s.Save(c); err != nil {
				t.Fatal(err)
			}
			if again := load(t, s); !again.Equal(c) {
				t.Errorf("(-read +again)\n%s", cmp.Diff(c, again))
			}
			if left, _ := os.ReadDir(parent); len(left) != 2 {
				t.Errorf("more than a link and a directory: %v", left)
			}
		})
	}
}

// What cannot be understood is told and kept; the rest is loaded.
func TestUnreadable(t *testing.T) {
	s := At(filepath.Join(t.TempDir(), "netconf"))
	want := sample()
	if err := s.Save(want); err != nil {
		t.Fatal(err)
	}
	nets := filepath.Join(s.parent, "netconf", "nets")
	for name, text := range map[string]string{
		"half": `{"nic": "eth`, "list": `[1]`, "empty": "", "types": `{"vlan": {}}`, "huge": strings.Repeat(" ", largestFile+1),
	} {
		if err := os.WriteFile(filepath.Join(nets, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(nets, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(nets, "link")); err != nil {
		t.Fatal(err)
	}
	got, problems, err := s.Load()
	if err != nil || !got.Equal(want) {
		t.Errorf("load: %v (-want +got)\n%s", err, cmp.Diff(want, got))
	}
	if len(problems) != 7 {
		t.Errorf("problems: %v", problems)
	}
	if err := s.Save(got); err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if _, err := os.Lstat(p.Kept); err != nil {
			t.Errorf("%v: %v", p, err)
		}
	}
	kept, err := os.ReadFile(filepath.Join(s.parent, "netconf-unreadable", "nets-half"))
	if err != nil || string(kept) != `{"nic": "eth` {
		t.Errorf("kept %q, %v", kept, err)
	}
}

// Names that would lead out of the directory, and links that do.
func TestHostile(t *testing.T) {
	s := At(filepath.Join(t.TempDir(), "netconf"))
	for _, name := range []string{"", ".", "..", "../evil", "a/b", "a\x00b"} {
		c := netconf.Config{Networks: map[string]netconf.Network{name: {}}}
		if err := s.Save(c); err == nil {
			t.Errorf("a network called %q is stored", name)
		}
	}
	outside := t.TempDir()
	if err := os.Symlink(outside, s.parent+"/netconf"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Load(); err == nil {
		t.Error("a link to elsewhere is followed")
	}
	if err := s.Save(sample()); err == nil {
		t.Error("a link to elsewhere is replaced without a word")
	}
}

// A save that dies between any two of its steps leaves the old configuration
// or the new one. Its steps change nothing that the link leads to, so it is
// enough to look at what each leaves beside it.
func TestLeftovers(t *testing.T) {
	s := At(filepath.Join(t.TempDir(), "netconf"))
	old := sample()
	if err := s.Save(old); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(s.parent, "netconf"+freshNames[1])
	if err := os.MkdirAll(filepath.Join(half, "nets"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(half, "nets", "ovirtmgmt"), []byte(`{"ni`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(half, filepath.Join(s.parent, "netconf"+linkName)); err != nil {
		t.Fatal(err)
	}
	if got := load(t, s); !got.Equal(old) {
		t.Errorf("(-old +got)\n%s", cmp.Diff(old, got))
	}
	want := netconf.Config{Networks: map[string]netconf.Network{"n": old.Networks["ovirtmgmt"]}}
	if err := s.Save(want); err != nil {
		t.Fatal(err)
	}
	if got := load(t, s); !got.Equal(want) {
		t.Errorf("(-want +got)\n%s", cmp.Diff(want, got))
	}
}

func TestCopy(t *testing.T) {
	parent := t.TempDir()
	running, persistent := At(filepath.Join(parent, "run", "netconf")), At(filepath.Join(parent, "persist", "netconf"))
	if err := running.Save(sample()); err != nil {
		t.Fatal(err)
	}
	if err := persistent.Copy(running); err != nil {
		t.Fatal(err)
	}
	if got := load(t, persistent); !got.Equal(sample()) {
		t.Errorf("(-want +got)\n%s", cmp.Diff(sample(), got))
	}
}

// What is remembered of a file does not outlive an edit, not even one that
// leaves its length.
func TestEditedIsLoaded(t *testing.T) {
	s := At(filepath.Join(t.TempDir(), "netconf"))
	if err := s.Save(sample()); err != nil {
		t.Fatal(err)
	}
	delete(load(t, s).Networks, "ovirtmgmt") // the map is ours
	file := filepath.Join(s.parent, s.name, netsDir, "ovirtmgmt")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, ip := range []string{"192.0.2.11", "192.0.2.12"} {
		edited := strings.Replace(string(raw), "192.0.2.10", ip, 1)
		if err := os.WriteFile(file, []byte(edited), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := load(t, s).Networks["ovirtmgmt"].IPAddr; got != ip {
			t.Errorf("the file says %s, it is loaded as %q", ip, got)
		}
	}
}

// Root's helper has a strict mask, and the daemon that reads what it saves is
// another user.
func TestOthersRead(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077)) // of the process: no parallel test runs now
	dir := filepath.Join(t.TempDir(), "staging")
	if err := At(filepath.Join(dir, "netconf")).Save(sample()); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.Type() == fs.ModeSymlink {
			return err
		}
		info, err := e.Info()
		if want := map[bool]fs.FileMode{true: 0o755, false: 0o644}[e.IsDir()]; err == nil && info.Mode().Perm() != want {
			t.Errorf("%s is %v, should be %v", path, info.Mode().Perm(), want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
