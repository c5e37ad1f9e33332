// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostSetMOMPolicy = declare[HostSetMOMPolicyParams, Nothing]("Host.setMOMPolicy", "3.1")

type HostSetMOMPolicyParams struct {
	Policy string `json:"policy"`
}

var HostSetMOMPolicyParameters = declare[HostSetMOMPolicyParametersParams, Nothing]("Host.setMOMPolicyParameters", "3.2")

type HostSetMOMPolicyParametersParams struct {
	KeyValueStore map[string]any `json:"key_value_store"`
}

var HostSetKSMTune = declare[HostSetKSMTuneParams, Status]("Host.setKsmTune", "3.6")

type HostSetKSMTuneParams struct {
	TuningParams KsmTuneParams `json:"tuningParams"`
}

var HostSetHAMaintenanceMode = declare[HostSetHAMaintenanceModeParams, Status]("Host.setHaMaintenanceMode", "3.4")

type HostSetHAMaintenanceModeParams struct {
	Mode    HaMaintenanceMode `json:"mode"`
	Enabled bool              `json:"enabled"`
}

var HostSetLogLevel = declare[HostSetLogLevelParams, Nothing]("Host.setLogLevel", "3.1")

type HostSetLogLevelParams struct {
	Level LoggingLevel `json:"level"`
	Name  string       `json:"name" default:"\"\""`
}

type KsmTuneParams struct {
	SleepMillisecs   int64 `json:"sleep_millisecs"`
	Run              int64 `json:"run"`
	PagesToScan      int64 `json:"pages_to_scan"`
	MergeAcrossNodes int64 `json:"merge_across_nodes"`
}

type HaMaintenanceMode string

const (
	HaMaintenanceModeGLOBAL HaMaintenanceMode = "GLOBAL"
	HaMaintenanceModeLOCAL  HaMaintenanceMode = "LOCAL"
)

// Values implements Enum.
func (HaMaintenanceMode) Values() []string {
	return enum(HaMaintenanceModeGLOBAL, HaMaintenanceModeLOCAL)
}

type LoggingLevel string

const (
	LoggingLevelCRIT     LoggingLevel = "CRIT"
	LoggingLevelCRITICAL LoggingLevel = "CRITICAL"
	LoggingLevelDEBUG    LoggingLevel = "DEBUG"
	LoggingLevelERROR    LoggingLevel = "ERROR"
	LoggingLevelINFO     LoggingLevel = "INFO"
	LoggingLevelWARN     LoggingLevel = "WARN"
	LoggingLevelWARNING  LoggingLevel = "WARNING"
)

// Values implements Enum.
func (LoggingLevel) Values() []string {
	return enum(LoggingLevelCRIT, LoggingLevelCRITICAL, LoggingLevelDEBUG, LoggingLevelERROR, LoggingLevelINFO, LoggingLevelWARN, LoggingLevelWARNING)
}
