// SPDX-License-Identifier: GPL-2.0-or-later

package api

var GlusterSnapshotActivate = declare[GlusterSnapshotActivateParams, bool]("GlusterSnapshot.activate", "3.6")

type GlusterSnapshotActivateParams struct {
	SnapName string `json:"snapName"`
	Force    bool   `json:"force" default:"false"`
}

var GlusterSnapshotConfigList = declare[NoParams, SnapConfigDetail]("GlusterSnapshot.configList", "3.6")

var GlusterSnapshotConfigSet = declare[GlusterSnapshotConfigSetParams, EmptyObject]("GlusterSnapshot.configSet", "3.6")

type GlusterSnapshotConfigSetParams struct {
	OptionName  string `json:"optionName"`
	OptionValue string `json:"optionValue"`
}

var GlusterSnapshotDeactivate = declare[GlusterSnapshotDeactivateParams, bool]("GlusterSnapshot.deactivate", "3.6")

type GlusterSnapshotDeactivateParams struct {
	SnapName string `json:"snapName"`
}

var GlusterSnapshotDelete = declare[GlusterSnapshotDeleteParams, bool]("GlusterSnapshot.delete", "3.6")

type GlusterSnapshotDeleteParams struct {
	SnapName string `json:"snapName"`
}

var GlusterSnapshotRestore = declare[GlusterSnapshotRestoreParams, SnapRestoreDetail]("GlusterSnapshot.restore", "3.6")

type GlusterSnapshotRestoreParams struct {
	SnapName string `json:"snapName"`
}

var GlusterVolumeSnapshotConfigList = declare[GlusterVolumeSnapshotConfigListParams, SnapConfigDetail]("GlusterVolume.snapshotConfigList", "3.6")

type GlusterVolumeSnapshotConfigListParams struct {
	VolumeName string `json:"volumeName"`
}

var GlusterVolumeSnapshotConfigSet = declare[GlusterVolumeSnapshotConfigSetParams, EmptyObject]("GlusterVolume.snapshotConfigSet", "3.6")

type GlusterVolumeSnapshotConfigSetParams struct {
	VolumeName  string `json:"volumeName"`
	OptionName  string `json:"optionName"`
	OptionValue string `json:"optionValue"`
}

var GlusterVolumeSnapshotCreate = declare[GlusterVolumeSnapshotCreateParams, SnapshotCreateDetail]("GlusterVolume.snapshotCreate", "3.6")

type GlusterVolumeSnapshotCreateParams struct {
	VolumeName      string  `json:"volumeName"`
	SnapName        string  `json:"snapName"`
	SnapDescription *string `json:"snapDescription,omitzero" default:"null"`
	Force           bool    `json:"force" default:"false"`
}

var GlusterVolumeSnapshotDeleteAll = declare[GlusterVolumeSnapshotDeleteAllParams, bool]("GlusterVolume.snapshotDeleteAll", "3.6")

type GlusterVolumeSnapshotDeleteAllParams struct {
	VolumeName string `json:"volumeName"`
}

var GlusterVolumeSnapshotList = declare[GlusterVolumeSnapshotListParams, SnapshotInfoMap]("GlusterVolume.snapshotList", "3.6")

type GlusterVolumeSnapshotListParams struct {
	VolumeName *string `json:"volumeName,omitzero" default:"null"`
}

var GlusterVolumeSnapshotScheduleOverride = declare[GlusterVolumeSnapshotScheduleOverrideParams, EmptyObject]("GlusterVolume.snapshotScheduleOverride", "3.6")

type GlusterVolumeSnapshotScheduleOverrideParams struct {
	Force bool `json:"force" default:"true"`
}

var GlusterVolumeSnapshotScheduleReset = declare[NoParams, EmptyObject]("GlusterVolume.snapshotScheduleReset", "3.6")

type SnapConfigDetail struct {
	System SystemSnapshotConfig    `json:"system"`
	Volume VolumeSnapshotConfigMap `json:"volume"`
}

type SystemSnapshotConfig struct {
	ActivateOnCreate string `json:"activate-on-create"`
	AutoDelete       string `json:"auto-delete"`
	SnapMaxSoftLimit string `json:"snap-max-soft-limit"`
}

type VolumeSnapshotConfigMap map[string]VolumeSnapConfig

type VolumeSnapConfig struct {
	SnapMaxHardLimit string `json:"snap-max-hard-limit"`
}

type SnapRestoreDetail struct {
	VolumeUUID   UUID   `json:"volumeUuid"`
	SnapshotUUID UUID   `json:"snapshotUuid"`
	VolumeName   string `json:"volumeName"`
	SnapshotName string `json:"snapshotName"`
}

type SnapshotCreateDetail struct {
	UUID UUID   `json:"uuid"`
	Name string `json:"name"`
}

type SnapshotInfoMap map[string]VolumeSnapInfo

type VolumeSnapInfo struct {
	SnapRemaining string     `json:"snapRemaining"`
	Snapshots     []SnapInfo `json:"snapshots"`
}

type SnapInfo struct {
	CreateTime       CreateTime     `json:"createTime"`
	ID               UUID           `json:"id"`
	Description      string         `json:"description"`
	Name             string         `json:"name"`
	SnapVolume       string         `json:"snapVolume"`
	SnapVolumeStatus SnapshotStatus `json:"snapVolumeStatus"`
}

type CreateTime struct {
	TimeZone  string `json:"timeZone"`
	EpochTime int64  `json:"epochTime"`
}

type SnapshotStatus string

const (
	SnapshotStatusACTIVATED   SnapshotStatus = "ACTIVATED"
	SnapshotStatusDEACTIVATED SnapshotStatus = "DEACTIVATED"
)

// Values implements Enum.
func (SnapshotStatus) Values() []string {
	return enum(SnapshotStatusACTIVATED, SnapshotStatusDEACTIVATED)
}
