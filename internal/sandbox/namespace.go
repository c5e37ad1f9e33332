// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// A private mount namespace gives libvirt the paths it has compiled in, while
// the folders behind them are the sandbox's. It ends with the last process in
// it, and no mount is ever seen outside: there is nothing to undo.

// place is a folder of the sandbox under the path where programs look for it.
type place struct{ source, target string }

// hiddenInRun is left out of the sandbox's /run: libvirt would otherwise
// register its VMs with the machine's systemd.
var hiddenInRun = []string{"libvirt", "vdsm", "dbus", "systemd"}

// inNewNamespace runs f, which starts a process, where the places are mounted.
func inNewNamespace(places []place, f func() error) error {
	return onOwnThread(func() error {
		if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
			return fmt.Errorf("private mount namespace (in a container, it takes CAP_SYS_ADMIN): %w", err)
		}
		// Slave: storage that is mounted on the machine later can be seen here.
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
			return fmt.Errorf("private mount namespace: %w", err)
		}
		if err := arrange(places); err != nil {
			return err
		}
		return f()
	})
}

// openNamespace opens the mount namespace of a sandbox, given where its
// libvirt has its sockets; nil when nothing lives in it. What does may be on its
// way out: children of a libvirt that was killed.
func openNamespace(runLibvirt string) (*os.File, error) {
	for {
		there, err := members(runLibvirt)
		if err != nil || len(there) == 0 {
			return nil, err
		}
		for _, p := range there {
			ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/mnt", p.PID))
			if err == nil {
				return ns, nil
			}
			if p.alive() {
				return nil, err
			}
		}
	}
}

// inNamespace runs f, which starts a process, in the mount namespace.
func inNamespace(ns *os.File, f func() error) error {
	return onOwnThread(func() error {
		if err := unix.Unshare(unix.CLONE_FS); err != nil {
			return err
		}
		if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNS); err != nil {
			return fmt.Errorf("mount namespace %s: %w", ns.Name(), err)
		}
		return f()
	})
}

// onOwnThread runs f on a thread that ends afterwards, so that what f does to
// the thread's view of the file system meets no other goroutine.
func onOwnThread(f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// The first thread never ends, and /proc/self is its view.
			// While this goroutine holds it, another one gets another thread.
			defer runtime.UnlockOSThread()
			result <- onOwnThread(f)
			return
		}
		result <- f()
	}()
	return <-result
}

func arrange(places []place) error {
	if err := cover("/run", hiddenInRun); err != nil {
		return err
	}
	// Without control groups libvirt makes none: the machine's stay untouched.
	if err := hide("/sys/fs/cgroup"); err != nil {
		return err
	}
	for _, p := range places {
		if err := makeTarget(p.target); err != nil {
			return err
		}
		if err := unix.Mount(p.source, p.target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("mount %s on %s: %w", p.source, p.target, err)
		}
	}
	return nil
}

func hide(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := unix.Mount("govdsm", dir, "tmpfs", unix.MS_RDONLY, "mode=755"); err != nil {
		return fmt.Errorf("hide %s: %w", dir, err)
	}
	return nil
}

// makeTarget makes the folder to mount on. Where the machine has none, its
// parent is covered first, so that the machine does not get one either.
func makeTarget(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if parent != "/run" {
		if err := cover(parent, nil); err != nil {
			return err
		}
	}
	return os.Mkdir(dir, 0o755)
}

// cover mounts an empty file system on dir and shows in it what dir has, the
// hidden names excepted.
func cover(dir string, hidden []string) error {
	below, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer below.Close()
	entries, err := below.ReadDir(-1)
	if err != nil {
		return err
	}
	if err := unix.Mount("govdsm", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
		return fmt.Errorf("cover %s: %w", dir, err)
	}
	// thread-self: /proc/self is the first thread, in another namespace.
	under := filepath.Join("/proc/thread-self/fd", strconv.Itoa(int(below.Fd())))
	for _, e := range entries {
		if slices.Contains(hidden, e.Name()) {
			continue
		}
		if err := show(e, filepath.Join(under, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("cover %s: %s: %w", dir, e.Name(), err)
		}
	}
	return nil
}

// show makes what is at source appear at target. What is gone meanwhile, or
// may not be mounted twice, is left out.
func show(e fs.DirEntry, source, target string) error {
	if e.Type() == fs.ModeSymlink {
		to, err := os.Readlink(source)
		if err != nil {
			return ignoreGone(err)
		}
		return os.Symlink(to, target)
	}
	var err error
	if e.IsDir() {
		err = os.Mkdir(target, 0o755)
	} else {
		err = os.WriteFile(target, nil, 0o600)
	}
	if err != nil {
		return err
	}
	return ignoreGone(unix.Mount(source, target, "", unix.MS_BIND|unix.MS_REC, ""))
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	return err
}

// members returns the processes that live in the sandbox's namespace, this
// program excepted. They are known by what they see: their /run/libvirt is
// the folder runLibvirt of the sandbox. So no file can make us take a
// stranger for one of ours.
func members(runLibvirt string) ([]process, error) {
	ours, err := os.Stat(runLibvirt)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	pids, err := processes()
	if err != nil {
		return nil, err
	}
	known := map[string]bool{} // by namespace
	var found []process
	for _, pid := range pids {
		ns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid))
		if err != nil || pid == os.Getpid() {
			continue // ended, a kernel thread, or ourselves
		}
		in, seen := known[ns]
		if !seen {
			theirs, err := os.Stat(fmt.Sprintf("/proc/%d/root/run/libvirt", pid))
			in = err == nil && os.SameFile(ours, theirs)
			known[ns] = in
		}
		if !in {
			continue
		}
		if p, err := identify(pid); err == nil {
			found = append(found, p)
		}
	}
	return found, nil
}
