// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostAddImageTicket = declare[HostAddImageTicketParams, Nothing]("Host.add_image_ticket", "4.0")

type HostAddImageTicketParams struct {
	Ticket ImageTicket `json:"ticket"`
}

var HostGetImageTicket = declare[HostGetImageTicketParams, TicketInfo]("Host.get_image_ticket", "4.2")

type HostGetImageTicketParams struct {
	UUID UUID `json:"uuid"`
}

var HostRemoveImageTicket = declare[HostRemoveImageTicketParams, Nothing]("Host.remove_image_ticket", "4.0")

type HostRemoveImageTicketParams struct {
	UUID UUID `json:"uuid"`
}

var HostExtendImageTicket = declare[HostExtendImageTicketParams, Nothing]("Host.extend_image_ticket", "4.0")

type HostExtendImageTicketParams struct {
	UUID    UUID   `json:"uuid"`
	Timeout uint64 `json:"timeout"`
}

var HostRegisterSecrets = declare[HostRegisterSecretsParams, Nothing]("Host.registerSecrets", "3.6")

type HostRegisterSecretsParams struct {
	Secrets []SecretInfo `json:"secrets"`
	Clear   bool         `json:"clear" default:"false"`
}

var HostUnregisterSecrets = declare[HostUnregisterSecretsParams, Nothing]("Host.unregisterSecrets", "3.6")

type HostUnregisterSecretsParams struct {
	UUIDs []UUID `json:"uuids"`
}

type ImageTicket struct {
	Size     uint64           `json:"size"`
	URL      string           `json:"url"`
	Timeout  uint64           `json:"timeout"`
	UUID     UUID             `json:"uuid"`
	Ops      []ImageTicketOps `json:"ops"`
	Filename *string          `json:"filename,omitzero" default:"null"`
}

type ImageTicketOps string

const (
	ImageTicketOpsRead  ImageTicketOps = "read"
	ImageTicketOpsWrite ImageTicketOps = "write"
)

// Values implements Enum.
func (ImageTicketOps) Values() []string {
	return enum(ImageTicketOpsRead, ImageTicketOpsWrite)
}

type TicketInfo struct {
	Size        uint64           `json:"size"`
	URL         string           `json:"url"`
	Timeout     int64            `json:"timeout"`
	UUID        UUID             `json:"uuid"`
	Ops         []ImageTicketOps `json:"ops"`
	Filename    *string          `json:"filename,omitzero" default:"null"`
	Active      bool             `json:"active"`
	Transferred uint64           `json:"transferred"`
}

type SecretInfo struct {
	Description *string         `json:"description,omitzero" default:"unset"`
	UsageID     string          `json:"usageID"`
	UsageType   SecretUsageType `json:"usageType"`
	UUID        UUID            `json:"uuid"`
	Password    string          `json:"password"`
}

type SecretUsageType string

const (
	SecretUsageTypeCeph   SecretUsageType = "ceph"
	SecretUsageTypeISCSI  SecretUsageType = "iscsi"
	SecretUsageTypeVolume SecretUsageType = "volume"
)

// Values implements Enum.
func (SecretUsageType) Values() []string {
	return enum(SecretUsageTypeCeph, SecretUsageTypeISCSI, SecretUsageTypeVolume)
}
