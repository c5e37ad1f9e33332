// SPDX-License-Identifier: GPL-2.0-or-later

package api

var GlusterVolumeGeoRepConfigList = declare[GlusterVolumeGeoRepConfigListParams, GeoRepConfig]("GlusterVolume.geoRepConfigList", "3.6")

type GlusterVolumeGeoRepConfigListParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

var GlusterVolumeGeoRepConfigReset = declare[GlusterVolumeGeoRepConfigResetParams, bool]("GlusterVolume.geoRepConfigReset", "3.6")

type GlusterVolumeGeoRepConfigResetParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	OptionName       string  `json:"optionName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

var GlusterVolumeGeoRepConfigSet = declare[GlusterVolumeGeoRepConfigSetParams, bool]("GlusterVolume.geoRepConfigSet", "3.6")

type GlusterVolumeGeoRepConfigSetParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	OptionName       string  `json:"optionName"`
	OptionValue      string  `json:"optionValue"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

var GlusterVolumeGeoRepKeysGet = declare[NoParams, GeoRepPubKeys]("GlusterVolume.geoRepKeysGet", "3.6")

var GlusterVolumeGeoRepMountBrokerSetup = declare[GlusterVolumeGeoRepMountBrokerSetupParams, EmptyObject]("GlusterVolume.geoRepMountBrokerSetup", "3.6")

type GlusterVolumeGeoRepMountBrokerSetupParams struct {
	RemoteUserName   string `json:"remoteUserName"`
	RemoteGroupName  string `json:"remoteGroupName"`
	RemoteVolumeName string `json:"remoteVolumeName"`
	Partial          bool   `json:"partial" default:"false"`
}

var GlusterVolumeGeoRepSessionCreate = declare[GlusterVolumeGeoRepSessionCreateParams, EmptyObject]("GlusterVolume.geoRepSessionCreate", "3.6")

type GlusterVolumeGeoRepSessionCreateParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
	Force            bool    `json:"force" default:"false"`
}

var GlusterVolumeGeoRepSessionDelete = declare[GlusterVolumeGeoRepSessionDeleteParams, EmptyObject]("GlusterVolume.geoRepSessionDelete", "3.6")

type GlusterVolumeGeoRepSessionDeleteParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

var GlusterVolumeGeoRepSessionList = declare[GlusterVolumeGeoRepSessionListParams, GlusterGeoRepSessionMap]("GlusterVolume.geoRepSessionList", "3.6")

type GlusterVolumeGeoRepSessionListParams struct {
	VolumeName       *string `json:"volumeName,omitzero" default:"null"`
	RemoteHost       *string `json:"remoteHost,omitzero" default:"null"`
	RemoteVolumeName *string `json:"remoteVolumeName,omitzero" default:"null"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

var GlusterVolumeGeoRepSessionPause = declare[GlusterVolumeGeoRepSessionPauseParams, bool]("GlusterVolume.geoRepSessionPause", "3.6")

type GlusterVolumeGeoRepSessionPauseParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
	Force            bool    `json:"force" default:"false"`
}

var GlusterVolumeGeoRepSessionResume = declare[GlusterVolumeGeoRepSessionResumeParams, bool]("GlusterVolume.geoRepSessionResume", "3.6")

type GlusterVolumeGeoRepSessionResumeParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
	Force            bool    `json:"force" default:"false"`
}

var GlusterVolumeGeoRepSessionStart = declare[GlusterVolumeGeoRepSessionStartParams, bool]("GlusterVolume.geoRepSessionStart", "3.6")

type GlusterVolumeGeoRepSessionStartParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
	Force            bool    `json:"force" default:"false"`
}

var GlusterVolumeGeoRepSessionStatus = declare[GlusterVolumeGeoRepSessionStatusParams, GlusterGeoRepSessionMap]("GlusterVolume.geoRepSessionStatus", "3.6")

type GlusterVolumeGeoRepSessionStatusParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
}

var GlusterVolumeGeoRepSessionStop = declare[GlusterVolumeGeoRepSessionStopParams, bool]("GlusterVolume.geoRepSessionStop", "3.6")

type GlusterVolumeGeoRepSessionStopParams struct {
	VolumeName       string  `json:"volumeName"`
	RemoteHost       string  `json:"remoteHost"`
	RemoteVolumeName string  `json:"remoteVolumeName"`
	RemoteUserName   *string `json:"remoteUserName,omitzero" default:"null"`
	Force            bool    `json:"force" default:"false"`
}

var GlusterVolumeGeoRepKeysUpdate = declare[GlusterVolumeGeoRepKeysUpdateParams, EmptyObject]("GlusterVolume.geoRepKeysUpdate", "3.6")

type GlusterVolumeGeoRepKeysUpdateParams struct {
	UserName      string   `json:"userName"`
	GeoRepPubKeys []string `json:"geoRepPubKeys"`
}

type GeoRepConfig struct {
	GepRepConfig GeoRepConfigMap `json:"gepRepConfig"`
}

type GeoRepConfigMap map[string]string

type GeoRepPubKeys struct {
	GeoRepPubKeys []string `json:"geoRepPubKeys"`
}

type GlusterGeoRepSessionMap map[string]GlusterGeoRepSessionList

type GlusterGeoRepSessionList struct {
	Sessions []GeoRepSessionInfo `json:"sessions"`
}

type GeoRepSessionInfo struct {
	SessionKey       string           `json:"sessionKey"`
	Bricks           []GeoRepPairInfo `json:"bricks"`
	RemoteVolumeName string           `json:"remoteVolumeName"`
}

type GeoRepPairInfo struct {
	LastSynced               int64  `json:"lastSynced"`
	RemoteUserName           string `json:"remoteUserName"`
	CrawlStatus              string `json:"crawlStatus"`
	TimeZone                 string `json:"timeZone"`
	CheckpointCompleted      string `json:"checkpointCompleted"`
	Meta                     string `json:"meta"`
	CheckpointCompletionTime int64  `json:"checkpointCompletionTime"`
	Failures                 string `json:"failures"`
	HostUUID                 UUID   `json:"hostUuid"`
	Entry                    string `json:"entry"`
	BrickName                string `json:"brickName"`
	Status                   string `json:"status"`
	CheckpointTime           int64  `json:"checkpointTime"`
	RemoteHost               string `json:"remoteHost"`
	Data                     string `json:"data"`
	Host                     string `json:"host"`
}
