// SPDX-License-Identifier: GPL-2.0-or-later

package hosttest

import (
	"os"
	"path/filepath"

	"govdsm/internal/atomicfile"
	"govdsm/internal/guest"
)

// What libvirt finds out about QEMU takes it several seconds and does not
// depend on the sandbox. Whoever knows tells the others, through files that
// libvirt itself checks against the programs they are about.

func capabilitiesOf(dir string) string {
	return filepath.Join(dir, "cache", "libvirt", "qemu", "capabilities")
}

func keepCapabilities(dir string) {
	if kept, err := guest.DefaultCache(); err == nil {
		copyMissing(capabilitiesOf(dir), filepath.Join(kept, "capabilities"))
	}
}

func lendCapabilities(dir string) {
	if kept, err := guest.DefaultCache(); err == nil {
		copyMissing(filepath.Join(kept, "capabilities"), capabilitiesOf(dir))
	}
}

// copyMissing copies files. It is for speed alone, so it ignores errors.
func copyMissing(from, to string) {
	entries, err := os.ReadDir(from)
	if err != nil || len(entries) == 0 || os.MkdirAll(to, 0o755) != nil {
		return
	}
	for _, e := range entries {
		target := filepath.Join(to, e.Name())
		if _, err := os.Stat(target); err == nil {
			continue
		}
		if text, err := os.ReadFile(filepath.Join(from, e.Name())); err == nil {
			_ = atomicfile.Write(target, text, 0o600)
		}
	}
}
