// SPDX-License-Identifier: GPL-2.0-or-later

package api

var StorageDomainDump = declare[StorageDomainDumpParams, StorageDomainDumpResult]("StorageDomain.dump", "4.4")

type StorageDomainDumpParams struct {
	SDID UUID `json:"sd_id"`
	Full bool `json:"full" default:"false"`
}

type StorageDomainDumpResult struct {
	Metadata  StorageDomainInfo `json:"metadata"`
	Volumes   VolumesDumpMap    `json:"volumes"`
	Leases    *LeaseDump        `json:"leases,omitzero" default:"null"`
	Lockspace *LeaseDump        `json:"lockspace,omitzero" default:"null"`
	Xleases   XleasesDumpMap    `json:"xleases,omitzero" default:"null"`
}

type VolumesDumpMap map[UUID]VolumeDump

type VolumeDump struct {
	Disktype     *DiskContentType  `json:"disktype,omitzero" default:"null"`
	Status       VolumeStatus      `json:"status"`
	Capacity     *uint64           `json:"capacity,omitzero" default:"null"`
	Parent       *UUID             `json:"parent,omitzero" default:"null"`
	Description  *string           `json:"description,omitzero" default:"null"`
	Legality     *VolumeLegality   `json:"legality,omitzero" default:"null"`
	Ctime        *int64            `json:"ctime,omitzero" default:"null"`
	Format       *VolumeFormat     `json:"format,omitzero" default:"null"`
	Image        UUID              `json:"image"`
	Type         *VolumeAllocation `json:"type,omitzero" default:"null"`
	Mdslot       *uint64           `json:"mdslot,omitzero" default:"null"`
	Generation   *uint64           `json:"generation,omitzero" default:"null"`
	Voltype      *VolumeRole       `json:"voltype,omitzero" default:"null"`
	Truesize     uint64            `json:"truesize"`
	Apparentsize uint64            `json:"apparentsize"`
}

type LeaseDump struct {
	Offset    Ulong   `json:"offset"`
	Lockspace string  `json:"lockspace"`
	Resource  string  `json:"resource"`
	Timestamp uint64  `json:"timestamp"`
	Own       uint64  `json:"own"`
	Gen       uint64  `json:"gen"`
	Lver      *uint64 `json:"lver,omitzero" default:"null"`
}

type XleasesDumpMap map[UUID]XleaseDump

type XleaseDump struct {
	Offset   Ulong `json:"offset"`
	Updating bool  `json:"updating"`
}
