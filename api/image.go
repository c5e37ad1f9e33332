// SPDX-License-Identifier: GPL-2.0-or-later

package api

var ImageDelete = declare[ImageDeleteParams, UUID]("Image.delete", "3.1")

type ImageDeleteParams struct {
	ImageID         UUID `json:"imageID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	PostZero        bool `json:"postZero"`
	Force           bool `json:"force"`
	Discard         bool `json:"discard" default:"false"`
}

var ImageDeleteVolumes = declare[ImageDeleteVolumesParams, UUID]("Image.deleteVolumes", "3.1")

type ImageDeleteVolumesParams struct {
	ImageID         UUID   `json:"imageID" api:"object"`
	StoragePoolID   UUID   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID   `json:"storagedomainID" api:"object"`
	VolumeList      []UUID `json:"volumeList"`
	PostZero        bool   `json:"postZero" default:"false"`
	Force           bool   `json:"force" default:"false"`
	Discard         bool   `json:"discard" default:"false"`
}

var ImageGetVolumes = declare[ImageGetVolumesParams, []UUID]("Image.getVolumes", "3.1")

type ImageGetVolumesParams struct {
	ImageID         UUID `json:"imageID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
}

var ImageMove = declare[ImageMoveParams, UUID]("Image.move", "3.1")

type ImageMoveParams struct {
	ImageID         UUID               `json:"imageID" api:"object"`
	StoragePoolID   UUID               `json:"storagepoolID" api:"object"`
	StorageDomainID UUID               `json:"storagedomainID" api:"object"`
	DstSDUUID       UUID               `json:"dstSdUUID"`
	Operation       ImageMoveOperation `json:"operation"`
	PostZero        bool               `json:"postZero"`
	Force           bool               `json:"force"`
	Discard         bool               `json:"discard" default:"false"`
}

var ImageCloneStructure = declare[ImageCloneStructureParams, UUID]("Image.cloneStructure", "3.2")

type ImageCloneStructureParams struct {
	ImageID         UUID `json:"imageID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	DstSDUUID       UUID `json:"dstSdUUID"`
}

var ImageSyncData = declare[ImageSyncDataParams, UUID]("Image.syncData", "3.2")

type ImageSyncDataParams struct {
	ImageID         UUID     `json:"imageID" api:"object"`
	StoragePoolID   UUID     `json:"storagepoolID" api:"object"`
	StorageDomainID UUID     `json:"storagedomainID" api:"object"`
	DstSDUUID       UUID     `json:"dstSdUUID"`
	SyncType        SyncType `json:"syncType"`
}

var ImageDownload = declare[ImageDownloadParams, UUID]("Image.download", "3.2")

type ImageDownloadParams struct {
	MethodArgs      ImageSharingMethodArgs `json:"methodArgs"`
	StoragePoolID   UUID                   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID                   `json:"storagedomainID" api:"object"`
	ImageID         UUID                   `json:"imageID" api:"object"`
	VolumeID        *UUID                  `json:"volumeID,omitzero" default:"null"`
}

var ImageUpload = declare[ImageUploadParams, UUID]("Image.upload", "3.2")

type ImageUploadParams struct {
	MethodArgs      ImageSharingMethodArgs `json:"methodArgs"`
	StoragePoolID   UUID                   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID                   `json:"storagedomainID" api:"object"`
	ImageID         UUID                   `json:"imageID" api:"object"`
	VolumeID        *UUID                  `json:"volumeID,omitzero" default:"null"`
}

var ImagePrepare = declare[ImagePrepareParams, PreparedImageInfo]("Image.prepare", "3.4")

type ImagePrepareParams struct {
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
	VolumeID        UUID `json:"volumeID"`
	AllowIllegal    bool `json:"allowIllegal" default:"false"`
}

var ImageTeardown = declare[ImageTeardownParams, Nothing]("Image.teardown", "3.4")

type ImageTeardownParams struct {
	StoragePoolID   UUID  `json:"storagepoolID" api:"object"`
	StorageDomainID UUID  `json:"storagedomainID" api:"object"`
	ImageID         UUID  `json:"imageID" api:"object"`
	VolumeID        *UUID `json:"volumeID,omitzero" default:"null"`
}

var ImageReconcileVolumeChain = declare[ImageReconcileVolumeChainParams, []UUID]("Image.reconcileVolumeChain", "3.5")

type ImageReconcileVolumeChainParams struct {
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
	LeafVolID       UUID `json:"leafVolID"`
}

type ImageMoveOperation string

const (
	ImageMoveOperationCOPY    ImageMoveOperation = "COPY"
	ImageMoveOperationMOVE    ImageMoveOperation = "MOVE"
	ImageMoveOperationUNKNOWN ImageMoveOperation = "UNKNOWN"
)

// Values implements Enum.
func (ImageMoveOperation) Values() []string {
	return enum(ImageMoveOperationCOPY, ImageMoveOperationMOVE, ImageMoveOperationUNKNOWN)
}

type SyncType string

const (
	SyncTypeALL      SyncType = "ALL"
	SyncTypeINTERNAL SyncType = "INTERNAL"
	SyncTypeLEAF     SyncType = "LEAF"
)

// Values implements Enum.
func (SyncType) Values() []string {
	return enum(SyncTypeALL, SyncTypeINTERNAL, SyncTypeLEAF)
}

type ImageSharingMethodArgs struct{ Union }

// Alternatives implements OneOf.
func (ImageSharingMethodArgs) Alternatives() []any {
	return []any{ImageSharingMethodArgsHttp{}}
}

type ImageSharingMethodArgsHttp struct {
	Headers StringMap `json:"headers,omitzero" default:"unset"`
	URL     string    `json:"url"`
}

type PreparedImageInfo struct {
	Path string `json:"path"`
}
