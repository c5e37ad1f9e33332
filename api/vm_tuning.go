// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VMSetNumberOfCpus = declare[VMSetNumberOfCpusParams, EmptyObject]("VM.setNumberOfCpus", "3.4")

type VMSetNumberOfCpusParams struct {
	VMID         UUID     `json:"vmID" api:"object"`
	NumberOfCpus int64    `json:"numberOfCpus"`
	Cpusets      []string `json:"cpusets,omitzero" default:"null"`
}

var VMSetBalloonTarget = declare[VMSetBalloonTargetParams, Status]("VM.setBalloonTarget", "3.1")

type VMSetBalloonTargetParams struct {
	VMID   UUID   `json:"vmID" api:"object"`
	Target uint64 `json:"target"`
}

var VMSetIOTune = declare[VMSetIOTuneParams, Status]("VM.setIoTune", "3.4")

type VMSetIOTuneParams struct {
	VMID     UUID                     `json:"vmID" api:"object"`
	Tunables []VmDiskDeviceTuneParams `json:"tunables"`
}

var VMGetIOTune = declare[VMGetIOTuneParams, []VmDiskDeviceTuneParams]("VM.getIoTune", "4.0")

type VMGetIOTuneParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMGetIOTunePolicy = declare[VMGetIOTunePolicyParams, []VmDiskDeviceTuneLimits]("VM.getIoTunePolicy", "3.4")

type VMGetIOTunePolicyParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMSetCPUTuneQuota = declare[VMSetCPUTuneQuotaParams, Status]("VM.setCpuTuneQuota", "3.4")

type VMSetCPUTuneQuotaParams struct {
	VMID  UUID  `json:"vmID" api:"object"`
	Quota int64 `json:"quota"`
}

var VMSetCPUTunePeriod = declare[VMSetCPUTunePeriodParams, Status]("VM.setCpuTunePeriod", "3.4")

type VMSetCPUTunePeriodParams struct {
	VMID   UUID  `json:"vmID" api:"object"`
	Period int64 `json:"period"`
}

var VMUpdateVMPolicy = declare[VMUpdateVMPolicyParams, Status]("VM.updateVmPolicy", "3.4")

type VMUpdateVMPolicyParams struct {
	VMID   UUID                 `json:"vmID" api:"object"`
	Params UpdateVmPolicyParams `json:"params"`
}

type VmDiskDeviceTuneParams struct {
	Name   *string                  `json:"name,omitzero" default:"null"`
	Path   *string                  `json:"path,omitzero" default:"null"`
	IOTune VmDiskDeviceIoTuneParams `json:"ioTune"`
}

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

type UpdateVmPolicyParams struct {
	VCPULimit *int64                   `json:"vcpuLimit,omitzero" default:"null"`
	IOTune    []VmDiskDeviceTuneLimits `json:"ioTune,omitzero" default:"null"`
}
