// SPDX-License-Identifier: GPL-2.0-or-later

package api

// ManagedVolumeAttachVolume connects a volume that a storage driver manages
// to this host.
var ManagedVolumeAttachVolume = declare[ManagedVolumeAttachVolumeParams, ManagedVolumeInformation]("ManagedVolume.attach_volume", "4.3")

// ManagedVolumeAttachVolumeParams are the parameters of
// ManagedVolume.attach_volume.
type ManagedVolumeAttachVolumeParams struct {
	VolID          UUID                    `json:"vol_id"`
	ConnectionInfo ManagedVolumeConnection `json:"connection_info"`
	SDID           UUID                    `json:"sd_id" default:"\"00000000-0000-0000-0000-000000000000\""` // the managed storage domain
}

// ManagedVolumeDetachVolume disconnects a managed volume.
var ManagedVolumeDetachVolume = declare[ManagedVolumeDetachVolumeParams, Nothing]("ManagedVolume.detach_volume", "4.3")

// ManagedVolumeDetachVolumeParams are the parameters of
// ManagedVolume.detach_volume.
type ManagedVolumeDetachVolumeParams struct {
	VolID UUID `json:"vol_id"`
	SDID  UUID `json:"sd_id" default:"\"00000000-0000-0000-0000-000000000000\""`
}

// ManagedVolumeVolumesInfo lists the managed volumes of this host.
var ManagedVolumeVolumesInfo = declare[ManagedVolumeVolumesInfoParams, []ManagedVolumeInformation]("ManagedVolume.volumes_info", "4.3")

// ManagedVolumeVolumesInfoParams are the parameters of
// ManagedVolume.volumes_info.
type ManagedVolumeVolumesInfoParams struct {
	VolIDs []UUID `json:"vol_ids" default:"[]"` // only these; empty means all
}

// ManagedVolumeConnection is what the storage driver needs to connect a
// volume.
type ManagedVolumeConnection struct {
	DriverVolumeType string    `json:"driver_volume_type"` // such as "iscsi" or "rbd"
	Data             StringMap `json:"data"`
	Adapter          *string   `json:"adapter,omitzero" default:"null"`
}

// ManagedVolumeInformation is a managed volume on this host.
type ManagedVolumeInformation struct {
	Exists         *bool                     `json:"exists,omitzero" default:"null"`
	ConnectionInfo *ManagedVolumeConnection  `json:"connection_info,omitzero" default:"null"`
	Path           *string                   `json:"path,omitzero" default:"null"`         // stable device node; ManagedPath replaces it
	ManagedPath    *string                   `json:"managed_path,omitzero" default:"null"` // link of ours to the device, for running VMs
	Attachment     *ManagedVolumeAttachement `json:"attachment,omitzero" default:"null"`
	VolID          string                    `json:"vol_id"`
}

// ManagedVolumeAttachement is where the storage driver put a volume.
type ManagedVolumeAttachement struct {
	Path        string  `json:"path"`
	Type        string  `json:"type"`
	ScsiWwn     *string `json:"scsi_wwn,omitzero" default:"null"`
	MultipathID *string `json:"multipath_id,omitzero" default:"null"` // world-wide id of the multipath device
	Conf        *string `json:"conf,omitzero" default:"null"`
}
