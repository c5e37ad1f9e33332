// SPDX-License-Identifier: GPL-2.0-or-later

package domainmd

import (
	"strconv"
	"strings"

	"govdsm/api"
)

// Type is the kind of storage below a domain, as a number of the API.
type Type int

// The kinds of storage. Their names are written to storage.
const (
	Unknown   Type = 0
	NFS       Type = 1
	FCP       Type = 2
	ISCSI     Type = 3
	LocalFS   Type = 4
	CIFS      Type = 5
	PosixFS   Type = 6
	GlusterFS Type = 7
)

var typeNames = [...]string{"UNKNOWN", "NFS", "FCP", "ISCSI", "LOCALFS", "CIFS", "POSIXFS", "GLUSTERFS"}

// String returns the name, as it is written: "NFS".
func (t Type) String() string {
	if t < 0 || int(t) >= len(typeNames) {
		return "Type(" + strconv.Itoa(int(t)) + ")"
	}
	return typeNames[t]
}

// Block says that domains of this kind are volume groups.
func (t Type) Block() bool { return t == FCP || t == ISCSI }

// ParseType reads a name in upper or lower case, or a number, both as they
// come over the wire. Anything else is [api.ErrStorageDomainType].
func ParseType(s string) (Type, error) {
	for t, name := range typeNames {
		if strings.EqualFold(s, name) || s == strconv.Itoa(t) {
			return Type(t), nil
		}
	}
	return 0, api.ErrStorageDomainType.OfText(s)
}

// Class says what a domain is for, as a number of the API.
type Class int

// The classes of domains. Their names are written to storage.
const (
	Data   Class = 1
	ISO    Class = 2
	Backup Class = 3
)

var classNames = [...]string{"", "Data", "Iso", "Backup"}

// String returns the name, as it is written: "Data".
func (c Class) String() string {
	if c < Data || c > Backup {
		return "Class(" + strconv.Itoa(int(c)) + ")"
	}
	return classNames[c]
}

// ParseClass reads a name in exactly the case in which it is written. Anything
// else is [api.ErrStorageDomainClass].
func ParseClass(s string) (Class, error) {
	for c := Data; c <= Backup; c++ {
		if s == c.String() {
			return c, nil
		}
	}
	return 0, api.ErrStorageDomainClass.OfText(s)
}

// Role says whether a domain is the master of its pool.
type Role string

// The roles as they are written.
const (
	Regular Role = "Regular"
	Master  Role = "Master"
)

// IsMaster says whether the role is that of the master, in any case.
func (r Role) IsMaster() bool { return strings.EqualFold(string(r), string(Master)) }

// Status says how a domain stands to its pool.
type Status string

// The statuses of a domain in the map of its pool.
const (
	StatusUnknown    Status = "Unknown"
	StatusAttached   Status = "Attached"
	StatusUnattached Status = "Unattached"
	StatusActive     Status = "Active"
)

// ParseStatus reads a status in any case. "Inactive", which hosts wrote before
// there was a manager to keep it, means attached. Anything else is
// [api.ErrStorageDomainStatus].
func ParseStatus(s string) (Status, error) {
	for _, known := range []Status{StatusUnknown, StatusAttached, StatusUnattached, StatusActive} {
		if strings.EqualFold(s, string(known)) {
			return known, nil
		}
	}
	if strings.EqualFold(s, "Inactive") {
		return StatusAttached, nil
	}
	return "", api.ErrStorageDomainStatus.OfText(s)
}

// Version is the format of a domain. Version 1 never existed.
type Version int

// The formats that can be used, and those that can be made.
const (
	Version0 Version = 0
	Version2 Version = 2
	Version3 Version = 3
	Version4 Version = 4
	Version5 Version = 5
)

// Known says whether domains of this format can be used on storage of kind t.
func (v Version) Known(t Type) bool {
	return v == Version0 && !t.Block() || Version2 <= v && v <= Version5
}

// ParseVersion reads a format from metadata or a call. What is no format at
// all is [api.ErrUnsupportedDomainVersion]; a format that is too old for block
// storage is told by Known.
func ParseVersion(s string) (Version, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || !Version(n).Known(NFS) {
		return 0, UnsupportedVersion(s)
	}
	return Version(n), nil
}

// UnsupportedVersion is the error for a format that cannot be used.
func UnsupportedVersion(s string) error {
	return api.ErrUnsupportedDomainVersion.Says("Domain version `" + s + "` is unsupported by this version of VDSM: ''")
}

// ExternalLeases says that a domain has a volume of leases for VMs and jobs.
func (v Version) ExternalLeases() bool { return v >= Version4 }

// Sanlock says that hosts agree through sanlock, not through safelease.
func (v Version) Sanlock() bool { return v >= Version3 }
