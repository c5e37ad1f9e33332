// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VMGetMigrationStatus = declare[VMGetMigrationStatusParams, MigrationStats]("VM.getMigrationStatus", "3.1")

type VMGetMigrationStatusParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMHibernate = declare[VMHibernateParams, Nothing]("VM.hibernate", "3.1")

type VMHibernateParams struct {
	VMID                 UUID                    `json:"vmID" api:"object"`
	HibernationVolHandle HibernationVolumeHandle `json:"hibernationVolHandle"`
}

var VMMigrate = declare[VMMigrateParams, Nothing]("VM.migrate", "3.1")

type VMMigrateParams struct {
	VMID   UUID          `json:"vmID" api:"object"`
	Params MigrateParams `json:"params"`
}

var VMMigrateCancel = declare[VMMigrateCancelParams, Nothing]("VM.migrateCancel", "3.1")

type VMMigrateCancelParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMMigrateChangeParams = declare[VMMigrateChangeParamsParams, Nothing]("VM.migrateChangeParams", "4.0")

type VMMigrateChangeParamsParams struct {
	VMID   UUID                `json:"vmID" api:"object"`
	Params MigrationParameters `json:"params"`
}

var VMMigrationCreate = declare[VMMigrationCreateParams, MigrationCreateState]("VM.migrationCreate", "3.1")

type VMMigrationCreateParams struct {
	VMID          UUID         `json:"vmID" api:"object"`
	Params        VmDefinition `json:"params"`
	IncomingLimit uint64       `json:"incomingLimit"`
}

var VMRefreshDisk = declare[VMRefreshDiskParams, VolumeSizeInfo]("VM.refresh_disk", "4.4.7")

type VMRefreshDiskParams struct {
	VMID  UUID            `json:"vmID" api:"object"`
	Drive DriveSpecVolume `json:"drive"`
}

type MigrationStats struct{ Union }

// Alternatives implements OneOf.
func (MigrationStats) Alternatives() []any {
	return []any{MigratedStats{}, MigratingStats{}}
}

type MigratedStats struct {
	VMID     UUID            `json:"vmId"`
	Status   MigrationStatus `json:"status"`
	Downtime uint64          `json:"downtime"`
}

type MigrationStatus string

const (
	MigrationStatusDone       MigrationStatus = "done"
	MigrationStatusInProgress MigrationStatus = "in_progress"
)

// Values implements Enum.
func (MigrationStatus) Values() []string {
	return enum(MigrationStatusDone, MigrationStatusInProgress)
}

type MigratingStats struct {
	VMID     UUID            `json:"vmId"`
	Status   MigrationStatus `json:"status"`
	Progress uint64          `json:"progress"`
}

type HibernationVolumeHandle string

type MigrateParams struct {
	Mode                *MigrateMode         `json:"mode,omitzero" default:"unset"`
	Dst                 string               `json:"dst"`
	AutoConverge        *bool                `json:"autoConverge,omitzero" default:"unset"`
	MaxBandwidth        *int64               `json:"maxBandwidth,omitzero" default:"unset"`
	Parallel            *uint64              `json:"parallel,omitzero" default:"null"`
	VMID                UUID                 `json:"vmId"`
	Compressed          *bool                `json:"compressed,omitzero" default:"unset"`
	ConsoleAddress      *string              `json:"consoleAddress,omitzero" default:"unset"`
	Dstparams           string               `json:"dstparams"`
	Dstqemu             *string              `json:"dstqemu,omitzero" default:"unset"`
	Tunneled            *bool                `json:"tunneled,omitzero" default:"unset"`
	Encrypted           bool                 `json:"encrypted" default:"false"`
	ConvergenceSchedule *ConvergenceSchedule `json:"convergenceSchedule,omitzero" default:"unset"`
	Method              *MigrateMethod       `json:"method,omitzero" default:"unset"`
	AbortOnError        *bool                `json:"abortOnError,omitzero" default:"unset"`
	EnableGuestEvents   *bool                `json:"enableGuestEvents,omitzero" default:"unset"`
	OutgoingLimit       *uint64              `json:"outgoingLimit,omitzero" default:"null"`
	IncomingLimit       *uint64              `json:"incomingLimit,omitzero" default:"null"`
	Cpusets             []string             `json:"cpusets,omitzero" default:"null"`
	NUMANodesets        []string             `json:"numaNodesets,omitzero" default:"null"`
	Zerocopy            bool                 `json:"zerocopy" default:"false"`
}

type MigrateMode string

const (
	MigrateModeFile   MigrateMode = "file"
	MigrateModeRemote MigrateMode = "remote"
)

// Values implements Enum.
func (MigrateMode) Values() []string {
	return enum(MigrateModeFile, MigrateModeRemote)
}

type ConvergenceSchedule struct {
	Stalling []ConvergenceItem   `json:"stalling"`
	Init     []ConvergenceAction `json:"init"`
}

type ConvergenceItem struct {
	Action ConvergenceAction `json:"action"`
	Limit  int64             `json:"limit"`
}

type ConvergenceAction struct {
	Params []string `json:"params"`
	Name   string   `json:"name"`
}

type MigrateMethod string

const (
	MigrateMethodOnline MigrateMethod = "online"
)

// Values implements Enum.
func (MigrateMethod) Values() []string {
	return enum(MigrateMethodOnline)
}

type MigrationParameters struct {
	MaxBandwidth *int64 `json:"maxBandwidth,omitzero" default:"unset"`
}

type MigrationCreateState struct {
	MigrationPort int64     `json:"migrationPort"`
	Params        VmCreated `json:"params"`
}
