// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMHotplugLease makes a running VM hold a lease.
var VMHotplugLease = declare[VMHotplugLeaseParams, EmptyObject]("VM.hotplugLease", "4.1")

// VMHotplugLeaseParams are the parameters of VM.hotplugLease.
type VMHotplugLeaseParams struct {
	VMID  UUID          `json:"vmID" api:"object"`
	Lease VmLeaseDevice `json:"lease"`
}

// VMHotunplugLease makes a running VM let a lease go.
var VMHotunplugLease = declare[VMHotunplugLeaseParams, EmptyObject]("VM.hotunplugLease", "4.1")

// VMHotunplugLeaseParams are the parameters of VM.hotunplugLease.
type VMHotunplugLeaseParams struct {
	VMID  UUID          `json:"vmID" api:"object"`
	Lease VmLeaseDevice `json:"lease"`
}

// VmLeaseDevice is a lease that a VM holds while it runs.
type VmLeaseDevice struct {
	Type    VmDeviceType `json:"type"`
	SDID    UUID         `json:"sd_id"`
	LeaseID UUID         `json:"lease_id"`
}
