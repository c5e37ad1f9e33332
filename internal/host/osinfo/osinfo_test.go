// SPDX-License-Identifier: GPL-2.0-or-later

package osinfo_test

import (
	"testing"

	"govdsm/api"
	"govdsm/internal/host/hosttest"
	"govdsm/internal/host/osinfo"
	"govdsm/internal/hostfs"
)

func TestKdump(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		host string
		want int64
	}{
		"no kernel support":  {"", -1},
		"nothing loaded":     {"-- sys/kernel/kexec_crash_loaded --\n0\n", 0},
		"loaded, no config":  {"-- sys/kernel/kexec_crash_loaded --\n1\n", -1},
		"nobody is told":     {"-- sys/kernel/kexec_crash_loaded --\n1\n-- etc/kdump.conf --\n#fence_kdump_nodes a\npath /x\n", 0},
		"fencing hosts know": {"-- sys/kernel/kexec_crash_loaded --\n1\n-- etc/kdump.conf --\npath /x\nfence_kdump_nodes a\n", 1},
	} {
		if got := osinfo.Kdump(hostfs.At(hosttest.Root(t, c.host))); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestBootUUID(t *testing.T) {
	t.Parallel()
	const disks = "-- sys/dev/block/8:1 -> ../../devices/x/block/sda/sda1 --\n-- sys/dev/block/8:2 -> ../../devices/x/block/sda/sda2 --\n" +
		"-- dev/disk/by-uuid/one -> ../../sda1 --\n-- dev/disk/by-uuid/two -> ../../sda2 --\n"
	for name, c := range map[string]struct{ mounts, want string }{
		"on the root":       {"1 0 8:1 / / rw - ext4 a rw", "one"},
		"of its own":        {"1 0 8:1 / / rw - ext4 a rw\n2 1 8:2 / /boot rw - ext4 b rw", "two"},
		"hidden by a later": {"1 0 8:1 / / rw\n2 1 8:1 / /boot rw\n3 1 8:2 / /boot rw", "two"},
		"a name alike":      {"1 0 8:1 / / rw\n2 1 8:2 / /bootleg rw\n3 1 8:2 / /boot/efi rw", "one"},
		"no block device":   {"1 0 0:30 / / rw - overlay o rw", ""},
		"nonsense":          {"x\n\n1 2", ""},
	} {
		fs := hostfs.At(hosttest.Root(t, disks+"-- proc/self/mountinfo --\n"+c.mounts+"\n"))
		got := osinfo.BootUUID(fs)
		if (got == nil) != (c.want == "") || got != nil && *got != c.want {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}

func TestKernelPackage(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]api.SoftwarePackageInfo{
		"5.14.0-427.el9.x86_64": {Version: "5.14.0", Release: "427.el9.x86_64"},
		"6.1.0-37-amd64":        {Version: "6.1.0", Release: "37-amd64"},
		"6.6.87":                {Version: "6.6.87", Release: "0"},
	} {
		if got := (osinfo.Uname{Release: release}).Package(); got != want {
			t.Errorf("%s: %+v", release, got)
		}
	}
}
