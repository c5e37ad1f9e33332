// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMGetMigrationStatus tells how far the migration of a VM is.
var VMGetMigrationStatus = declare[VMGetMigrationStatusParams, MigrationStats]("VM.getMigrationStatus", "3.1")

// VMGetMigrationStatusParams are the parameters of VM.getMigrationStatus.
type VMGetMigrationStatusParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMHibernate saves the memory of a VM and ends it. Events tell how it goes.
var VMHibernate = declare[VMHibernateParams, Nothing]("VM.hibernate", "3.1")

// VMHibernateParams are the parameters of VM.hibernate.
type VMHibernateParams struct {
	VMID                 UUID                    `json:"vmID" api:"object"`
	HibernationVolHandle HibernationVolumeHandle `json:"hibernationVolHandle"`
}

// VMMigrate begins to move a VM to another host. Events tell how it goes.
var VMMigrate = declare[VMMigrateParams, Nothing]("VM.migrate", "3.1")

// VMMigrateParams are the parameters of VM.migrate.
type VMMigrateParams struct {
	VMID   UUID          `json:"vmID" api:"object"`
	Params MigrateParams `json:"params"`
}

// VMMigrateCancel stops a migration; the VM stays.
var VMMigrateCancel = declare[VMMigrateCancelParams, Nothing]("VM.migrateCancel", "3.1")

// VMMigrateCancelParams are the parameters of VM.migrateCancel.
type VMMigrateCancelParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMMigrateChangeParams changes a running migration.
var VMMigrateChangeParams = declare[VMMigrateChangeParamsParams, Nothing]("VM.migrateChangeParams", "4.0")

// VMMigrateChangeParamsParams are the parameters of VM.migrateChangeParams.
type VMMigrateChangeParamsParams struct {
	VMID   UUID                `json:"vmID" api:"object"`
	Params MigrationParameters `json:"params"`
}

// VMMigrationCreate makes this host ready to receive a VM. The source host
// calls it.
var VMMigrationCreate = declare[VMMigrationCreateParams, MigrationCreateState]("VM.migrationCreate", "3.1")

// VMMigrationCreateParams are the parameters of VM.migrationCreate.
type VMMigrationCreateParams struct {
	VMID          UUID         `json:"vmID" api:"object"`
	Params        VmDefinition `json:"params"`
	IncomingLimit uint64       `json:"incomingLimit"` // how many VMs may come at once
}

// VMRefreshDisk makes the destination of a migration see the new size of a
// disk.
var VMRefreshDisk = declare[VMRefreshDiskParams, VolumeSizeInfo]("VM.refresh_disk", "4.4.7")

// VMRefreshDiskParams are the parameters of VM.refresh_disk.
type VMRefreshDiskParams struct {
	VMID  UUID            `json:"vmID" api:"object"`
	Drive DriveSpecVolume `json:"drive"`
}

// MigrationStats is how far a migration is.
type MigrationStats struct{ Union }

// Alternatives implements OneOf.
func (MigrationStats) Alternatives() []any {
	return []any{MigratedStats{}, MigratingStats{}}
}

// MigratedStats is a migration that has ended.
type MigratedStats struct {
	VMID     UUID            `json:"vmId"`
	Status   MigrationStatus `json:"status"`
	Downtime uint64          `json:"downtime"` // milliseconds the VM stood still
}

// MigrationStatus says whether a migration has ended.
type MigrationStatus string

const (
	MigrationStatusDone       MigrationStatus = "done"
	MigrationStatusInProgress MigrationStatus = "in_progress"
)

// Values implements Enum.
func (MigrationStatus) Values() []string {
	return enum(MigrationStatusDone, MigrationStatusInProgress)
}

// MigratingStats is a migration that goes on.
type MigratingStats struct {
	VMID     UUID            `json:"vmId"`
	Status   MigrationStatus `json:"status"`
	Progress uint64          `json:"progress"` // percent
}

// HibernationVolumeHandle names the volumes of a saved memory: ids of domain,
// pool, image and volume of the memory, image and volume of the
// configuration, separated by commas.
type HibernationVolumeHandle string

// MigrateParams says where a VM shall go and how.
type MigrateParams struct {
	Mode         *MigrateMode `json:"mode,omitzero" default:"unset"`
	Dst          string       `json:"dst"`                                   // "host" or "host:port"
	AutoConverge *bool        `json:"autoConverge,omitzero" default:"unset"` // slow the guest down if need be
	MaxBandwidth *int64       `json:"maxBandwidth,omitzero" default:"unset"` // MiB/s
	Parallel     *uint64      `json:"parallel,omitzero" default:"null"`      // number of connections; none or 0 for one
	VMID         UUID         `json:"vmId"`
	Compressed   *bool        `json:"compressed,omitzero" default:"unset"`
	// "host:port" for displays; the port may be left out
	ConsoleAddress      *string              `json:"consoleAddress,omitzero" default:"unset"`
	Dstparams           string               `json:"dstparams"`
	Dstqemu             *string              `json:"dstqemu,omitzero" default:"unset"` // address that QEMU shall connect to
	Tunneled            *bool                `json:"tunneled,omitzero" default:"unset"`
	Encrypted           bool                 `json:"encrypted" default:"false"`
	ConvergenceSchedule *ConvergenceSchedule `json:"convergenceSchedule,omitzero" default:"unset"`
	Method              *MigrateMethod       `json:"method,omitzero" default:"unset"`
	// also refuse a VM that an I/O error has paused
	AbortOnError      *bool   `json:"abortOnError,omitzero" default:"unset"`
	EnableGuestEvents *bool   `json:"enableGuestEvents,omitzero" default:"unset"` // tell the guest
	OutgoingLimit     *uint64 `json:"outgoingLimit,omitzero" default:"null"`      // how many VMs may leave at once
	IncomingLimit     *uint64 `json:"incomingLimit,omitzero" default:"null"`      // how many may come to the destination
	// processors of the destination for each virtual one, such as "1,3-5"
	Cpusets []string `json:"cpusets,omitzero" default:"null"`
	// nodes of the destination for each virtual one
	NUMANodesets []string `json:"numaNodesets,omitzero" default:"null"`
	Zerocopy     bool     `json:"zerocopy" default:"false"`
}

// MigrateMode says whether a VM moves to a host or into a file.
type MigrateMode string

const (
	MigrateModeFile   MigrateMode = "file"
	MigrateModeRemote MigrateMode = "remote"
)

// Values implements Enum.
func (MigrateMode) Values() []string {
	return enum(MigrateModeFile, MigrateModeRemote)
}

// ConvergenceSchedule says what to do when a migration drags on.
type ConvergenceSchedule struct {
	Stalling []ConvergenceItem   `json:"stalling"`
	Init     []ConvergenceAction `json:"init"` // before it begins
}

// ConvergenceItem is what to do after so many rounds.
type ConvergenceItem struct {
	Action ConvergenceAction `json:"action"`
	// rounds of copying memory; -1 for the last resort
	Limit int64 `json:"limit"`
}

// ConvergenceAction is a measure, such as "setDowntime" with milliseconds,
// "postcopy" or "abort".
type ConvergenceAction struct {
	Params []string `json:"params"`
	Name   string   `json:"name"`
}

// MigrateMethod is how a VM moves: while it runs.
type MigrateMethod string

const (
	MigrateMethodOnline MigrateMethod = "online"
)

// Values implements Enum.
func (MigrateMethod) Values() []string {
	return enum(MigrateMethodOnline)
}

// MigrationParameters are what a running migration lets change.
type MigrationParameters struct {
	MaxBandwidth *int64 `json:"maxBandwidth,omitzero" default:"unset"` // MiB/s
}

// MigrationCreateState is a host that is ready to receive.
type MigrationCreateState struct {
	MigrationPort int64     `json:"migrationPort"` // always 0; libvirt chooses
	Params        VmCreated `json:"params"`
}
