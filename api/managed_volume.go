// SPDX-License-Identifier: GPL-2.0-or-later

package api

var ManagedVolumeAttachVolume = declare[ManagedVolumeAttachVolumeParams, ManagedVolumeInformation]("ManagedVolume.attach_volume", "4.3")

type ManagedVolumeAttachVolumeParams struct {
	VolID          UUID                    `json:"vol_id"`
	ConnectionInfo ManagedVolumeConnection `json:"connection_info"`
	SDID           UUID                    `json:"sd_id" default:"\"00000000-0000-0000-0000-000000000000\""`
}

var ManagedVolumeDetachVolume = declare[ManagedVolumeDetachVolumeParams, Nothing]("ManagedVolume.detach_volume", "4.3")

type ManagedVolumeDetachVolumeParams struct {
	VolID UUID `json:"vol_id"`
	SDID  UUID `json:"sd_id" default:"\"00000000-0000-0000-0000-000000000000\""`
}

var ManagedVolumeVolumesInfo = declare[ManagedVolumeVolumesInfoParams, []ManagedVolumeInformation]("ManagedVolume.volumes_info", "4.3")

type ManagedVolumeVolumesInfoParams struct {
	VolIDs []UUID `json:"vol_ids" default:"[]"`
}

type ManagedVolumeConnection struct {
	DriverVolumeType string    `json:"driver_volume_type"`
	Data             StringMap `json:"data"`
	Adapter          *string   `json:"adapter,omitzero" default:"null"`
}

type ManagedVolumeInformation struct {
	Exists         *bool                     `json:"exists,omitzero" default:"null"`
	ConnectionInfo *ManagedVolumeConnection  `json:"connection_info,omitzero" default:"null"`
	Path           *string                   `json:"path,omitzero" default:"null"`
	ManagedPath    *string                   `json:"managed_path,omitzero" default:"null"`
	Attachment     *ManagedVolumeAttachement `json:"attachment,omitzero" default:"null"`
	VolID          string                    `json:"vol_id"`
}

type ManagedVolumeAttachement struct {
	Path        string  `json:"path"`
	Type        string  `json:"type"`
	ScsiWwn     *string `json:"scsi_wwn,omitzero" default:"null"`
	MultipathID *string `json:"multipath_id,omitzero" default:"null"`
	Conf        *string `json:"conf,omitzero" default:"null"`
}
