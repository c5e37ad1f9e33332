// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"encoding/binary"
	"strings"
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

// LeaderSize is how many bytes of a sector a record uses.
const LeaderSize = 200

// ParseLeader reads a record; false when there is none. It shows what is there,
// whatever its checksum is: see ParseRecord.
func ParseLeader(b []byte) (Leader, bool) {
	if len(b) < LeaderSize {
		return Leader{}, false
	}
	magic := binary.LittleEndian.Uint32(b)
	if magic != magicHost && magic != magicResource {
		return Leader{}, false
	}
	number := func(offset int) uint64 { return binary.LittleEndian.Uint64(b[offset:]) }
	text := func(offset int) string { return strings.ToValidUTF8(name(b[offset:]), "\uFFFD") }
	return Leader{
		Lockspace: text(56), Resource: text(104), Timestamp: number(152), Owner: number(32), Generation: number(40),
		Version: number(48), HostID: magic == magicHost,
	}, true
}
