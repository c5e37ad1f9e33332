// SPDX-License-Identifier: GPL-2.0-or-later

// Package nettest gives a test a network of its own: a namespace with nothing
// but a loopback, in which the test makes what it needs. It takes root, and
// skips the test without.
package nettest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/netlink"
)

// Namespace is a network that ends with its test.
type Namespace struct {
	t    testing.TB
	path string
	root string
}

// New makes one.
func New(t testing.TB) *Namespace {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a network namespace")
	}
	dir := t.TempDir()
	n := &Namespace{t: t, path: filepath.Join(dir, "net"), root: filepath.Join(dir, "root")}
	if err := os.WriteFile(n.path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(n.root, "sys"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = unix.Unmount(filepath.Join(n.root, "sys"), unix.MNT_DETACH) // it may not have been mounted
		_ = unix.Unmount(n.path, unix.MNT_DETACH)
	})
	if err := n.make(); err != nil {
		t.Fatalf("network namespace: %v", err)
	}
	return n
}

// make pins a new namespace to a file, and shows its sysfs below root.
func (n *Namespace) make() error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- err
			return
		}
		here := fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid())
		if err := unix.Mount(here, n.path, "none", unix.MS_BIND, ""); err != nil {
			done <- err
			return
		}
		// sysfs shows the network of the thread that mounts it.
		done <- unix.Mount("sysfs", filepath.Join(n.root, "sys"), "sysfs", unix.MS_RDONLY, "")
	}()
	return <-done
}

// Path is the file of the namespace.
func (n *Namespace) Path() string { return n.path }

// Root is the root of a file system whose /sys is the namespace's.
func (n *Namespace) Root() string { return n.root }

// Kernel opens the namespace until the test ends.
func (n *Namespace) Kernel() *netlink.Kernel {
	n.t.Helper()
	k, err := netlink.Open(n.path)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { k.Close() })
	return k
}

// IP runs lines of ip(8) in the namespace.
func (n *Namespace) IP(lines string) { n.t.Helper(); n.batch("ip", lines) }

// TC runs lines of tc(8).
func (n *Namespace) TC(lines string) { n.t.Helper(); n.batch("tc", lines) }

func (n *Namespace) batch(program, lines string) {
	n.t.Helper()
	if out, err := n.Run(lines, program, "-batch", "-"); err != nil {
		n.t.Errorf("%s: %v: %s", program, err, out)
	}
}

// Run runs a program in the namespace with a text as its input.
func (n *Namespace) Run(stdin, program string, args ...string) (string, error) {
	cmd := exec.Command("nsenter", append([]string{"--net=" + n.path, program}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Do runs f on a thread that is in the namespace, for what sockets f opens.
func (n *Namespace) Do(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked, as above
		fd, err := unix.Open(n.path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
			unix.Close(fd)
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}
