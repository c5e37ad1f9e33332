// SPDX-License-Identifier: GPL-2.0-or-later

package payload_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"govdsm/internal/virt/payload"
)

// TestDiskFull builds on a file system with room for one image and not for two.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	need(t, "genisoimage", "isoinfo")
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1200k"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s := payload.New(payload.Options{Dir: dir})
	img := payload.Image{VMID: vmID, Kind: payload.CDROM, Files: encode(map[string]string{"f": "old"})}
	path, err := s.Build(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	img.Files = encode(map[string]string{"f": strings.Repeat("x", 900_000)})
	if _, err := s.Build(t.Context(), img); err == nil {
		t.Error("an image larger than the file system was made")
	}
	if got := output(t, "isoinfo", "-R", "-x", "/f", "-i", path); got != "old" {
		t.Errorf("the old image is damaged: %q", got)
	}
	alone(t, dir, filepath.Base(path))
}
