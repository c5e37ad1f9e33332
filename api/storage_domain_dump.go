// SPDX-License-Identifier: GPL-2.0-or-later

package api

// StorageDomainDump shows all that is written in a domain's metadata.
var StorageDomainDump = declare[StorageDomainDumpParams, StorageDomainDumpResult]("StorageDomain.dump", "4.4")

// StorageDomainDumpParams are the parameters of StorageDomain.dump.
type StorageDomainDumpParams struct {
	SDID UUID `json:"sd_id"`
	Full bool `json:"full" default:"false"` // leases too
}

// StorageDomainDumpResult is the metadata of a domain.
type StorageDomainDumpResult struct {
	Metadata  StorageDomainInfo `json:"metadata"`
	Volumes   VolumesDumpMap    `json:"volumes"`
	Leases    []LeaseDump       `json:"leases,omitzero" default:"null"`    // the manager's lease
	Lockspace []LeaseDump       `json:"lockspace,omitzero" default:"null"` // who is in the lockspace
	Xleases   XleasesDumpMap    `json:"xleases,omitzero" default:"null"`
}

// VolumesDumpMap maps a volume to its metadata.
type VolumesDumpMap map[UUID]VolumeDump

// VolumeDump is the metadata of a volume. What cannot be read is left out.
type VolumeDump struct {
	Disktype    *DiskContentType  `json:"disktype,omitzero" default:"null"`
	Status      VolumeStatus      `json:"status"`
	Capacity    *uint64           `json:"capacity,omitzero" default:"null"` // bytes
	Parent      *UUID             `json:"parent,omitzero" default:"null"`
	Description *string           `json:"description,omitzero" default:"null"`
	Legality    *VolumeLegality   `json:"legality,omitzero" default:"null"`
	Ctime       *int64            `json:"ctime,omitzero" default:"null"` // seconds since 1970
	Format      *VolumeFormat     `json:"format,omitzero" default:"null"`
	Image       UUID              `json:"image"`
	Type        *VolumeAllocation `json:"type,omitzero" default:"null"`
	Mdslot      *uint64           `json:"mdslot,omitzero" default:"null"` // block domain: place in the metadata volume
	// grows with each job on the volume, from 999 back to 0
	Generation   *uint64     `json:"generation,omitzero" default:"null"`
	Sequence     *uint64     `json:"sequence,omitzero" default:"null"` // the manager's number of the volume within its image
	Voltype      *VolumeRole `json:"voltype,omitzero" default:"null"`
	Truesize     *uint64     `json:"truesize,omitzero" default:"null"`     // bytes in use
	Apparentsize *uint64     `json:"apparentsize,omitzero" default:"null"` // bytes
}

// LeaseDump is a lease as sanlock wrote it.
type LeaseDump struct {
	Offset    Ulong   `json:"offset"` // bytes from the start of the volume
	Lockspace string  `json:"lockspace"`
	Resource  string  `json:"resource"`
	Timestamp uint64  `json:"timestamp"`
	Own       uint64  `json:"own"` // number of the host that holds it
	Gen       uint64  `json:"gen"` // generation of that host
	Lver      *uint64 `json:"lver,omitzero" default:"null"`
}

// XleasesDumpMap maps a lease to its entry in the index.
type XleasesDumpMap map[UUID]XleaseDump

// XleaseDump is an entry in the index of leases.
type XleaseDump struct {
	Offset   Ulong `json:"offset"`   // bytes from the start of the volume
	Updating bool  `json:"updating"` // a change was begun and not finished
}
