// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostGetVMList lists the VMs of the host.
var HostGetVMList = declare[HostGetVMListParams, []VmInfo]("Host.getVMList", "3.1")

// HostGetVMListParams are the parameters of Host.getVMList.
type HostGetVMListParams struct {
	FullStatus bool   `json:"fullStatus" default:"false"` // of no effect
	VMList     []UUID `json:"vmList" default:"[]"`        // only these; empty means all
	// of no effect in the original, which answers objects either way
	OnlyUUID bool `json:"onlyUUID" default:"false"`
}

// HostDumpxmls returns the domain XML of VMs as libvirt has it.
var HostDumpxmls = declare[HostDumpxmlsParams, map[UUID]string]("Host.dumpxmls", "4.2")

// HostDumpxmlsParams are the parameters of Host.dumpxmls.
type HostDumpxmlsParams struct {
	VMList []UUID `json:"vmList" default:"[]"`
}

// HostGetVMFullList lists the VMs of the host with their status.
var HostGetVMFullList = declare[HostGetVMFullListParams, []VmShortStatus]("Host.getVMFullList", "3.4")

// HostGetVMFullListParams are the parameters of Host.getVMFullList.
type HostGetVMFullListParams struct {
	VMList []UUID `json:"vmList" default:"[]"` // only these; empty means all
}

// HostGetAllVMStats returns the statistics of all VMs from the last sample.
var HostGetAllVMStats = declare[NoParams, []VmStats]("Host.getAllVmStats", "3.1")

// HostGetAllVMIOTunePolicies returns the disk limits of all VMs.
var HostGetAllVMIOTunePolicies = declare[NoParams, BulkIoTunePolicyMap]("Host.getAllVmIoTunePolicies", "4.0")

// VmStatus is where a VM is in its life. VDSM says Powering up until the
// guest is known to run.
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

// VmInfo is a VM in a list.
type VmInfo struct{ Union }

// Alternatives implements OneOf.
func (VmInfo) Alternatives() []any {
	return []any{UUID(""), VmShortStatus{}}
}

// VmShortStatus is the status of a VM at a time.
type VmShortStatus struct {
	VMID   UUID     `json:"vmId"`
	Status VmStatus `json:"status"`
	// milliseconds of the host's monotonic clock; it orders answers and
	// events
	StatusTime string `json:"statusTime"`
}

// BulkIoTunePolicyMap maps a VM to its disk limits.
type BulkIoTunePolicyMap map[UUID]BulkIoTunePolicy

// BulkIoTunePolicy are the limits a VM's disks may have, and have.
type BulkIoTunePolicy struct {
	Policy        VmDiskDeviceTuneLimits `json:"policy"`
	CurrentValues VmDiskDeviceTuneParams `json:"current_values"`
}
