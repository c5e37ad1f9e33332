// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VmDevice is a device of a VM.
type VmDevice struct{ Union }

// Alternatives implements OneOf.
func (VmDevice) Alternatives() []any {
	return []any{VmDiskDevice{}, VmInterfaceDevice{}, VmVideoDevice{}, VmSoundDevice{}, VmControllerDevice{}, VmBalloonDevice{}, VmChannelDevice{}, VmWatchdogDevice{}, VmConsoleDevice{}, VmSmartcardDevice{}, VmGraphicsDevice{}, VmHostDevice{}, VmRngDevice{}, VmTpmDevice{}, VmLeaseDevice{}}
}

// VmDeviceAddress is where a device sits in the guest.
type VmDeviceAddress struct{ Union }

// Alternatives implements OneOf.
func (VmDeviceAddress) Alternatives() []any {
	return []any{VmDevicePciAddress{}, VmDeviceIdeAddress{}, VmDeviceVirtioSerialAddress{}}
}

// VmDevicePciAddress is a place on the guest's PCI bus.
type VmDevicePciAddress struct {
	Slot        uint64              `json:"slot"`
	Domain      uint64              `json:"domain"`
	Bus         uint64              `json:"bus"`
	AddressType VmDeviceAddressType `json:"addressType"`
	Function    uint64              `json:"function"`
}

// VmDeviceAddressType is the kind of bus an address is on.
type VmDeviceAddressType string

const (
	VmDeviceAddressTypeDrive        VmDeviceAddressType = "drive"
	VmDeviceAddressTypePCI          VmDeviceAddressType = "pci"
	VmDeviceAddressTypeVirtioSerial VmDeviceAddressType = "virtio-serial"
)

// Values implements Enum.
func (VmDeviceAddressType) Values() []string {
	return enum(VmDeviceAddressTypeDrive, VmDeviceAddressTypePCI, VmDeviceAddressTypeVirtioSerial)
}

// VmDeviceIdeAddress is a place on an IDE bus.
type VmDeviceIdeAddress struct {
	Unit        uint64              `json:"unit"`
	Controller  uint64              `json:"controller"`
	Bus         uint64              `json:"bus"`
	AddressType VmDeviceAddressType `json:"addressType"`
}

// VmDeviceVirtioSerialAddress is a port of a virtio-serial controller.
type VmDeviceVirtioSerialAddress struct {
	Controller  uint64              `json:"controller"`
	Port        uint64              `json:"port"`
	Bus         uint64              `json:"bus"`
	AddressType VmDeviceAddressType `json:"addressType"`
}

// VmDeviceType is the kind of a device.
type VmDeviceType string

const (
	VmDeviceTypeBalloon    VmDeviceType = "balloon"
	VmDeviceTypeChannel    VmDeviceType = "channel"
	VmDeviceTypeConsole    VmDeviceType = "console"
	VmDeviceTypeController VmDeviceType = "controller"
	VmDeviceTypeDisk       VmDeviceType = "disk"
	VmDeviceTypeGraphics   VmDeviceType = "graphics"
	VmDeviceTypeHostdev    VmDeviceType = "hostdev"
	VmDeviceTypeInterface  VmDeviceType = "interface"
	VmDeviceTypeLease      VmDeviceType = "lease"
	VmDeviceTypeMemory     VmDeviceType = "memory"
	VmDeviceTypeRNG        VmDeviceType = "rng"
	VmDeviceTypeSmartcard  VmDeviceType = "smartcard"
	VmDeviceTypeSound      VmDeviceType = "sound"
	VmDeviceTypeTPM        VmDeviceType = "tpm"
	VmDeviceTypeVideo      VmDeviceType = "video"
)

// Values implements Enum.
func (VmDeviceType) Values() []string {
	return enum(VmDeviceTypeBalloon, VmDeviceTypeChannel, VmDeviceTypeConsole, VmDeviceTypeController, VmDeviceTypeDisk, VmDeviceTypeGraphics, VmDeviceTypeHostdev, VmDeviceTypeInterface, VmDeviceTypeLease, VmDeviceTypeMemory, VmDeviceTypeRNG, VmDeviceTypeSmartcard, VmDeviceTypeSound, VmDeviceTypeTPM, VmDeviceTypeVideo)
}
