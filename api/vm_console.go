// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VMDesktopLock = declare[VMDesktopLockParams, Nothing]("VM.desktopLock", "3.1")

type VMDesktopLockParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMDesktopLogin = declare[VMDesktopLoginParams, Nothing]("VM.desktopLogin", "3.1")

type VMDesktopLoginParams struct {
	VMID     UUID   `json:"vmID" api:"object"`
	Domain   string `json:"domain"`
	Username string `json:"username"`
	Password string `json:"password"`
}

var VMDesktopLogoff = declare[VMDesktopLogoffParams, Nothing]("VM.desktopLogoff", "3.1")

type VMDesktopLogoffParams struct {
	VMID  UUID `json:"vmID" api:"object"`
	Force bool `json:"force"`
}

var VMDesktopSendHcCommand = declare[VMDesktopSendHcCommandParams, Nothing]("VM.desktopSendHcCommand", "3.1")

type VMDesktopSendHcCommandParams struct {
	VMID    UUID   `json:"vmID" api:"object"`
	Message string `json:"message"`
}

var VMUpdateDevice = declare[VMUpdateDeviceParams, EmptyObject]("VM.updateDevice", "3.2")

type VMUpdateDeviceParams struct {
	VMID   UUID                 `json:"vmID" api:"object"`
	Params VmUpdateDeviceParams `json:"params"`
}

var VMSetTicket = declare[VMSetTicketParams, Nothing]("VM.setTicket", "3.1")

type VMSetTicketParams struct {
	VMID               UUID                   `json:"vmID" api:"object"`
	Password           string                 `json:"password"`
	TTL                int64                  `json:"ttl"`
	ExistingConnAction VmTicketConflictAction `json:"existingConnAction"`
	Params             StringMap              `json:"params"`
}

type VmUpdateDeviceParams struct{ Union }

// Alternatives implements OneOf.
func (VmUpdateDeviceParams) Alternatives() []any {
	return []any{VmUpdateInterfaceDeviceParams{}, VmUpdateGraphicsDeviceParams{}, VmUpdateXMLDeviceParams{}}
}

type VmUpdateInterfaceDeviceParams struct {
	Alias            string                              `json:"alias"`
	PortMirroring    []string                            `json:"portMirroring,omitzero" default:"unset"`
	LinkActive       *bool                               `json:"linkActive,omitzero" default:"unset"`
	Network          *string                             `json:"network,omitzero" default:"unset"`
	Filter           string                              `json:"filter"`
	FilterParameters []VmInterfaceDeviceFilterParameters `json:"filterParameters" default:"[]"`
}

type VmUpdateGraphicsDeviceParams struct {
	ExistingConnAction           *VmTicketConflictAction `json:"existingConnAction,omitzero" default:"null"`
	GraphicsType                 VmGraphicsDeviceType    `json:"graphicsType"`
	Params                       StringMap               `json:"params"`
	TTL                          int64                   `json:"ttl"`
	Password                     string                  `json:"password"`
	ConsoleDisconnectActionDelay uint64                  `json:"consoleDisconnectActionDelay"`
}

type VmTicketConflictAction string

const (
	VmTicketConflictActionDisconnect VmTicketConflictAction = "disconnect"
	VmTicketConflictActionFail       VmTicketConflictAction = "fail"
	VmTicketConflictActionKeep       VmTicketConflictAction = "keep"
)

// Values implements Enum.
func (VmTicketConflictAction) Values() []string {
	return enum(VmTicketConflictActionDisconnect, VmTicketConflictActionFail, VmTicketConflictActionKeep)
}

type VmUpdateXMLDeviceParams struct {
	XML string `json:"xml"`
}
