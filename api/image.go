// SPDX-License-Identifier: GPL-2.0-or-later

package api

// ImageDelete removes an image with all its volumes. It runs as a task.
var ImageDelete = declare[ImageDeleteParams, UUID]("Image.delete", "3.1")

// ImageDeleteParams are the parameters of Image.delete.
type ImageDeleteParams struct {
	ImageID         UUID `json:"imageID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	PostZero        bool `json:"postZero"` // overwrite with zeros first
	Force           bool `json:"force"`
	Discard         bool `json:"discard" default:"false"` // give the blocks back to the storage
}

// ImageDeleteVolumes removes volumes of an image. It runs as a task.
var ImageDeleteVolumes = declare[ImageDeleteVolumesParams, UUID]("Image.deleteVolumes", "3.1")

// ImageDeleteVolumesParams are the parameters of Image.deleteVolumes.
type ImageDeleteVolumesParams struct {
	ImageID         UUID   `json:"imageID" api:"object"`
	StoragePoolID   UUID   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID   `json:"storagedomainID" api:"object"`
	VolumeList      []UUID `json:"volumeList"`
	PostZero        bool   `json:"postZero" default:"false"` // overwrite with zeros first
	Force           bool   `json:"force" default:"false"`
	Discard         bool   `json:"discard" default:"false"` // give the blocks back to the storage
}

// ImageGetVolumes lists the volumes of an image.
var ImageGetVolumes = declare[ImageGetVolumesParams, []UUID]("Image.getVolumes", "3.1")

// ImageGetVolumesParams are the parameters of Image.getVolumes.
type ImageGetVolumesParams struct {
	ImageID         UUID `json:"imageID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
}

// ImageMove copies or moves an image to another storage domain. It runs as a
// task.
var ImageMove = declare[ImageMoveParams, UUID]("Image.move", "3.1")

// ImageMoveParams are the parameters of Image.move.
type ImageMoveParams struct {
	ImageID         UUID               `json:"imageID" api:"object"`
	StoragePoolID   UUID               `json:"storagepoolID" api:"object"`
	StorageDomainID UUID               `json:"storagedomainID" api:"object"`
	DstSDUUID       UUID               `json:"dstSdUUID"`
	Operation       ImageMoveOperation `json:"operation"`
	PostZero        bool               `json:"postZero"` // overwrite the source with zeros when moving
	Force           bool               `json:"force"`
	Discard         bool               `json:"discard" default:"false"`
}

// ImageCloneStructure makes empty copies of an image's volumes in another
// storage domain. It runs as a task.
var ImageCloneStructure = declare[ImageCloneStructureParams, UUID]("Image.cloneStructure", "3.2")

// ImageCloneStructureParams are the parameters of Image.cloneStructure.
type ImageCloneStructureParams struct {
	ImageID         UUID `json:"imageID" api:"object"`
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	DstSDUUID       UUID `json:"dstSdUUID"`
}

// ImageSyncData fills what ImageCloneStructure made. It runs as a task.
var ImageSyncData = declare[ImageSyncDataParams, UUID]("Image.syncData", "3.2")

// ImageSyncDataParams are the parameters of Image.syncData.
type ImageSyncDataParams struct {
	ImageID         UUID     `json:"imageID" api:"object"`
	StoragePoolID   UUID     `json:"storagepoolID" api:"object"`
	StorageDomainID UUID     `json:"storagedomainID" api:"object"`
	DstSDUUID       UUID     `json:"dstSdUUID"`
	SyncType        SyncType `json:"syncType"`
}

// ImageDownload writes an image to a server. It runs as a task.
var ImageDownload = declare[ImageDownloadParams, UUID]("Image.download", "3.2")

// ImageDownloadParams are the parameters of Image.download.
type ImageDownloadParams struct {
	MethodArgs      ImageSharingMethodArgs `json:"methodArgs"`
	StoragePoolID   UUID                   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID                   `json:"storagedomainID" api:"object"`
	ImageID         UUID                   `json:"imageID" api:"object"`
	VolumeID        *UUID                  `json:"volumeID,omitzero" default:"null"`
}

// ImageUpload reads an image from a server. It runs as a task.
var ImageUpload = declare[ImageUploadParams, UUID]("Image.upload", "3.2")

// ImageUploadParams are the parameters of Image.upload.
type ImageUploadParams struct {
	MethodArgs      ImageSharingMethodArgs `json:"methodArgs"`
	StoragePoolID   UUID                   `json:"storagepoolID" api:"object"`
	StorageDomainID UUID                   `json:"storagedomainID" api:"object"`
	ImageID         UUID                   `json:"imageID" api:"object"`
	VolumeID        *UUID                  `json:"volumeID,omitzero" default:"null"`
}

// ImagePrepare makes a volume usable on this host and tells its path.
var ImagePrepare = declare[ImagePrepareParams, PreparedImageInfo]("Image.prepare", "3.4")

// ImagePrepareParams are the parameters of Image.prepare.
type ImagePrepareParams struct {
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
	VolumeID        UUID `json:"volumeID"`
	AllowIllegal    bool `json:"allowIllegal" default:"false"` // even if the volume is marked illegal
}

// ImageTeardown undoes ImagePrepare.
var ImageTeardown = declare[ImageTeardownParams, Nothing]("Image.teardown", "3.4")

// ImageTeardownParams are the parameters of Image.teardown.
type ImageTeardownParams struct {
	StoragePoolID   UUID  `json:"storagepoolID" api:"object"`
	StorageDomainID UUID  `json:"storagedomainID" api:"object"`
	ImageID         UUID  `json:"imageID" api:"object"`
	VolumeID        *UUID `json:"volumeID,omitzero" default:"null"`
}

// ImageReconcileVolumeChain compares an image's chain of volumes with what
// the disk says, repairs the metadata after a merge, and returns the chain.
var ImageReconcileVolumeChain = declare[ImageReconcileVolumeChainParams, []UUID]("Image.reconcileVolumeChain", "3.5")

// ImageReconcileVolumeChainParams are the parameters of
// Image.reconcileVolumeChain.
type ImageReconcileVolumeChainParams struct {
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID" api:"object"`
	ImageID         UUID `json:"imageID" api:"object"`
	// last volume of the chain as the manager knows it
	LeafVolID UUID `json:"leafVolID"`
}

// ImageMoveOperation says whether the source stays.
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

// SyncType says which volumes are copied: all, those that others are based
// on, or the last.
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

// ImageSharingMethodArgs says how an image travels.
type ImageSharingMethodArgs struct{ Union }

// Alternatives implements OneOf.
func (ImageSharingMethodArgs) Alternatives() []any {
	return []any{ImageSharingMethodArgsHttp{}}
}

// ImageSharingMethodArgsHttp is a transfer over HTTP.
type ImageSharingMethodArgsHttp struct {
	Headers StringMap `json:"headers,omitzero" default:"unset"`
	URL     string    `json:"url"`
}

// PreparedImageInfo is where a prepared volume is.
type PreparedImageInfo struct {
	Path string `json:"path"`
}
