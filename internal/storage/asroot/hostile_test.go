// SPDX-License-Identifier: GPL-2.0-or-later

package asroot

import (
	"errors"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"govdsm/internal/storage/mount"
)

// What mount(8) would read otherwise than we do is refused, and so is what has
// its helpers run programs, or write files, of the caller's choice.
func TestOptionsAndKindsThatMakeMore(t *testing.T) {
	s, target := repository(t)
	for _, r := range []Request{
		// mount(8) forgets everything from an open quote on: nosuid, nodev.
		{Source: "memory", Type: "tmpfs", Options: `size=1m,x-a="`},
		{Source: "memory", Type: "tmpfs", Options: `size=1m,x-a=\`},
		{Source: "memory", Type: "tmpfs", Options: `x-a=\,bind`},
		{Source: "memory", Type: "tmpfs", Options: `=bind`},
		{Source: "memory", Type: "tmpfs", Options: `x-a="b\"",bind`},
		// mount.fuse runs the program that the source or the type names.
		{Source: "/tmp/program#x", Type: "fuse"},
		{Source: "/tmp/program#x", Type: "fuse3"},
		{Source: "/tmp/script", Type: "fuse.sh"},
		{Source: "/tmp/script", Type: "fuseblk.sh"},
		// A file with a description of the volume may name any folder.
		{Source: "/tmp/volume", Type: "glusterfs"},
		{Source: "tmp/a:/volume", Type: "glusterfs"},
		{Source: "server:/volume", Type: "glusterfs", Options: "log-file=/etc/cron.d/x"},
		{Source: "server:/volume", Type: "glusterfs", Options: "log-file=/var/log/glusterfs/../../../etc/x"},
		{Source: "server:/volume", Type: "glusterfs", Options: "acl,dump-fuse=/etc/x"},
	} {
		r.Target = target
		if err := s.Mount(t.Context(), r); !errors.Is(err, syscall.EPERM) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for _, fine := range []Request{
		{Source: "server:/volume", Type: "glusterfs", Options: "log-level=INFO,log-file=/var/log/glusterfs/vdsm.log"},
		{Source: "server:/e", Type: "nfs", Options: `soft,context="system_u:object_r:nfs_t:s0:c1,c2"`},
		{Source: "1.2.3.4:6789:/", Type: "ceph", Options: "name=admin,secretfile=/etc/ceph/secret"},
	} {
		if err := fine.check(); err != nil {
			t.Errorf("%+v: %v", fine, err)
		}
	}
}

// Some helpers of mount(8) do not take nosuid and nodev: what they have mounted
// gets both all the same, and keeps what else it has.
func TestWhatIsMountedIsSealed(t *testing.T) {
	needsRoot(t)
	s, target := repository(t)
	old := func(target string) error {
		fd, err := unix.Open(target, unix.O_PATH|unix.O_CLOEXEC, 0)
		must(t, err)
		defer unix.Close(fd)
		return remount(fd, target)
	}
	for name, seals := range map[string]func(string) error{"now": seal, "before Linux 5.12": old} {
		must(t, unix.Mount("memory", target, "tmpfs", unix.MS_NOEXEC|unix.MS_NOATIME, "size=1m"))
		for range 2 {
			must(t, seals(target))
			table, err := mount.Read()
			must(t, err)
			e, _ := table.At(target)
			for _, option := range []string{"nosuid", "nodev", "noexec", "noatime"} {
				if !slices.Contains(e.Options, option) {
					t.Errorf("%s: no %s among %q", name, option, e.Options)
				}
			}
		}
		must(t, s.Unmount(t.Context(), target))
		if err := seals(target); err == nil {
			t.Errorf("%s: a folder on which nothing is mounted is sealed", name)
		}
	}
}
