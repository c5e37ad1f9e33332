// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostGetExternalVMs = declare[HostGetExternalVMsParams, []ExternalVmInfo]("Host.getExternalVMs", "3.6")

type HostGetExternalVMsParams struct {
	URI      string   `json:"uri"`
	Username string   `json:"username"`
	Password string   `json:"password"`
	VMNames  []string `json:"vm_names,omitzero" default:"null"`
}

var HostGetExternalVMNames = declare[HostGetExternalVMNamesParams, []string]("Host.getExternalVMNames", "4.1")

type HostGetExternalVMNamesParams struct {
	URI      string `json:"uri"`
	Username string `json:"username"`
	Password string `json:"password"`
}

var HostGetExternalVMFromOva = declare[HostGetExternalVMFromOvaParams, ExternalVmInfo]("Host.getExternalVmFromOva", "3.6")

type HostGetExternalVMFromOvaParams struct {
	OvaPath string `json:"ova_path"`
}

var HostConvertExternalVMFromOva = declare[HostConvertExternalVMFromOvaParams, Nothing]("Host.convertExternalVmFromOva", "3.6")

type HostConvertExternalVMFromOvaParams struct {
	OvaPath string           `json:"ova_path"`
	Vminfo  ExternalVmParams `json:"vminfo"`
	Jobid   UUID             `json:"jobid"`
}

var HostConvertExternalVM = declare[HostConvertExternalVMParams, Nothing]("Host.convertExternalVm", "3.6")

type HostConvertExternalVMParams struct {
	URI      string           `json:"uri"`
	Username string           `json:"username"`
	Password string           `json:"password"`
	Vminfo   ExternalVmParams `json:"vminfo"`
	Jobid    UUID             `json:"jobid"`
}

var HostGetConvertedVM = declare[HostGetConvertedVMParams, string]("Host.getConvertedVm", "3.6")

type HostGetConvertedVMParams struct {
	Jobid UUID `json:"jobid"`
}

var HostAbortV2VJob = declare[HostAbortV2VJobParams, Nothing]("Host.abortV2VJob", "3.6")

type HostAbortV2VJobParams struct {
	Jobid UUID `json:"jobid"`
}

var HostDeleteV2VJob = declare[HostDeleteV2VJobParams, Nothing]("Host.deleteV2VJob", "3.6")

type HostDeleteV2VJobParams struct {
	Jobid UUID `json:"jobid"`
}

type ExternalVmInfo struct {
	Disks         []ExternalDiskInfo    `json:"disks" default:"[]"`
	Allocation    *VolumeAllocation     `json:"allocation,omitzero" default:"null"`
	MemSize       uint64                `json:"memSize"`
	Smp           uint64                `json:"smp"`
	VirtioIsoPath *string               `json:"virtio_iso_path,omitzero" default:"null"`
	VMID          UUID                  `json:"vmId"`
	VMName        string                `json:"vmName"`
	Status        VmStatus              `json:"status"`
	Networks      []ExternalNetworkInfo `json:"networks" default:"[]"`
	Format        *VolumeFormat         `json:"format,omitzero" default:"null"`
	Graphics      *string               `json:"graphics,omitzero" default:"null"`
	Video         *string               `json:"video,omitzero" default:"null"`
	HasSnapshots  *bool                 `json:"has_snapshots,omitzero" default:"null"`
}

type ExternalDiskInfo struct {
	Dev        *string `json:"dev,omitzero" default:"null"`
	Alias      *string `json:"alias,omitzero" default:"null"`
	Capacity   *uint64 `json:"capacity,omitzero" default:"null"`
	Allocation *uint64 `json:"allocation,omitzero" default:"null"`
	Type       *string `json:"type,omitzero" default:"null"`
}

type ExternalNetworkInfo struct {
	Dev     *string `json:"dev,omitzero" default:"null"`
	MACAddr *string `json:"macAddr,omitzero" default:"null"`
	Bridge  *string `json:"bridge,omitzero" default:"null"`
	Type    string  `json:"type"`
	Model   *string `json:"model,omitzero" default:"null"`
}

type ExternalVmParams struct {
	Disks         []ExternalDiskParams `json:"disks" default:"[]"`
	VMName        string               `json:"vmName"`
	PoolID        UUID                 `json:"poolID"`
	DomainID      UUID                 `json:"domainID"`
	VirtioIsoPath *string              `json:"virtio_iso_path,omitzero" default:"null"`
	Format        *VolumeFormat        `json:"format,omitzero" default:"null"`
	Qcow2Compat   *string              `json:"qcow2_compat,omitzero" default:"null"`
}

type ExternalDiskParams struct {
	ImageID  UUID `json:"imageID"`
	VolumeID UUID `json:"volumeID"`
}
