// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Layout names the folders of a sandbox. They correspond to those of a host:
// Etc to /etc, Run to /run, Lib to /var/lib, Cache to /var/cache, Log to
// /var/log, Hooks to /usr/libexec/vdsm/hooks.
type Layout struct{ Dir string }

func (l Layout) Etc() string   { return filepath.Join(l.Dir, "etc") }
func (l Layout) Run() string   { return filepath.Join(l.Dir, "run") }
func (l Layout) Lib() string   { return filepath.Join(l.Dir, "lib") }
func (l Layout) Cache() string { return filepath.Join(l.Dir, "cache") }
func (l Layout) Log() string   { return filepath.Join(l.Dir, "log") }
func (l Layout) Hooks() string { return filepath.Join(l.Dir, "hooks") }

// PKI is the folder of this host's identity, as pki.At takes it.
func (l Layout) PKI() string { return filepath.Join(l.Dir, "pki") }

// ClientPKI is the folder of an identity for those who call this host.
func (l Layout) ClientPKI() string { return filepath.Join(l.PKI(), "client") }

// newLayout makes the folders. What is there is kept.
func newLayout(dir string) (Layout, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Layout{}, err
	}
	if err := checkPlace(dir); err != nil {
		return Layout{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Layout{}, err
	}
	// The name as the kernel has it, whatever links led here.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return Layout{}, err
	}
	l := Layout{Dir: dir}
	if err := checkPlace(dir); err != nil {
		return l, err
	}
	for _, sub := range []string{
		l.Hooks(), l.PKI(),
		filepath.Join(l.Etc(), "libvirt"), filepath.Join(l.Etc(), "vdsm"),
		filepath.Join(l.Run(), "libvirt"), filepath.Join(l.Run(), "vdsm"),
		// Managers put the sockets of guest agents there by name.
		filepath.Join(l.Lib(), "libvirt", "qemu", "channels"), filepath.Join(l.Lib(), "vdsm"),
		filepath.Join(l.Log(), "libvirt"), filepath.Join(l.Log(), "vdsm"),
		filepath.Join(l.Cache(), "libvirt"),
	} {
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return l, err
		}
	}
	return l, nil
}

// checkPlace refuses a folder that the sandbox would hide from itself.
func checkPlace(dir string) error {
	for _, p := range (Layout{Dir: dir}).places() {
		if dir == p.target || strings.HasPrefix(dir, p.target+"/") {
			return fmt.Errorf("a sandbox cannot be below %s, which it replaces for its libvirt", p.target)
		}
	}
	return nil
}

// places are the folders that libvirt and supervdsmd have compiled in, and what
// they get there.
func (l Layout) places() []place {
	return []place{
		{filepath.Join(l.Etc(), "libvirt"), "/etc/libvirt"},
		{filepath.Join(l.Run(), "libvirt"), "/run/libvirt"},
		{filepath.Join(l.Run(), "vdsm"), "/run/vdsm"},
		{filepath.Join(l.Lib(), "libvirt"), "/var/lib/libvirt"},
		{filepath.Join(l.Cache(), "libvirt"), "/var/cache/libvirt"},
		{filepath.Join(l.Log(), "libvirt"), "/var/log/libvirt"},
	}
}
