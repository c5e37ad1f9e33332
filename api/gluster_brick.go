// SPDX-License-Identifier: GPL-2.0-or-later

package api

// GlusterVolumeAddBrick adds bricks to a volume.
var GlusterVolumeAddBrick = declare[GlusterVolumeAddBrickParams, bool]("GlusterVolume.addBrick", "3.2")

// GlusterVolumeAddBrickParams are the parameters of GlusterVolume.addBrick.
type GlusterVolumeAddBrickParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount" default:"0"`
	StripeCount  int64    `json:"stripeCount" default:"0"`
	Force        bool     `json:"force" default:"false"`
}

// GlusterVolumeRebalanceStart begins to spread the files of a volume evenly.
var GlusterVolumeRebalanceStart = declare[GlusterVolumeRebalanceStartParams, UUID]("GlusterVolume.rebalanceStart", "3.2")

// GlusterVolumeRebalanceStartParams are the parameters of
// GlusterVolume.rebalanceStart.
type GlusterVolumeRebalanceStartParams struct {
	VolumeName    string `json:"volumeName"`
	RebalanceType string `json:"rebalanceType"`
	Force         bool   `json:"force"`
}

// GlusterVolumeRebalanceStatus tells how far a rebalance is.
var GlusterVolumeRebalanceStatus = declare[GlusterVolumeRebalanceStatusParams, RebalanceRemoveStatus]("GlusterVolume.rebalanceStatus", "3.2")

// GlusterVolumeRebalanceStatusParams are the parameters of
// GlusterVolume.rebalanceStatus.
type GlusterVolumeRebalanceStatusParams struct {
	VolumeName string `json:"volumeName"`
}

// GlusterVolumeRebalanceStop stops a rebalance.
var GlusterVolumeRebalanceStop = declare[GlusterVolumeRebalanceStopParams, RebalanceRemoveStatus]("GlusterVolume.rebalanceStop", "3.2")

// GlusterVolumeRebalanceStopParams are the parameters of
// GlusterVolume.rebalanceStop.
type GlusterVolumeRebalanceStopParams struct {
	VolumeName string `json:"volumeName"`
	Force      bool   `json:"force" default:"false"`
}

// GlusterVolumeRemoveBrickCommit removes bricks that have been emptied.
var GlusterVolumeRemoveBrickCommit = declare[GlusterVolumeRemoveBrickCommitParams, bool]("GlusterVolume.removeBrickCommit", "3.2")

// GlusterVolumeRemoveBrickCommitParams are the parameters of
// GlusterVolume.removeBrickCommit.
type GlusterVolumeRemoveBrickCommitParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount"`
}

// GlusterVolumeRemoveBrickForce removes bricks with what is on them.
var GlusterVolumeRemoveBrickForce = declare[GlusterVolumeRemoveBrickForceParams, bool]("GlusterVolume.removeBrickForce", "3.2")

// GlusterVolumeRemoveBrickForceParams are the parameters of
// GlusterVolume.removeBrickForce.
type GlusterVolumeRemoveBrickForceParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount"`
}

// GlusterVolumeRemoveBrickStart begins to empty bricks.
var GlusterVolumeRemoveBrickStart = declare[GlusterVolumeRemoveBrickStartParams, UUID]("GlusterVolume.removeBrickStart", "3.2")

// GlusterVolumeRemoveBrickStartParams are the parameters of
// GlusterVolume.removeBrickStart.
type GlusterVolumeRemoveBrickStartParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount"`
}

// GlusterVolumeRemoveBrickStatus tells how far the emptying is.
var GlusterVolumeRemoveBrickStatus = declare[GlusterVolumeRemoveBrickStatusParams, RebalanceRemoveStatus]("GlusterVolume.removeBrickStatus", "3.2")

// GlusterVolumeRemoveBrickStatusParams are the parameters of
// GlusterVolume.removeBrickStatus.
type GlusterVolumeRemoveBrickStatusParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount" default:"0"`
}

// GlusterVolumeRemoveBrickStop stops the emptying; the bricks stay.
var GlusterVolumeRemoveBrickStop = declare[GlusterVolumeRemoveBrickStopParams, RebalanceRemoveStatus]("GlusterVolume.removeBrickStop", "3.2")

// GlusterVolumeRemoveBrickStopParams are the parameters of
// GlusterVolume.removeBrickStop.
type GlusterVolumeRemoveBrickStopParams struct {
	VolumeName   string   `json:"volumeName"`
	BrickList    []string `json:"brickList"`
	ReplicaCount int64    `json:"replicaCount"`
}

// GlusterVolumeReplaceBrickCommitForce puts a new brick in place of one.
var GlusterVolumeReplaceBrickCommitForce = declare[GlusterVolumeReplaceBrickCommitForceParams, EmptyObject]("GlusterVolume.replaceBrickCommitForce", "3.6")

// GlusterVolumeReplaceBrickCommitForceParams are the parameters of
// GlusterVolume.replaceBrickCommitForce.
type GlusterVolumeReplaceBrickCommitForceParams struct {
	VolumeName    string `json:"volumeName"`
	ExistingBrick string `json:"existingBrick"`
	NewBrick      string `json:"newBrick"`
}

// GlusterVolumeResetBrickStart takes a brick out of use to be repaired.
var GlusterVolumeResetBrickStart = declare[GlusterVolumeResetBrickStartParams, EmptyObject]("GlusterVolume.resetBrickStart", "4.2")

// GlusterVolumeResetBrickStartParams are the parameters of
// GlusterVolume.resetBrickStart.
type GlusterVolumeResetBrickStartParams struct {
	VolumeName    string `json:"volumeName"`
	ExistingBrick string `json:"existingBrick"`
}

// GlusterVolumeResetBrickCommitForce takes a repaired brick into use again.
var GlusterVolumeResetBrickCommitForce = declare[GlusterVolumeResetBrickCommitForceParams, EmptyObject]("GlusterVolume.resetBrickCommitForce", "4.2")

// GlusterVolumeResetBrickCommitForceParams are the parameters of
// GlusterVolume.resetBrickCommitForce.
type GlusterVolumeResetBrickCommitForceParams struct {
	VolumeName    string `json:"volumeName"`
	ExistingBrick string `json:"existingBrick"`
}

// RebalanceRemoveStatus is how far files have been moved.
type RebalanceRemoveStatus struct {
	Summary Summary  `json:"summary"`
	Hosts   HostInfo `json:"hosts"`
}

// Summary counts over all hosts.
type Summary struct {
	FilesScanned   int64  `json:"filesScanned"`
	Status         string `json:"status"`
	FilesSkipped   int64  `json:"filesSkipped"`
	Runtime        Float  `json:"runtime"` // seconds
	FilesFailed    int64  `json:"filesFailed"`
	TotalSizeMoved int64  `json:"totalSizeMoved"` // bytes
	FilesMoved     int64  `json:"filesMoved"`
}

// HostInfo counts on one host.
type HostInfo struct {
	FilesSkipped   int64             `json:"filesSkipped"`
	FilesScanned   int64             `json:"filesScanned"`
	ID             UUID              `json:"id"`
	Name           string            `json:"name"`
	Status         GlusterTaskStatus `json:"status"`
	Runtime        Float             `json:"runtime"` // seconds
	FilesFailed    int64             `json:"filesFailed"`
	TotalSizeMoved int64             `json:"totalSizeMoved"` // bytes
	FilesMoved     int64             `json:"filesMoved"`
}

// GlusterTaskStatus is where a task is in its life.
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
