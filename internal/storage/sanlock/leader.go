// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"bytes"
	"encoding/binary"
)

// Leader is the record that a lease begins with, as it lies on storage. Only
// the daemon writes it, and only the daemon knows whether its owner is alive.
// Source: sanlock's src/leader.h and ondisk.c.
type Leader struct {
	Lockspace  string
	Resource   string // of a host id: the name of the host that holds it
	Timestamp  uint64
	Owner      uint64 // host id; 0: nobody has held it
	Generation uint64
	Version    uint64 // of the lease of a resource
	HostID     bool   // the lease of a host id, of which a lockspace consists
}

const (
	// LeaderSize is how many bytes of a sector a record uses.
	LeaderSize = 200

	magicHostID   = 0x12212010
	magicResource = 0x06152010
)

// ParseLeader reads a record; false when there is none.
func ParseLeader(b []byte) (Leader, bool) {
	if len(b) < LeaderSize {
		return Leader{}, false
	}
	magic := binary.LittleEndian.Uint32(b)
	if magic != magicHostID && magic != magicResource {
		return Leader{}, false
	}
	number := func(offset int) uint64 { return binary.LittleEndian.Uint64(b[offset:]) }
	name := func(offset int) string {
		text, _, _ := bytes.Cut(b[offset:offset+48], []byte{0})
		return string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
	}
	return Leader{
		Lockspace: name(56), Resource: name(104), Timestamp: number(152), Owner: number(32), Generation: number(40),
		Version: number(48), HostID: magic == magicHostID,
	}, true
}
