// SPDX-License-Identifier: GPL-2.0-or-later

package api

var GlusterHookAdd = declare[GlusterHookAddParams, bool]("GlusterHook.add", "3.2")

type GlusterHookAddParams struct {
	GlusterCmd string    `json:"glusterCmd"`
	HookLevel  HookLevel `json:"hookLevel"`
	HookName   string    `json:"hookName"`
	HookData   string    `json:"hookData"`
	Checksum   string    `json:"checksum"`
	Enable     bool      `json:"enable"`
}

var GlusterHookDisable = declare[GlusterHookDisableParams, bool]("GlusterHook.disable", "3.2")

type GlusterHookDisableParams struct {
	GlusterCmd string    `json:"glusterCmd"`
	HookLevel  HookLevel `json:"hookLevel"`
	HookName   string    `json:"hookName"`
}

var GlusterHookEnable = declare[GlusterHookEnableParams, bool]("GlusterHook.enable", "3.2")

type GlusterHookEnableParams struct {
	GlusterCmd string    `json:"glusterCmd"`
	HookLevel  HookLevel `json:"hookLevel"`
	HookName   string    `json:"hookName"`
}

var GlusterHookList = declare[NoParams, []HookInfo]("GlusterHook.list", "3.2")

var GlusterHookRead = declare[GlusterHookReadParams, HookContent]("GlusterHook.read", "3.2")

type GlusterHookReadParams struct {
	GlusterCmd string    `json:"glusterCmd"`
	HookLevel  HookLevel `json:"hookLevel"`
	HookName   string    `json:"hookName"`
}

var GlusterHookRemove = declare[GlusterHookRemoveParams, bool]("GlusterHook.remove", "3.2")

type GlusterHookRemoveParams struct {
	GlusterCmd string    `json:"glusterCmd"`
	HookLevel  HookLevel `json:"hookLevel"`
	HookName   string    `json:"hookName"`
}

var GlusterHookUpdate = declare[GlusterHookUpdateParams, bool]("GlusterHook.update", "3.2")

type GlusterHookUpdateParams struct {
	GlusterCmd   string    `json:"glusterCmd"`
	HookLevel    HookLevel `json:"hookLevel"`
	HookName     string    `json:"hookName"`
	HookData     string    `json:"hookData"`
	HookChecksum string    `json:"hookChecksum"`
}

type HookLevel string

const (
	HookLevelPOST HookLevel = "POST"
	HookLevelPRE  HookLevel = "PRE"
)

// Values implements Enum.
func (HookLevel) Values() []string {
	return enum(HookLevelPOST, HookLevelPRE)
}

type HookInfo struct {
	Mimetype string     `json:"mimetype"`
	Status   HookStatus `json:"status"`
	Name     string     `json:"name"`
	Checksum string     `json:"checksum"`
	Level    HookLevel  `json:"level"`
	Command  string     `json:"command"`
}

type HookStatus string

const (
	HookStatusDISABLED HookStatus = "DISABLED"
	HookStatusENABLED  HookStatus = "ENABLED"
)

// Values implements Enum.
func (HookStatus) Values() []string {
	return enum(HookStatusDISABLED, HookStatusENABLED)
}

type HookContent struct {
	Mimetype string `json:"mimetype"`
	Checksum string `json:"checksum"`
	Content  string `json:"content"`
}
