// SPDX-License-Identifier: GPL-2.0-or-later

package asroot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"

	"govdsm/internal/storage/mount"
)

// seal switches set-uid files and devices off on what is mounted on target, be
// it that a helper of mount(8) did not take the options, or lost them.
func (s *Storage) seal(ctx context.Context, target string) error {
	done := make(chan error, 1)
	go func() { done <- seal(target) }() // ends with the system calls, which a server may delay
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("options of %s: %w", target, context.Cause(ctx))
	}
}

func seal(target string) error {
	fd, err := unix.Openat2(unix.AT_FDCWD, target, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_SYMLINKS,
	})
	if err != nil {
		return &fs.PathError{Op: "open", Path: target, Err: err}
	}
	defer unix.Close(fd)
	err = unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV})
	if errors.Is(err, unix.ENOSYS) { // before Linux 5.12
		err = remount(fd, target)
	}
	if err != nil {
		return &fs.PathError{Op: "mount_setattr", Path: target, Err: err}
	}
	return nil
}

// remount is the old way, which takes all flags of the mount anew.
func remount(fd int, target string) error {
	table, err := mount.Read()
	if err != nil {
		return err
	}
	e, ok := table.At(target)
	if !ok {
		return unix.EINVAL
	}
	flags := uintptr(unix.MS_REMOUNT | unix.MS_BIND | unix.MS_NOSUID | unix.MS_NODEV)
	for _, option := range e.Options {
		flags |= map[string]uintptr{
			"ro": unix.MS_RDONLY, "noexec": unix.MS_NOEXEC, "noatime": unix.MS_NOATIME, "nodiratime": unix.MS_NODIRATIME,
			"relatime": unix.MS_RELATIME,
		}[option]
	}
	return unix.Mount("", fmt.Sprintf("/proc/self/fd/%d", fd), "", flags, "")
}
