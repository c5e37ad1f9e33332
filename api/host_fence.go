// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostFenceNode = declare[HostFenceNodeParams, FenceNodeResult]("Host.fenceNode", "3.1")

type HostFenceNodeParams struct {
	Addr     string          `json:"addr"`
	Port     int64           `json:"port"`
	Agent    string          `json:"agent"`
	Username string          `json:"username"`
	Password string          `json:"password"`
	Action   FenceNodeAction `json:"action"`
	Secure   bool            `json:"secure" default:"false"`
	Options  string          `json:"options" default:"\"\""`
	Policy   *FencingPolicy  `json:"policy,omitzero" default:"null"`
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
	OperationStatus FenceNodeOperationStatusResult `json:"operationStatus" default:"\"initiated\""`
	Power           FenceNodePowerStatusResult     `json:"power" default:"\"unknown\""`
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
