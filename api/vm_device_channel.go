// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VmControllerDevice is a bus controller.
type VmControllerDevice struct {
	Device     VmControllerDeviceType `json:"device"`
	Model      string                 `json:"model"`
	DeviceID   UUID                   `json:"deviceId"`
	DeviceType VmDeviceType           `json:"deviceType"`
	Alias      string                 `json:"alias"`
	Address    VmDeviceAddress        `json:"address"`
}

// VmControllerDeviceType is the kind of a controller.
type VmControllerDeviceType string

const (
	VmControllerDeviceTypeCcid         VmControllerDeviceType = "ccid"
	VmControllerDeviceTypeFdc          VmControllerDeviceType = "fdc"
	VmControllerDeviceTypeIde          VmControllerDeviceType = "ide"
	VmControllerDeviceTypeSata         VmControllerDeviceType = "sata"
	VmControllerDeviceTypeScsi         VmControllerDeviceType = "scsi"
	VmControllerDeviceTypeUSB          VmControllerDeviceType = "usb"
	VmControllerDeviceTypeVirtioSerial VmControllerDeviceType = "virtio-serial"
)

// Values implements Enum.
func (VmControllerDeviceType) Values() []string {
	return enum(VmControllerDeviceTypeCcid, VmControllerDeviceTypeFdc, VmControllerDeviceTypeIde, VmControllerDeviceTypeSata, VmControllerDeviceTypeScsi, VmControllerDeviceTypeUSB, VmControllerDeviceTypeVirtioSerial)
}

// VmChannelDevice is a channel between host and guest.
type VmChannelDevice struct {
	DeviceID   UUID                `json:"deviceId"`
	Device     VmChannelDeviceType `json:"device"`
	Alias      string              `json:"alias"`
	DeviceType VmDeviceType        `json:"deviceType"`
	Address    VmDeviceAddress     `json:"address"`
}

// VmChannelDeviceType is what a channel ends in on the host.
type VmChannelDeviceType string

const (
	VmChannelDeviceTypeSpicevmc     VmChannelDeviceType = "spicevmc"
	VmChannelDeviceTypeUnix         VmChannelDeviceType = "unix"
	VmChannelDeviceTypeVirtioSerial VmChannelDeviceType = "virtio-serial"
)

// Values implements Enum.
func (VmChannelDeviceType) Values() []string {
	return enum(VmChannelDeviceTypeSpicevmc, VmChannelDeviceTypeUnix, VmChannelDeviceTypeVirtioSerial)
}

// VmConsoleDevice is a text console.
type VmConsoleDevice struct {
	DeviceID   UUID                       `json:"deviceId"`
	SpecParams *VmConsoleDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	DeviceType VmDeviceType               `json:"deviceType"`
}

// VmConsoleDeviceSpecParams are settings of a console.
type VmConsoleDeviceSpecParams struct {
	EnableSocket bool                `json:"enableSocket" default:"false"` // ends in a unix socket, not a terminal
	ConsoleType  VmConsoleDeviceType `json:"consoleType"`
}

// VmConsoleDeviceType is the console that the guest sees.
type VmConsoleDeviceType string

const (
	VmConsoleDeviceTypeSerial VmConsoleDeviceType = "serial"
	VmConsoleDeviceTypeVirtio VmConsoleDeviceType = "virtio"
)

// Values implements Enum.
func (VmConsoleDeviceType) Values() []string {
	return enum(VmConsoleDeviceTypeSerial, VmConsoleDeviceTypeVirtio)
}

// VmSmartcardDevice is a smart card reader.
type VmSmartcardDevice struct {
	SpecParams VmSmartcardDeviceSpecParams `json:"specParams"`
	Device     VmSmartcardDeviceType       `json:"device"`
	Alias      string                      `json:"alias"`
	DeviceType VmDeviceType                `json:"deviceType"`
	Address    VmDeviceAddress             `json:"address"`
}

// VmSmartcardDeviceSpecParams are settings of a smart card reader.
type VmSmartcardDeviceSpecParams struct {
	Mode VmSmartcardDeviceMode      `json:"mode"`
	Type *VmSmartcardDeviceProtocol `json:"type,omitzero" default:"unset"`
}

// VmSmartcardDeviceMode says where the card is.
type VmSmartcardDeviceMode string

const (
	VmSmartcardDeviceModeHost        VmSmartcardDeviceMode = "host"
	VmSmartcardDeviceModePassthrough VmSmartcardDeviceMode = "passthrough"
)

// Values implements Enum.
func (VmSmartcardDeviceMode) Values() []string {
	return enum(VmSmartcardDeviceModeHost, VmSmartcardDeviceModePassthrough)
}

// VmSmartcardDeviceProtocol is how a card that is not on the host is reached.
type VmSmartcardDeviceProtocol string

const (
	VmSmartcardDeviceProtocolSpicevmc VmSmartcardDeviceProtocol = "spicevmc"
)

// Values implements Enum.
func (VmSmartcardDeviceProtocol) Values() []string {
	return enum(VmSmartcardDeviceProtocolSpicevmc)
}

// VmSmartcardDeviceType is the kind of a reader.
type VmSmartcardDeviceType string

const (
	VmSmartcardDeviceTypeSmartcard VmSmartcardDeviceType = "smartcard"
)

// Values implements Enum.
func (VmSmartcardDeviceType) Values() []string {
	return enum(VmSmartcardDeviceTypeSmartcard)
}
