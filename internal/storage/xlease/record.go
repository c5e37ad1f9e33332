// SPDX-License-Identifier: GPL-2.0-or-later

package xlease

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"govdsm/internal/storage/pytext"
)

const (
	magic      = 0x12152016 // big-endian, unlike everything that sanlock writes
	version    = 1
	headerSize = 512 // also with sectors of 4096 bytes
	recordSize = 64
	nameSize   = 48
	indexSize  = 62 * 4096
	slots      = 3 // before the first lease: lockspace, index, sanlock's own

	free     = '-'
	updating = 'u'
)

// MaxLeases is how many leases an index has room for.
const MaxLeases = (indexSize - headerSize) / recordSize

// header is what the index says about itself.
type header struct {
	lockspace string
	mtime     int64 // seconds since 1970, of the last format or rebuild
	updating  bool
}

func (h header) bytes() []byte {
	b := make([]byte, headerSize)
	binary.BigEndian.PutUint32(b, magic)
	copy(b[5:], fmt.Sprintf("%04d", version))
	copy(b[10:10+nameSize], h.lockspace)
	copy(b[59:], fmt.Sprintf("%010d", h.mtime))
	b[70] = flag(h.updating)
	b[headerSize-1] = '\n'
	return b
}

func parseHeader(b []byte) (header, error) {
	bad := func(reason string, value any) (header, error) {
		return header{}, fmt.Errorf("%w: %s %v", ErrInvalidIndex, reason, value)
	}
	if m := binary.BigEndian.Uint32(b); m != magic {
		return bad("magic", fmt.Sprintf("%#x", m))
	}
	if v, err := pytext.Int64(string(b[5:9])); err != nil || v != version {
		return bad("version", fmt.Sprintf("%q", b[5:9]))
	}
	lockspace, ok := name(b[10 : 10+nameSize])
	if !ok {
		return bad("lockspace", fmt.Sprintf("%q", b[10:10+nameSize]))
	}
	mtime, err := pytext.Int64(string(b[59:69]))
	if err != nil {
		return bad("mtime", fmt.Sprintf("%q", b[59:69]))
	}
	return header{lockspace, mtime, b[70] == updating}, nil
}

// Record is an entry of the index.
type Record struct {
	ID       string // empty: the record is free
	Offset   int64  // of the lease, in bytes from the start of the volume
	Updating bool   // an old host began to create the lease and did not finish
	Err      error  // the record cannot be read; of the rest, only Offset is set
}

func recordBytes(id string, offset int64) []byte {
	b := make([]byte, recordSize)
	copy(b[:nameSize], id)
	copy(b[49:], fmt.Sprintf("%011d", offset))
	b[61], b[62], b[63] = free, free, '\n'
	return b
}

func parseRecord(b []byte) (r Record) {
	id, ok := name(b[:nameSize])
	if !ok {
		r.Err = fmt.Errorf("%w: name %q", ErrInvalidRecord, b[:nameSize])
		return r
	}
	// The number is not used: a record's place says where its lease is. But a
	// record whose number cannot be read was not written by a host.
	if _, err := pytext.Int64(string(b[49:60])); err != nil {
		r.Err = fmt.Errorf("%w: offset %q", ErrInvalidRecord, b[49:60])
		return r
	}
	return Record{ID: id, Updating: b[61] == updating}
}

func flag(isUpdating bool) byte {
	if isUpdating {
		return updating
	}
	return free
}

// name reads a name that NULs fill up.
func name(b []byte) (string, bool) {
	b = bytes.TrimRight(b, "\x00")
	return string(b), isASCII(string(b)) && !bytes.ContainsRune(b, 0)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

// validName says whether s can be a name on storage and is read back as it is.
func validName(s string) bool {
	return s != "" && len(s) <= nameSize && isASCII(s) && !strings.ContainsRune(s, 0)
}

func newHeader(lockspace string, now time.Time, isUpdating bool) header {
	return header{lockspace, now.Unix(), isUpdating}
}
