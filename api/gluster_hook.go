// SPDX-License-Identifier: GPL-2.0-or-later

package api

// GlusterHookAdd stores a hook script.
var GlusterHookAdd = declare[GlusterHookAddParams, bool]("GlusterHook.add", "3.2")

// GlusterHookAddParams are the parameters of GlusterHook.add.
type GlusterHookAddParams struct {
	GlusterCmd string    `json:"glusterCmd"`
	HookLevel  HookLevel `json:"hookLevel"`
	HookName   string    `json:"hookName"`
	HookData   string    `json:"hookData"` // content, in base64
	Checksum   string    `json:"checksum"` // MD5 of the content, hexadecimal
	Enable     bool      `json:"enable"`
}

// GlusterHookDisable keeps a script from running.
var GlusterHookDisable = declare[GlusterHookDisableParams, bool]("GlusterHook.disable", "3.2")

// GlusterHookDisableParams are the parameters of GlusterHook.disable.
type GlusterHookDisableParams struct {
	GlusterCmd string    `json:"glusterCmd"`
	HookLevel  HookLevel `json:"hookLevel"`
	HookName   string    `json:"hookName"`
}

// GlusterHookEnable lets a script run.
var GlusterHookEnable = declare[GlusterHookEnableParams, bool]("GlusterHook.enable", "3.2")

// GlusterHookEnableParams are the parameters of GlusterHook.enable.
type GlusterHookEnableParams struct {
	GlusterCmd string    `json:"glusterCmd"`
	HookLevel  HookLevel `json:"hookLevel"`
	HookName   string    `json:"hookName"`
}

// GlusterHookList lists the hook scripts.
var GlusterHookList = declare[NoParams, []HookInfo]("GlusterHook.list", "3.2")

// GlusterHookRead returns a hook script.
var GlusterHookRead = declare[GlusterHookReadParams, HookContent]("GlusterHook.read", "3.2")

// GlusterHookReadParams are the parameters of GlusterHook.read.
type GlusterHookReadParams struct {
	GlusterCmd string    `json:"glusterCmd"`
	HookLevel  HookLevel `json:"hookLevel"`
	HookName   string    `json:"hookName"`
}

// GlusterHookRemove removes a hook script.
var GlusterHookRemove = declare[GlusterHookRemoveParams, bool]("GlusterHook.remove", "3.2")

// GlusterHookRemoveParams are the parameters of GlusterHook.remove.
type GlusterHookRemoveParams struct {
	GlusterCmd string    `json:"glusterCmd"`
	HookLevel  HookLevel `json:"hookLevel"`
	HookName   string    `json:"hookName"`
}

// GlusterHookUpdate replaces a hook script.
var GlusterHookUpdate = declare[GlusterHookUpdateParams, bool]("GlusterHook.update", "3.2")

// GlusterHookUpdateParams are the parameters of GlusterHook.update.
type GlusterHookUpdateParams struct {
	GlusterCmd   string    `json:"glusterCmd"`
	HookLevel    HookLevel `json:"hookLevel"`
	HookName     string    `json:"hookName"`
	HookData     string    `json:"hookData"`     // content, in base64
	HookChecksum string    `json:"hookChecksum"` // MD5 of the content, hexadecimal
}

// HookLevel says whether a script runs before or after the command.
type HookLevel string

const (
	HookLevelPOST HookLevel = "POST"
	HookLevelPRE  HookLevel = "PRE"
)

// Values implements Enum.
func (HookLevel) Values() []string {
	return enum(HookLevelPOST, HookLevelPRE)
}

// HookInfo is a hook script.
type HookInfo struct {
	Mimetype string     `json:"mimetype"`
	Status   HookStatus `json:"status"`
	Name     string     `json:"name"`
	Checksum string     `json:"checksum"`
	Level    HookLevel  `json:"level"`
	Command  string     `json:"command"` // the gluster command it belongs to
}

// HookStatus says whether a script runs.
type HookStatus string

const (
	HookStatusDISABLED HookStatus = "DISABLED"
	HookStatusENABLED  HookStatus = "ENABLED"
)

// Values implements Enum.
func (HookStatus) Values() []string {
	return enum(HookStatusDISABLED, HookStatusENABLED)
}

// HookContent is a hook script with its content.
type HookContent struct {
	Mimetype string `json:"mimetype"`
	Checksum string `json:"checksum"`
	Content  string `json:"content"` // in base64 unless it is text
}
