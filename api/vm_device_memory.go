// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMHotplugMemory adds memory to a running VM.
var VMHotplugMemory = declare[VMHotplugMemoryParams, EmptyObject]("VM.hotplugMemory", "3.6")

// VMHotplugMemoryParams are the parameters of VM.hotplugMemory.
type VMHotplugMemoryParams struct {
	VMID   UUID                `json:"vmID" api:"object"`
	Params HotplugMemoryParams `json:"params"`
}

// VMHotunplugMemory asks a guest to give a piece of memory back.
var VMHotunplugMemory = declare[VMHotunplugMemoryParams, Nothing]("VM.hotunplugMemory", "4.1")

// VMHotunplugMemoryParams are the parameters of VM.hotunplugMemory.
type VMHotunplugMemoryParams struct {
	VMID   UUID                `json:"vmID" api:"object"`
	Params HotplugMemoryParams `json:"params"`
}

// VmBalloonDevice is a memory balloon.
type VmBalloonDevice struct {
	DeviceID   UUID                       `json:"deviceId"`
	Device     VmBalloonDeviceType        `json:"device"`
	SpecParams *VmBalloonDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	DeviceType VmDeviceType               `json:"deviceType"`
	Alias      string                     `json:"alias"`
	Address    VmDeviceAddress            `json:"address"`
}

// VmBalloonDeviceType is the kind of a balloon.
type VmBalloonDeviceType string

const (
	VmBalloonDeviceTypeMemballoon VmBalloonDeviceType = "memballoon"
)

// Values implements Enum.
func (VmBalloonDeviceType) Values() []string {
	return enum(VmBalloonDeviceTypeMemballoon)
}

// VmBalloonDeviceSpecParams are settings of a balloon.
type VmBalloonDeviceSpecParams struct {
	Model VmBalloonDeviceModel `json:"model"`
}

// VmBalloonDeviceModel is the balloon that the guest sees.
type VmBalloonDeviceModel string

const (
	VmBalloonDeviceModelNone   VmBalloonDeviceModel = "none"
	VmBalloonDeviceModelVirtio VmBalloonDeviceModel = "virtio"
)

// Values implements Enum.
func (VmBalloonDeviceModel) Values() []string {
	return enum(VmBalloonDeviceModelNone, VmBalloonDeviceModelVirtio)
}

// HotplugMemoryParams is the memory, as XML or, from older managers, as
// members.
type HotplugMemoryParams struct {
	VMID              UUID            `json:"vmId"`
	MemGuaranteedSize *uint64         `json:"memGuaranteedSize,omitzero" default:"null"` // MiB, from then on
	Memory            *VmMemoryDevice `json:"memory,omitzero" default:"null"`
	XML               *string         `json:"xml,omitzero" default:"null"`
}

// VmMemoryDevice is a piece of memory that was plugged in.
type VmMemoryDevice struct {
	Size       uint64             `json:"size"` // MiB
	Node       uint64             `json:"node"` // NUMA node of the guest
	Device     VmMemoryDeviceType `json:"device"`
	DeviceID   UUID               `json:"deviceId"`
	DeviceType VmDeviceType       `json:"deviceType"`
	Alias      string             `json:"alias"`
	Address    VmDeviceAddress    `json:"address"`
}

// VmMemoryDeviceType is the kind of a memory device.
type VmMemoryDeviceType string

const (
	VmMemoryDeviceTypeMemory VmMemoryDeviceType = "memory"
)

// Values implements Enum.
func (VmMemoryDeviceType) Values() []string {
	return enum(VmMemoryDeviceTypeMemory)
}
