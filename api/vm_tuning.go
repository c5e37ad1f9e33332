// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMSetNumberOfCpus changes how many processors a running VM has.
var VMSetNumberOfCpus = declare[VMSetNumberOfCpusParams, EmptyObject]("VM.setNumberOfCpus", "3.4")

// VMSetNumberOfCpusParams are the parameters of VM.setNumberOfCpus.
type VMSetNumberOfCpusParams struct {
	VMID         UUID  `json:"vmID" api:"object"`
	NumberOfCpus int64 `json:"numberOfCpus"`
	// processors of the host for each, such as "1,3-5"
	Cpusets []string `json:"cpusets,omitzero" default:"null"`
}

// VMSetBalloonTarget sets how much memory the guest shall have.
var VMSetBalloonTarget = declare[VMSetBalloonTargetParams, Status]("VM.setBalloonTarget", "3.1")

// VMSetBalloonTargetParams are the parameters of VM.setBalloonTarget.
type VMSetBalloonTargetParams struct {
	VMID   UUID   `json:"vmID" api:"object"`
	Target uint64 `json:"target"` // KiB
}

// VMSetIOTune limits disks of a running VM.
var VMSetIOTune = declare[VMSetIOTuneParams, Status]("VM.setIoTune", "3.4")

// VMSetIOTuneParams are the parameters of VM.setIoTune.
type VMSetIOTuneParams struct {
	VMID     UUID                     `json:"vmID" api:"object"`
	Tunables []VmDiskDeviceTuneParams `json:"tunables"`
}

// VMGetIOTune returns the limits of a VM's disks.
var VMGetIOTune = declare[VMGetIOTuneParams, []VmDiskDeviceTuneParams]("VM.getIoTune", "4.0")

// VMGetIOTuneParams are the parameters of VM.getIoTune.
type VMGetIOTuneParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMGetIOTunePolicy returns between which bounds the limits of a VM's disks
// may be chosen.
var VMGetIOTunePolicy = declare[VMGetIOTunePolicyParams, []VmDiskDeviceTuneLimits]("VM.getIoTunePolicy", "3.4")

// VMGetIOTunePolicyParams are the parameters of VM.getIoTunePolicy.
type VMGetIOTunePolicyParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMSetCPUTuneQuota limits each processor of a VM.
var VMSetCPUTuneQuota = declare[VMSetCPUTuneQuotaParams, Status]("VM.setCpuTuneQuota", "3.4")

// VMSetCPUTuneQuotaParams are the parameters of VM.setCpuTuneQuota.
type VMSetCPUTuneQuotaParams struct {
	VMID  UUID  `json:"vmID" api:"object"`
	Quota int64 `json:"quota"` // microseconds of each period; -1 for no limit
}

// VMSetCPUTunePeriod sets the period that the quota is a part of.
var VMSetCPUTunePeriod = declare[VMSetCPUTunePeriodParams, Status]("VM.setCpuTunePeriod", "3.4")

// VMSetCPUTunePeriodParams are the parameters of VM.setCpuTunePeriod.
type VMSetCPUTunePeriodParams struct {
	VMID   UUID  `json:"vmID" api:"object"`
	Period int64 `json:"period"` // microseconds
}

// VMUpdateVMPolicy changes what a VM may use of the host.
var VMUpdateVMPolicy = declare[VMUpdateVMPolicyParams, Status]("VM.updateVmPolicy", "3.4")

// VMUpdateVMPolicyParams are the parameters of VM.updateVmPolicy.
type VMUpdateVMPolicyParams struct {
	VMID   UUID                 `json:"vmID" api:"object"`
	Params UpdateVmPolicyParams `json:"params"`
}

// VmDiskDeviceTuneParams are the limits of one disk, named by name or path.
type VmDiskDeviceTuneParams struct {
	Name   *string                  `json:"name,omitzero" default:"null"`
	Path   *string                  `json:"path,omitzero" default:"null"`
	IOTune VmDiskDeviceIoTuneParams `json:"ioTune"`
}

// VmDiskDeviceTuneLimits are the bounds for one disk.
type VmDiskDeviceTuneLimits struct {
	Name       *string                  `json:"name,omitzero" default:"unset"`
	Path       *string                  `json:"path,omitzero" default:"unset"`
	DomainID   *UUID                    `json:"domainID,omitzero" default:"unset"`
	PoolID     *UUID                    `json:"poolID,omitzero" default:"unset"`
	ImageID    *UUID                    `json:"imageID,omitzero" default:"unset"`
	VolumeID   *UUID                    `json:"volumeID,omitzero" default:"unset"`
	Maximum    VmDiskDeviceIoTuneParams `json:"maximum"`
	Guaranteed VmDiskDeviceIoTuneParams `json:"guaranteed"`
}

// UpdateVmPolicyParams is what a VM may use of the host.
type UpdateVmPolicyParams struct {
	VCPULimit *int64                   `json:"vcpuLimit,omitzero" default:"null"` // percent
	IOTune    []VmDiskDeviceTuneLimits `json:"ioTune,omitzero" default:"null"`
}
