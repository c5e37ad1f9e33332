// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VMHotplugMemory = declare[VMHotplugMemoryParams, EmptyObject]("VM.hotplugMemory", "3.6")

type VMHotplugMemoryParams struct {
	VMID   UUID                `json:"vmID" api:"object"`
	Params HotplugMemoryParams `json:"params"`
}

var VMHotunplugMemory = declare[VMHotunplugMemoryParams, Nothing]("VM.hotunplugMemory", "4.1")

type VMHotunplugMemoryParams struct {
	VMID   UUID                `json:"vmID" api:"object"`
	Params HotplugMemoryParams `json:"params"`
}

type VmBalloonDevice struct {
	DeviceID   UUID                       `json:"deviceId"`
	Device     VmBalloonDeviceType        `json:"device"`
	SpecParams *VmBalloonDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	DeviceType VmDeviceType               `json:"deviceType"`
	Alias      string                     `json:"alias"`
	Address    VmDeviceAddress            `json:"address"`
}

type VmBalloonDeviceType string

const (
	VmBalloonDeviceTypeMemballoon VmBalloonDeviceType = "memballoon"
)

// Values implements Enum.
func (VmBalloonDeviceType) Values() []string {
	return enum(VmBalloonDeviceTypeMemballoon)
}

type VmBalloonDeviceSpecParams struct {
	Model VmBalloonDeviceModel `json:"model"`
}

type VmBalloonDeviceModel string

const (
	VmBalloonDeviceModelNone   VmBalloonDeviceModel = "none"
	VmBalloonDeviceModelVirtio VmBalloonDeviceModel = "virtio"
)

// Values implements Enum.
func (VmBalloonDeviceModel) Values() []string {
	return enum(VmBalloonDeviceModelNone, VmBalloonDeviceModelVirtio)
}

type HotplugMemoryParams struct {
	VMID              UUID            `json:"vmId"`
	MemGuaranteedSize *uint64         `json:"memGuaranteedSize,omitzero" default:"null"`
	Memory            *VmMemoryDevice `json:"memory,omitzero" default:"null"`
	XML               *string         `json:"xml,omitzero" default:"null"`
}

type VmMemoryDevice struct {
	Size       uint64             `json:"size"`
	Node       uint64             `json:"node"`
	Device     VmMemoryDeviceType `json:"device"`
	DeviceID   UUID               `json:"deviceId"`
	DeviceType VmDeviceType       `json:"deviceType"`
	Alias      string             `json:"alias"`
	Address    VmDeviceAddress    `json:"address"`
}

type VmMemoryDeviceType string

const (
	VmMemoryDeviceTypeMemory VmMemoryDeviceType = "memory"
)

// Values implements Enum.
func (VmMemoryDeviceType) Values() []string {
	return enum(VmMemoryDeviceTypeMemory)
}
