// SPDX-License-Identifier: GPL-2.0-or-later

package api

import (
	"encoding/json"
	"strings"
)

var HostFenceNode = declare[HostFenceNodeParams, FenceNodeResult]("Host.fenceNode", "3.1")

type HostFenceNodeParams struct {
	Addr     string          `json:"addr"`
	Port     FencePort       `json:"port"`
	Agent    string          `json:"agent"`
	Username string          `json:"username"`
	Password string          `json:"password"`
	Action   FenceNodeAction `json:"action"`
	Secure   bool            `json:"secure" default:"false"`
	Options  string          `json:"options" default:"\"\""`
	Policy   *FencingPolicy  `json:"policy,omitzero" default:"null"`
}

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

// FencePort is the port of a power management device. The schema calls it a
// number; managers send a number, its text, or "" for the agent's own choice.
type FencePort string

// UnmarshalJSON takes a number or a text.
func (p *FencePort) UnmarshalJSON(b []byte) error {
	if !strings.HasPrefix(string(b), `"`) {
		var n json.Number
		err := json.Unmarshal(b, &n)
		*p = FencePort(n)
		return err
	}
	return json.Unmarshal(b, (*string)(p))
}

type FenceNodeAction string

const (
	FenceNodeActionOff    FenceNodeAction = "off"
	FenceNodeActionOn     FenceNodeAction = "on"
	FenceNodeActionReboot FenceNodeAction = "reboot"
	FenceNodeActionStatus FenceNodeAction = "status"
)

// Values implements Enum.
func (FenceNodeAction) Values() []string {
	return enum(FenceNodeActionOff, FenceNodeActionOn, FenceNodeActionReboot, FenceNodeActionStatus)
}

type FencingPolicy struct {
	StorageDomainHostIDMap           HostIdMap `json:"storageDomainHostIdMap,omitzero" default:"null"`
	SkipFencingIfGlusterBricksUp     bool      `json:"skipFencingIfGlusterBricksUp" default:"false"`
	SkipFencingIfGlusterQuorumNotMet bool      `json:"skipFencingIfGlusterQuorumNotMet" default:"false"`
	GlusterServerUUID                *UUID     `json:"glusterServerUuid,omitzero" default:"null"`
}

type HostIdMap map[UUID]int64

type FenceNodeResult struct {
	OperationStatus FenceNodeOperationStatusResult `json:"operationStatus,omitzero" default:"\"initiated\""`
	Power           FenceNodePowerStatusResult     `json:"power,omitzero" default:"\"unknown\""`
}

type FenceNodeOperationStatusResult string

const (
	FenceNodeOperationStatusResultInitiated FenceNodeOperationStatusResult = "initiated"
	FenceNodeOperationStatusResultSkipped   FenceNodeOperationStatusResult = "skipped"
)

// Values implements Enum.
func (FenceNodeOperationStatusResult) Values() []string {
	return enum(FenceNodeOperationStatusResultInitiated, FenceNodeOperationStatusResultSkipped)
}

type FenceNodePowerStatusResult string

const (
	FenceNodePowerStatusResultOff     FenceNodePowerStatusResult = "off"
	FenceNodePowerStatusResultOn      FenceNodePowerStatusResult = "on"
	FenceNodePowerStatusResultUnknown FenceNodePowerStatusResult = "unknown"
)

// Values implements Enum.
func (FenceNodePowerStatusResult) Values() []string {
	return enum(FenceNodePowerStatusResultOff, FenceNodePowerStatusResultOn, FenceNodePowerStatusResultUnknown)
}

type KsmTuneParams struct {
	SleepMillisecs   *int64 `json:"sleep_millisecs,omitzero" default:"unset"`
	Run              *int64 `json:"run,omitzero" default:"unset"`
	PagesToScan      *int64 `json:"pages_to_scan,omitzero" default:"unset"`
	MergeAcrossNodes *int64 `json:"merge_across_nodes,omitzero" default:"unset"`
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
