// SPDX-License-Identifier: GPL-2.0-or-later

package api

// SDMCopyData copies the data of a volume, on any host. It runs as a job.
var SDMCopyData = declare[SDMCopyDataParams, Nothing]("SDM.copy_data", "4.1")

// SDMCopyDataParams are the parameters of SDM.copy_data.
type SDMCopyDataParams struct {
	JobID       UUID             `json:"job_id"`
	Source      CopyDataEndpoint `json:"source"`
	Destination CopyDataEndpoint `json:"destination"`
	CopyBitmaps bool             `json:"copy_bitmaps" default:"false"`
}

// SDMSparsifyVolume gives unused blocks of a volume back. It runs as a job.
var SDMSparsifyVolume = declare[SDMSparsifyVolumeParams, Nothing]("SDM.sparsify_volume", "4.1")

// SDMSparsifyVolumeParams are the parameters of SDM.sparsify_volume.
type SDMSparsifyVolumeParams struct {
	JobID   UUID                `json:"job_id"`
	VolInfo CopyDataDIVEndpoint `json:"vol_info"`
}

// SDMMerge merges two volumes of a chain that no VM uses. It runs as a job.
var SDMMerge = declare[SDMMergeParams, Nothing]("SDM.merge", "4.1")

// SDMMergeParams are the parameters of SDM.merge.
type SDMMergeParams struct {
	JobID        UUID         `json:"job_id"`
	SubchainInfo SubchainInfo `json:"subchain_info"`
	MergeBitmaps bool         `json:"merge_bitmaps" default:"false"`
}

// SDMAmendVolume changes the qcow2 version of a volume. It runs as a job.
var SDMAmendVolume = declare[SDMAmendVolumeParams, Nothing]("SDM.amend_volume", "4.1")

// SDMAmendVolumeParams are the parameters of SDM.amend_volume.
type SDMAmendVolumeParams struct {
	JobID     UUID                `json:"job_id"`
	VolInfo   CopyDataDIVEndpoint `json:"vol_info"`
	Qcow2Attr Qcow2Attributes     `json:"qcow2_attr"`
}

// SDMMoveDomainDevice moves data off a device of a block domain. It runs as a
// job.
var SDMMoveDomainDevice = declare[SDMMoveDomainDeviceParams, Nothing]("SDM.move_domain_device", "4.1")

// SDMMoveDomainDeviceParams are the parameters of SDM.move_domain_device.
type SDMMoveDomainDeviceParams struct {
	JobID      UUID                          `json:"job_id"`
	MoveParams StorageDomainDeviceMoveParams `json:"move_params"`
}

// SDMReduceDomain takes a device out of a block domain. It runs as a job.
var SDMReduceDomain = declare[SDMReduceDomainParams, Nothing]("SDM.reduce_domain", "4.1")

// SDMReduceDomainParams are the parameters of SDM.reduce_domain.
type SDMReduceDomainParams struct {
	JobID        UUID                      `json:"job_id"`
	ReduceParams StorageDomainReduceParams `json:"reduce_params"`
}

// SDMUpdateVolume changes attributes of a volume. It runs as a job.
var SDMUpdateVolume = declare[SDMUpdateVolumeParams, Nothing]("SDM.update_volume", "4.1")

// SDMUpdateVolumeParams are the parameters of SDM.update_volume.
type SDMUpdateVolumeParams struct {
	JobID   UUID                `json:"job_id"`
	VolInfo CopyDataDIVEndpoint `json:"vol_info"`
	VolAttr VolumeAttributes    `json:"vol_attr"`
}

// SDMAddBitmap adds a dirty bitmap to a volume. It runs as a job.
var SDMAddBitmap = declare[SDMAddBitmapParams, Nothing]("SDM.add_bitmap", "4.4.4")

// SDMAddBitmapParams are the parameters of SDM.add_bitmap.
type SDMAddBitmapParams struct {
	JobID   UUID                `json:"job_id"`
	VolInfo CopyDataDIVEndpoint `json:"vol_info"`
	Bitmap  string              `json:"bitmap"`
}

// SDMRemoveBitmap removes a dirty bitmap from a volume. It runs as a job.
var SDMRemoveBitmap = declare[SDMRemoveBitmapParams, Nothing]("SDM.remove_bitmap", "4.4.4")

// SDMRemoveBitmapParams are the parameters of SDM.remove_bitmap.
type SDMRemoveBitmapParams struct {
	JobID   UUID                `json:"job_id"`
	VolInfo CopyDataDIVEndpoint `json:"vol_info"`
	Bitmap  string              `json:"bitmap"`
}

// SDMClearBitmaps removes all dirty bitmaps from a volume. It runs as a job.
var SDMClearBitmaps = declare[SDMClearBitmapsParams, Nothing]("SDM.clear_bitmaps", "4.4.7")

// SDMClearBitmapsParams are the parameters of SDM.clear_bitmaps.
type SDMClearBitmapsParams struct {
	JobID   UUID                `json:"job_id"`
	VolInfo CopyDataDIVEndpoint `json:"vol_info"`
}

// CopyDataEndpoint is an end of a copy.
type CopyDataEndpoint struct{ Union }

// Alternatives implements OneOf.
func (CopyDataEndpoint) Alternatives() []any {
	return []any{CopyDataDIVEndpoint{}}
}

// CopyDataDIVEndpoint names a volume by domain, image and volume.
type CopyDataDIVEndpoint struct {
	SDID       UUID    `json:"sd_id"`
	ImgID      UUID    `json:"img_id"`
	VolID      UUID    `json:"vol_id"`
	Generation *uint64 `json:"generation,omitzero" default:"null"` // the job fails if the volume has another
}

// Qcow2Attributes are the attributes that can be amended.
type Qcow2Attributes struct {
	Compat *Qcow2Compat `json:"compat,omitzero" default:"null"`
}

// StorageDomainDeviceMoveParams says which device to empty.
type StorageDomainDeviceMoveParams struct {
	SDID UUID   `json:"sd_id"`
	GUID string `json:"guid"`
	// where the data may go; any other device when left out
	DstGuids []string `json:"dst_guids,omitzero" default:"null"`
}

// StorageDomainReduceParams says which device to take out.
type StorageDomainReduceParams struct {
	SDID UUID   `json:"sd_id"`
	GUID string `json:"guid"`
}

// VolumeAttributes are the attributes to change; what is left out stays.
type VolumeAttributes struct {
	Legality    *VolumeLegality `json:"legality,omitzero" default:"null"`
	Description *string         `json:"description,omitzero" default:"null"` // 210 bytes at most, the rest is cut off
	Generation  *uint64         `json:"generation,omitzero" default:"null"`  // the new one
	Type        *VolumeRole     `json:"type,omitzero" default:"null"`
}
