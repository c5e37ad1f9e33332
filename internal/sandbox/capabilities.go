// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Before its first VM, libvirt starts each QEMU a few times to learn what it
// can do, which takes seconds, and keeps the answer. Sandboxes hand it on to
// one another: libvirt itself compares it with the QEMU, the kernel and the
// libvirt at hand, and learns anew where anything differs.

// capabilities is where libvirt keeps what it has learned.
func (l Layout) capabilities() string {
	if os.Geteuid() != 0 {
		return filepath.Join(l.Cache(), "libvirt", "qemu", "cache", "capabilities")
	}
	return filepath.Join(l.Cache(), "libvirt", "qemu", "capabilities")
}

// recallCapabilities gives a new sandbox what is in the cache, "" for none.
func recallCapabilities(l Layout, cache string) error {
	if cache == "" {
		return nil
	}
	return copyNew(filepath.Join(cache, "libvirt-capabilities"), l.capabilities())
}

// keepCapabilities puts what this sandbox has learned into the cache.
func keepCapabilities(l Layout, cache string) error {
	if cache == "" {
		return nil
	}
	return copyNew(l.capabilities(), filepath.Join(cache, "libvirt-capabilities"))
}

// copyNew copies the files that the other folder has not, or has older.
func copyNew(from, to string) error {
	files, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	var errs []error
	for _, f := range files {
		if f.Type().IsRegular() {
			errs = append(errs, copyNewFile(filepath.Join(from, f.Name()), filepath.Join(to, f.Name())))
		}
	}
	return errors.Join(errs...)
}

func copyNewFile(from, to string) error {
	source, err := os.Stat(from)
	if err != nil {
		return err
	}
	if target, err := os.Stat(to); err == nil && !target.ModTime().Before(source.ModTime()) {
		return nil
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	// Several sandboxes may end at once.
	next, err := os.CreateTemp(filepath.Dir(to), ".next-*")
	if err != nil {
		return err
	}
	_, err = next.Write(text)
	err = errors.Join(err, next.Close())
	if err == nil {
		err = errors.Join(os.Chtimes(next.Name(), source.ModTime(), source.ModTime()), os.Rename(next.Name(), to))
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}
