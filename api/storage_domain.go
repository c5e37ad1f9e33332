// SPDX-License-Identifier: GPL-2.0-or-later

package api

// StorageDomainActivate makes an attached domain part of the running pool.
var StorageDomainActivate = declare[StorageDomainActivateParams, Nothing]("StorageDomain.activate", "3.1")

// StorageDomainActivateParams are the parameters of StorageDomain.activate.
type StorageDomainActivateParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
	StoragePoolID   UUID `json:"storagepoolID"`
}

// StorageDomainAttach makes a domain a member of the pool.
var StorageDomainAttach = declare[StorageDomainAttachParams, Nothing]("StorageDomain.attach", "3.1")

// StorageDomainAttachParams are the parameters of StorageDomain.attach.
type StorageDomainAttachParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
	StoragePoolID   UUID `json:"storagepoolID"`
}

// StorageDomainCreate formats storage as a new domain.
var StorageDomainCreate = declare[StorageDomainCreateParams, Nothing]("StorageDomain.create", "3.1")

// StorageDomainCreateParams are the parameters of StorageDomain.create.
type StorageDomainCreateParams struct {
	StorageDomainID UUID                         `json:"storagedomainID"`
	DomainType      StorageDomainKind            `json:"domainType"`
	TypeArgs        StorageDomainCreateArguments `json:"typeArgs"`
	Name            string                       `json:"name"`
	DomainClass     StorageDomainImageClass      `json:"domainClass"`
	Version         *int64                       `json:"version,omitzero" default:"null"` // of the format; 0 when left out
	BlockSize       int64                        `json:"blockSize" default:"512"`         // bytes; 512, 4096 or 0 to find out
	MaxHosts        int64                        `json:"maxHosts" default:"2000"`         // how many can be in the lockspace
}

// StorageDomainDeactivate takes a domain out of the running pool. It stays a
// member.
var StorageDomainDeactivate = declare[StorageDomainDeactivateParams, Nothing]("StorageDomain.deactivate", "3.1")

// StorageDomainDeactivateParams are the parameters of
// StorageDomain.deactivate.
type StorageDomainDeactivateParams struct {
	StorageDomainID UUID  `json:"storagedomainID"`
	StoragePoolID   UUID  `json:"storagepoolID"`
	MasterSDUUID    UUID  `json:"masterSdUUID"` // the master from then on, when this was it
	MasterVersion   int64 `json:"masterVersion"`
}

// StorageDomainDetach ends the membership of a domain in the pool.
var StorageDomainDetach = declare[StorageDomainDetachParams, Nothing]("StorageDomain.detach", "3.1")

// StorageDomainDetachParams are the parameters of StorageDomain.detach.
type StorageDomainDetachParams struct {
	StorageDomainID UUID  `json:"storagedomainID"`
	StoragePoolID   UUID  `json:"storagepoolID"`
	MasterSDUUID    *UUID `json:"masterSdUUID,omitzero" default:"null"`
	MasterVersion   int64 `json:"masterVersion" default:"0"`
	Force           bool  `json:"force" default:"false"` // skip the checks
}

// StorageDomainExtend adds devices to a block domain.
var StorageDomainExtend = declare[StorageDomainExtendParams, Nothing]("StorageDomain.extend", "3.1")

// StorageDomainExtendParams are the parameters of StorageDomain.extend.
type StorageDomainExtendParams struct {
	StorageDomainID UUID     `json:"storagedomainID"`
	StoragePoolID   UUID     `json:"storagepoolID"`
	Devlist         []string `json:"devlist"`
	Force           bool     `json:"force" default:"false"` // even if the devices hold something
}

// StorageDomainResizePV lets a block domain use a device that has grown, and
// returns its new size in bytes, as text.
var StorageDomainResizePV = declare[StorageDomainResizePVParams, string]("StorageDomain.resizePV", "3.6")

// StorageDomainResizePVParams are the parameters of StorageDomain.resizePV.
type StorageDomainResizePVParams struct {
	StorageDomainID UUID   `json:"storagedomainID"`
	StoragePoolID   UUID   `json:"storagepoolID"`
	GUID            string `json:"guid"`
}

// StorageDomainFormat erases a domain.
var StorageDomainFormat = declare[StorageDomainFormatParams, Nothing]("StorageDomain.format", "3.1")

// StorageDomainFormatParams are the parameters of StorageDomain.format.
type StorageDomainFormatParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
	AutoDetach      bool `json:"autoDetach"` // even while it belongs to a pool
}

// StorageDomainGetFileStats lists the files of an ISO domain.
var StorageDomainGetFileStats = declare[StorageDomainGetFileStatsParams, StorageDomainFileStatsMap]("StorageDomain.getFileStats", "3.4")

// StorageDomainGetFileStatsParams are the parameters of
// StorageDomain.getFileStats.
type StorageDomainGetFileStatsParams struct {
	StorageDomainID UUID   `json:"storagedomainID"`
	Pattern         string `json:"pattern"` // shell pattern of names
	CaseSensitive   bool   `json:"caseSensitive"`
}

// StorageDomainGetImages lists the images in a domain.
var StorageDomainGetImages = declare[StorageDomainGetImagesParams, []UUID]("StorageDomain.getImages", "3.1")

// StorageDomainGetImagesParams are the parameters of StorageDomain.getImages.
type StorageDomainGetImagesParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
}

// StorageDomainGetInfo describes a domain.
var StorageDomainGetInfo = declare[StorageDomainGetInfoParams, StorageDomainInfo]("StorageDomain.getInfo", "3.1")

// StorageDomainGetInfoParams are the parameters of StorageDomain.getInfo.
type StorageDomainGetInfoParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
}

// StorageDomainGetStats tells how full a domain is.
var StorageDomainGetStats = declare[StorageDomainGetStatsParams, StorageDomainStats]("StorageDomain.getStats", "3.1")

// StorageDomainGetStatsParams are the parameters of StorageDomain.getStats.
type StorageDomainGetStatsParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
}

// StorageDomainGetVolumes lists the volumes in a domain.
var StorageDomainGetVolumes = declare[StorageDomainGetVolumesParams, []UUID]("StorageDomain.getVolumes", "3.1")

// StorageDomainGetVolumesParams are the parameters of
// StorageDomain.getVolumes.
type StorageDomainGetVolumesParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
	StoragePoolID   UUID `json:"storagepoolID"`
	ImageID         UUID `json:"imageID"` // only of this image; the blank id means all
}

// StorageDomainSetDescription renames a domain.
var StorageDomainSetDescription = declare[StorageDomainSetDescriptionParams, Nothing]("StorageDomain.setDescription", "3.1")

// StorageDomainSetDescriptionParams are the parameters of
// StorageDomain.setDescription.
type StorageDomainSetDescriptionParams struct {
	StorageDomainID UUID   `json:"storagedomainID"`
	Description     string `json:"description"`
}

// StorageDomainValidate checks that a domain can be used.
var StorageDomainValidate = declare[StorageDomainValidateParams, Nothing]("StorageDomain.validate", "3.1")

// StorageDomainValidateParams are the parameters of StorageDomain.validate.
type StorageDomainValidateParams struct {
	StorageDomainID UUID `json:"storagedomainID"`
}

// StorageDomainType is the kind of storage as a number: 0 unknown, 1 NFS, 2
// FCP, 3 iSCSI, 4 local, 6 other POSIX file system, 7 Gluster.
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

// StorageDomainImageClass says what a domain is for.
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

// StorageDomainKind is the kind of storage as a name.
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

// StorageDomainCreateArguments says where the new domain shall be.
type StorageDomainCreateArguments struct{ Union }

// Alternatives implements OneOf.
func (StorageDomainCreateArguments) Alternatives() []any {
	return []any{StorageDomainCreateArgumentsBlock{}, StorageDomainCreateArgumentsLocal{}, StorageDomainCreateArgumentsNfs{}}
}

// StorageDomainCreateArgumentsBlock puts it on a volume group.
type StorageDomainCreateArgumentsBlock struct {
	VGUUID UUID `json:"vgUUID"`
}

// StorageDomainCreateArgumentsLocal puts it in a directory of this host.
type StorageDomainCreateArgumentsLocal struct {
	RemotePath string `json:"remotePath"` // the directory
}

// StorageDomainCreateArgumentsNfs puts it on an NFS export.
type StorageDomainCreateArgumentsNfs struct {
	RemotePath string `json:"remotePath"` // "server:/path"
}

// StorageDomainFileStatsMap maps the path of a file to what is known of it.
type StorageDomainFileStatsMap map[string]StorageDomainFileStats

// StorageDomainFileStats is a file in an ISO domain.
type StorageDomainFileStats struct {
	Size  string `json:"size"`  // bytes, as text
	Ctime string `json:"ctime"` // seconds since 1970 of the last change, with a fraction, as text
	// 0 when QEMU can read the file, else an error code
	Status int64 `json:"status"`
}

// StorageDomainInfo describes a domain.
type StorageDomainInfo struct {
	UUID      UUID              `json:"uuid"`
	Type      string            `json:"type"`  // "NFS", "LOCALFS", "POSIXFS": StorageDomainKind lacks one
	Class     string            `json:"class"` // "Data", "Iso", "Backup"
	Name      string            `json:"name"`
	Role      StorageDomainRole `json:"role"`
	Pool      []UUID            `json:"pool"`       // the pool it belongs to, or nothing
	Version   string            `json:"version"`    // of the format, as text
	BlockSize int64             `json:"block_size"` // bytes
	Alignment int64             `json:"alignment"`  // bytes that one lease takes
	// file domain: export or directory
	RemotePath *string `json:"remotePath,omitzero" default:"null"`
	VGUUID     *UUID   `json:"vguuid,omitzero" default:"null"` // block domain
	// block domain: OK, or PARTIAL when devices are missing
	State          *string `json:"state,omitzero" default:"null"`
	MetadataDevice *string `json:"metadataDevice,omitzero" default:"null"` // block domain: the device its metadata is on
	// block domain: the device the volume group's metadata is on
	VGMetadataDevice *string `json:"vgMetadataDevice,omitzero" default:"null"`
}

// StorageDomainRole says whether the domain holds the pool's metadata.
type StorageDomainRole string

const (
	StorageDomainRoleMaster  StorageDomainRole = "Master"
	StorageDomainRoleRegular StorageDomainRole = "Regular"
)

// Values implements Enum.
func (StorageDomainRole) Values() []string {
	return enum(StorageDomainRoleMaster, StorageDomainRoleRegular)
}

// StorageDomainStats tells how full a domain is.
type StorageDomainStats struct {
	Disktotal string `json:"disktotal"` // bytes, as text
	Diskfree  string `json:"diskfree"`  // bytes, as text
	// the metadata area has a size we can work with
	Mdavalid     bool  `json:"mdavalid"`
	Mdathreshold bool  `json:"mdathreshold"` // enough of them
	Mdasize      int64 `json:"mdasize"`      // bytes for LVM metadata
	Mdafree      int64 `json:"mdafree"`      // bytes left for LVM metadata
}
