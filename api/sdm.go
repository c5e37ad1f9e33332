// SPDX-License-Identifier: GPL-2.0-or-later

package api

var SDMCopyData = declare[SDMCopyDataParams, Nothing]("SDM.copy_data", "4.1")

type SDMCopyDataParams struct {
	JobID       UUID             `json:"job_id"`
	Source      CopyDataEndpoint `json:"source"`
	Destination CopyDataEndpoint `json:"destination"`
	CopyBitmaps bool             `json:"copy_bitmaps" default:"false"`
}

var SDMSparsifyVolume = declare[SDMSparsifyVolumeParams, Nothing]("SDM.sparsify_volume", "4.1")

type SDMSparsifyVolumeParams struct {
	JobID   UUID                `json:"job_id"`
	VolInfo CopyDataDIVEndpoint `json:"vol_info"`
}

var SDMMerge = declare[SDMMergeParams, Nothing]("SDM.merge", "4.1")

type SDMMergeParams struct {
	JobID        UUID         `json:"job_id"`
	SubchainInfo SubchainInfo `json:"subchain_info"`
	MergeBitmaps bool         `json:"merge_bitmaps" default:"false"`
}

var SDMAmendVolume = declare[SDMAmendVolumeParams, Nothing]("SDM.amend_volume", "4.1")

type SDMAmendVolumeParams struct {
	JobID     UUID                `json:"job_id"`
	VolInfo   CopyDataDIVEndpoint `json:"vol_info"`
	Qcow2Attr Qcow2Attributes     `json:"qcow2_attr"`
}

var SDMMoveDomainDevice = declare[SDMMoveDomainDeviceParams, Nothing]("SDM.move_domain_device", "4.1")

type SDMMoveDomainDeviceParams struct {
	JobID      UUID                          `json:"job_id"`
	MoveParams StorageDomainDeviceMoveParams `json:"move_params"`
}

var SDMReduceDomain = declare[SDMReduceDomainParams, Nothing]("SDM.reduce_domain", "4.1")

type SDMReduceDomainParams struct {
	JobID        UUID                      `json:"job_id"`
	ReduceParams StorageDomainReduceParams `json:"reduce_params"`
}

var SDMUpdateVolume = declare[SDMUpdateVolumeParams, Nothing]("SDM.update_volume", "4.1")

type SDMUpdateVolumeParams struct {
	JobID   UUID                `json:"job_id"`
	VolInfo CopyDataDIVEndpoint `json:"vol_info"`
	VolAttr VolumeAttributes    `json:"vol_attr"`
}

var SDMAddBitmap = declare[SDMAddBitmapParams, Nothing]("SDM.add_bitmap", "4.4.4")

type SDMAddBitmapParams struct {
	JobID   UUID                `json:"job_id"`
	VolInfo CopyDataDIVEndpoint `json:"vol_info"`
	Bitmap  string              `json:"bitmap"`
}

var SDMRemoveBitmap = declare[SDMRemoveBitmapParams, Nothing]("SDM.remove_bitmap", "4.4.4")

type SDMRemoveBitmapParams struct {
	JobID   UUID                `json:"job_id"`
	VolInfo CopyDataDIVEndpoint `json:"vol_info"`
	Bitmap  string              `json:"bitmap"`
}

var SDMClearBitmaps = declare[SDMClearBitmapsParams, Nothing]("SDM.clear_bitmaps", "4.4.7")

type SDMClearBitmapsParams struct {
	JobID   UUID                `json:"job_id"`
	VolInfo CopyDataDIVEndpoint `json:"vol_info"`
}

type CopyDataEndpoint struct{ Union }

// Alternatives implements OneOf.
func (CopyDataEndpoint) Alternatives() []any {
	return []any{CopyDataDIVEndpoint{}}
}

type CopyDataDIVEndpoint struct {
	SDID       UUID    `json:"sd_id"`
	ImgID      UUID    `json:"img_id"`
	VolID      UUID    `json:"vol_id"`
	Generation *uint64 `json:"generation,omitzero" default:"null"`
}

type Qcow2Attributes struct {
	Compat *Qcow2Compat `json:"compat,omitzero" default:"null"`
}

type StorageDomainDeviceMoveParams struct {
	SDID     UUID     `json:"sd_id"`
	GUID     string   `json:"guid"`
	DstGuids []string `json:"dst_guids,omitzero" default:"null"`
}

type StorageDomainReduceParams struct {
	SDID UUID   `json:"sd_id"`
	GUID string `json:"guid"`
}

type VolumeAttributes struct {
	Legality    *VolumeLegality `json:"legality,omitzero" default:"null"`
	Description *string         `json:"description,omitzero" default:"null"`
	Generation  *uint64         `json:"generation,omitzero" default:"null"`
	Type        *VolumeRole     `json:"type,omitzero" default:"null"`
}
