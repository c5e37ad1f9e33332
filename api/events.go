// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMStatusEvent tells that something about a VM changed.
var VMStatusEvent = declareEvent[map[UUID]StatusDetails]("virt", "VM_status")

// VMMigrationStatusEvent tells how far the migration of a VM is.
var VMMigrationStatusEvent = declareEvent[map[UUID]MigrationStatusDetails]("virt", "VM_migration_status")

// HostConnectionEvent tells that an address or a link of the host changed; a
// manager then asks for the capabilities again.
var HostConnectionEvent = declareEvent[NoParams]("net", "host_conn")

// JobStatusEvent tells that a host job changed its status.
var JobStatusEvent = declareEvent[HostJobInfo]("jobs", "status")

// StatusDetails says what changed about a VM. Only Status is always present.
// Virt adds whatever of the VM's statistics belongs to the change.
type StatusDetails map[string]any

// MigrationStatusDetails says how far a migration is.
type MigrationStatusDetails struct {
	Progress Float  `json:"progress"`
	Postcopy bool   `json:"postcopy" default:"false"`
	Downtime *Float `json:"downtime,omitzero" default:"unchecked"`
}
