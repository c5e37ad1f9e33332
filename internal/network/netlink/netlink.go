// SPDX-License-Identifier: GPL-2.0-or-later

// Package netlink is where the kernel's networking is read and watched: one
// Kernel is one network namespace, asked over rtnetlink(7).
//
// A Dump is what the namespace looked like at one moment, in the words of the
// kernel and without opinions: links, addresses, routes and rules. It is never
// torn: a dump that the kernel says was interrupted by a change is taken again.
// Watch tells of changes; when the kernel had to drop some, it says so, so that
// whoever keeps a Dump knows that it is old.
//
// Reading needs no privilege. Whoever changes things takes the same Kernel's
// Handle.
package netlink

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	lib "github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// patience is how long an answer of the kernel is waited for. It answers at
// once; this is for a kernel that is broken.
const patience = 30 * time.Second

// Kernel is the networking of one namespace. Its methods may be called at
// once; dumps wait for each other.
type Kernel struct {
	socket *nl.SocketHandle
	handle *lib.Handle
	ns     netns.NsHandle // None for the process's own

	links, routes atomic.Int32 // how many the last dump had: the next has as many, most likely
}

// Open returns the namespace that a path such as /run/netns/x names; "" is the
// one that the process lives in. Close releases it.
func Open(path string) (*Kernel, error) {
	ns := netns.None()
	if path != "" {
		var err error
		if ns, err = netns.GetFromPath(path); err != nil {
			return nil, fmt.Errorf("network namespace: %w", err)
		}
	}
	k := &Kernel{ns: ns}
	if err := k.connect(); err != nil {
		k.Close()
		return nil, fmt.Errorf("netlink: %w", err)
	}
	return k, nil
}

func (k *Kernel) connect() error {
	// The library enters the namespace for the length of these calls.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s, err := nl.GetNetlinkSocketAt(k.ns, netns.None(), unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	k.socket = &nl.SocketHandle{Socket: s}
	limit := unix.NsecToTimeval(patience.Nanoseconds())
	if err := errors.Join(s.SetSendTimeout(&limit), s.SetReceiveTimeout(&limit)); err != nil {
		return err
	}
	// More of a large dump fits; the kernel's default does, too.
	_ = s.SetReceiveBufferSize(1<<20, false)
	if k.handle, err = lib.NewHandleAt(k.ns, unix.NETLINK_ROUTE); err != nil {
		return err
	}
	return k.handle.SetSocketTimeout(patience)
}

// Handle changes things in the namespace. It is the Kernel's and ends with it.
func (k *Kernel) Handle() *lib.Handle { return k.handle }

// Close releases the namespace. Watches end by themselves.
func (k *Kernel) Close() error {
	if k.socket != nil {
		k.socket.Close()
	}
	if k.handle != nil {
		k.handle.Close()
	}
	if k.ns.IsOpen() {
		return k.ns.Close()
	}
	return nil
}

// IsGone reports whether an error means that the interface is not there (any
// more).
func IsGone(err error) bool {
	var missing lib.LinkNotFoundError
	return errors.Is(err, unix.ENODEV) || errors.Is(err, os.ErrNotExist) || errors.As(err, &missing)
}
