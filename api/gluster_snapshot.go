// SPDX-License-Identifier: GPL-2.0-or-later

package api

// GlusterSnapshotActivate lets a snapshot be mounted.
var GlusterSnapshotActivate = declare[GlusterSnapshotActivateParams, bool]("GlusterSnapshot.activate", "3.6")

// GlusterSnapshotActivateParams are the parameters of
// GlusterSnapshot.activate.
type GlusterSnapshotActivateParams struct {
	SnapName string `json:"snapName"`
	Force    bool   `json:"force" default:"false"`
}

// GlusterSnapshotConfigList returns the settings of snapshots for all
// volumes.
var GlusterSnapshotConfigList = declare[NoParams, SnapConfigDetail]("GlusterSnapshot.configList", "3.6")

// GlusterSnapshotConfigSet changes a setting for all volumes.
var GlusterSnapshotConfigSet = declare[GlusterSnapshotConfigSetParams, EmptyObject]("GlusterSnapshot.configSet", "3.6")

// GlusterSnapshotConfigSetParams are the parameters of
// GlusterSnapshot.configSet.
type GlusterSnapshotConfigSetParams struct {
	OptionName  string `json:"optionName"`
	OptionValue string `json:"optionValue"`
}

// GlusterSnapshotDeactivate ends what GlusterSnapshotActivate began.
var GlusterSnapshotDeactivate = declare[GlusterSnapshotDeactivateParams, bool]("GlusterSnapshot.deactivate", "3.6")

// GlusterSnapshotDeactivateParams are the parameters of
// GlusterSnapshot.deactivate.
type GlusterSnapshotDeactivateParams struct {
	SnapName string `json:"snapName"`
}

// GlusterSnapshotDelete removes a snapshot.
var GlusterSnapshotDelete = declare[GlusterSnapshotDeleteParams, bool]("GlusterSnapshot.delete", "3.6")

// GlusterSnapshotDeleteParams are the parameters of GlusterSnapshot.delete.
type GlusterSnapshotDeleteParams struct {
	SnapName string `json:"snapName"`
}

// GlusterSnapshotRestore brings a volume back to a snapshot.
var GlusterSnapshotRestore = declare[GlusterSnapshotRestoreParams, SnapRestoreDetail]("GlusterSnapshot.restore", "3.6")

// GlusterSnapshotRestoreParams are the parameters of GlusterSnapshot.restore.
type GlusterSnapshotRestoreParams struct {
	SnapName string `json:"snapName"`
}

// GlusterVolumeSnapshotConfigList returns the settings of snapshots for a
// volume.
var GlusterVolumeSnapshotConfigList = declare[GlusterVolumeSnapshotConfigListParams, SnapConfigDetail]("GlusterVolume.snapshotConfigList", "3.6")

// GlusterVolumeSnapshotConfigListParams are the parameters of
// GlusterVolume.snapshotConfigList.
type GlusterVolumeSnapshotConfigListParams struct {
	VolumeName string `json:"volumeName"`
}

// GlusterVolumeSnapshotConfigSet changes a setting for a volume.
var GlusterVolumeSnapshotConfigSet = declare[GlusterVolumeSnapshotConfigSetParams, EmptyObject]("GlusterVolume.snapshotConfigSet", "3.6")

// GlusterVolumeSnapshotConfigSetParams are the parameters of
// GlusterVolume.snapshotConfigSet.
type GlusterVolumeSnapshotConfigSetParams struct {
	VolumeName  string `json:"volumeName"`
	OptionName  string `json:"optionName"`
	OptionValue string `json:"optionValue"`
}

// GlusterVolumeSnapshotCreate makes a snapshot of a volume.
var GlusterVolumeSnapshotCreate = declare[GlusterVolumeSnapshotCreateParams, SnapshotCreateDetail]("GlusterVolume.snapshotCreate", "3.6")

// GlusterVolumeSnapshotCreateParams are the parameters of
// GlusterVolume.snapshotCreate.
type GlusterVolumeSnapshotCreateParams struct {
	VolumeName      string  `json:"volumeName"`
	SnapName        string  `json:"snapName"`
	SnapDescription *string `json:"snapDescription,omitzero" default:"null"`
	Force           bool    `json:"force" default:"false"`
}

// GlusterVolumeSnapshotDeleteAll removes all snapshots of a volume.
var GlusterVolumeSnapshotDeleteAll = declare[GlusterVolumeSnapshotDeleteAllParams, bool]("GlusterVolume.snapshotDeleteAll", "3.6")

// GlusterVolumeSnapshotDeleteAllParams are the parameters of
// GlusterVolume.snapshotDeleteAll.
type GlusterVolumeSnapshotDeleteAllParams struct {
	VolumeName string `json:"volumeName"`
}

// GlusterVolumeSnapshotList lists snapshots, of one volume or of all.
var GlusterVolumeSnapshotList = declare[GlusterVolumeSnapshotListParams, SnapshotInfoMap]("GlusterVolume.snapshotList", "3.6")

// GlusterVolumeSnapshotListParams are the parameters of
// GlusterVolume.snapshotList.
type GlusterVolumeSnapshotListParams struct {
	VolumeName *string `json:"volumeName,omitzero" default:"null"`
}

// GlusterVolumeSnapshotScheduleOverride makes this host the one that takes
// scheduled snapshots.
var GlusterVolumeSnapshotScheduleOverride = declare[GlusterVolumeSnapshotScheduleOverrideParams, EmptyObject]("GlusterVolume.snapshotScheduleOverride", "3.6")

// GlusterVolumeSnapshotScheduleOverrideParams are the parameters of
// GlusterVolume.snapshotScheduleOverride.
type GlusterVolumeSnapshotScheduleOverrideParams struct {
	Force bool `json:"force" default:"true"`
}

// GlusterVolumeSnapshotScheduleReset ends the schedule of snapshots.
var GlusterVolumeSnapshotScheduleReset = declare[NoParams, EmptyObject]("GlusterVolume.snapshotScheduleReset", "3.6")

// SnapConfigDetail holds the settings of snapshots.
type SnapConfigDetail struct {
	System SystemSnapshotConfig    `json:"system"`
	Volume VolumeSnapshotConfigMap `json:"volume"`
}

// SystemSnapshotConfig holds the settings for all volumes.
type SystemSnapshotConfig struct {
	ActivateOnCreate string `json:"activate-on-create"`
	AutoDelete       string `json:"auto-delete"`
	SnapMaxSoftLimit string `json:"snap-max-soft-limit"`
}

// VolumeSnapshotConfigMap maps a volume to its settings.
type VolumeSnapshotConfigMap map[string]VolumeSnapConfig

// VolumeSnapConfig holds the settings for one volume.
type VolumeSnapConfig struct {
	SnapMaxHardLimit string `json:"snap-max-hard-limit"`
}

// SnapRestoreDetail is what was restored.
type SnapRestoreDetail struct {
	VolumeUUID   UUID   `json:"volumeUuid"`
	SnapshotUUID UUID   `json:"snapshotUuid"`
	VolumeName   string `json:"volumeName"`
	SnapshotName string `json:"snapshotName"`
}

// SnapshotCreateDetail is the snapshot that was made.
type SnapshotCreateDetail struct {
	UUID UUID   `json:"uuid"`
	Name string `json:"name"`
}

// SnapshotInfoMap maps a volume to its snapshots.
type SnapshotInfoMap map[string]VolumeSnapInfo

// VolumeSnapInfo lists the snapshots of a volume.
type VolumeSnapInfo struct {
	SnapRemaining string     `json:"snapRemaining"` // how many more there can be
	Snapshots     []SnapInfo `json:"snapshots"`
}

// SnapInfo is a snapshot.
type SnapInfo struct {
	CreateTime       CreateTime     `json:"createTime"`
	ID               UUID           `json:"id"`
	Description      string         `json:"description"`
	Name             string         `json:"name"`
	SnapVolume       string         `json:"snapVolume"`
	SnapVolumeStatus SnapshotStatus `json:"snapVolumeStatus"`
}

// CreateTime is when a snapshot was made.
type CreateTime struct {
	TimeZone  string `json:"timeZone"`
	EpochTime int64  `json:"epochTime"` // seconds since 1970
}

// SnapshotStatus says whether a snapshot can be mounted.
type SnapshotStatus string

const (
	SnapshotStatusACTIVATED   SnapshotStatus = "ACTIVATED"
	SnapshotStatusDEACTIVATED SnapshotStatus = "DEACTIVATED"
)

// Values implements Enum.
func (SnapshotStatus) Values() []string {
	return enum(SnapshotStatusACTIVATED, SnapshotStatusDEACTIVATED)
}
