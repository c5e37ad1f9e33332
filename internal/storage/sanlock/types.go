// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import "fmt"

// Disk is a place on storage: a file or device and an offset in bytes.
type Disk struct {
	Path   string
	Offset int64
}

// Geometry is the form of leases on storage, in bytes. The zero value leaves
// it to the daemon.
type Geometry struct {
	Align  int64 // of a lockspace or a resource: 1, 2, 4 or 8 MiB
	Sector int64 // 512 or 4096
}

// Flags in lockspaces and resources.
const (
	flagAdding     = 0x1 // of a lockspace
	flagRemoving   = 0x2 // of a lockspace
	flagVersionSet = 0x1 // of a resource
	flagShared     = 0x4
	flagSector512  = 0x100
	flagSector4096 = 0x200
	flagAlign1     = 0x10 // 1 MiB; twice the flag is twice the size
)

func (g Geometry) flags() uint32 {
	flags := uint32(g.Align>>20) * flagAlign1 & 0xf0
	switch g.Sector {
	case 512:
		flags |= flagSector512
	case 4096:
		flags |= flagSector4096
	}
	return flags
}

func geometryOf(flags uint32) Geometry {
	g := Geometry{Align: int64(flags&0xf0/flagAlign1) << 20}
	switch {
	case flags&flagSector512 != 0:
		g.Sector = 512
	case flags&flagSector4096 != 0:
		g.Sector = 4096
	}
	return g
}

// Lockspace is a group of hosts that know each other by numbers.
type Lockspace struct {
	Name     string
	HostID   uint64 // of this host, from 1
	Disk     Disk
	Geometry Geometry
	Adding   bool // joining is not finished
	Removing bool // leaving is not finished
}

// Resource is a lease that one process of one host holds, or several share.
type Resource struct {
	Lockspace string
	Name      string
	Disks     []Disk // one; the protocol has room for four
	Geometry  Geometry
	Version   uint64 // grows with each change of the owner
	Shared    bool

	versionSet bool // in requests
}

func (r Resource) flags() uint32 {
	flags := r.Geometry.flags()
	if r.Shared {
		flags |= flagShared
	}
	if r.versionSet {
		flags |= flagVersionSet
	}
	return flags
}

// Host is a member of a lockspace, or an owner of a resource. An owner has an
// id, a generation and a time only.
type Host struct {
	ID         uint64
	Generation uint64 // grows each time the host joins
	Timestamp  uint64 // seconds on that host's monotonic clock, 0 when it left
	IOTimeout  uint32 // seconds
	Status     HostStatus
}

// HostStatus is what the daemon thinks of a host.
type HostStatus uint32

// The statuses of hosts.
const (
	HostUnknown HostStatus = 1 // watched for too short a time
	HostFree    HostStatus = 2 // not in the lockspace
	HostLive    HostStatus = 3
	HostFail    HostStatus = 4 // has not renewed its lease for a while
	HostDead    HostStatus = 5 // its watchdog has fired
)

// String returns the status in the words of the API.
func (s HostStatus) String() string {
	switch s {
	case HostUnknown:
		return "unknown"
	case HostFree:
		return "free"
	case HostLive:
		return "live"
	case HostFail:
		return "fail"
	case HostDead:
		return "dead"
	}
	return fmt.Sprintf("HostStatus(%d)", uint32(s))
}

// Membership says how this host stands to a lockspace.
type Membership int

// The answers of InquireLockspace.
const (
	NotMember Membership = iota
	Joining
	Member
)

// Event is a small message to or from another host of a lockspace.
type Event struct {
	HostID     uint64 // whom it is for
	Generation uint64
	Event      uint64 // bits that the hosts agree on
	Data       uint64
}
