// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMDesktopLock locks the screen of the guest.
var VMDesktopLock = declare[VMDesktopLockParams, Nothing]("VM.desktopLock", "3.1")

// VMDesktopLockParams are the parameters of VM.desktopLock.
type VMDesktopLockParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMDesktopLogin logs a user into the guest.
var VMDesktopLogin = declare[VMDesktopLoginParams, Nothing]("VM.desktopLogin", "3.1")

// VMDesktopLoginParams are the parameters of VM.desktopLogin.
type VMDesktopLoginParams struct {
	VMID     UUID   `json:"vmID" api:"object"`
	Domain   string `json:"domain"`
	Username string `json:"username"`
	Password string `json:"password"`
}

// VMDesktopLogoff logs the user of the guest off.
var VMDesktopLogoff = declare[VMDesktopLogoffParams, Nothing]("VM.desktopLogoff", "3.1")

// VMDesktopLogoffParams are the parameters of VM.desktopLogoff.
type VMDesktopLogoffParams struct {
	VMID  UUID `json:"vmID" api:"object"`
	Force bool `json:"force"` // even if there is unsaved work
}

// VMDesktopSendHcCommand sends a command to the hosted console's agent in the
// guest.
var VMDesktopSendHcCommand = declare[VMDesktopSendHcCommandParams, Nothing]("VM.desktopSendHcCommand", "3.1")

// VMDesktopSendHcCommandParams are the parameters of VM.desktopSendHcCommand.
type VMDesktopSendHcCommandParams struct {
	VMID    UUID   `json:"vmID" api:"object"`
	Message string `json:"message"`
}

// VMUpdateDevice changes a device of a running VM.
var VMUpdateDevice = declare[VMUpdateDeviceParams, EmptyObject]("VM.updateDevice", "3.2")

// VMUpdateDeviceParams are the parameters of VM.updateDevice.
type VMUpdateDeviceParams struct {
	VMID   UUID                 `json:"vmID" api:"object"`
	Params VmUpdateDeviceParams `json:"params"`
}

// VMSetTicket sets the password of a VM's display.
var VMSetTicket = declare[VMSetTicketParams, Nothing]("VM.setTicket", "3.1")

// VMSetTicketParams are the parameters of VM.setTicket.
type VMSetTicketParams struct {
	VMID               UUID                   `json:"vmID" api:"object"`
	Password           string                 `json:"password"`
	TTL                int64                  `json:"ttl"`                // seconds the password is good for
	ExistingConnAction VmTicketConflictAction `json:"existingConnAction"` // what becomes of who is connected
	Params             StringMap              `json:"params"`             // for hooks
}

// VmUpdateDeviceParams is the change of a device.
type VmUpdateDeviceParams struct{ Union }

// Alternatives implements OneOf.
func (VmUpdateDeviceParams) Alternatives() []any {
	return []any{VmUpdateInterfaceDeviceParams{}, VmUpdateGraphicsDeviceParams{}, VmUpdateXMLDeviceParams{}}
}

// VmUpdateInterfaceDeviceParams changes a network card.
type VmUpdateInterfaceDeviceParams struct {
	Alias            string                              `json:"alias"`
	PortMirroring    []string                            `json:"portMirroring,omitzero" default:"unset"` // networks whose traffic the card shall see
	LinkActive       *bool                               `json:"linkActive,omitzero" default:"unset"`
	Network          *string                             `json:"network,omitzero" default:"unset"`
	Filter           string                              `json:"filter"` // name of a network filter
	FilterParameters []VmInterfaceDeviceFilterParameters `json:"filterParameters" default:"[]"`
}

// VmUpdateGraphicsDeviceParams changes the password of a display.
type VmUpdateGraphicsDeviceParams struct {
	ExistingConnAction           *VmTicketConflictAction `json:"existingConnAction,omitzero" default:"null"`
	GraphicsType                 VmGraphicsDeviceType    `json:"graphicsType"`
	Params                       StringMap               `json:"params"`
	TTL                          int64                   `json:"ttl"` // seconds
	Password                     string                  `json:"password"`
	ConsoleDisconnectActionDelay uint64                  `json:"consoleDisconnectActionDelay"` // minutes
}

// VmTicketConflictAction says what becomes of who is connected to a display
// whose password changes.
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

// VmUpdateXMLDeviceParams gives the device as it shall be.
type VmUpdateXMLDeviceParams struct {
	XML string `json:"xml"`
}
