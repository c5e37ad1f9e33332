// SPDX-License-Identifier: GPL-2.0-or-later

package api

var GlusterVolumeAddBrick = declare[GlusterVolumeAddBrickParams, bool]("GlusterVolume.addBrick", "3.2")

type GlusterVolumeAddBrickParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount" default:"0"`
	StripeCount  int64    `json:"stripeCount" default:"0"`
	Force        bool     `json:"force" default:"false"`
}

var GlusterVolumeRebalanceStart = declare[GlusterVolumeRebalanceStartParams, UUID]("GlusterVolume.rebalanceStart", "3.2")

type GlusterVolumeRebalanceStartParams struct {
	VolumeName    string `json:"volumeName"`
	RebalanceType string `json:"rebalanceType"`
	Force         bool   `json:"force"`
}

var GlusterVolumeRebalanceStatus = declare[GlusterVolumeRebalanceStatusParams, RebalanceRemoveStatus]("GlusterVolume.rebalanceStatus", "3.2")

type GlusterVolumeRebalanceStatusParams struct {
	VolumeName string `json:"volumeName"`
}

var GlusterVolumeRebalanceStop = declare[GlusterVolumeRebalanceStopParams, RebalanceRemoveStatus]("GlusterVolume.rebalanceStop", "3.2")

type GlusterVolumeRebalanceStopParams struct {
	VolumeName string `json:"volumeName"`
	Force      bool   `json:"force" default:"false"`
}

var GlusterVolumeRemoveBrickCommit = declare[GlusterVolumeRemoveBrickCommitParams, bool]("GlusterVolume.removeBrickCommit", "3.2")

type GlusterVolumeRemoveBrickCommitParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount"`
}

var GlusterVolumeRemoveBrickForce = declare[GlusterVolumeRemoveBrickForceParams, bool]("GlusterVolume.removeBrickForce", "3.2")

type GlusterVolumeRemoveBrickForceParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount"`
}

var GlusterVolumeRemoveBrickStart = declare[GlusterVolumeRemoveBrickStartParams, UUID]("GlusterVolume.removeBrickStart", "3.2")

type GlusterVolumeRemoveBrickStartParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount"`
}

var GlusterVolumeRemoveBrickStatus = declare[GlusterVolumeRemoveBrickStatusParams, RebalanceRemoveStatus]("GlusterVolume.removeBrickStatus", "3.2")

type GlusterVolumeRemoveBrickStatusParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount" default:"0"`
}

var GlusterVolumeRemoveBrickStop = declare[GlusterVolumeRemoveBrickStopParams, RebalanceRemoveStatus]("GlusterVolume.removeBrickStop", "3.2")

type GlusterVolumeRemoveBrickStopParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount"`
}

var GlusterVolumeReplaceBrickCommitForce = declare[GlusterVolumeReplaceBrickCommitForceParams, EmptyObject]("GlusterVolume.replaceBrickCommitForce", "3.6")

type GlusterVolumeReplaceBrickCommitForceParams struct {
	VolumeName    string `json:"volumeName"`
	ExistingBrick string `json:"existingBrick"`
	NewBrick      string `json:"newBrick"`
}

var GlusterVolumeResetBrickStart = declare[GlusterVolumeResetBrickStartParams, EmptyObject]("GlusterVolume.resetBrickStart", "4.2")

type GlusterVolumeResetBrickStartParams struct {
	VolumeName    string `json:"volumeName"`
	ExistingBrick string `json:"existingBrick"`
}

var GlusterVolumeResetBrickCommitForce = declare[GlusterVolumeResetBrickCommitForceParams, EmptyObject]("GlusterVolume.resetBrickCommitForce", "4.2")

type GlusterVolumeResetBrickCommitForceParams struct {
	VolumeName    string `json:"volumeName"`
	ExistingBrick string `json:"existingBrick"`
}

type RebalanceRemoveStatus struct {
	Summary Summary  `json:"summary"`
	Hosts   HostInfo `json:"hosts"`
}

type Summary struct {
	FilesScanned   int64  `json:"filesScanned"`
	Status         string `json:"status"`
	FilesSkipped   int64  `json:"filesSkipped"`
	Runtime        Float  `json:"runtime"`
	FilesFailed    int64  `json:"filesFailed"`
	TotalSizeMoved int64  `json:"totalSizeMoved"`
	FilesMoved     int64  `json:"filesMoved"`
}

type HostInfo struct {
	FilesSkipped   int64             `json:"filesSkipped"`
	FilesScanned   int64             `json:"filesScanned"`
	ID             UUID              `json:"id"`
	Name           string            `json:"name"`
	Status         GlusterTaskStatus `json:"status"`
	Runtime        Float             `json:"runtime"`
	FilesFailed    int64             `json:"filesFailed"`
	TotalSizeMoved int64             `json:"totalSizeMoved"`
	FilesMoved     int64             `json:"filesMoved"`
}

type GlusterTaskStatus string

const (
	GlusterTaskStatusCOMPLETED  GlusterTaskStatus = "COMPLETED"
	GlusterTaskStatusFAILED     GlusterTaskStatus = "FAILED"
	GlusterTaskStatusNOTSTARTED GlusterTaskStatus = "NOT_STARTED"
	GlusterTaskStatusSTARTED    GlusterTaskStatus = "STARTED"
	GlusterTaskStatusSTOPPED    GlusterTaskStatus = "STOPPED"
	GlusterTaskStatusUNKNOWN    GlusterTaskStatus = "UNKNOWN"
)

// Values implements Enum.
func (GlusterTaskStatus) Values() []string {
	return enum(GlusterTaskStatusCOMPLETED, GlusterTaskStatusFAILED, GlusterTaskStatusNOTSTARTED, GlusterTaskStatusSTARTED, GlusterTaskStatusSTOPPED, GlusterTaskStatusUNKNOWN)
}
