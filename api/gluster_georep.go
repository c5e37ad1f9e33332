// SPDX-License-Identifier: GPL-2.0-or-later

package api

// GlusterVolumeGeoRepConfigList returns the settings of a replication
// session.
var GlusterVolumeGeoRepConfigList = declare[GlusterVolumeGeoRepConfigListParams, GeoRepConfig]("GlusterVolume.geoRepConfigList", "3.6")

// GlusterVolumeGeoRepConfigListParams are the parameters of
// GlusterVolume.geoRepConfigList.
type GlusterVolumeGeoRepConfigListParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

// GlusterVolumeGeoRepConfigReset gives a setting its default.
var GlusterVolumeGeoRepConfigReset = declare[GlusterVolumeGeoRepConfigResetParams, bool]("GlusterVolume.geoRepConfigReset", "3.6")

// GlusterVolumeGeoRepConfigResetParams are the parameters of
// GlusterVolume.geoRepConfigReset.
type GlusterVolumeGeoRepConfigResetParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	OptionName       string  `json:"optionName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

// GlusterVolumeGeoRepConfigSet changes a setting.
var GlusterVolumeGeoRepConfigSet = declare[GlusterVolumeGeoRepConfigSetParams, bool]("GlusterVolume.geoRepConfigSet", "3.6")

// GlusterVolumeGeoRepConfigSetParams are the parameters of
// GlusterVolume.geoRepConfigSet.
type GlusterVolumeGeoRepConfigSetParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	OptionName       string  `json:"optionName"`
	OptionValue      string  `json:"optionValue"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

// GlusterVolumeGeoRepKeysGet returns the public keys of the hosts.
var GlusterVolumeGeoRepKeysGet = declare[NoParams, GeoRepPubKeys]("GlusterVolume.geoRepKeysGet", "3.6")

// GlusterVolumeGeoRepMountBrokerSetup readies the remote side for a user
// other than root.
var GlusterVolumeGeoRepMountBrokerSetup = declare[GlusterVolumeGeoRepMountBrokerSetupParams, EmptyObject]("GlusterVolume.geoRepMountBrokerSetup", "3.6")

// GlusterVolumeGeoRepMountBrokerSetupParams are the parameters of
// GlusterVolume.geoRepMountBrokerSetup.
type GlusterVolumeGeoRepMountBrokerSetupParams struct {
	RemoteUserName   string `json:"remoteUserName"`
	RemoteGroupName  string `json:"remoteGroupName"`
	RemoteVolumeName string `json:"remoteVolumeName"`
	Partial          bool   `json:"partial" default:"false"`
}

// GlusterVolumeGeoRepSessionCreate makes a replication session to a remote
// volume.
var GlusterVolumeGeoRepSessionCreate = declare[GlusterVolumeGeoRepSessionCreateParams, EmptyObject]("GlusterVolume.geoRepSessionCreate", "3.6")

// GlusterVolumeGeoRepSessionCreateParams are the parameters of
// GlusterVolume.geoRepSessionCreate.
type GlusterVolumeGeoRepSessionCreateParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
	Force            bool    `json:"force" default:"false"`
}

// GlusterVolumeGeoRepSessionDelete removes a session.
var GlusterVolumeGeoRepSessionDelete = declare[GlusterVolumeGeoRepSessionDeleteParams, EmptyObject]("GlusterVolume.geoRepSessionDelete", "3.6")

// GlusterVolumeGeoRepSessionDeleteParams are the parameters of
// GlusterVolume.geoRepSessionDelete.
type GlusterVolumeGeoRepSessionDeleteParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

// GlusterVolumeGeoRepSessionList lists the sessions. What is given limits the
// list.
var GlusterVolumeGeoRepSessionList = declare[GlusterVolumeGeoRepSessionListParams, GlusterGeoRepSessionMap]("GlusterVolume.geoRepSessionList", "3.6")

// GlusterVolumeGeoRepSessionListParams are the parameters of
// GlusterVolume.geoRepSessionList.
type GlusterVolumeGeoRepSessionListParams struct {
	VolumeName       *string `json:"volumeName,omitzero" default:"null"`
	RemoteHost       *string `json:"remoteHost,omitzero" default:"null"`
	RemoteVolumeName *string `json:"remoteVolumeName,omitzero" default:"null"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

// GlusterVolumeGeoRepSessionPause makes a session wait.
var GlusterVolumeGeoRepSessionPause = declare[GlusterVolumeGeoRepSessionPauseParams, bool]("GlusterVolume.geoRepSessionPause", "3.6")

// GlusterVolumeGeoRepSessionPauseParams are the parameters of
// GlusterVolume.geoRepSessionPause.
type GlusterVolumeGeoRepSessionPauseParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
	Force            bool    `json:"force" default:"false"`
}

// GlusterVolumeGeoRepSessionResume lets a session go on.
var GlusterVolumeGeoRepSessionResume = declare[GlusterVolumeGeoRepSessionResumeParams, bool]("GlusterVolume.geoRepSessionResume", "3.6")

// GlusterVolumeGeoRepSessionResumeParams are the parameters of
// GlusterVolume.geoRepSessionResume.
type GlusterVolumeGeoRepSessionResumeParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
	Force            bool    `json:"force" default:"false"`
}

// GlusterVolumeGeoRepSessionStart starts a session.
var GlusterVolumeGeoRepSessionStart = declare[GlusterVolumeGeoRepSessionStartParams, bool]("GlusterVolume.geoRepSessionStart", "3.6")

// GlusterVolumeGeoRepSessionStartParams are the parameters of
// GlusterVolume.geoRepSessionStart.
type GlusterVolumeGeoRepSessionStartParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
	Force            bool    `json:"force" default:"false"`
}

// GlusterVolumeGeoRepSessionStatus tells how a session fares, by brick.
var GlusterVolumeGeoRepSessionStatus = declare[GlusterVolumeGeoRepSessionStatusParams, GlusterGeoRepSessionMap]("GlusterVolume.geoRepSessionStatus", "3.6")

// GlusterVolumeGeoRepSessionStatusParams are the parameters of
// GlusterVolume.geoRepSessionStatus.
type GlusterVolumeGeoRepSessionStatusParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

// GlusterVolumeGeoRepSessionStop stops a session.
var GlusterVolumeGeoRepSessionStop = declare[GlusterVolumeGeoRepSessionStopParams, bool]("GlusterVolume.geoRepSessionStop", "3.6")

// GlusterVolumeGeoRepSessionStopParams are the parameters of
// GlusterVolume.geoRepSessionStop.
type GlusterVolumeGeoRepSessionStopParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
	Force            bool    `json:"force" default:"false"`
}

// GlusterVolumeGeoRepKeysUpdate lets the hosts with these keys in.
var GlusterVolumeGeoRepKeysUpdate = declare[GlusterVolumeGeoRepKeysUpdateParams, EmptyObject]("GlusterVolume.geoRepKeysUpdate", "3.6")

// GlusterVolumeGeoRepKeysUpdateParams are the parameters of
// GlusterVolume.geoRepKeysUpdate.
type GlusterVolumeGeoRepKeysUpdateParams struct {
	UserName      string   `json:"userName"`
	GeoRepPubKeys []string `json:"geoRepPubKeys"`
}

// GeoRepConfig holds the settings of a session.
type GeoRepConfig struct {
	GepRepConfig GeoRepConfigMap `json:"gepRepConfig"`
}

// GeoRepConfigMap maps a setting to its value.
type GeoRepConfigMap map[string]string

// GeoRepPubKeys holds public keys.
type GeoRepPubKeys struct {
	GeoRepPubKeys []string `json:"geoRepPubKeys"`
}

// GlusterGeoRepSessionMap maps a volume to its sessions.
type GlusterGeoRepSessionMap map[string]GlusterGeoRepSessionList

// GlusterGeoRepSessionList lists sessions.
type GlusterGeoRepSessionList struct {
	Sessions []GeoRepSessionInfo `json:"sessions"`
}

// GeoRepSessionInfo is a replication session.
type GeoRepSessionInfo struct {
	SessionKey       string           `json:"sessionKey"`
	Bricks           []GeoRepPairInfo `json:"bricks"`
	RemoteVolumeName string           `json:"remoteVolumeName"`
}

// GeoRepPairInfo is how the replication of one brick fares.
type GeoRepPairInfo struct {
	LastSynced               int64  `json:"lastSynced"` // seconds since 1970
	RemoteUserName           string `json:"remoteUserName"`
	CrawlStatus              string `json:"crawlStatus"`
	TimeZone                 string `json:"timeZone"`
	CheckpointCompleted      string `json:"checkpointCompleted"`
	Meta                     string `json:"meta"`
	CheckpointCompletionTime int64  `json:"checkpointCompletionTime"` // seconds since 1970
	Failures                 string `json:"failures"`
	HostUUID                 UUID   `json:"hostUuid"`
	Entry                    string `json:"entry"`
	BrickName                string `json:"brickName"`
	Status                   string `json:"status"`
	CheckpointTime           int64  `json:"checkpointTime"` // seconds since 1970
	RemoteHost               string `json:"remoteHost"`
	Data                     string `json:"data"`
	Host                     string `json:"host"`
}
