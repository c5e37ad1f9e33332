// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VMCont = declare[VMContParams, VMListResult]("VM.cont", "3.1")

type VMContParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMCreate = declare[VMCreateParams, VmCreated]("VM.create", "3.1")

type VMCreateParams struct {
	VMID     UUID         `json:"vmID" api:"object"`
	VMParams VmParameters `json:"vmParams"`
}

var VMDestroy = declare[VMDestroyParams, Nothing]("VM.destroy", "3.1")

type VMDestroyParams struct {
	VMID             UUID   `json:"vmID" api:"object"`
	GracefulAttempts uint64 `json:"gracefulAttempts" default:"1"`
}

var VMGetExternalData = declare[VMGetExternalDataParams, VmDataMap]("VM.getExternalData", "4.4")

type VMGetExternalDataParams struct {
	VMID        UUID    `json:"vmID" api:"object"`
	Kind        string  `json:"kind"`
	LastHash    *string `json:"lastHash,omitzero" default:"null"`
	ForceUpdate bool    `json:"forceUpdate" default:"true"`
}

var VMGetInfo = declare[VMGetInfoParams, VmShortStatus]("VM.getInfo", "3.1")

type VMGetInfoParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMGetStats = declare[VMGetStatsParams, []VmStats]("VM.getStats", "3.1")

type VMGetStatsParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMPause = declare[VMPauseParams, VMListResult]("VM.pause", "3.1")

type VMPauseParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMReset = declare[VMResetParams, Nothing]("VM.reset", "3.1")

type VMResetParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMShutdown = declare[VMShutdownParams, Nothing]("VM.shutdown", "3.1")

type VMShutdownParams struct {
	VMID    UUID    `json:"vmID" api:"object"`
	Delay   *int64  `json:"delay,omitzero" default:"null"`
	Message *string `json:"message,omitzero" default:"null"`
	Reboot  bool    `json:"reboot" default:"false"`
	Timeout *int64  `json:"timeout,omitzero" default:"null"`
	Force   bool    `json:"force" default:"false"`
}

var VMSetDestroyOnReboot = declare[VMSetDestroyOnRebootParams, Nothing]("VM.setDestroyOnReboot", "4.2")

type VMSetDestroyOnRebootParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMFreeze = declare[VMFreezeParams, Nothing]("VM.freeze", "3.6")

type VMFreezeParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMThaw = declare[VMThawParams, Nothing]("VM.thaw", "3.6")

type VMThawParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMScreenshot = declare[VMScreenshotParams, ScreenshotResponse]("VM.screenshot", "4.5")

type VMScreenshotParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

type VmCreated struct {
	VMID       UUID     `json:"vmId"`
	Status     VmStatus `json:"status"`
	StatusTime string   `json:"statusTime"`
	XML        string   `json:"xml"`
}

type VmDataMap struct {
	XData *string `json:"_X_data,omitzero" default:"null"`
	Hash  string  `json:"hash"`
}

type ScreenshotResponse struct {
	Data     string `json:"data"`
	Encoding string `json:"encoding"`
	MimeType string `json:"mime_type"`
}
