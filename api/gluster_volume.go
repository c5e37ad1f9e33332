// SPDX-License-Identifier: GPL-2.0-or-later

package api

var GlusterVolumeCreate = declare[GlusterVolumeCreateParams, UUID]("GlusterVolume.create", "3.2")

type GlusterVolumeCreateParams struct {
	VolumeName    string      `json:"volumeName"`
	Bricklist     []string    `json:"bricklist"`
	ReplicaCount  int64       `json:"replicaCount" default:"0"`
	StripeCount   int64       `json:"stripeCount" default:"0"`
	TransportList []TransType `json:"transportList" default:"[]"`
	Force         bool        `json:"force" default:"false"`
	Arbiter       bool        `json:"arbiter" default:"false"`
}

var GlusterVolumeDelete = declare[GlusterVolumeDeleteParams, bool]("GlusterVolume.delete", "3.2")

type GlusterVolumeDeleteParams struct {
	VolumeName string `json:"volumeName"`
}

var GlusterVolumeList = declare[GlusterVolumeListParams, []GlusterVolumeInfo]("GlusterVolume.list", "3.6")

type GlusterVolumeListParams struct {
	VolumeName   *string `json:"volumeName,omitzero" default:"null"`
	RemoteServer *string `json:"remoteServer,omitzero" default:"null"`
}

var GlusterVolumeMetaVolumeMount = declare[GlusterVolumeMetaVolumeMountParams, EmptyObject]("GlusterVolume.metaVolumeMount", "3.6")

type GlusterVolumeMetaVolumeMountParams struct {
	MetaVolumeName string `json:"metaVolumeName" default:"\"gluster_shared_storage\""`
}

var GlusterVolumeProfileInfo = declare[GlusterVolumeProfileInfoParams, []VolumeProfileInfo]("GlusterVolume.profileInfo", "3.2")

type GlusterVolumeProfileInfoParams struct {
	VolumeName string `json:"volumeName"`
	NFS        string `json:"nfs" default:"false"`
}

var GlusterVolumeProfileStart = declare[GlusterVolumeProfileStartParams, bool]("GlusterVolume.profileStart", "3.2")

type GlusterVolumeProfileStartParams struct {
	VolumeName string `json:"volumeName"`
}

var GlusterVolumeProfileStop = declare[GlusterVolumeProfileStopParams, bool]("GlusterVolume.profileStop", "3.2")

type GlusterVolumeProfileStopParams struct {
	VolumeName string `json:"volumeName"`
}

var GlusterVolumeReset = declare[GlusterVolumeResetParams, bool]("GlusterVolume.reset", "3.2")

type GlusterVolumeResetParams struct {
	VolumeName string `json:"volumeName"`
	Option     string `json:"option"`
	Force      bool   `json:"force"`
}

var GlusterVolumeSet = declare[GlusterVolumeSetParams, bool]("GlusterVolume.set", "3.2")

type GlusterVolumeSetParams struct {
	VolumeName string `json:"volumeName"`
	Option     string `json:"option"`
	Value      string `json:"value"`
}

var GlusterVolumeSetOptionsList = declare[NoParams, []VolumeOptionInfo]("GlusterVolume.setOptionsList", "3.2")

var GlusterVolumeStart = declare[GlusterVolumeStartParams, bool]("GlusterVolume.start", "3.2")

type GlusterVolumeStartParams struct {
	VolumeName string `json:"volumeName"`
	Force      bool   `json:"force"`
}

var GlusterVolumeStatsInfoGet = declare[GlusterVolumeStatsInfoGetParams, GlusterVolumeStatsInfo]("GlusterVolume.statsInfoGet", "3.4")

type GlusterVolumeStatsInfoGetParams struct {
	VolumeName string `json:"volumeName"`
}

var GlusterVolumeStatus = declare[GlusterVolumeStatusParams, []GlusterVolumeState]("GlusterVolume.status", "3.2")

type GlusterVolumeStatusParams struct {
	VolumeName   string        `json:"volumeName"`
	Brick        *string       `json:"brick,omitzero" default:"null"`
	StatusOption *StatusOption `json:"statusOption,omitzero" default:"null"`
}

var GlusterVolumeStop = declare[GlusterVolumeStopParams, bool]("GlusterVolume.stop", "3.2")

type GlusterVolumeStopParams struct {
	VolumeName string `json:"volumeName"`
	Force      bool   `json:"force"`
}

var GlusterVolumeVolumeEmptyCheck = declare[GlusterVolumeVolumeEmptyCheckParams, VolumeEmptyCheck]("GlusterVolume.volumeEmptyCheck", "3.6")

type GlusterVolumeVolumeEmptyCheckParams struct {
	VolumeName string `json:"volumeName"`
}

var GlusterVolumeHealInfo = declare[GlusterVolumeHealInfoParams, []HealInfo]("GlusterVolume.healInfo", "4.0")

type GlusterVolumeHealInfoParams struct {
	VolumeName string `json:"volumeName"`
}

var GlusterVolumeGlobalVolumeOptions = declare[NoParams, GlobalVolumeOptionMap]("GlusterVolume.globalVolumeOptions", "4.4")

type TransType string

const (
	TransTypeRDMA TransType = "RDMA"
	TransTypeTCP  TransType = "TCP"
)

// Values implements Enum.
func (TransType) Values() []string {
	return enum(TransTypeRDMA, TransTypeTCP)
}

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

type GlusterVolumeState string

const (
	GlusterVolumeStateOFFLINE GlusterVolumeState = "OFFLINE"
	GlusterVolumeStateONLINE  GlusterVolumeState = "ONLINE"
)

// Values implements Enum.
func (GlusterVolumeState) Values() []string {
	return enum(GlusterVolumeStateOFFLINE, GlusterVolumeStateONLINE)
}

type BricksInfo struct {
	HostUUID  UUID   `json:"hostUuid"`
	Name      string `json:"name"`
	IsArbiter bool   `json:"isArbiter"`
}

type VolumeProfileInfo struct {
	Bricks     []string `json:"bricks"`
	VolumeName string   `json:"volumeName"`
}

type VolumeOptionInfo struct {
	DefaultValue string `json:"defaultValue"`
	Description  string `json:"description"`
	Name         string `json:"name"`
}

type GlusterVolumeStatsInfo struct {
	SizeFree  string `json:"sizeFree"`
	SizeUsed  string `json:"sizeUsed"`
	SizeTotal string `json:"sizeTotal"`
}

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

type VolumeEmptyCheck struct {
	VolumeEmptyCheck bool `json:"volumeEmptyCheck"`
}

type HealInfo struct {
	Name            string `json:"name"`
	Status          string `json:"status"`
	HostUUID        UUID   `json:"hostUuid"`
	NumberOfEntries int64  `json:"numberOfEntries"`
}

type GlobalVolumeOptionMap map[string]string
