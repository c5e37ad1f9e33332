// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"context"
	"fmt"
)

// WriteResource writes a resource that nobody holds, over whatever is there.
// A resource with empty names can be read but not acquired; with clear there
// is nothing to read any more either.
func (c *Client) WriteResource(ctx context.Context, r Resource, clear bool) error {
	payload, err := r.appendWithDisks(nil)
	if err != nil {
		return err
	}
	return c.do(ctx, request{cmd: cmdWriteResource, flags: flag(clear, writeClear), payload: payload}, nil)
}

// ReadResource reads what is written at the disk of r. Names in r must be
// those on storage: LeaderLockspace, LeaderResource. Nothing there is
// LeaderMagic.
func (c *Client) ReadResource(ctx context.Context, r Resource) (Resource, error) {
	payload, err := r.appendWithDisks(nil)
	if err != nil {
		return Resource{}, err
	}
	var found Resource
	err = c.do(ctx, request{cmd: cmdReadResource, payload: payload}, func(a answer) error {
		b, err := a.read(resourceSize)
		if err != nil {
			return err
		}
		found = parseResource(b)
		found.Disks = r.Disks
		return nil
	})
	return found, err
}

// Owners returns the hosts that are written as owners of r. Whether they still
// own it is told by their generation and status: see Hosts.
func (c *Client) Owners(ctx context.Context, r Resource) (owners []Host, err error) {
	payload, err := r.appendWithDisks(nil)
	if err != nil {
		return nil, err
	}
	err = c.do(ctx, request{cmd: cmdReadResourceOwners, payload: payload}, func(a answer) error {
		if _, err := a.read(resourceSize); err != nil {
			return err
		}
		owners, err = list(a, hostSize, parseHost)
		return err
	})
	return owners, err
}

// RequestMode says how the owner of a resource is asked to give it up.
type RequestMode uint32

// The modes of a request. Either may end the owner's process.
const (
	RequestForce    RequestMode = 1 // kill it
	RequestGraceful RequestMode = 2 // terminate it, or run what it has registered
)

// Request asks the owner of a resource, on whichever host, to give it up.
// The version is that of the resource plus one.
func (c *Client) Request(ctx context.Context, r Resource, mode RequestMode) error {
	r.versionSet = true
	payload, err := r.appendWithDisks(nil)
	if err != nil {
		return err
	}
	return c.do(ctx, request{cmd: cmdRequest, data: uint32(mode), payload: payload}, nil)
}

// SetLVB writes data into the block of a resource that a process of this host
// has acquired with one. It reaches storage when the resource is released.
func (c *Client) SetLVB(ctx context.Context, r Resource, data []byte) error {
	payload, err := r.append(nil)
	if err != nil {
		return err
	}
	return c.do(ctx, request{cmd: cmdSetLVB, payload: append(payload, data...)}, nil)
}

// GetLVB returns the first size bytes of the block of a resource that a
// process of this host has acquired with one.
func (c *Client) GetLVB(ctx context.Context, r Resource, size int) (data []byte, err error) {
	payload, err := r.append(nil)
	if err != nil {
		return nil, err
	}
	err = c.do(ctx, request{cmd: cmdGetLVB, payload: payload}, func(a answer) error {
		b, err := a.read(int(a.length) - headerSize)
		if err != nil {
			return err
		}
		if len(b) < size {
			return fmt.Errorf("sanlock get_lvb: %d bytes, not %d", len(b), size)
		}
		data = b[:size]
		return nil
	})
	return data, err
}
