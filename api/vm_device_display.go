// SPDX-License-Identifier: GPL-2.0-or-later

package api

type VmDisplayType string

const (
	VmDisplayTypeQxl VmDisplayType = "qxl"
	VmDisplayTypeVNC VmDisplayType = "vnc"
)

// Values implements Enum.
func (VmDisplayType) Values() []string {
	return enum(VmDisplayTypeQxl, VmDisplayTypeVNC)
}

type VmVideoDevice struct {
	SpecParams VmVideoDeviceSpecParams `json:"specParams"`
	Device     VmVideoDeviceType       `json:"device"`
	DeviceID   UUID                    `json:"deviceId"`
	DeviceType VmDeviceType            `json:"deviceType"`
	Alias      string                  `json:"alias"`
	Address    VmDeviceAddress         `json:"address"`
}

type VmVideoDeviceSpecParams struct {
	Ram    *uint64 `json:"ram,omitzero" default:"unset"`
	Vgamem *uint64 `json:"vgamem,omitzero" default:"unset"`
	Vram   uint64  `json:"vram"`
	Heads  *uint64 `json:"heads,omitzero" default:"unset"`
}

type VmVideoDeviceType string

const (
	VmVideoDeviceTypeCirrus VmVideoDeviceType = "cirrus"
	VmVideoDeviceTypeNone   VmVideoDeviceType = "none"
	VmVideoDeviceTypeQxl    VmVideoDeviceType = "qxl"
	VmVideoDeviceTypeStd    VmVideoDeviceType = "std"
	VmVideoDeviceTypeVmware VmVideoDeviceType = "vmware"
)

// Values implements Enum.
func (VmVideoDeviceType) Values() []string {
	return enum(VmVideoDeviceTypeCirrus, VmVideoDeviceTypeNone, VmVideoDeviceTypeQxl, VmVideoDeviceTypeStd, VmVideoDeviceTypeVmware)
}

type VmSoundDevice struct {
	SpecParams *VmSoundDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	Device     VmSoundDeviceType        `json:"device"`
	DeviceID   UUID                     `json:"deviceId"`
	DeviceType VmDeviceType             `json:"deviceType"`
	Alias      string                   `json:"alias"`
	Address    VmDeviceAddress          `json:"address"`
}

type VmSoundDeviceSpecParams struct {
}

type VmSoundDeviceType string

const (
	VmSoundDeviceTypeAc97   VmSoundDeviceType = "ac97"
	VmSoundDeviceTypeEs1370 VmSoundDeviceType = "es1370"
	VmSoundDeviceTypeHda    VmSoundDeviceType = "hda"
	VmSoundDeviceTypeIch6   VmSoundDeviceType = "ich6"
	VmSoundDeviceTypePcspk  VmSoundDeviceType = "pcspk"
	VmSoundDeviceTypeSb16   VmSoundDeviceType = "sb16"
)

// Values implements Enum.
func (VmSoundDeviceType) Values() []string {
	return enum(VmSoundDeviceTypeAc97, VmSoundDeviceTypeEs1370, VmSoundDeviceTypeHda, VmSoundDeviceTypeIch6, VmSoundDeviceTypePcspk, VmSoundDeviceTypeSb16)
}

type VmGraphicsDevice struct {
	SpecParams VmGraphicsDeviceSpecParams `json:"specParams"`
	Device     VmGraphicsDeviceType       `json:"device"`
	Port       uint64                     `json:"port"`
	DeviceType VmDeviceType               `json:"deviceType"`
	TLSPort    uint64                     `json:"tlsPort" default:"-1"`
}

type VmGraphicsDeviceSpecParams struct {
	KeyMap              *string `json:"keyMap,omitzero" default:"null"`
	DisplayNetwork      *string `json:"displayNetwork,omitzero" default:"null"`
	SpiceSecureChannels string  `json:"spiceSecureChannels" default:"\"\""`
	CopyPasteEnable     bool    `json:"copyPasteEnable" default:"true"`
	FileTransferEnable  bool    `json:"fileTransferEnable" default:"true"`
}

type VmGraphicsDeviceType string

const (
	VmGraphicsDeviceTypeSpice VmGraphicsDeviceType = "spice"
	VmGraphicsDeviceTypeVNC   VmGraphicsDeviceType = "vnc"
)

// Values implements Enum.
func (VmGraphicsDeviceType) Values() []string {
	return enum(VmGraphicsDeviceTypeSpice, VmGraphicsDeviceTypeVNC)
}
