// SPDX-License-Identifier: GPL-2.0-or-later

package api

import "encoding/json"

// VolumeCopy copies a volume to another image. It runs as a task.
var VolumeCopy = declare[VolumeCopyParams, UUID]("Volume.copy", "3.1")

// VolumeCopyParams are the parameters of Volume.copy.
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

// VolumeCreate makes a volume. It runs as a task.
var VolumeCreate = declare[VolumeCreateParams, UUID]("Volume.create", "3.1")

// VolumeCreateParams are the parameters of Volume.create.
type VolumeCreateParams struct {
	VolumeID        UUID             `json:"volumeID" api:"object"`
	StoragePoolID   UUID             `json:"storagepoolID" api:"object"`
	StorageDomainID UUID             `json:"storagedomainID" api:"object"`
	ImageID         UUID             `json:"imageID" api:"object"`
	Size            string           `json:"size"` // bytes, as text
	VolFormat       VolumeFormat     `json:"volFormat"`
	Preallocate     VolumeAllocation `json:"preallocate"`
	DiskType        DiskContentType  `json:"diskType"`
	Desc            string           `json:"desc"`
	SrcImgUUID      UUID             `json:"srcImgUUID"`
	// the volume it is based on; the blank id for none
	SrcVolUUID  UUID    `json:"srcVolUUID"`
	InitialSize *string `json:"initialSize,omitzero" default:"null"` // bytes that a thin block volume gets at once
	AddBitmaps  bool    `json:"addBitmaps" default:"false"`          // take the bitmaps of that volume over
	Legal       bool    `json:"legal" default:"true"`                // mark it as fit for use
	Sequence    int64   `json:"sequence" default:"0"`                // position in the chain, for recovery
	Bitmap      *UUID   `json:"bitmap,omitzero" default:"null"`
}

// VolumeDelete removes a volume. It runs as a task.
var VolumeDelete = declare[VolumeDeleteParams, UUID]("Volume.delete", "3.1")

// VolumeDeleteParams are the parameters of Volume.delete.
type VolumeDeleteParams struct {
	VolumeID        UUID `json:"volumeID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
	PostZero        bool `json:"postZero"`
	Force           bool `json:"force"`
	Discard         bool `json:"discard" default:"false"`
}

// VolumeVerifyUntrusted checks that a volume somebody uploaded can do no
// harm: its format, and that it is based on nothing else.
var VolumeVerifyUntrusted = declare[VolumeVerifyUntrustedParams, Nothing]("Volume.verify_untrusted", "4.0")

// VolumeVerifyUntrustedParams are the parameters of Volume.verify_untrusted.
type VolumeVerifyUntrustedParams struct {
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
	VolumeID        UUID `json:"volumeID" api:"object"`
}

// VolumeExtendSize makes the disk in a volume larger. It runs as a task.
var VolumeExtendSize = declare[VolumeExtendSizeParams, UUID]("Volume.extendSize", "3.2")

// VolumeExtendSizeParams are the parameters of Volume.extendSize.
type VolumeExtendSizeParams struct {
	StoragePoolID   UUID   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID   `json:"storagedomainID" api:"object"`
	ImageID         UUID   `json:"imageID" api:"object"`
	VolumeID        UUID   `json:"volumeID" api:"object"`
	NewSize         string `json:"newSize"` // bytes, as text
}

// VolumeGetInfo describes a volume.
var VolumeGetInfo = declare[VolumeGetInfoParams, VolumeInfoResponse]("Volume.getInfo", "3.1")

// VolumeGetInfoParams are the parameters of Volume.getInfo.
type VolumeGetInfoParams struct {
	VolumeID        UUID `json:"volumeID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
}

// VolumeMeasure tells how large a copy of a volume would be.
var VolumeMeasure = declare[VolumeMeasureParams, VolumeMeasureResult]("Volume.measure", "4.4")

// VolumeMeasureParams are the parameters of Volume.measure.
type VolumeMeasureParams struct {
	VolumeID        UUID         `json:"volumeID" api:"object"`
	StoragePoolID   UUID         `json:"storagepoolID" api:"object"`
	StorageDomainID UUID         `json:"storagedomainID" api:"object"`
	ImageID         UUID         `json:"imageID" api:"object"`
	DstVolFormat    VolumeFormat `json:"dstVolFormat"`
	BackingChain    bool         `json:"backing_chain" default:"true"`   // with what the volume is based on
	BaseID          *UUID        `json:"baseID,omitzero" default:"null"` // only what is above this volume
}

// VolumeGetQemuImageInfo describes a volume as qemu-img does.
var VolumeGetQemuImageInfo = declare[VolumeGetQemuImageInfoParams, QemuImageInfo]("Volume.getQemuImageInfo", "4.1")

// VolumeGetQemuImageInfoParams are the parameters of Volume.getQemuImageInfo.
type VolumeGetQemuImageInfoParams struct {
	VolumeID        UUID `json:"volumeID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
}

// VolumeGetSize tells how large a volume is.
var VolumeGetSize = declare[VolumeGetSizeParams, VolumeSizeInfo]("Volume.getSize", "3.1")

// VolumeGetSizeParams are the parameters of Volume.getSize.
type VolumeGetSizeParams struct {
	VolumeID        UUID `json:"volumeID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
}

// VolumeRefresh makes this host see that a block volume has grown.
var VolumeRefresh = declare[VolumeRefreshParams, Nothing]("Volume.refresh", "3.1")

// VolumeRefreshParams are the parameters of Volume.refresh.
type VolumeRefreshParams struct {
	VolumeID        UUID `json:"volumeID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
}

// VolumeSetDescription changes the description of a volume. SDMUpdateVolume
// replaces it.
var VolumeSetDescription = declare[VolumeSetDescriptionParams, Nothing]("Volume.setDescription", "3.1")

// VolumeSetDescriptionParams are the parameters of Volume.setDescription.
type VolumeSetDescriptionParams struct {
	VolumeID        UUID   `json:"volumeID" api:"object"`
	StoragePoolID   UUID   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID   `json:"storagedomainID" api:"object"`
	ImageID         UUID   `json:"imageID" api:"object"`
	Description     string `json:"description"`
}

// VolumeSetLegality marks a volume as fit for use or not. SDMUpdateVolume
// replaces it.
var VolumeSetLegality = declare[VolumeSetLegalityParams, Nothing]("Volume.setLegality", "3.1")

// VolumeSetLegalityParams are the parameters of Volume.setLegality.
type VolumeSetLegalityParams struct {
	VolumeID        UUID           `json:"volumeID" api:"object"`
	StoragePoolID   UUID           `json:"storagepoolID" api:"object"`
	StorageDomainID UUID           `json:"storagedomainID" api:"object"`
	ImageID         UUID           `json:"imageID" api:"object"`
	Legality        VolumeLegality `json:"legality"`
}

// VolumeTeardown makes a volume unusable on this host again.
var VolumeTeardown = declare[VolumeTeardownParams, Nothing]("Volume.teardown", "4.4")

// VolumeTeardownParams are the parameters of Volume.teardown.
type VolumeTeardownParams struct {
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
	VolumeID        UUID `json:"volumeID" api:"object"`
}

// VolumeInfoResponse describes a volume. Of one whose metadata cannot be read
// only status, sizes and children are told. Numbers travel as text.
type VolumeInfoResponse struct {
	Disktype *DiskContentType `json:"disktype,omitzero"`
	Status   VolumeStatus     `json:"status"`
	Pool     *UUID            `json:"pool,omitzero"`     // always empty
	Capacity *string          `json:"capacity,omitzero"` // bytes
	// the volume it is based on; the blank id for none
	Parent       *UUID              `json:"parent,omitzero"`
	Type         *VolumeAllocation  `json:"type,omitzero"`
	Children     []UUID             `json:"children"`       // always empty
	Mtime        *string            `json:"mtime,omitzero"` // always 0
	Description  *string            `json:"description,omitzero"`
	Legality     *VolumeLegality    `json:"legality,omitzero"`
	Ctime        *string            `json:"ctime,omitzero"` // seconds since 1970
	Voltype      *VolumeRole        `json:"voltype,omitzero"`
	Truesize     string             `json:"truesize"` // bytes in use
	UUID         *UUID              `json:"uuid,omitzero"`
	Domain       *UUID              `json:"domain,omitzero"`
	Apparentsize string             `json:"apparentsize"` // bytes
	Format       *VolumeFormat      `json:"format,omitzero"`
	Image        *UUID              `json:"image,omitzero"`
	Lease        *VolumeLeaseStatus `json:"lease,omitzero" default:"null"`
	// grows with each job on the volume, from 999 back to 0
	Generation *uint64 `json:"generation,omitzero"`
	// position in the chain, for recovery
	Sequence *uint64 `json:"sequence,omitzero"`
}

// VolumeLeaseStatus says where the lease of a volume is and who holds it.
type VolumeLeaseStatus struct {
	Path    string   `json:"path"`
	Offset  Ulong    `json:"offset"`                         // bytes
	Owners  []uint64 `json:"owners,omitzero" default:"null"` // numbers of hosts
	Version *int64   `json:"version" default:"null"`         // null after a release
}

// VolumeMeasureResult is the size of a copy, in bytes.
type VolumeMeasureResult struct {
	Required       int64  `json:"required"`
	FullyAllocated int64  `json:"fully-allocated"`
	Bitmaps        *int64 `json:"bitmaps,omitzero"` // of a copy that can have them
}

// QemuImageInfo describes a volume as qemu-img does. What a format does not
// have is left out.
type QemuImageInfo struct {
	Format      QemuImageFormat   `json:"format"`
	Virtualsize uint64            `json:"virtualsize"`          // bytes
	Clustersize *uint64           `json:"clustersize,omitzero"` // bytes
	Backingfile *string           `json:"backingfile,omitzero"`
	Compat      *Qcow2Compat      `json:"compat,omitzero"`
	Bitmaps     []Qcow2BitmapInfo `json:"bitmaps,omitzero"`
}

// Qcow2BitmapInfo is a dirty bitmap. It travels as a list of its members.
type Qcow2BitmapInfo struct {
	Name        string                 `json:"name"`
	Granularity uint64                 `json:"granularity"` // bytes that one bit stands for
	Flags       []Qcow2BitmapInfoFlags `json:"flags" default:"[]"`
}

// MarshalJSON implements json.Marshaler.
func (b Qcow2BitmapInfo) MarshalJSON() ([]byte, error) {
	if b.Flags == nil {
		b.Flags = []Qcow2BitmapInfoFlags{}
	}
	return json.Marshal([]any{b.Name, b.Granularity, b.Flags})
}

// UnmarshalJSON implements json.Unmarshaler.
func (b *Qcow2BitmapInfo) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&b.Name, &b.Granularity, &b.Flags})
}

// Qcow2BitmapInfoFlags is a state of a bitmap.
type Qcow2BitmapInfoFlags string

const (
	Qcow2BitmapInfoFlagsAuto  Qcow2BitmapInfoFlags = "auto"
	Qcow2BitmapInfoFlagsInUse Qcow2BitmapInfoFlags = "in-use"
)

// Values implements Enum.
func (Qcow2BitmapInfoFlags) Values() []string {
	return enum(Qcow2BitmapInfoFlagsAuto, Qcow2BitmapInfoFlagsInUse)
}

// VolumeSizeInfo is the size of a volume. The numbers travel as text.
type VolumeSizeInfo struct {
	Truesize     string `json:"truesize"`     // bytes in use
	Apparentsize string `json:"apparentsize"` // bytes
}
