// SPDX-License-Identifier: GPL-2.0-or-later

package xlease

import (
	"context"
	"fmt"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/directio"
)

// Index is the index as it was read. It follows its own changes and not those
// of other hosts; after an error of a change it is opened again, because what
// is on storage is not known. It is not safe for concurrent use.
type Index struct {
	volume Volume
	header header
	b      []byte
}

// Lockspace returns the name under which sanlock knows the leases.
func (x *Index) Lockspace() string { return x.header.lockspace }

// ModTime returns when the index was formatted or rebuilt.
func (x *Index) ModTime() time.Time { return time.Unix(x.header.mtime, 0) }

// Lookup returns where a lease is, in bytes from the start of the volume. A
// lease that is not there or was not finished is [api.ErrNoSuchLease].
func (x *Index) Lookup(id string) (offset int64, err error) {
	r := x.find(id)
	if r < 0 {
		return 0, noSuchLease(id)
	}
	found := parseRecord(record(x.b, r))
	if found.Err != nil {
		return 0, found.Err
	}
	if found.Updating {
		return 0, noSuchLease(id)
	}
	return x.volume.Offset(r), nil
}

// Add makes a lease and returns where it is. One that is there already is
// ErrExists; one that an old host did not finish is finished. When Add fails,
// the lease is not there.
func (x *Index) Add(ctx context.Context, id string) (offset int64, err error) {
	if !validName(id) {
		return 0, api.ErrInvalidParameterException.OfText("lease_id=" + id)
	}
	r := x.find(id)
	if r >= 0 {
		found := parseRecord(record(x.b, r))
		if found.Err != nil {
			return 0, found.Err
		}
		if !found.Updating {
			return 0, fmt.Errorf("%w: %s", ErrExists, id)
		}
		x.volume.Log.WarnContext(ctx, "finishing a lease that another host began to create",
			"lease", id, "record", r)
	} else if r = findFree(x.b); r < 0 {
		return 0, fmt.Errorf("%w: %s", ErrNoSpace, id)
	}
	offset = x.volume.Offset(r)
	if err := x.volume.Resources.WriteResource(ctx, x.Lockspace(), id, offset); err != nil {
		return 0, fmt.Errorf("writing the resource of lease %s: %w", id, err)
	}
	if err := x.write(r, recordBytes(id, offset)); err != nil {
		return 0, err
	}
	return offset, nil
}

// Remove removes a lease. One that is not there is [api.ErrNoSuchLease]. A
// resource that cannot be cleared is only logged: without a record nobody
// finds it, and the next lease overwrites it.
func (x *Index) Remove(ctx context.Context, id string) error {
	r := x.find(id)
	if r < 0 {
		return noSuchLease(id)
	}
	if err := x.write(r, recordBytes("", 0)); err != nil {
		return err
	}
	if err := x.volume.Resources.WriteResource(ctx, "", "", x.volume.Offset(r)); err != nil {
		x.volume.Log.WarnContext(ctx, "cannot clear the resource of a lease that is removed",
			"lease", id, "offset", x.volume.Offset(r), "error", err)
	}
	return nil
}

// Records returns every record that is not free, those that cannot be read
// too.
func (x *Index) Records() []Record {
	var used []Record
	for n := range MaxLeases {
		r := parseRecord(record(x.b, n))
		if r.ID == "" && r.Err == nil {
			continue
		}
		r.Offset = x.volume.Offset(n)
		used = append(used, r)
	}
	return used
}

func (x *Index) find(id string) int {
	if !validName(id) {
		return -1 // what cannot be written is not there
	}
	return find(x.b, id)
}

// write puts a record on storage, in one write of its sector, and then into
// the index in memory.
func (x *Index) write(r int, content []byte) error {
	place := int64(headerSize + r*recordSize)
	start := place / x.volume.BlockSize * x.volume.BlockSize
	sector := directio.Buffer(int(x.volume.BlockSize))
	copy(sector, x.b[start:])
	copy(sector[place-start:], content)
	if _, err := x.volume.File.WriteAt(sector, x.volume.Alignment+start); err != nil {
		return fmt.Errorf("writing record %d of the index of leases: %w", r, err)
	}
	copy(record(x.b, r), content)
	return nil
}

func noSuchLease(id string) error { return api.ErrNoSuchLease.OfText("lease=" + id) }
