// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostGetVMList = declare[HostGetVMListParams, []VmInfo]("Host.getVMList", "3.1")

type HostGetVMListParams struct {
	FullStatus bool   `json:"fullStatus" default:"false"`
	VMList     []UUID `json:"vmList" default:"[]"`
	OnlyUUID   bool   `json:"onlyUUID" default:"false"`
}

var HostDumpxmls = declare[HostDumpxmlsParams, map[UUID]string]("Host.dumpxmls", "4.2")

type HostDumpxmlsParams struct {
	VMList []UUID `json:"vmList" default:"[]"`
}

var HostGetVMFullList = declare[HostGetVMFullListParams, []VmShortStatus]("Host.getVMFullList", "3.4")

type HostGetVMFullListParams struct {
	VMList []UUID `json:"vmList" default:"[]"`
}

var HostGetAllVMStats = declare[NoParams, []VmStats]("Host.getAllVmStats", "3.1")

var HostGetAllVMIOTunePolicies = declare[NoParams, BulkIoTunePolicyMap]("Host.getAllVmIoTunePolicies", "4.0")

type VmStatus string

const (
	VmStatusDown                 VmStatus = "Down"
	VmStatusMigrationDestination VmStatus = "Migration Destination"
	VmStatusMigrationSource      VmStatus = "Migration Source"
	VmStatusPaused               VmStatus = "Paused"
	VmStatusPoweringDown         VmStatus = "Powering down"
	VmStatusPoweringUp           VmStatus = "Powering up"
	VmStatusRebootInProgress     VmStatus = "RebootInProgress"
	VmStatusRestoringState       VmStatus = "Restoring state"
	VmStatusSavingState          VmStatus = "Saving State"
	VmStatusUp                   VmStatus = "Up"
	VmStatusWaitForLaunch        VmStatus = "WaitForLaunch"
)

// Values implements Enum.
func (VmStatus) Values() []string {
	return enum(VmStatusDown, VmStatusMigrationDestination, VmStatusMigrationSource, VmStatusPaused, VmStatusPoweringDown, VmStatusPoweringUp, VmStatusRebootInProgress, VmStatusRestoringState, VmStatusSavingState, VmStatusUp, VmStatusWaitForLaunch)
}

type VmInfo struct{ Union }

// Alternatives implements OneOf.
func (VmInfo) Alternatives() []any {
	return []any{UUID(""), VmShortStatus{}}
}

type VmShortStatus struct {
	VMID       UUID     `json:"vmId"`
	Status     VmStatus `json:"status"`
	StatusTime string   `json:"statusTime"`
}

type BulkIoTunePolicyMap map[UUID]BulkIoTunePolicy

type BulkIoTunePolicy struct {
	Policy        VmDiskDeviceTuneLimits `json:"policy"`
	CurrentValues VmDiskDeviceTuneParams `json:"current_values"`
}
