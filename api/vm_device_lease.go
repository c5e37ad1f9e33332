// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VMHotplugLease = declare[VMHotplugLeaseParams, EmptyObject]("VM.hotplugLease", "4.1")

type VMHotplugLeaseParams struct {
	VMID  UUID          `json:"vmID" api:"object"`
	Lease VmLeaseDevice `json:"lease"`
}

var VMHotunplugLease = declare[VMHotunplugLeaseParams, EmptyObject]("VM.hotunplugLease", "4.1")

type VMHotunplugLeaseParams struct {
	VMID  UUID          `json:"vmID" api:"object"`
	Lease VmLeaseDevice `json:"lease"`
}

type VmLeaseDevice struct {
	Type    VmDeviceType `json:"type"`
	SDID    UUID         `json:"sd_id"`
	LeaseID UUID         `json:"lease_id"`
}
