// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VolumeCopy = declare[VolumeCopyParams, UUID]("Volume.copy", "3.1")

type VolumeCopyParams struct {
	VolumeID        UUID             `json:"volumeID" api:"object"`
	StoragePoolID   UUID             `json:"storagepoolID" api:"object"`
	StorageDomainID UUID             `json:"storagedomainID" api:"object"`
	ImageID         UUID             `json:"imageID" api:"object"`
	DstSDUUID       UUID             `json:"dstSdUUID"`
	DstImgUUID      UUID             `json:"dstImgUUID"`
	DstVolUUID      UUID             `json:"dstVolUUID"`
	Desc            string           `json:"desc"`
	VolType         VolumeRole       `json:"volType"`
	VolFormat       VolumeFormat     `json:"volFormat"`
	Preallocate     VolumeAllocation `json:"preallocate"`
	PostZero        bool             `json:"postZero"`
	Force           bool             `json:"force"`
	Discard         bool             `json:"discard" default:"false"`
}

var VolumeCreate = declare[VolumeCreateParams, UUID]("Volume.create", "3.1")

type VolumeCreateParams struct {
	VolumeID        UUID             `json:"volumeID" api:"object"`
	StoragePoolID   UUID             `json:"storagepoolID" api:"object"`
	StorageDomainID UUID             `json:"storagedomainID" api:"object"`
	ImageID         UUID             `json:"imageID" api:"object"`
	Size            string           `json:"size"`
	VolFormat       VolumeFormat     `json:"volFormat"`
	Preallocate     VolumeAllocation `json:"preallocate"`
	DiskType        DiskContentType  `json:"diskType"`
	Desc            string           `json:"desc"`
	SrcImgUUID      UUID             `json:"srcImgUUID"`
	SrcVolUUID      UUID             `json:"srcVolUUID"`
	InitialSize     *string          `json:"initialSize,omitzero" default:"null"`
	AddBitmaps      bool             `json:"addBitmaps" default:"false"`
	Legal           bool             `json:"legal" default:"true"`
	Sequence        int64            `json:"sequence" default:"0"`
	Bitmap          *UUID            `json:"bitmap,omitzero" default:"null"`
}

var VolumeDelete = declare[VolumeDeleteParams, UUID]("Volume.delete", "3.1")

type VolumeDeleteParams struct {
	VolumeID        UUID `json:"volumeID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
	PostZero        bool `json:"postZero"`
	Force           bool `json:"force"`
	Discard         bool `json:"discard" default:"false"`
}

var VolumeVerifyUntrusted = declare[VolumeVerifyUntrustedParams, Nothing]("Volume.verify_untrusted", "4.0")

type VolumeVerifyUntrustedParams struct {
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
	VolumeID        UUID `json:"volumeID" api:"object"`
}

var VolumeExtendSize = declare[VolumeExtendSizeParams, UUID]("Volume.extendSize", "3.2")

type VolumeExtendSizeParams struct {
	StoragePoolID   UUID   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID   `json:"storagedomainID" api:"object"`
	ImageID         UUID   `json:"imageID" api:"object"`
	VolumeID        UUID   `json:"volumeID" api:"object"`
	NewSize         string `json:"newSize"`
}

var VolumeGetInfo = declare[VolumeGetInfoParams, VolumeInfoResponse]("Volume.getInfo", "3.1")

type VolumeGetInfoParams struct {
	VolumeID        UUID `json:"volumeID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
}

var VolumeMeasure = declare[VolumeMeasureParams, VolumeMeasureResult]("Volume.measure", "4.4")

type VolumeMeasureParams struct {
	VolumeID        UUID         `json:"volumeID" api:"object"`
	StoragePoolID   UUID         `json:"storagepoolID" api:"object"`
	StorageDomainID UUID         `json:"storagedomainID" api:"object"`
	ImageID         UUID         `json:"imageID" api:"object"`
	DstVolFormat    VolumeFormat `json:"dstVolFormat"`
	BackingChain    bool         `json:"backing_chain" default:"true"`
	BaseID          *UUID        `json:"baseID,omitzero" default:"null"`
}

var VolumeGetQemuImageInfo = declare[VolumeGetQemuImageInfoParams, QemuImageInfo]("Volume.getQemuImageInfo", "4.1")

type VolumeGetQemuImageInfoParams struct {
	VolumeID        UUID `json:"volumeID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
}

var VolumeGetSize = declare[VolumeGetSizeParams, VolumeSizeInfo]("Volume.getSize", "3.1")

type VolumeGetSizeParams struct {
	VolumeID        UUID `json:"volumeID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
}

var VolumeRefresh = declare[VolumeRefreshParams, Nothing]("Volume.refresh", "3.1")

type VolumeRefreshParams struct {
	VolumeID        UUID `json:"volumeID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
}

var VolumeSetDescription = declare[VolumeSetDescriptionParams, Nothing]("Volume.setDescription", "3.1")

type VolumeSetDescriptionParams struct {
	VolumeID        UUID   `json:"volumeID" api:"object"`
	StoragePoolID   UUID   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID   `json:"storagedomainID" api:"object"`
	ImageID         UUID   `json:"imageID" api:"object"`
	Description     string `json:"description"`
}

var VolumeSetLegality = declare[VolumeSetLegalityParams, Nothing]("Volume.setLegality", "3.1")

type VolumeSetLegalityParams struct {
	VolumeID        UUID           `json:"volumeID" api:"object"`
	StoragePoolID   UUID           `json:"storagepoolID" api:"object"`
	StorageDomainID UUID           `json:"storagedomainID" api:"object"`
	ImageID         UUID           `json:"imageID" api:"object"`
	Legality        VolumeLegality `json:"legality"`
}

var VolumeTeardown = declare[VolumeTeardownParams, Nothing]("Volume.teardown", "4.4")

type VolumeTeardownParams struct {
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
	VolumeID        UUID `json:"volumeID" api:"object"`
}

type VolumeInfoResponse struct {
	Disktype     DiskContentType    `json:"disktype"`
	Status       VolumeStatus       `json:"status"`
	Pool         UUID               `json:"pool"`
	Capacity     uint64             `json:"capacity"`
	Parent       UUID               `json:"parent"`
	AllocType    VolumeAllocation   `json:"allocType"`
	Children     []UUID             `json:"children"`
	Mtime        uint64             `json:"mtime"`
	Description  string             `json:"description"`
	Legality     VolumeLegality     `json:"legality"`
	Ctime        int64              `json:"ctime"`
	Voltype      VolumeRole         `json:"voltype"`
	Truesize     uint64             `json:"truesize"`
	UUID         UUID               `json:"uuid"`
	Domain       UUID               `json:"domain"`
	Apparentsize uint64             `json:"apparentsize"`
	Format       VolumeFormat       `json:"format"`
	Image        UUID               `json:"image"`
	Lease        *VolumeLeaseStatus `json:"lease,omitzero" default:"null"`
	Generation   uint64             `json:"generation"`
}

type VolumeLeaseStatus struct {
	Path    string   `json:"path"`
	Offset  Ulong    `json:"offset"`
	Owners  []uint64 `json:"owners,omitzero" default:"null"`
	Version *int64   `json:"version,omitzero" default:"null"`
}

type VolumeMeasureResult struct {
	Required int64 `json:"required"`
}

type QemuImageInfo struct {
	Format      QemuImageFormat `json:"format"`
	Virtualsize uint64          `json:"virtualsize"`
	Clustersize uint64          `json:"clustersize"`
	Backingfile string          `json:"backingfile"`
	Compat      Qcow2Compat     `json:"compat"`
	Bitmaps     Qcow2BitmapInfo `json:"bitmaps"`
}

type Qcow2BitmapInfo struct {
	Name        UUID                 `json:"name"`
	Granularity uint64               `json:"granularity"`
	Flags       Qcow2BitmapInfoFlags `json:"flags" default:"[]"`
}

type Qcow2BitmapInfoFlags string

const (
	Qcow2BitmapInfoFlagsAuto  Qcow2BitmapInfoFlags = "auto"
	Qcow2BitmapInfoFlagsInUse Qcow2BitmapInfoFlags = "in-use"
)

// Values implements Enum.
func (Qcow2BitmapInfoFlags) Values() []string {
	return enum(Qcow2BitmapInfoFlagsAuto, Qcow2BitmapInfoFlagsInUse)
}

type VolumeSizeInfo struct {
	Truesize     uint64 `json:"truesize"`
	Apparentsize uint64 `json:"apparentsize"`
}
