// SPDX-License-Identifier: GPL-2.0-or-later

package api

// GlusterVolumeCreate makes a volume of bricks and returns its id.
var GlusterVolumeCreate = declare[GlusterVolumeCreateParams, UUID]("GlusterVolume.create", "3.2")

// GlusterVolumeCreateParams are the parameters of GlusterVolume.create.
type GlusterVolumeCreateParams struct {
	VolumeName    string      `json:"volumeName"`
	Bricklist     []string    `json:"bricklist"` // "host:/directory" of each
	ReplicaCount  int64       `json:"replicaCount" default:"0"`
	StripeCount   int64       `json:"stripeCount" default:"0"`
	TransportList []TransType `json:"transportList" default:"[]"`
	Force         bool        `json:"force" default:"false"`
	// the last brick of each set holds only metadata
	Arbiter bool `json:"arbiter" default:"false"`
}

// GlusterVolumeDelete removes a volume; the bricks keep their files.
var GlusterVolumeDelete = declare[GlusterVolumeDeleteParams, bool]("GlusterVolume.delete", "3.2")

// GlusterVolumeDeleteParams are the parameters of GlusterVolume.delete.
type GlusterVolumeDeleteParams struct {
	VolumeName string `json:"volumeName"`
}

// GlusterVolumeList lists the volumes.
var GlusterVolumeList = declare[GlusterVolumeListParams, []GlusterVolumeInfo]("GlusterVolume.list", "3.6")

// GlusterVolumeListParams are the parameters of GlusterVolume.list.
type GlusterVolumeListParams struct {
	VolumeName   *string `json:"volumeName,omitzero" default:"null"`
	RemoteServer *string `json:"remoteServer,omitzero" default:"null"`
}

// GlusterVolumeMetaVolumeMount mounts the volume that gluster keeps its own
// data in.
var GlusterVolumeMetaVolumeMount = declare[GlusterVolumeMetaVolumeMountParams, EmptyObject]("GlusterVolume.metaVolumeMount", "3.6")

// GlusterVolumeMetaVolumeMountParams are the parameters of
// GlusterVolume.metaVolumeMount.
type GlusterVolumeMetaVolumeMountParams struct {
	MetaVolumeName string `json:"metaVolumeName" default:"\"gluster_shared_storage\""`
}

// GlusterVolumeProfileInfo returns what profiling has measured.
var GlusterVolumeProfileInfo = declare[GlusterVolumeProfileInfoParams, []VolumeProfileInfo]("GlusterVolume.profileInfo", "3.2")

// GlusterVolumeProfileInfoParams are the parameters of
// GlusterVolume.profileInfo.
type GlusterVolumeProfileInfoParams struct {
	VolumeName string `json:"volumeName"`
	NFS        string `json:"nfs" default:"false"`
}

// GlusterVolumeProfileStart begins to measure a volume's operations.
var GlusterVolumeProfileStart = declare[GlusterVolumeProfileStartParams, bool]("GlusterVolume.profileStart", "3.2")

// GlusterVolumeProfileStartParams are the parameters of
// GlusterVolume.profileStart.
type GlusterVolumeProfileStartParams struct {
	VolumeName string `json:"volumeName"`
}

// GlusterVolumeProfileStop ends measuring.
var GlusterVolumeProfileStop = declare[GlusterVolumeProfileStopParams, bool]("GlusterVolume.profileStop", "3.2")

// GlusterVolumeProfileStopParams are the parameters of
// GlusterVolume.profileStop.
type GlusterVolumeProfileStopParams struct {
	VolumeName string `json:"volumeName"`
}

// GlusterVolumeReset gives options of a volume their defaults.
var GlusterVolumeReset = declare[GlusterVolumeResetParams, bool]("GlusterVolume.reset", "3.2")

// GlusterVolumeResetParams are the parameters of GlusterVolume.reset.
type GlusterVolumeResetParams struct {
	VolumeName string `json:"volumeName"`
	Option     string `json:"option"`
	Force      bool   `json:"force"`
}

// GlusterVolumeSet sets an option of a volume.
var GlusterVolumeSet = declare[GlusterVolumeSetParams, bool]("GlusterVolume.set", "3.2")

// GlusterVolumeSetParams are the parameters of GlusterVolume.set.
type GlusterVolumeSetParams struct {
	VolumeName string `json:"volumeName"`
	Option     string `json:"option"`
	Value      string `json:"value"`
}

// GlusterVolumeSetOptionsList lists the options a volume can have.
var GlusterVolumeSetOptionsList = declare[NoParams, []VolumeOptionInfo]("GlusterVolume.setOptionsList", "3.2")

// GlusterVolumeStart lets a volume be mounted.
var GlusterVolumeStart = declare[GlusterVolumeStartParams, bool]("GlusterVolume.start", "3.2")

// GlusterVolumeStartParams are the parameters of GlusterVolume.start.
type GlusterVolumeStartParams struct {
	VolumeName string `json:"volumeName"`
	Force      bool   `json:"force"`
}

// GlusterVolumeStatsInfoGet tells how full a volume is.
var GlusterVolumeStatsInfoGet = declare[GlusterVolumeStatsInfoGetParams, GlusterVolumeStatsInfo]("GlusterVolume.statsInfoGet", "3.4")

// GlusterVolumeStatsInfoGetParams are the parameters of
// GlusterVolume.statsInfoGet.
type GlusterVolumeStatsInfoGetParams struct {
	VolumeName string `json:"volumeName"`
}

// GlusterVolumeStatus tells how the processes of a volume fare.
var GlusterVolumeStatus = declare[GlusterVolumeStatusParams, []GlusterVolumeState]("GlusterVolume.status", "3.2")

// GlusterVolumeStatusParams are the parameters of GlusterVolume.status.
type GlusterVolumeStatusParams struct {
	VolumeName   string        `json:"volumeName"`
	Brick        *string       `json:"brick,omitzero" default:"null"`
	StatusOption *StatusOption `json:"statusOption,omitzero" default:"null"`
}

// GlusterVolumeStop ends what GlusterVolumeStart began.
var GlusterVolumeStop = declare[GlusterVolumeStopParams, bool]("GlusterVolume.stop", "3.2")

// GlusterVolumeStopParams are the parameters of GlusterVolume.stop.
type GlusterVolumeStopParams struct {
	VolumeName string `json:"volumeName"`
	Force      bool   `json:"force"`
}

// GlusterVolumeVolumeEmptyCheck tells whether a volume holds no files.
var GlusterVolumeVolumeEmptyCheck = declare[GlusterVolumeVolumeEmptyCheckParams, VolumeEmptyCheck]("GlusterVolume.volumeEmptyCheck", "3.6")

// GlusterVolumeVolumeEmptyCheckParams are the parameters of
// GlusterVolume.volumeEmptyCheck.
type GlusterVolumeVolumeEmptyCheckParams struct {
	VolumeName string `json:"volumeName"`
}

// GlusterVolumeHealInfo counts what waits to be healed, by brick.
var GlusterVolumeHealInfo = declare[GlusterVolumeHealInfoParams, []HealInfo]("GlusterVolume.healInfo", "4.0")

// GlusterVolumeHealInfoParams are the parameters of GlusterVolume.healInfo.
type GlusterVolumeHealInfoParams struct {
	VolumeName string `json:"volumeName"`
}

// GlusterVolumeGlobalVolumeOptions returns the options that all volumes have.
var GlusterVolumeGlobalVolumeOptions = declare[NoParams, GlobalVolumeOptionMap]("GlusterVolume.globalVolumeOptions", "4.4")

// TransType is how clients reach a volume.
type TransType string

const (
	TransTypeRDMA TransType = "RDMA"
	TransTypeTCP  TransType = "TCP"
)

// Values implements Enum.
func (TransType) Values() []string {
	return enum(TransTypeRDMA, TransTypeTCP)
}

// GlusterVolumeInfo is a volume.
type GlusterVolumeInfo struct {
	UUID            UUID               `json:"uuid"`
	TransportType   TransType          `json:"transportType"`
	Status          GlusterVolumeState `json:"status"`
	BrickCount      int64              `json:"brickCount"`
	Options         []string           `json:"options"`
	BricksInfo      []BricksInfo       `json:"bricksInfo"`
	Bricks          []string           `json:"bricks"`
	VolumeName      string             `json:"volumeName"`
	RedundancyCount int64              `json:"redundancyCount"`
	IsArbiter       bool               `json:"isArbiter"`
	DisperseCount   int64              `json:"disperseCount"`
	VolumeType      string             `json:"volumeType"`
}

// GlusterVolumeState says whether a volume is started.
type GlusterVolumeState string

const (
	GlusterVolumeStateOFFLINE GlusterVolumeState = "OFFLINE"
	GlusterVolumeStateONLINE  GlusterVolumeState = "ONLINE"
)

// Values implements Enum.
func (GlusterVolumeState) Values() []string {
	return enum(GlusterVolumeStateOFFLINE, GlusterVolumeStateONLINE)
}

// BricksInfo is a brick of a volume.
type BricksInfo struct {
	HostUUID  UUID   `json:"hostUuid"`
	Name      string `json:"name"`
	IsArbiter bool   `json:"isArbiter"`
}

// VolumeProfileInfo is what profiling has measured.
type VolumeProfileInfo struct {
	Bricks     []string `json:"bricks"`
	VolumeName string   `json:"volumeName"`
}

// VolumeOptionInfo is an option a volume can have.
type VolumeOptionInfo struct {
	DefaultValue string `json:"defaultValue"`
	Description  string `json:"description"`
	Name         string `json:"name"`
}

// GlusterVolumeStatsInfo is how full a volume is.
type GlusterVolumeStatsInfo struct {
	SizeFree  string `json:"sizeFree"`  // bytes, as text
	SizeUsed  string `json:"sizeUsed"`  // bytes, as text
	SizeTotal string `json:"sizeTotal"` // bytes, as text
}

// StatusOption is what to tell about a volume.
type StatusOption string

const (
	StatusOptionCLIENTS StatusOption = "CLIENTS"
	StatusOptionDETAIL  StatusOption = "DETAIL"
	StatusOptionMEM     StatusOption = "MEM"
)

// Values implements Enum.
func (StatusOption) Values() []string {
	return enum(StatusOptionCLIENTS, StatusOptionDETAIL, StatusOptionMEM)
}

// VolumeEmptyCheck says whether a volume is empty.
type VolumeEmptyCheck struct {
	VolumeEmptyCheck bool `json:"volumeEmptyCheck"`
}

// HealInfo counts what waits to be healed on a brick.
type HealInfo struct {
	Name            string `json:"name"`
	Status          string `json:"status"`
	HostUUID        UUID   `json:"hostUuid"`
	NumberOfEntries int64  `json:"numberOfEntries"`
}

// GlobalVolumeOptionMap maps an option to its value.
type GlobalVolumeOptionMap map[string]string
