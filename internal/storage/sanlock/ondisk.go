// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrRecord says that what is on storage is no record of sanlock. ErrChecksum is
// one, of something that looks like a record.
var (
	ErrRecord   = errors.New("no record of sanlock")
	ErrChecksum = fmt.Errorf("%w: wrong checksum", ErrRecord)
)

// Record is the first sector of a lease on storage: of a host in a lockspace,
// or of a resource. Only the daemon writes it, and only the daemon knows whether
// its owner is alive.
type Record struct {
	Host       bool // else it is a resource
	Lockspace  string
	Resource   string // of a host: the name that it gave itself
	Sector     int64  // bytes
	Timestamp  uint64
	Owner      uint64 // host id; 0: nobody has held it
	Generation uint64
	Version    uint64 // of the lease of a resource
}

// RecordSize is how much of a lease ParseRecord wants, in bytes.
const RecordSize = 512

// The beginnings of records. Source: leader.h and paxos_lease.h of sanlock,
// and records that it wrote.
const (
	magicHost     = 0x12212010
	magicResource = 0x06152010
	checked       = 168 // bytes that the checksum behind them is of
	nameLength    = 48
)

// ParseRecord reads a record as it lies on storage, for those who look at a
// lease without the daemon: what it says of the owner is as old as the reading.
// Anything else there is ErrRecord, a lease that was cleared included. What it
// says comes with ErrChecksum, too.
func ParseRecord(b []byte) (Record, error) {
	if len(b) < RecordSize {
		return Record{}, fmt.Errorf("%w: %d bytes", ErrRecord, len(b))
	}
	number := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	r := Record{
		Lockspace: name(b[56:]), Resource: name(b[56+nameLength:]), Sector: int64(binary.LittleEndian.Uint32(b[12:])),
		Timestamp: number(152), Owner: number(32), Generation: number(40), Version: number(48),
	}
	switch magic := binary.LittleEndian.Uint32(b); magic {
	case magicHost:
		r.Host = true
	case magicResource:
	default:
		return Record{}, fmt.Errorf("%w: it begins with %#x", ErrRecord, magic)
	}
	// sanlock begins with ~1 and does not invert the end: package crc32 inverts
	// both.
	sum := ^crc32.Update(1, crc32.MakeTable(crc32.Castagnoli), b[:checked])
	if stored := binary.LittleEndian.Uint32(b[checked:]); stored != sum {
		return r, fmt.Errorf("%w: %#x, not %#x", ErrChecksum, stored, sum)
	}
	return r, nil
}

// name reads a name, which fills its place or ends with a NUL.
func name(b []byte) string {
	text, _, _ := bytes.Cut(b[:nameLength], []byte{0})
	return string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
}
