// SPDX-License-Identifier: GPL-2.0-or-later

// Package xlease keeps the index of external leases: which lease of a VM or a
// job is where in the leases volume of a domain. Sanlock knows the leases, but
// does not find one by its name.
//
// The volume has slots of the domain's alignment. Slot 1 holds the index,
// slots 3 and up hold one lease each; record r of the index stands for slot
// 3+r. The index counts: a lease is there when its record is.
//
// Every change of the index is one write of one sector, so that a crash leaves
// it as it was before or as it is after. The resource of sanlock is written
// before the record that shows it, and cleared after the record is gone.
//
// One host at a time may change a volume (the pool's manager); any host may
// look leases up.
//
// Source: lib/vdsm/storage/xlease.py.
package xlease

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/directio"
)

// Errors of this package, beside api.ErrNoSuchLease and what storage and
// sanlock return.
var (
	// ErrInvalidIndex: there is no index, or its header is not one. Format
	// makes a new one.
	ErrInvalidIndex = errors.New("invalid index of leases")
	// ErrUpdating: formatting or rebuilding the index was not finished.
	// Rebuild repairs it.
	ErrUpdating = errors.New("the index of leases is being written, or writing it was interrupted")
	// ErrInvalidRecord: a record cannot be read. Rebuild repairs it.
	ErrInvalidRecord = errors.New("invalid record in the index of leases")
	// ErrExists: the lease is there already.
	ErrExists = errors.New("the lease exists")
	// ErrNoSpace: no record is free.
	ErrNoSpace = errors.New("no space for another lease")
	// ErrNoResource is what Resources returns when there is none.
	ErrNoResource = errors.New("no resource")
)

// File is the leases volume. All offsets and lengths are multiples of the
// block size, all buffers those of [directio.Buffer]. WriteAt returns when the
// bytes are on storage.
type File interface {
	io.ReaderAt
	io.WriterAt
	Size() (int64, error)
}

// Resources is sanlock, for this volume.
type Resources interface {
	// WriteResource writes a resource that nobody holds, over whatever is
	// there. Empty names clear the slot.
	WriteResource(ctx context.Context, lockspace, resource string, offset int64) error
	// ReadResource returns the name of the resource, or ErrNoResource if there
	// is none or it is cleared.
	ReadResource(ctx context.Context, offset int64) (resource string, err error)
}

// Volume is the leases volume of a domain.
type Volume struct {
	File      File
	Resources Resources // needed for changes only
	Alignment int64     // bytes of a slot
	BlockSize int64     // bytes of a sector
	Log       *slog.Logger
}

// Offset returns where the lease of a record is.
func (v Volume) Offset(record int) int64 { return (slots + int64(record)) * v.Alignment }

// Format writes an empty index, over whatever is there. When it fails, Open
// returns ErrUpdating or ErrInvalidIndex.
func (v Volume) Format(lockspace string, now time.Time) error {
	if !validName(lockspace) {
		return api.ErrInvalidParameterException.OfText("lockspace=" + lockspace)
	}
	b := directio.Buffer(indexSize)
	empty := recordBytes("", 0)
	for r := range MaxLeases {
		copy(record(b, r), empty)
	}
	return v.replace(b, lockspace, now)
}

// replace writes a whole index: first all of it, marked as being written, then
// its first sector without the mark.
func (v Volume) replace(b []byte, lockspace string, now time.Time) error {
	copy(b, newHeader(lockspace, now, true).bytes())
	if _, err := v.File.WriteAt(b, v.Alignment); err != nil {
		return fmt.Errorf("writing the index of leases: %w", err)
	}
	copy(b, newHeader(lockspace, now, false).bytes())
	if _, err := v.File.WriteAt(b[:v.BlockSize], v.Alignment); err != nil {
		return fmt.Errorf("writing the header of the index of leases: %w", err)
	}
	return nil
}

// read reads the whole index. Its header is valid.
func (v Volume) read() ([]byte, header, error) {
	b := directio.Buffer(indexSize)
	n, err := v.File.ReadAt(b, v.Alignment)
	if n < len(b) {
		if err == nil || errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: %d of %d bytes", ErrInvalidIndex, n, len(b))
		}
		return nil, header{}, fmt.Errorf("reading the index of leases: %w", err)
	}
	h, err := parseHeader(b)
	return b, h, err
}

// Open reads the index. Errors are ErrInvalidIndex and ErrUpdating.
func (v Volume) Open() (*Index, error) {
	b, h, err := v.read()
	if err != nil {
		return nil, err
	}
	if h.updating {
		return nil, ErrUpdating
	}
	return &Index{volume: v, header: h, b: b}, nil
}

// record returns the bytes of a record in an index.
func record(b []byte, r int) []byte {
	start := headerSize + r*recordSize
	return b[start : start+recordSize]
}

// find returns the record of a lease, or -1.
func find(b []byte, id string) int {
	want := make([]byte, nameSize+1) // with the NUL that ends the longest name
	copy(want, id)
	return findBytes(b, want)
}

func findFree(b []byte) int { return findBytes(b, recordBytes("", 0)) }

// findBytes returns the first record that begins with want, or -1. Looking at
// record after record beats bytes.Index: names and free records are full of
// what looks like the beginning of another.
func findBytes(b, want []byte) int {
	for r := range MaxLeases {
		if bytes.HasPrefix(record(b, r), want) {
			return r
		}
	}
	return -1
}
