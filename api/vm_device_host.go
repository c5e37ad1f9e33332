// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMHotplugHostdev passes devices of the host to a running VM and returns
// those that it got.
var VMHotplugHostdev = declare[VMHotplugHostdevParams, []string]("VM.hotplugHostdev", "4.4")

// VMHotplugHostdevParams are the parameters of VM.hotplugHostdev.
type VMHotplugHostdevParams struct {
	VMID    UUID     `json:"vmID" api:"object"`
	Devices []string `json:"devices"` // names in libvirt's form, such as "usb_1_2"
}

// VMHotunplugHostdev takes devices of the host from a running VM and returns
// those that it lost.
var VMHotunplugHostdev = declare[VMHotunplugHostdevParams, []string]("VM.hotunplugHostdev", "4.4")

// VMHotunplugHostdevParams are the parameters of VM.hotunplugHostdev.
type VMHotunplugHostdevParams struct {
	VMID    UUID     `json:"vmID" api:"object"`
	Devices []string `json:"devices"`
}

// VmHostDevice is a device of the host that a VM has.
type VmHostDevice struct {
	SpecParams *VmHostDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	Device     string                  `json:"device"`
	DeviceType VmDeviceType            `json:"deviceType"`
	DeviceID   UUID                    `json:"deviceId"`
	Address    *VmDeviceAddress        `json:"address,omitzero" default:"null"` // in the guest
	Alias      string                  `json:"alias"`
	BootOrder  *int64                  `json:"bootOrder,omitzero" default:"null"`
}

// VmHostDeviceSpecParams are settings of a host device.
type VmHostDeviceSpecParams struct {
	// taken from the host only as it shares a group with one that is passed
	IommuPlaceholder bool `json:"iommuPlaceholder"`
}
