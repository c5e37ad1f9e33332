// SPDX-License-Identifier: GPL-2.0-or-later

package api

var StorageDomainActivate = declare[StorageDomainActivateParams, Nothing]("StorageDomain.activate", "3.1")

type StorageDomainActivateParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
	StoragePoolID   UUID `json:"storagepoolID"`
}

var StorageDomainAttach = declare[StorageDomainAttachParams, Nothing]("StorageDomain.attach", "3.1")

type StorageDomainAttachParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
	StoragePoolID   UUID `json:"storagepoolID"`
}

var StorageDomainCreate = declare[StorageDomainCreateParams, Nothing]("StorageDomain.create", "3.1")

type StorageDomainCreateParams struct {
	StorageDomainID UUID                         `json:"storagedomainID"`
	DomainType      StorageDomainKind            `json:"domainType"`
	TypeArgs        StorageDomainCreateArguments `json:"typeArgs"`
	Name            string                       `json:"name"`
	DomainClass     StorageDomainImageClass      `json:"domainClass"`
	Version         *int64                       `json:"version,omitzero" default:"null"`
	BlockSize       int64                        `json:"blockSize" default:"512"`
	MaxHosts        int64                        `json:"maxHosts" default:"2000"`
}

var StorageDomainDeactivate = declare[StorageDomainDeactivateParams, Nothing]("StorageDomain.deactivate", "3.1")

type StorageDomainDeactivateParams struct {
	StorageDomainID UUID  `json:"storagedomainID"`
	StoragePoolID   UUID  `json:"storagepoolID"`
	MasterSDUUID    UUID  `json:"masterSdUUID"`
	MasterVersion   int64 `json:"masterVersion"`
}

var StorageDomainDetach = declare[StorageDomainDetachParams, Nothing]("StorageDomain.detach", "3.1")

type StorageDomainDetachParams struct {
	StorageDomainID UUID  `json:"storagedomainID"`
	StoragePoolID   UUID  `json:"storagepoolID"`
	MasterSDUUID    *UUID `json:"masterSdUUID,omitzero" default:"null"`
	MasterVersion   int64 `json:"masterVersion" default:"0"`
	Force           bool  `json:"force" default:"false"`
}

var StorageDomainExtend = declare[StorageDomainExtendParams, Nothing]("StorageDomain.extend", "3.1")

type StorageDomainExtendParams struct {
	StorageDomainID UUID     `json:"storagedomainID"`
	StoragePoolID   UUID     `json:"storagepoolID"`
	Devlist         []string `json:"devlist"`
	Force           bool     `json:"force" default:"false"`
}

var StorageDomainResizePV = declare[StorageDomainResizePVParams, uint64]("StorageDomain.resizePV", "3.6")

type StorageDomainResizePVParams struct {
	StorageDomainID UUID   `json:"storagedomainID"`
	StoragePoolID   UUID   `json:"storagepoolID"`
	GUID            string `json:"guid"`
}

var StorageDomainFormat = declare[StorageDomainFormatParams, Nothing]("StorageDomain.format", "3.1")

type StorageDomainFormatParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
	AutoDetach      bool `json:"autoDetach"`
}

var StorageDomainGetFileStats = declare[StorageDomainGetFileStatsParams, StorageDomainFileStatsMap]("StorageDomain.getFileStats", "3.4")

type StorageDomainGetFileStatsParams struct {
	StorageDomainID UUID   `json:"storagedomainID"`
	Pattern         string `json:"pattern"`
	CaseSensitive   bool   `json:"caseSensitive"`
}

var StorageDomainGetImages = declare[StorageDomainGetImagesParams, []UUID]("StorageDomain.getImages", "3.1")

type StorageDomainGetImagesParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
}

var StorageDomainGetInfo = declare[StorageDomainGetInfoParams, StorageDomainInfo]("StorageDomain.getInfo", "3.1")

type StorageDomainGetInfoParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
}

var StorageDomainGetStats = declare[StorageDomainGetStatsParams, StorageDomainStats]("StorageDomain.getStats", "3.1")

type StorageDomainGetStatsParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
}

var StorageDomainGetVolumes = declare[StorageDomainGetVolumesParams, []UUID]("StorageDomain.getVolumes", "3.1")

type StorageDomainGetVolumesParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
	StoragePoolID   UUID `json:"storagepoolID"`
	ImageID         UUID `json:"imageID"`
}

var StorageDomainSetDescription = declare[StorageDomainSetDescriptionParams, Nothing]("StorageDomain.setDescription", "3.1")

type StorageDomainSetDescriptionParams struct {
	StorageDomainID UUID   `json:"storagedomainID"`
	Description     string `json:"description"`
}

var StorageDomainValidate = declare[StorageDomainValidateParams, Nothing]("StorageDomain.validate", "3.1")

type StorageDomainValidateParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
}

var StorageDomainDump = declare[StorageDomainDumpParams, StorageDomainDumpResult]("StorageDomain.dump", "4.4")

type StorageDomainDumpParams struct {
	SDID UUID `json:"sd_id"`
	Full bool `json:"full" default:"false"`
}

type StorageDomainCreateArguments struct{ Union }

// Alternatives implements OneOf.
func (StorageDomainCreateArguments) Alternatives() []any {
	return []any{StorageDomainCreateArgumentsBlock{}, StorageDomainCreateArgumentsLocal{}, StorageDomainCreateArgumentsNfs{}}
}

type StorageDomainCreateArgumentsBlock struct {
	VGUUID UUID `json:"vgUUID"`
}

type StorageDomainCreateArgumentsLocal struct {
	RemotePath string `json:"remotePath"`
}

type StorageDomainCreateArgumentsNfs struct {
	RemotePath string `json:"remotePath"`
}

type StorageDomainFileStatsMap map[string]StorageDomainFileStats

type StorageDomainFileStats struct {
	Ctime  uint64 `json:"ctime"`
	Size   uint64 `json:"size"`
	Status int64  `json:"status"`
}

type StorageDomainInfo struct {
	Role             StorageDomainRole       `json:"role"`
	Lver             int64                   `json:"lver"`
	Version          int64                   `json:"version"`
	Type             StorageDomainKind       `json:"type"`
	Name             string                  `json:"name"`
	Pool             []UUID                  `json:"pool"`
	MasterVer        int64                   `json:"master_ver"`
	Class            StorageDomainImageClass `json:"class"`
	SPMID            int64                   `json:"spm_id"`
	UUID             UUID                    `json:"uuid"`
	MetadataDevice   *string                 `json:"metadataDevice,omitzero" default:"null"`
	VGMetadataDevice *string                 `json:"vgMetadataDevice,omitzero" default:"null"`
	BlockSize        int64                   `json:"block_size"`
	Alignment        int64                   `json:"alignment"`
}

type StorageDomainRole string

const (
	StorageDomainRoleMaster  StorageDomainRole = "Master"
	StorageDomainRoleRegular StorageDomainRole = "Regular"
)

// Values implements Enum.
func (StorageDomainRole) Values() []string {
	return enum(StorageDomainRoleMaster, StorageDomainRoleRegular)
}

type StorageDomainStats struct {
	Mdafree      int64 `json:"mdafree"`
	Mdathreshold bool  `json:"mdathreshold"`
	Diskfree     int64 `json:"diskfree"`
	Mdavalid     bool  `json:"mdavalid"`
	Disktotal    int64 `json:"disktotal"`
	Mdasize      int64 `json:"mdasize"`
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

type DiskContentType string

const (
	DiskContentTypeDATA DiskContentType = "DATA"
	DiskContentTypeISOF DiskContentType = "ISOF"
	DiskContentTypeMEMD DiskContentType = "MEMD"
	DiskContentTypeMEMM DiskContentType = "MEMM"
	DiskContentTypeOVFS DiskContentType = "OVFS"
)

// Values implements Enum.
func (DiskContentType) Values() []string {
	return enum(DiskContentTypeDATA, DiskContentTypeISOF, DiskContentTypeMEMD, DiskContentTypeMEMM, DiskContentTypeOVFS)
}

type VolumeStatus string

const (
	VolumeStatusILLEGAL VolumeStatus = "ILLEGAL"
	VolumeStatusINVALID VolumeStatus = "INVALID"
	VolumeStatusOK      VolumeStatus = "OK"
)

// Values implements Enum.
func (VolumeStatus) Values() []string {
	return enum(VolumeStatusILLEGAL, VolumeStatusINVALID, VolumeStatusOK)
}

type VolumeLegality string

const (
	VolumeLegalityFAKE    VolumeLegality = "FAKE"
	VolumeLegalityILLEGAL VolumeLegality = "ILLEGAL"
	VolumeLegalityLEGAL   VolumeLegality = "LEGAL"
)

// Values implements Enum.
func (VolumeLegality) Values() []string {
	return enum(VolumeLegalityFAKE, VolumeLegalityILLEGAL, VolumeLegalityLEGAL)
}

type VolumeFormat string

const (
	VolumeFormatCOW VolumeFormat = "COW"
	VolumeFormatRAW VolumeFormat = "RAW"
)

// Values implements Enum.
func (VolumeFormat) Values() []string {
	return enum(VolumeFormatCOW, VolumeFormatRAW)
}

type VolumeAllocation string

const (
	VolumeAllocationPREALLOCATED VolumeAllocation = "PREALLOCATED"
	VolumeAllocationSPARSE       VolumeAllocation = "SPARSE"
)

// Values implements Enum.
func (VolumeAllocation) Values() []string {
	return enum(VolumeAllocationPREALLOCATED, VolumeAllocationSPARSE)
}

type VolumeRole string

const (
	VolumeRoleINTERNAL VolumeRole = "INTERNAL"
	VolumeRoleLEAF     VolumeRole = "LEAF"
	VolumeRoleSHARED   VolumeRole = "SHARED"
)

// Values implements Enum.
func (VolumeRole) Values() []string {
	return enum(VolumeRoleINTERNAL, VolumeRoleLEAF, VolumeRoleSHARED)
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
