// SPDX-License-Identifier: GPL-2.0-or-later

package api

type VmControllerDevice struct {
	Device     VmControllerDeviceType `json:"device"`
	Model      string                 `json:"model"`
	DeviceID   UUID                   `json:"deviceId"`
	DeviceType VmDeviceType           `json:"deviceType"`
	Alias      string                 `json:"alias"`
	Address    VmDeviceAddress        `json:"address"`
}

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

type VmChannelDevice struct {
	DeviceID   UUID                `json:"deviceId"`
	Device     VmChannelDeviceType `json:"device"`
	Alias      string              `json:"alias"`
	DeviceType VmDeviceType        `json:"deviceType"`
	Address    VmDeviceAddress     `json:"address"`
}

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

type VmConsoleDevice struct {
	DeviceID   UUID                       `json:"deviceId"`
	SpecParams *VmConsoleDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	DeviceType VmDeviceType               `json:"deviceType"`
}

type VmConsoleDeviceSpecParams struct {
	EnableSocket bool                `json:"enableSocket" default:"false"`
	ConsoleType  VmConsoleDeviceType `json:"consoleType"`
}

type VmConsoleDeviceType string

const (
	VmConsoleDeviceTypeSerial VmConsoleDeviceType = "serial"
	VmConsoleDeviceTypeVirtio VmConsoleDeviceType = "virtio"
)

// Values implements Enum.
func (VmConsoleDeviceType) Values() []string {
	return enum(VmConsoleDeviceTypeSerial, VmConsoleDeviceTypeVirtio)
}

type VmSmartcardDevice struct {
	SpecParams VmSmartcardDeviceSpecParams `json:"specParams"`
	Device     VmSmartcardDeviceType       `json:"device"`
	Alias      string                      `json:"alias"`
	DeviceType VmDeviceType                `json:"deviceType"`
	Address    VmDeviceAddress             `json:"address"`
}

type VmSmartcardDeviceSpecParams struct {
	Mode VmSmartcardDeviceMode      `json:"mode"`
	Type *VmSmartcardDeviceProtocol `json:"type,omitzero" default:"unset"`
}

type VmSmartcardDeviceMode string

const (
	VmSmartcardDeviceModeHost        VmSmartcardDeviceMode = "host"
	VmSmartcardDeviceModePassthrough VmSmartcardDeviceMode = "passthrough"
)

// Values implements Enum.
func (VmSmartcardDeviceMode) Values() []string {
	return enum(VmSmartcardDeviceModeHost, VmSmartcardDeviceModePassthrough)
}

type VmSmartcardDeviceProtocol string

const (
	VmSmartcardDeviceProtocolSpicevmc VmSmartcardDeviceProtocol = "spicevmc"
)

// Values implements Enum.
func (VmSmartcardDeviceProtocol) Values() []string {
	return enum(VmSmartcardDeviceProtocolSpicevmc)
}

type VmSmartcardDeviceType string

const (
	VmSmartcardDeviceTypeSmartcard VmSmartcardDeviceType = "smartcard"
)

// Values implements Enum.
func (VmSmartcardDeviceType) Values() []string {
	return enum(VmSmartcardDeviceTypeSmartcard)
}
