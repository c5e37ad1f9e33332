// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostSetMOMPolicy gives the memory overcommitment manager another policy.
var HostSetMOMPolicy = declare[HostSetMOMPolicyParams, Nothing]("Host.setMOMPolicy", "3.1")

// HostSetMOMPolicyParams are the parameters of Host.setMOMPolicy.
type HostSetMOMPolicyParams struct {
	Policy string `json:"policy"` // in the manager's own language
}

// HostSetMOMPolicyParameters sets variables of the overcommitment policy.
var HostSetMOMPolicyParameters = declare[HostSetMOMPolicyParametersParams, Nothing]("Host.setMOMPolicyParameters", "3.2")

// HostSetMOMPolicyParametersParams are the parameters of
// Host.setMOMPolicyParameters.
type HostSetMOMPolicyParametersParams struct {
	KeyValueStore map[string]any `json:"key_value_store"`
}

// HostSetKSMTune tunes how the kernel merges equal pages.
var HostSetKSMTune = declare[HostSetKSMTuneParams, Status]("Host.setKsmTune", "3.6")

// HostSetKSMTuneParams are the parameters of Host.setKsmTune.
type HostSetKSMTuneParams struct {
	TuningParams KsmTuneParams `json:"tuningParams"`
}

// HostSetHAMaintenanceMode starts or ends maintenance of the hosted engine.
var HostSetHAMaintenanceMode = declare[HostSetHAMaintenanceModeParams, Status]("Host.setHaMaintenanceMode", "3.4")

// HostSetHAMaintenanceModeParams are the parameters of
// Host.setHaMaintenanceMode.
type HostSetHAMaintenanceModeParams struct {
	Mode    HaMaintenanceMode `json:"mode"`
	Enabled bool              `json:"enabled"`
}

// HostSetLogLevel changes how much the daemon logs until it restarts.
var HostSetLogLevel = declare[HostSetLogLevelParams, Nothing]("Host.setLogLevel", "3.1")

// HostSetLogLevelParams are the parameters of Host.setLogLevel.
type HostSetLogLevelParams struct {
	Level LoggingLevel `json:"level"`
	Name  string       `json:"name" default:"\"\""` // of the logger; empty for all
}

// KsmTuneParams are the kernel's settings below /sys/kernel/mm/ksm.
type KsmTuneParams struct {
	SleepMillisecs   *int64 `json:"sleep_millisecs,omitzero" default:"unset"` // pause between two scans
	Run              *int64 `json:"run,omitzero" default:"unset"`             // 1 to merge, 0 not to, 2 to undo
	PagesToScan      *int64 `json:"pages_to_scan,omitzero" default:"unset"`
	MergeAcrossNodes *int64 `json:"merge_across_nodes,omitzero" default:"unset"` // 1 to merge pages of different NUMA nodes
}

// HaMaintenanceMode says whether maintenance concerns this host or the engine
// as a whole.
type HaMaintenanceMode string

const (
	HaMaintenanceModeGLOBAL HaMaintenanceMode = "GLOBAL"
	HaMaintenanceModeLOCAL  HaMaintenanceMode = "LOCAL"
)

// Values implements Enum.
func (HaMaintenanceMode) Values() []string {
	return enum(HaMaintenanceModeGLOBAL, HaMaintenanceModeLOCAL)
}

// LoggingLevel is how important a line must be to be logged.
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
