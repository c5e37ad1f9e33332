// SPDX-License-Identifier: GPL-2.0-or-later

// Package guest makes a small virtual machine to show and to test with: the
// kernel of the machine's distribution and an initial file system with busybox
// in it. It is up in a second under KVM and in a few under emulation, prints
// a line on its serial console every other second, and powers itself off when
// the power button is pressed.
package guest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Kernel is what a guest boots.
type Kernel struct {
	Release string // "6.1.0-56-cloud-amd64"
	Image   string // file
	// Modules are files of drivers to load, in this order; those that are
	// built into the image are not among them.
	Modules []string
}

// wanted are modules in the order of loading: for the power button, the memory
// statistics and the guest agent's channel. A guest without them runs too, and
// has not what it lacks.
var wanted = []string{
	"drivers/acpi/button", "drivers/input/evdev",
	"drivers/virtio/virtio_ring", "drivers/virtio/virtio",
	"drivers/virtio/virtio_pci_legacy_dev", "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci",
	"drivers/virtio/virtio_balloon", "drivers/char/virtio_console",
}

// Source says where to look for a kernel.
type Source struct {
	Cache string // a folder to keep what is fetched; sandbox.Cache is one

	// The machine's own kernels; "" for /boot and /lib/modules.
	Boot, Modules string

	// Say is told what takes long; nil for nobody.
	Say func(string)
}

// ErrNoKernel is wrapped by the error of Find when there is neither a kernel
// nor a way to get one.
var ErrNoKernel = errors.New("no kernel for the guest")

// Find returns the kernel in the cache, or the machine's own, or fetches the
// distribution's package and unpacks it into the cache; nothing is installed.
func (s Source) Find(ctx context.Context) (Kernel, error) {
	if s.Boot == "" {
		s.Boot = "/boot"
	}
	if s.Modules == "" {
		s.Modules = "/lib/modules"
	}
	if s.Say == nil {
		s.Say = func(string) {}
	}
	dir := filepath.Join(s.Cache, "kernel")
	if k, ok := cached(dir); ok {
		return k, nil
	}
	if k, ok := s.own(); ok {
		return k, nil
	}
	if err := os.MkdirAll(s.Cache, 0o755); err != nil {
		return Kernel{}, err
	}
	unlock, err := lockFile(filepath.Join(s.Cache, "kernel.lock"))
	if err != nil {
		return Kernel{}, err
	}
	defer unlock()
	if k, ok := cached(dir); ok {
		return k, nil // another program has fetched it meanwhile
	}
	if err := s.fetch(ctx, dir); err != nil {
		return Kernel{}, fmt.Errorf("%w: %w", ErrNoKernel, err)
	}
	k, ok := cached(dir)
	if !ok {
		return k, fmt.Errorf("%w: the package holds none", ErrNoKernel)
	}
	return k, nil
}

// cached returns the newest kernel below dir: RELEASE/vmlinuz and modules.
func cached(dir string) (Kernel, bool) {
	images, err := filepath.Glob(filepath.Join(dir, "*", "vmlinuz"))
	if err != nil || len(images) == 0 {
		return Kernel{}, false
	}
	home := filepath.Dir(slices.Max(images))
	k := Kernel{Release: filepath.Base(home), Image: filepath.Join(home, "vmlinuz")}
	for _, module := range wanted {
		found, err := filepath.Glob(filepath.Join(home, filepath.Base(module)+".ko*"))
		if err == nil {
			k.Modules = append(k.Modules, found...)
		}
	}
	return k, true
}

// own returns the newest kernel that is installed on the machine with its
// modules and can be read.
func (s Source) own() (Kernel, bool) {
	images, err := filepath.Glob(filepath.Join(s.Boot, "vmlinuz-*"))
	if err != nil {
		return Kernel{}, false
	}
	slices.Sort(images)
	for _, image := range slices.Backward(images) {
		release := strings.TrimPrefix(filepath.Base(image), "vmlinuz-")
		k := Kernel{Release: release, Image: image}
		home := filepath.Join(s.Modules, release)
		builtin, err := os.ReadFile(filepath.Join(home, "modules.builtin"))
		if err != nil || unix.Access(image, unix.R_OK) != nil {
			continue
		}
		if k.Modules, err = modulesIn(filepath.Join(home, "kernel"), string(builtin)); err == nil {
			return k, true
		}
	}
	return Kernel{}, false
}

// modulesIn returns the files of the wanted modules that are there and not
// built in.
func modulesIn(dir, builtin string) ([]string, error) {
	var files []string
	for _, module := range wanted {
		if strings.Contains(builtin, "kernel/"+module+".ko") {
			continue
		}
		found, err := filepath.Glob(filepath.Join(dir, module+".ko*"))
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}

// lockFile waits for the lock. It goes with the process: none is ever stale.
func lockFile(name string) (unlock func(), err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", name, err), f.Close())
	}
	return func() { _ = f.Close() }, nil // closing gives the lock up in any case
}
