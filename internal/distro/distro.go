// SPDX-License-Identifier: GPL-2.0-or-later

// Package distro is the one table of what differs between distributions:
// users, names of packages, and how to install them. Nothing else may assume
// the ways of one of them.
package distro

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Family is a kind of distribution.
type Family struct {
	Name string
	IDs  []string // of os-release(5), its own or those it is like

	QEMUUser   string   // whom libvirt runs guests as
	QEMUGroups []string // groups of that user
	Confine    string   // "apparmor" or "selinux": what confines guests by default
	EnvDir     string   // where units' EnvironmentFile lies

	Install string // command that installs packages
	Libvirt string // package with libvirt and its QEMU driver
	QEMU    string // package with QEMU's system emulator
}

// Families returns the table. The last one is what an unknown distribution is
// taken for.
func Families() []Family {
	return []Family{
		{
			Name: "Debian and Ubuntu", IDs: []string{"debian", "ubuntu"},
			QEMUUser: "libvirt-qemu", QEMUGroups: []string{"kvm", "libvirt-qemu"},
			Confine: "apparmor", EnvDir: "/etc/default",
			Install: "apt-get install", Libvirt: "libvirt-daemon-system", QEMU: "qemu-system",
		},
		{
			Name: "SUSE", IDs: []string{"suse", "sles", "opensuse"},
			QEMUUser: "qemu", QEMUGroups: []string{"qemu", "kvm"},
			Confine: "apparmor", EnvDir: "/etc/sysconfig",
			Install: "zypper install", Libvirt: "libvirt-daemon-qemu", QEMU: "qemu",
		},
		{
			Name: "Fedora and Enterprise Linux", IDs: []string{"fedora", "rhel", "centos"},
			QEMUUser: "qemu", QEMUGroups: []string{"qemu", "kvm"},
			Confine: "selinux", EnvDir: "/etc/sysconfig",
			Install: "dnf install", Libvirt: "libvirt-daemon-kvm", QEMU: "qemu-kvm",
		},
	}
}

// LibvirtSockets are where libvirt listens: the one daemon, or the split ones'
// QEMU driver. Which is there depends on the installation, not on the
// distribution.
func LibvirtSockets() []string {
	return []string{"/run/libvirt/virtqemud-sock", "/run/libvirt/libvirt-sock"}
}

// LibvirtUnits start a daemon behind LibvirtSockets, in the same order.
func LibvirtUnits() []string { return []string{"virtqemud.socket", "libvirtd.socket"} }

// Detect returns the family of the host below root, "" for the running one.
func Detect(root string) Family {
	var ids []string
	for _, file := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err == nil {
			ids = identifiers(string(text))
			break
		}
	}
	families := Families()
	for _, id := range ids {
		for _, f := range families {
			if slices.Contains(f.IDs, id) {
				return f
			}
		}
	}
	return families[len(families)-1]
}

// identifiers returns ID and then the words of ID_LIKE.
func identifiers(text string) []string {
	values := make(map[string]string)
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			values[key] = strings.Trim(value, `"'`)
		}
	}
	return append([]string{values["ID"]}, strings.Fields(values["ID_LIKE"])...)
}
