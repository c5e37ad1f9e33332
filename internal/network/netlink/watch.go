// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Change is one thing that happened. Exactly one of the pointers is set, or
// Lost.
type Change struct {
	Gone     bool  // the object went; else it came or is another now
	Failover bool  // with Link, of a bond: another port is the active one
	Link     *Link // without the options of a bridge
	Address  *Address
	Route    *Route
	// Traffic control changed on the link of this index.
	Queueing int
	// Lost says that changes came faster than they were taken, and some are
	// not known.
	Lost bool
}

// Watch is a subscription to the changes of a namespace.
type Watch struct {
	conn *rtnl.Conn
	wake *waker
	// mu is held from before a change is taken off the socket until it has
	// been told. So under it, an idle socket means that all is told.
	mu     sync.Mutex
	closed bool
}

// Watch subscribes to changes of what a Dump has, and of traffic control. From then on none is missed: a Dump taken
// later is kept current by what Run tells. Close ends the subscription, after
// Run.
func (k *Kernel) Watch() (*Watch, error) {
	return k.watch(
		unix.RTNLGRP_LINK,
		unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR,
		unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE,
		unix.RTNLGRP_TC)
}

// WatchLinks subscribes to changes of links alone.
func (k *Kernel) WatchLinks() (*Watch, error) { return k.watch(unix.RTNLGRP_LINK) }

func (k *Kernel) watch(groups ...int) (*Watch, error) {
	var conn *rtnl.Conn
	err := k.inside(func() (err error) {
		conn, err = rtnl.Subscribe(groups...)
		return err
	})
	if err != nil {
		return nil, err
	}
	wake, err := newWaker(conn.Fd())
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("netlink: %w", err)
	}
	return &Watch{conn: conn, wake: wake}, nil
}

// Close ends the subscription.
func (w *Watch) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.wake.close()
	w.conn.Close()
}

// Run tells f of every change until ctx ends or the kernel fails.
func (w *Watch) Run(ctx context.Context, f func(Change)) error {
	defer context.AfterFunc(ctx, w.wake.wake)()
	for {
		if err := w.wake.wait(); err != nil {
			return fmt.Errorf("netlink: %w", err)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err := w.take(f); err != nil {
			return fmt.Errorf("netlink: %w", err)
		}
	}
}

// Current reports whether Run has told of everything that had happened when
// Current was called. The kernel queues a change before the call that makes it
// returns. f must not call it.
func (w *Watch) Current() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.closed && !w.wake.readable()
}

// take tells of what one read finds.
func (w *Watch) take(f func(Change)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var failed error
	err := w.conn.Told(func(m rtnl.Message) {
		c, known, err := decodeChange(m.Type, m.Body)
		if err != nil {
			failed = err
		} else if known {
			f(c)
		}
	})
	if errors.Is(err, unix.ENOBUFS) {
		f(Change{Lost: true})
		return nil
	}
	return errors.Join(err, failed)
}

func decodeChange(kind uint16, m []byte) (c Change, known bool, err error) {
	switch kind {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		// Bridges tell of their ports in messages of their own family, which
		// leave most of the link out.
		if len(m) > 0 && m[0] != unix.AF_UNSPEC {
			return c, false, nil
		}
		l, event, err := decodeLinkEvent(m)
		return Change{Gone: kind == unix.RTM_DELLINK, Link: &l, Failover: event == eventFailover}, true, err
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		a, err := decodeAddress(m)
		return Change{Gone: kind == unix.RTM_DELADDR, Address: &a}, true, err
	case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
		r, err := decodeRoute(m)
		if errors.Is(err, errSkipped) {
			return c, false, nil
		}
		return Change{Gone: kind == unix.RTM_DELROUTE, Route: &r}, true, err
	case unix.RTM_NEWQDISC, unix.RTM_DELQDISC, unix.RTM_NEWTCLASS, unix.RTM_DELTCLASS:
		if len(m) < rtnl.SizeLink { // struct tcmsg begins alike
			return c, false, errShort
		}
		return Change{Queueing: int(native.Uint32(m[4:]))}, true, nil
	}
	return c, false, nil
}

// waker waits for a descriptor or for being woken.
type waker struct {
	fd    int
	mu    sync.Mutex // closing while waking would write to a stranger's file
	event int        // eventfd(2); -1 once closed
}

func newWaker(fd int) (*waker, error) {
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, err
	}
	return &waker{fd: fd, event: event}, nil
}

// wait returns when there is something to read, or after wake.
func (w *waker) wait() error {
	fds := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN}, {Fd: int32(w.event), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(fds, -1); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// readable reports whether there is something to read, an error included.
func (w *waker) readable() bool {
	fds := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return n != 0 || err != nil
}

func (w *waker) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.event >= 0 {
		var one [8]byte
		native.PutUint64(one[:], 1)
		_, _ = unix.Write(w.event, one[:]) // fails only when it is awake already
	}
}

func (w *waker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	unix.Close(w.event)
	w.event = -1
}
