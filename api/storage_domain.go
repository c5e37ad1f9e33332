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

type StorageDomainType string

const (
	StorageDomainTypeN0 StorageDomainType = "0"
	StorageDomainTypeN1 StorageDomainType = "1"
	StorageDomainTypeN2 StorageDomainType = "2"
	StorageDomainTypeN3 StorageDomainType = "3"
	StorageDomainTypeN4 StorageDomainType = "4"
	StorageDomainTypeN6 StorageDomainType = "6"
	StorageDomainTypeN7 StorageDomainType = "7"
)

// Values implements Enum.
func (StorageDomainType) Values() []string {
	return enum(StorageDomainTypeN0, StorageDomainTypeN1, StorageDomainTypeN2, StorageDomainTypeN3, StorageDomainTypeN4, StorageDomainTypeN6, StorageDomainTypeN7)
}

type StorageDomainImageClass string

const (
	StorageDomainImageClassBackup  StorageDomainImageClass = "Backup"
	StorageDomainImageClassData    StorageDomainImageClass = "Data"
	StorageDomainImageClassIso     StorageDomainImageClass = "Iso"
	StorageDomainImageClassUnknown StorageDomainImageClass = "Unknown"
)

// Values implements Enum.
func (StorageDomainImageClass) Values() []string {
	return enum(StorageDomainImageClassBackup, StorageDomainImageClassData, StorageDomainImageClassIso, StorageDomainImageClassUnknown)
}

type StorageDomainKind string

const (
	StorageDomainKindCIFS      StorageDomainKind = "CIFS"
	StorageDomainKindFCP       StorageDomainKind = "FCP"
	StorageDomainKindGLUSTERFS StorageDomainKind = "GLUSTERFS"
	StorageDomainKindISCSI     StorageDomainKind = "ISCSI"
	StorageDomainKindLOCALFS   StorageDomainKind = "LOCALFS"
	StorageDomainKindNFS       StorageDomainKind = "NFS"
	StorageDomainKindSHAREDFS  StorageDomainKind = "SHAREDFS"
	StorageDomainKindUNKNOWN   StorageDomainKind = "UNKNOWN"
)

// Values implements Enum.
func (StorageDomainKind) Values() []string {
	return enum(StorageDomainKindCIFS, StorageDomainKindFCP, StorageDomainKindGLUSTERFS, StorageDomainKindISCSI, StorageDomainKindLOCALFS, StorageDomainKindNFS, StorageDomainKindSHAREDFS, StorageDomainKindUNKNOWN)
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
