// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VMHotplugHostdev = declare[VMHotplugHostdevParams, []string]("VM.hotplugHostdev", "4.4")

type VMHotplugHostdevParams struct {
	VMID    UUID     `json:"vmID" api:"object"`
	Devices []string `json:"devices"`
}

var VMHotunplugHostdev = declare[VMHotunplugHostdevParams, []string]("VM.hotunplugHostdev", "4.4")

type VMHotunplugHostdevParams struct {
	VMID    UUID     `json:"vmID" api:"object"`
	Devices []string `json:"devices"`
}

type VmHostDevice struct {
	SpecParams *VmHostDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	Device     string                  `json:"device"`
	DeviceType VmDeviceType            `json:"deviceType"`
	DeviceID   UUID                    `json:"deviceId"`
	Address    *VmDeviceAddress        `json:"address,omitzero" default:"null"`
	Alias      string                  `json:"alias"`
	BootOrder  *int64                  `json:"bootOrder,omitzero" default:"null"`
}

type VmHostDeviceSpecParams struct {
	IommuPlaceholder bool `json:"iommuPlaceholder"`
}
