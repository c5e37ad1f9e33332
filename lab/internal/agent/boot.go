// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A mount is one line of what an administrator would put into fstab.
type mount struct {
	source, target, kind string
	flags                uintptr
	options              string
}

// mountAll makes each target and mounts it.
func mountAll(mounts ...mount) error {
	for _, m := range mounts {
		if err := os.MkdirAll(m.target, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.source, m.target, m.kind, m.flags, m.options); err != nil {
			return fmt.Errorf("mount %s on %s: %w", m.kind, m.target, err)
		}
	}
	return nil
}

// mountKernelFiles mounts what the kernel tells about itself and returns its
// command line.
func mountKernelFiles() (string, error) {
	err := mountAll(
		mount{"proc", "/proc", "proc", 0, ""},
		mount{"sys", "/sys", "sysfs", 0, ""},
		mount{"dev", "/dev", "devtmpfs", 0, ""},
	)
	if err != nil {
		return "", err
	}
	options, err := os.ReadFile("/proc/cmdline")
	return strings.TrimSpace(string(options)), err
}

// loadModules loads every module of a folder in the order of the file names,
// which is the order of their dependencies.
func loadModules(folder string) error {
	names, err := filepath.Glob(folder + "/*.ko")
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := loadModule(name); err != nil {
			return fmt.Errorf("load %s: %w", name, err)
		}
	}
	return nil
}

func loadModule(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	err = unix.FinitModule(int(f.Fd()), "", 0)
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}

// enterRoot makes the machine's root file system, read-only below a tmpfs, the
// root of this host. Moving the mount and then chroot, rather than chroot
// alone, is what lets the kernel find modprobe: its helpers share our root.
func enterRoot(modules string) error {
	err := mountAll(
		mount{"host", "/lower", "9p", unix.MS_RDONLY, "trans=virtio,version=9p2000.L,msize=1048576,cache=loose"},
		mount{"top", "/top", "tmpfs", 0, "size=75%"},
	)
	if err != nil {
		return err
	}
	if err := errors.Join(os.Mkdir("/top/upper", 0o755), os.Mkdir("/top/work", 0o755)); err != nil {
		return err
	}
	err = mountAll(
		mount{"root", "/new", "overlay", 0, "lowerdir=/lower,upperdir=/top/upper,workdir=/top/work"},
		mount{"/proc", "/new/proc", "", unix.MS_MOVE, ""},
		mount{"/sys", "/new/sys", "", unix.MS_MOVE, ""},
		mount{"/dev", "/new/dev", "", unix.MS_MOVE, ""},
		mount{"run", "/new/run", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV, "mode=755"},
		mount{"pts", "/new/dev/pts", "devpts", 0, "gid=5,mode=620,ptmxmode=666"},
		mount{"shm", "/new/dev/shm", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV, ""},
		mount{"cgroup", "/new/sys/fs/cgroup", "cgroup2", 0, ""},
	)
	if err != nil {
		return err
	}
	if err := linkModules("/new", modules); err != nil {
		return err
	}
	if err := os.Chdir("/new"); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("move the root: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return fmt.Errorf("enter the root: %w", err)
	}
	return os.Chdir("/")
}

// linkModules puts the folder of the kernel's modules where modprobe looks.
func linkModules(root, modules string) error {
	link := filepath.Join(root, "lib/modules", filepath.Base(modules))
	if _, err := os.Stat(link); err == nil || modules == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return err
	}
	return os.Symlink(modules, link)
}
