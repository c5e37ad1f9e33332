// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostGetExternalVMs describes VMs of another hypervisor that could be
// imported.
var HostGetExternalVMs = declare[HostGetExternalVMsParams, []ExternalVmInfo]("Host.getExternalVMs", "3.6")

// HostGetExternalVMsParams are the parameters of Host.getExternalVMs.
type HostGetExternalVMsParams struct {
	URI      string   `json:"uri"` // in libvirt's form
	Username string   `json:"username"`
	Password string   `json:"password"`
	VMNames  []string `json:"vm_names,omitzero" default:"null"` // only these
}

// HostGetExternalVMNames lists the VMs of another hypervisor.
var HostGetExternalVMNames = declare[HostGetExternalVMNamesParams, []string]("Host.getExternalVMNames", "4.1")

// HostGetExternalVMNamesParams are the parameters of Host.getExternalVMNames.
type HostGetExternalVMNamesParams struct {
	URI      string `json:"uri"` // in libvirt's form
	Username string `json:"username"`
	Password string `json:"password"`
}

// HostGetExternalVMFromOva describes the VM in an OVA file on this host.
var HostGetExternalVMFromOva = declare[HostGetExternalVMFromOvaParams, ExternalVmInfo]("Host.getExternalVmFromOva", "3.6")

// HostGetExternalVMFromOvaParams are the parameters of
// Host.getExternalVmFromOva.
type HostGetExternalVMFromOvaParams struct {
	OvaPath string `json:"ova_path"`
}

// HostConvertExternalVMFromOva imports the VM of an OVA file into prepared
// volumes. It runs as a job.
var HostConvertExternalVMFromOva = declare[HostConvertExternalVMFromOvaParams, Nothing]("Host.convertExternalVmFromOva", "3.6")

// HostConvertExternalVMFromOvaParams are the parameters of
// Host.convertExternalVmFromOva.
type HostConvertExternalVMFromOvaParams struct {
	OvaPath string           `json:"ova_path"`
	Vminfo  ExternalVmParams `json:"vminfo"`
	Jobid   UUID             `json:"jobid"`
}

// HostConvertExternalVM imports a VM of another hypervisor into prepared
// volumes. It runs as a job.
var HostConvertExternalVM = declare[HostConvertExternalVMParams, Nothing]("Host.convertExternalVm", "3.6")

// HostConvertExternalVMParams are the parameters of Host.convertExternalVm.
type HostConvertExternalVMParams struct {
	URI      string           `json:"uri"` // in libvirt's form
	Username string           `json:"username"`
	Password string           `json:"password"`
	Vminfo   ExternalVmParams `json:"vminfo"`
	Jobid    UUID             `json:"jobid"`
}

// HostGetConvertedVM returns the description (OVF) of a VM that was imported.
var HostGetConvertedVM = declare[HostGetConvertedVMParams, string]("Host.getConvertedVm", "3.6")

// HostGetConvertedVMParams are the parameters of Host.getConvertedVm.
type HostGetConvertedVMParams struct {
	Jobid UUID `json:"jobid"`
}

// HostAbortV2VJob stops an import.
var HostAbortV2VJob = declare[HostAbortV2VJobParams, Nothing]("Host.abortV2VJob", "3.6")

// HostAbortV2VJobParams are the parameters of Host.abortV2VJob.
type HostAbortV2VJobParams struct {
	Jobid UUID `json:"jobid"`
}

// HostDeleteV2VJob forgets an import that has ended.
var HostDeleteV2VJob = declare[HostDeleteV2VJobParams, Nothing]("Host.deleteV2VJob", "3.6")

// HostDeleteV2VJobParams are the parameters of Host.deleteV2VJob.
type HostDeleteV2VJobParams struct {
	Jobid UUID `json:"jobid"`
}

// ExternalVmInfo is a VM of another hypervisor.
type ExternalVmInfo struct {
	Disks         []ExternalDiskInfo    `json:"disks" default:"[]"`
	Allocation    *VolumeAllocation     `json:"allocation,omitzero" default:"null"`
	MemSize       uint64                `json:"memSize"` // MiB
	Smp           uint64                `json:"smp"`     // number of processors
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

// ExternalDiskInfo is a disk of a foreign VM.
type ExternalDiskInfo struct {
	Dev        *string `json:"dev,omitzero" default:"null"`
	Alias      *string `json:"alias,omitzero" default:"null"`
	Capacity   *uint64 `json:"capacity,omitzero" default:"null"`   // bytes
	Allocation *uint64 `json:"allocation,omitzero" default:"null"` // bytes in use
	Type       *string `json:"type,omitzero" default:"null"`
}

// ExternalNetworkInfo is a network card of a foreign VM.
type ExternalNetworkInfo struct {
	Dev     *string `json:"dev,omitzero" default:"null"`
	MACAddr *string `json:"macAddr,omitzero" default:"null"`
	Bridge  *string `json:"bridge,omitzero" default:"null"`
	Type    string  `json:"type"`
	Model   *string `json:"model,omitzero" default:"null"`
}

// ExternalVmParams says where a foreign VM shall be imported to.
type ExternalVmParams struct {
	Disks         []ExternalDiskParams `json:"disks" default:"[]"`
	VMName        string               `json:"vmName"`
	PoolID        UUID                 `json:"poolID"`
	DomainID      UUID                 `json:"domainID"`
	VirtioIsoPath *string              `json:"virtio_iso_path,omitzero" default:"null"` // drivers to put into the guest
	Format        *VolumeFormat        `json:"format,omitzero" default:"null"`
	Qcow2Compat   *string              `json:"qcow2_compat,omitzero" default:"null"` // "0.10" or "1.1"
}

// ExternalDiskParams is the volume a disk goes to, in the order of the disks.
type ExternalDiskParams struct {
	ImageID  UUID `json:"imageID"`
	VolumeID UUID `json:"volumeID"`
}
