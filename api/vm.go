// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMCont lets a paused VM run on.
var VMCont = declare[VMContParams, VMListResult]("VM.cont", "3.1")

// VMContParams are the parameters of VM.cont.
type VMContParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMCreate starts a VM from the manager's domain XML. It answers once the
// start has begun; how that goes on is told by events.
var VMCreate = declare[VMCreateParams, VmCreated]("VM.create", "3.1")

// VMCreateParams are the parameters of VM.create.
type VMCreateParams struct {
	VMID     UUID         `json:"vmID" api:"object"` // the id in the XML wins
	VMParams VmParameters `json:"vmParams"`
}

// VMDestroy ends a VM as if its power were cut, and forgets it.
var VMDestroy = declare[VMDestroyParams, Nothing]("VM.destroy", "3.1")

// VMDestroyParams are the parameters of VM.destroy.
type VMDestroyParams struct {
	VMID UUID `json:"vmID" api:"object"`
	// how often QEMU is asked to end before it is killed
	GracefulAttempts uint64 `json:"gracefulAttempts" default:"1"`
}

// VMGetExternalData returns the content of a device that keeps its data on
// the host.
var VMGetExternalData = declare[VMGetExternalDataParams, VmDataMap]("VM.getExternalData", "4.4")

// VMGetExternalDataParams are the parameters of VM.getExternalData.
type VMGetExternalDataParams struct {
	VMID        UUID    `json:"vmID" api:"object"`
	Kind        string  `json:"kind"`                             // "tpm" or "nvram"
	LastHash    *string `json:"lastHash,omitzero" default:"null"` // the data is left out while this is its hash
	ForceUpdate bool    `json:"forceUpdate" default:"true"`       // even if it was read a moment ago
}

// VMGetInfo returns the status of a VM.
var VMGetInfo = declare[VMGetInfoParams, VmShortStatus]("VM.getInfo", "3.1")

// VMGetInfoParams are the parameters of VM.getInfo.
type VMGetInfoParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMGetStats returns the statistics of a VM from the last sample, as a list
// of one.
var VMGetStats = declare[VMGetStatsParams, []VmStats]("VM.getStats", "3.1")

// VMGetStatsParams are the parameters of VM.getStats.
type VMGetStatsParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMPause stops the processors of a VM.
var VMPause = declare[VMPauseParams, VMListResult]("VM.pause", "3.1")

// VMPauseParams are the parameters of VM.pause.
type VMPauseParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMReset resets a VM as its button would.
var VMReset = declare[VMResetParams, Nothing]("VM.reset", "3.1")

// VMResetParams are the parameters of VM.reset.
type VMResetParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMShutdown asks the guest to shut down or to reboot.
var VMShutdown = declare[VMShutdownParams, Nothing]("VM.shutdown", "3.1")

// VMShutdownParams are the parameters of VM.shutdown.
type VMShutdownParams struct {
	VMID    UUID    `json:"vmID" api:"object"`
	Delay   *int64  `json:"delay,omitzero" default:"null"`   // seconds the guest waits first
	Message *string `json:"message,omitzero" default:"null"` // to the users of the guest
	Reboot  bool    `json:"reboot" default:"false"`
	Timeout *int64  `json:"timeout,omitzero" default:"null"` // seconds before the next means is tried
	Force   bool    `json:"force" default:"false"`           // end with the power when nothing else helped
}

// VMSetDestroyOnReboot makes the next reboot of the guest end the VM, so that
// it can start with a new definition.
var VMSetDestroyOnReboot = declare[VMSetDestroyOnRebootParams, Nothing]("VM.setDestroyOnReboot", "4.2")

// VMSetDestroyOnRebootParams are the parameters of VM.setDestroyOnReboot.
type VMSetDestroyOnRebootParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMFreeze makes the guest flush and stop writing to its file systems.
var VMFreeze = declare[VMFreezeParams, Nothing]("VM.freeze", "3.6")

// VMFreezeParams are the parameters of VM.freeze.
type VMFreezeParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMThaw lets the guest write again after VMFreeze.
var VMThaw = declare[VMThawParams, Nothing]("VM.thaw", "3.6")

// VMThawParams are the parameters of VM.thaw.
type VMThawParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMScreenshot takes a picture of a VM's display.
var VMScreenshot = declare[VMScreenshotParams, ScreenshotResponse]("VM.screenshot", "4.5")

// VMScreenshotParams are the parameters of VM.screenshot.
type VMScreenshotParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VmCreated is a VM whose start has begun.
type VmCreated struct {
	VMID       UUID     `json:"vmId"`
	Status     VmStatus `json:"status"`
	StatusTime string   `json:"statusTime"` // milliseconds of the host's monotonic clock
	XML        string   `json:"xml"`        // the domain XML that was sent
}

// VmDataMap is the content of a device that keeps its data on the host.
type VmDataMap struct {
	// never logged; left out when it did not change
	XData *string `json:"_X_data,omitzero" default:"null"`
	Hash  string  `json:"hash"`
}

// ScreenshotResponse is a picture.
type ScreenshotResponse struct {
	Data     string `json:"data"`
	Encoding string `json:"encoding"` // of Data: "base64"
	MimeType string `json:"mime_type"`
}
