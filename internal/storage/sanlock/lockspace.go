// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"context"
	"errors"
	"syscall"
	"time"
)

const (
	addAsync     = 0x1
	removeAsync  = 0x1
	removeUnused = 0x2
	inquireWait  = 0x1
	writeClear   = 0x1
)

// AddLockspace makes this host a member of a lockspace, under the host id in
// it, and returns when it is one: after some seconds, or minutes if another
// host used the id and did not leave. With wait false it only begins. A zero
// ioTimeout leaves it to the daemon.
//
// Errors to tell apart: syscall.EEXIST, it is a member under this id;
// EINPROGRESS, joining has begun already; EAGAIN, leaving has not ended;
// HostIDBusy.
func (c *Client) AddLockspace(ctx context.Context, l Lockspace, ioTimeout time.Duration, wait bool) error {
	return c.lockspace(ctx, cmdAddLockspace, l, flag(!wait, addAsync), seconds(ioTimeout), 0)
}

// InquireLockspace says how this host stands to a lockspace, under the host id
// and with the disk in it. With wait it waits for the end of joining.
func (c *Client) InquireLockspace(ctx context.Context, l Lockspace, wait bool) (Membership, error) {
	err := c.lockspace(ctx, cmdInquireLockspace, l, flag(wait, inquireWait), 0, 0)
	switch {
	case err == nil:
		return Member, nil
	case errors.Is(err, syscall.EINPROGRESS):
		return Joining, nil
	case errors.Is(err, syscall.ENOENT):
		return NotMember, nil
	}
	return NotMember, err
}

// RemoveLockspace makes this host leave a lockspace. Processes with leases in
// it are killed, unless unused is set: then syscall.EBUSY is returned. With
// wait false it only begins. ENOENT: it is no member.
func (c *Client) RemoveLockspace(ctx context.Context, l Lockspace, unused, wait bool) error {
	return c.lockspace(ctx, cmdRemoveLockspace, l, flag(!wait, removeAsync)|flag(unused, removeUnused), 0, 0)
}

// WriteLockspace writes an empty lockspace, over whatever is there.
func (c *Client) WriteLockspace(ctx context.Context, l Lockspace, ioTimeout time.Duration) error {
	return c.lockspace(ctx, cmdWriteLockspace, l, 0, 0, seconds(ioTimeout))
}

func (c *Client) lockspace(ctx context.Context, cmd command, l Lockspace, flags, data, data2 uint32) error {
	payload, err := l.append(nil)
	if err != nil {
		return err
	}
	return c.do(ctx, request{cmd, flags, data, data2, payload}, nil)
}

// ReadLockspace reads from storage what is written for a host id, 0 standing
// for 1: the lockspace and the host's I/O timeout. A name in l must be the one
// on storage: LeaderLockspace. Nothing there is LeaderMagic.
func (c *Client) ReadLockspace(ctx context.Context, l Lockspace) (Lockspace, time.Duration, error) {
	payload, err := l.append(nil)
	if err != nil {
		return Lockspace{}, 0, err
	}
	var found Lockspace
	var timeout time.Duration
	err = c.do(ctx, request{cmd: cmdReadLockspace, payload: payload}, func(a answer) error {
		b, err := a.read(lockspaceSize)
		if err != nil {
			return err
		}
		found, timeout = parseLockspace(b), time.Duration(a.data2)*time.Second
		return nil
	})
	return found, timeout, err
}

// Lockspaces returns those that this host is a member of, joins or leaves.
func (c *Client) Lockspaces(ctx context.Context) (all []Lockspace, err error) {
	err = c.do(ctx, request{cmd: cmdGetLockspaces}, func(a answer) error {
		all, err = list(a, lockspaceSize, parseLockspace)
		return err
	})
	return all, err
}

// Hosts returns the members of a lockspace that have been seen alive, or for
// an id other than 0 that one. ENOENT: this host is no member; EAGAIN: it has
// been for too short a time to know.
func (c *Client) Hosts(ctx context.Context, lockspace string, id uint64) (hosts []Host, err error) {
	payload, err := Lockspace{Name: lockspace, HostID: id}.append(nil)
	if err != nil {
		return nil, err
	}
	err = c.do(ctx, request{cmd: cmdGetHosts, payload: payload}, func(a answer) error {
		hosts, err = list(a, hostSize, parseHost)
		return err
	})
	return hosts, err
}

func flag(set bool, f uint32) uint32 {
	if set {
		return f
	}
	return 0
}

func seconds(d time.Duration) uint32 { return uint32(d / time.Second) }
