// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VMStartBackup = declare[VMStartBackupParams, BackupInfo]("VM.start_backup", "4.3")

type VMStartBackupParams struct {
	VMID   UUID         `json:"vmID" api:"object"`
	Config BackupConfig `json:"config"`
}

var VMStopBackup = declare[VMStopBackupParams, Status]("VM.stop_backup", "4.3")

type VMStopBackupParams struct {
	VMID     UUID `json:"vmID" api:"object"`
	BackupID UUID `json:"backup_id"`
}

var VMBackupInfo = declare[VMBackupInfoParams, BackupInfo]("VM.backup_info", "4.3")

type VMBackupInfoParams struct {
	VMID         UUID  `json:"vmID" api:"object"`
	BackupID     UUID  `json:"backup_id"`
	CheckpointID *UUID `json:"checkpoint_id,omitzero" default:"null"`
}

var VMDeleteCheckpoints = declare[VMDeleteCheckpointsParams, []CheckpointsResponse]("VM.delete_checkpoints", "4.3")

type VMDeleteCheckpointsParams struct {
	VMID          UUID     `json:"vmID" api:"object"`
	CheckpointIDs []string `json:"checkpoint_ids"`
}

var VMRedefineCheckpoints = declare[VMRedefineCheckpointsParams, []CheckpointsResponse]("VM.redefine_checkpoints", "4.3")

type VMRedefineCheckpointsParams struct {
	VMID        UUID         `json:"vmID" api:"object"`
	Checkpoints []Checkpoint `json:"checkpoints"`
}

var VMListCheckpoints = declare[VMListCheckpointsParams, []UUID]("VM.list_checkpoints", "4.4")

type VMListCheckpointsParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

var VMDumpCheckpoint = declare[VMDumpCheckpointParams, []CheckpointInfo]("VM.dump_checkpoint", "4.4")

type VMDumpCheckpointParams struct {
	VMID         UUID `json:"vmID" api:"object"`
	CheckpointID UUID `json:"checkpoint_id"`
}

type BackupConfig struct {
	BackupID           UUID         `json:"backup_id"`
	Disks              []BackupDisk `json:"disks"`
	FromCheckpointID   *UUID        `json:"from_checkpoint_id,omitzero" default:"null"`
	ToCheckpointID     *UUID        `json:"to_checkpoint_id,omitzero" default:"null"`
	ParentCheckpointID *UUID        `json:"parent_checkpoint_id,omitzero" default:"null"`
	RequireConsistency bool         `json:"require_consistency" default:"false"`
	CreationTime       *Ulong       `json:"creation_time,omitzero" default:"null"`
}

type BackupDisk struct {
	SDID        UUID            `json:"sd_id"`
	ImgID       UUID            `json:"img_id"`
	VolID       UUID            `json:"vol_id"`
	Checkpoint  bool            `json:"checkpoint"`
	BackupMode  *DiskBackupMode `json:"backup_mode,omitzero" default:"null"`
	ScratchDisk *ScratchDisk    `json:"scratch_disk,omitzero" default:"null"`
}

type DiskBackupMode string

const (
	DiskBackupModeFull        DiskBackupMode = "full"
	DiskBackupModeIncremental DiskBackupMode = "incremental"
)

// Values implements Enum.
func (DiskBackupMode) Values() []string {
	return enum(DiskBackupModeFull, DiskBackupModeIncremental)
}

type ScratchDisk struct{ Union }

// Alternatives implements OneOf.
func (ScratchDisk) Alternatives() []any {
	return []any{FileScratchDisk{}, BlockScratchDisk{}}
}

type FileScratchDisk struct {
	Path     string   `json:"path"`
	Type     DiskType `json:"type"`
	DomainID UUID     `json:"domainID"`
	ImageID  UUID     `json:"imageID"`
	VolumeID UUID     `json:"volumeID"`
}

type DiskType string

const (
	DiskTypeBLOCK DiskType = "BLOCK"
	DiskTypeFILE  DiskType = "FILE"
)

// Values implements Enum.
func (DiskType) Values() []string {
	return enum(DiskTypeBLOCK, DiskTypeFILE)
}

type BlockScratchDisk struct {
	Path     string   `json:"path"`
	Type     DiskType `json:"type"`
	DomainID UUID     `json:"domainID"`
	ImageID  UUID     `json:"imageID"`
	VolumeID UUID     `json:"volumeID"`
}

type BackupInfo struct {
	Disks      StringMap `json:"disks"`
	Checkpoint string    `json:"checkpoint"`
}

type CheckpointsResponse struct {
	CheckpointIDs UUID        `json:"checkpoint_ids"`
	Error         []ErrorInfo `json:"error,omitzero" default:"null"`
}

type Checkpoint struct {
	ID     UUID          `json:"id"`
	XML    *string       `json:"xml,omitzero" default:"null"`
	Config *BackupConfig `json:"config,omitzero" default:"null"`
}

type CheckpointInfo struct {
	Checkpoint string `json:"checkpoint"`
}
