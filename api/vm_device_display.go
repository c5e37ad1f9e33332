// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VmDisplayType is the protocol of a display in the words of older managers;
// qxl means SPICE.
type VmDisplayType string

const (
	VmDisplayTypeQxl VmDisplayType = "qxl"
	VmDisplayTypeVNC VmDisplayType = "vnc"
)

// Values implements Enum.
func (VmDisplayType) Values() []string {
	return enum(VmDisplayTypeQxl, VmDisplayTypeVNC)
}

// VmVideoDevice is a video card.
type VmVideoDevice struct {
	SpecParams VmVideoDeviceSpecParams `json:"specParams"`
	Device     VmVideoDeviceType       `json:"device"`
	DeviceID   UUID                    `json:"deviceId"`
	DeviceType VmDeviceType            `json:"deviceType"`
	Alias      string                  `json:"alias"`
	Address    VmDeviceAddress         `json:"address"`
}

// VmVideoDeviceSpecParams are settings of a video card.
type VmVideoDeviceSpecParams struct {
	Ram    *uint64 `json:"ram,omitzero" default:"unset"`    // KiB; only qxl
	Vgamem *uint64 `json:"vgamem,omitzero" default:"unset"` // KiB; only qxl
	Vram   uint64  `json:"vram"`                            // KiB
	Heads  *uint64 `json:"heads,omitzero" default:"unset"`  // monitors
}

// VmVideoDeviceType is the card that the guest sees.
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

// VmSoundDevice is a sound card.
type VmSoundDevice struct {
	SpecParams *VmSoundDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	Device     VmSoundDeviceType        `json:"device"`
	DeviceID   UUID                     `json:"deviceId"`
	DeviceType VmDeviceType             `json:"deviceType"`
	Alias      string                   `json:"alias"`
	Address    VmDeviceAddress          `json:"address"`
}

// VmSoundDeviceSpecParams has no members.
type VmSoundDeviceSpecParams struct {
}

// VmSoundDeviceType is the card that the guest sees.
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

// VmGraphicsDevice is the server that shows a VM's display.
type VmGraphicsDevice struct {
	SpecParams VmGraphicsDeviceSpecParams `json:"specParams"`
	Device     VmGraphicsDeviceType       `json:"device"`
	Port       uint64                     `json:"port"`
	DeviceType VmDeviceType               `json:"deviceType"`
	TLSPort    uint64                     `json:"tlsPort" default:"-1"` // -1 for none
}

// VmGraphicsDeviceSpecParams are settings of a display server.
type VmGraphicsDeviceSpecParams struct {
	KeyMap              *string `json:"keyMap,omitzero" default:"null"`
	DisplayNetwork      *string `json:"displayNetwork,omitzero" default:"null"`
	SpiceSecureChannels string  `json:"spiceSecureChannels" default:"\"\""` // names, separated by commas
	CopyPasteEnable     bool    `json:"copyPasteEnable" default:"true"`
	FileTransferEnable  bool    `json:"fileTransferEnable" default:"true"`
}

// VmGraphicsDeviceType is the protocol of a display server.
type VmGraphicsDeviceType string

const (
	VmGraphicsDeviceTypeSpice VmGraphicsDeviceType = "spice"
	VmGraphicsDeviceTypeVNC   VmGraphicsDeviceType = "vnc"
)

// Values implements Enum.
func (VmGraphicsDeviceType) Values() []string {
	return enum(VmGraphicsDeviceTypeSpice, VmGraphicsDeviceTypeVNC)
}
