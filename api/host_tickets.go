// SPDX-License-Identifier: GPL-2.0-or-later

package api

import (
	"bytes"
	"encoding/json"
)

// HostAddImageTicket lets the image daemon of this host serve an image to who
// knows the ticket.
var HostAddImageTicket = declare[HostAddImageTicketParams, Nothing]("Host.add_image_ticket", "4.0")

// HostAddImageTicketParams are the parameters of Host.add_image_ticket.
type HostAddImageTicketParams struct {
	Ticket ImageTicket `json:"ticket"`
}

// HostGetImageTicket tells what became of a ticket.
var HostGetImageTicket = declare[HostGetImageTicketParams, TicketInfo]("Host.get_image_ticket", "4.2")

// HostGetImageTicketParams are the parameters of Host.get_image_ticket.
type HostGetImageTicketParams struct {
	UUID UUID `json:"uuid"`
}

// HostRemoveImageTicket makes a ticket invalid and ends the transfers that
// use it.
var HostRemoveImageTicket = declare[HostRemoveImageTicketParams, Nothing]("Host.remove_image_ticket", "4.0")

// HostRemoveImageTicketParams are the parameters of Host.remove_image_ticket.
type HostRemoveImageTicketParams struct {
	UUID UUID `json:"uuid"`
}

// HostExtendImageTicket lets a ticket live longer.
var HostExtendImageTicket = declare[HostExtendImageTicketParams, Nothing]("Host.extend_image_ticket", "4.0")

// HostExtendImageTicketParams are the parameters of Host.extend_image_ticket.
type HostExtendImageTicketParams struct {
	UUID    UUID   `json:"uuid"`
	Timeout uint64 `json:"timeout"` // seconds from now
}

// HostRegisterSecrets hands libvirt the keys of networked disks.
var HostRegisterSecrets = declare[HostRegisterSecretsParams, Nothing]("Host.registerSecrets", "3.6")

// HostRegisterSecretsParams are the parameters of Host.registerSecrets.
type HostRegisterSecretsParams struct {
	Secrets []SecretInfo `json:"secrets"`
	Clear   bool         `json:"clear" default:"false"` // forget all other secrets first
}

// HostUnregisterSecrets makes libvirt forget keys.
var HostUnregisterSecrets = declare[HostUnregisterSecretsParams, Nothing]("Host.unregisterSecrets", "3.6")

// HostUnregisterSecretsParams are the parameters of Host.unregisterSecrets.
type HostUnregisterSecretsParams struct {
	UUIDs []UUID `json:"uuids"`
}

// ImageTicket permits transfers of an image.
type ImageTicket struct {
	Size     uint64           `json:"size"`    // bytes
	URL      string           `json:"url"`     // of what is served, such as "file:///path"
	Timeout  uint64           `json:"timeout"` // seconds
	UUID     UUID             `json:"uuid"`
	Ops      []ImageTicketOps `json:"ops"`
	Filename *string          `json:"filename,omitzero" default:"null"`

	// The ticket as it was received: managers and image daemons know more
	// members. It is what is sent, when it is there.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps the ticket as it came.
func (t *ImageTicket) UnmarshalJSON(b []byte) error {
	type declared ImageTicket
	err := json.Unmarshal(b, (*declared)(t))
	t.Raw = bytes.Clone(b)
	return err
}

// MarshalJSON sends the ticket as it came.
func (t ImageTicket) MarshalJSON() ([]byte, error) {
	if t.Raw != nil {
		return t.Raw, nil
	}
	type declared ImageTicket
	return json.Marshal(declared(t))
}

// ImageTicketOps is what a ticket permits.
type ImageTicketOps string

const (
	ImageTicketOpsRead  ImageTicketOps = "read"
	ImageTicketOpsWrite ImageTicketOps = "write"
)

// Values implements Enum.
func (ImageTicketOps) Values() []string {
	return enum(ImageTicketOpsRead, ImageTicketOpsWrite)
}

// TicketInfo is a ticket and what was done with it.
type TicketInfo struct {
	Size        uint64           `json:"size"` // bytes
	URL         string           `json:"url"`
	Timeout     int64            `json:"timeout"` // seconds left; negative once expired
	UUID        UUID             `json:"uuid"`
	Ops         []ImageTicketOps `json:"ops"`
	Filename    *string          `json:"filename,omitzero" default:"null"`
	Active      bool             `json:"active"`
	Transferred uint64           `json:"transferred"` // bytes

	// The answer of the image daemon, which has more members. It is what is
	// sent, when it is there.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps the answer as it came.
func (t *TicketInfo) UnmarshalJSON(b []byte) error {
	type declared TicketInfo
	err := json.Unmarshal(b, (*declared)(t))
	t.Raw = bytes.Clone(b)
	return err
}

// MarshalJSON sends the answer as it came.
func (t TicketInfo) MarshalJSON() ([]byte, error) {
	if t.Raw != nil {
		return t.Raw, nil
	}
	type declared TicketInfo
	return json.Marshal(declared(t))
}

// SecretInfo is a key for networked storage.
type SecretInfo struct {
	Description *string         `json:"description,omitzero" default:"unset"`
	UsageID     string          `json:"usageID"` // what libvirt finds the key by
	UsageType   SecretUsageType `json:"usageType"`
	UUID        UUID            `json:"uuid"`
	Password    string          `json:"password"` // the key, in base64
}

// SecretUsageType is what a key is for, in libvirt's words.
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
