// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VmWatchdogDevice is a watchdog.
type VmWatchdogDevice struct {
	DeviceID   UUID                        `json:"deviceId"`
	Device     VmWatchdogDeviceType        `json:"device"`
	SpecParams *VmWatchdogDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	DeviceType VmDeviceType                `json:"deviceType"`
	Alias      string                      `json:"alias"`
	Address    VmDeviceAddress             `json:"address"`
}

// VmWatchdogDeviceType is the kind of a watchdog.
type VmWatchdogDeviceType string

const (
	VmWatchdogDeviceTypeWatchdog VmWatchdogDeviceType = "watchdog"
)

// Values implements Enum.
func (VmWatchdogDeviceType) Values() []string {
	return enum(VmWatchdogDeviceTypeWatchdog)
}

// VmWatchdogDeviceSpecParams are settings of a watchdog.
type VmWatchdogDeviceSpecParams struct {
	Model  VmWatchdogDeviceModel  `json:"model"`
	Action VmWatchdogDeviceAction `json:"action"`
}

// VmWatchdogDeviceModel is the watchdog that the guest sees.
type VmWatchdogDeviceModel string

const (
	VmWatchdogDeviceModelIB700    VmWatchdogDeviceModel = "IB700"
	VmWatchdogDeviceModelI6300esb VmWatchdogDeviceModel = "i6300esb"
)

// Values implements Enum.
func (VmWatchdogDeviceModel) Values() []string {
	return enum(VmWatchdogDeviceModelIB700, VmWatchdogDeviceModelI6300esb)
}

// VmWatchdogDeviceAction is what happens when a watchdog fires.
type VmWatchdogDeviceAction string

const (
	VmWatchdogDeviceActionDump     VmWatchdogDeviceAction = "dump"
	VmWatchdogDeviceActionNone     VmWatchdogDeviceAction = "none"
	VmWatchdogDeviceActionPause    VmWatchdogDeviceAction = "pause"
	VmWatchdogDeviceActionPoweroff VmWatchdogDeviceAction = "poweroff"
	VmWatchdogDeviceActionReset    VmWatchdogDeviceAction = "reset"
	VmWatchdogDeviceActionShutdown VmWatchdogDeviceAction = "shutdown"
)

// Values implements Enum.
func (VmWatchdogDeviceAction) Values() []string {
	return enum(VmWatchdogDeviceActionDump, VmWatchdogDeviceActionNone, VmWatchdogDeviceActionPause, VmWatchdogDeviceActionPoweroff, VmWatchdogDeviceActionReset, VmWatchdogDeviceActionShutdown)
}

// VmRngDevice is a source of random numbers.
type VmRngDevice struct {
	SpecParams VmRngDeviceSpecParams `json:"specParams"`
	Model      VmRngDeviceModel      `json:"model"`
	DeviceType VmDeviceType          `json:"deviceType"`
	Device     VmRngDeviceType       `json:"device"`
}

// VmRngDeviceSpecParams are settings of a source of random numbers.
type VmRngDeviceSpecParams struct {
	Bytes  *int64            `json:"bytes,omitzero" default:"unset"` // most in a period
	Source VmRngDeviceSource `json:"source"`
	Period *int64            `json:"period,omitzero" default:"unset"` // milliseconds
}

// VmRngDeviceSource is where the host takes random numbers from.
type VmRngDeviceSource string

const (
	VmRngDeviceSourceHwrng  VmRngDeviceSource = "hwrng"
	VmRngDeviceSourceRandom VmRngDeviceSource = "random"
)

// Values implements Enum.
func (VmRngDeviceSource) Values() []string {
	return enum(VmRngDeviceSourceHwrng, VmRngDeviceSourceRandom)
}

// VmRngDeviceModel is the source that the guest sees.
type VmRngDeviceModel string

const (
	VmRngDeviceModelVirtio VmRngDeviceModel = "virtio"
)

// Values implements Enum.
func (VmRngDeviceModel) Values() []string {
	return enum(VmRngDeviceModelVirtio)
}

// VmRngDeviceType is the kind of a source.
type VmRngDeviceType string

const (
	VmRngDeviceTypeVirtio VmRngDeviceType = "virtio"
)

// Values implements Enum.
func (VmRngDeviceType) Values() []string {
	return enum(VmRngDeviceTypeVirtio)
}

// VmTpmDevice is a trusted platform module.
type VmTpmDevice struct {
	SpecParams VmTpmDeviceSpecParams `json:"specParams"`
	DeviceType VmDeviceType          `json:"deviceType"`
	Device     VmTpmDeviceType       `json:"device"`
}

// VmTpmDeviceSpecParams are settings of a TPM.
type VmTpmDeviceSpecParams struct {
	Model VmTpmDeviceModel `json:"model"`
	Path  string           `json:"path"`
	Mode  VmTpmDeviceMode  `json:"mode"`
}

// VmTpmDeviceModel is the TPM that the guest sees.
type VmTpmDeviceModel string

const (
	VmTpmDeviceModelTPMTis VmTpmDeviceModel = "tpm-tis"
)

// Values implements Enum.
func (VmTpmDeviceModel) Values() []string {
	return enum(VmTpmDeviceModelTPMTis)
}

// VmTpmDeviceMode says where the TPM is.
type VmTpmDeviceMode string

const (
	VmTpmDeviceModePassthrough VmTpmDeviceMode = "passthrough"
)

// Values implements Enum.
func (VmTpmDeviceMode) Values() []string {
	return enum(VmTpmDeviceModePassthrough)
}

// VmTpmDeviceType is the kind of a TPM.
type VmTpmDeviceType string

const (
	VmTpmDeviceTypeTPM VmTpmDeviceType = "tpm"
)

// Values implements Enum.
func (VmTpmDeviceType) Values() []string {
	return enum(VmTpmDeviceTypeTPM)
}
