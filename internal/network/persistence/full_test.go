// SPDX-License-Identifier: GPL-2.0-or-later

package persistence

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/netconf"
)

// TestDiskFull saves onto a filesystem without room: the old configuration
// stands, and once there is room the next save succeeds.
func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	s := At(filepath.Join(dir, "netconf"))
	old := sample()
	if err := s.Save(old); err != nil {
		t.Fatal(err)
	}
	large := old.Clone()
	large.Networks["large"] = netconf.Network{Custom: map[string]any{"text": strings.Repeat("x", 200_000)}}
	if err := s.Save(large); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("saved on a full disk: %v", err)
	}
	if got := load(t, s); !got.Equal(old) {
		t.Error("the old configuration is gone")
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("more than a link and a directory: %v", left)
	}
	delete(old.Networks, "ovirtmgmt")
	if err := s.Save(old); err != nil {
		t.Error(err)
	}
}
