// SPDX-License-Identifier: GPL-2.0-or-later

// Package netlink is where the kernel's networking is read and watched: one
// Kernel is one network namespace, asked over rtnetlink(7).
//
// A Dump is what the namespace looked like at one moment, in the words of the
// kernel and without opinions: links, addresses and default routes. It is never
// torn: a dump that the kernel says was interrupted by a change is taken again.
// Watch tells of changes; when the kernel had to drop some, it says so, so that
// whoever keeps a Dump knows that it is old.
//
// Reading needs no privilege. Whoever changes things, and has to put them back,
// uses packages rtnl and snapshot.
package netlink

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Kernel is the networking of one namespace. Its methods may be called at
// once; dumps wait for each other.
type Kernel struct {
	namespace *os.File // nil for the process's own

	mu    sync.Mutex // of the rest: one dump at a time
	conn  *rtnl.Conn
	links int // how many the last dump had: the next has as many, most likely
}

// Open returns the namespace that a path such as /run/netns/x names; "" is the
// one that the process lives in. Close releases it.
func Open(path string) (*Kernel, error) {
	k := &Kernel{}
	if path != "" {
		var err error
		if k.namespace, err = os.Open(path); err != nil {
			return nil, fmt.Errorf("network namespace: %w", err)
		}
	}
	err := k.inside(func() (err error) {
		k.conn, err = rtnl.Dial()
		return err
	})
	if err != nil {
		k.Close()
		return nil, err
	}
	return k, nil
}

// inside calls f on a thread that is in the namespace, for the sockets that f
// opens.
func (k *Kernel) inside(f func() error) error {
	if k.namespace == nil {
		return f()
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err := unix.Setns(int(k.namespace.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("network namespace: %w", err)
			return
		}
		done <- f()
	}()
	return <-done
}

// Close releases the namespace. Watches end by themselves.
func (k *Kernel) Close() error {
	var errs []error
	if k.conn != nil {
		errs = append(errs, k.conn.Close())
	}
	if k.namespace != nil {
		errs = append(errs, k.namespace.Close())
	}
	return errors.Join(errs...)
}

// IsGone reports whether an error means that the interface is not there (any
// more).
func IsGone(err error) bool {
	return errors.Is(err, unix.ENODEV) || errors.Is(err, os.ErrNotExist)
}
