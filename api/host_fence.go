// SPDX-License-Identifier: GPL-2.0-or-later

package api

import (
	"encoding/json"
	"strings"
)

// HostFenceNode switches another host off or on, or tells its power state, by
// running a fence agent here.
var HostFenceNode = declare[HostFenceNodeParams, FenceNodeResult]("Host.fenceNode", "3.1")

// HostFenceNodeParams are the parameters of Host.fenceNode.
type HostFenceNodeParams struct {
	Addr     string          `json:"addr"` // of the power switch
	Port     FencePort       `json:"port"`
	Agent    string          `json:"agent"` // name without "fence_", such as "ipmilan"
	Username string          `json:"username"`
	Password string          `json:"password"`
	Action   FenceNodeAction `json:"action"`
	Secure   bool            `json:"secure" default:"false"`         // over an encrypted connection
	Options  string          `json:"options" default:"\"\""`         // lines of name=value for the agent
	Policy   *FencingPolicy  `json:"policy,omitzero" default:"null"` // when not to fence
}

// FenceNodeAction is what a fence agent shall do.
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

// FencingPolicy says when a host must not be fenced because it is alive after
// all.
type FencingPolicy struct {
	// not when the host renews its lease in one of these
	StorageDomainHostIDMap           HostIdMap `json:"storageDomainHostIdMap,omitzero" default:"null"`
	SkipFencingIfGlusterBricksUp     bool      `json:"skipFencingIfGlusterBricksUp" default:"false"`
	SkipFencingIfGlusterQuorumNotMet bool      `json:"skipFencingIfGlusterQuorumNotMet" default:"false"`
	GlusterServerUUID                *UUID     `json:"glusterServerUuid,omitzero" default:"null"`
}

// HostIdMap maps a storage domain to the number of the other host in its
// lockspace.
type HostIdMap map[UUID]int64

// FenceNodeResult is the outcome of HostFenceNode.
type FenceNodeResult struct {
	OperationStatus FenceNodeOperationStatusResult `json:"operationStatus,omitzero" default:"\"initiated\""` // only for off and on
	Power           FenceNodePowerStatusResult     `json:"power,omitzero" default:"\"unknown\""`             // only for status
}

// FenceNodeOperationStatusResult says whether fencing began.
type FenceNodeOperationStatusResult string

const (
	FenceNodeOperationStatusResultInitiated FenceNodeOperationStatusResult = "initiated"
	FenceNodeOperationStatusResultSkipped   FenceNodeOperationStatusResult = "skipped"
)

// Values implements Enum.
func (FenceNodeOperationStatusResult) Values() []string {
	return enum(FenceNodeOperationStatusResultInitiated, FenceNodeOperationStatusResultSkipped)
}

// FenceNodePowerStatusResult says whether a host has power.
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
