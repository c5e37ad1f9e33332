// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMStartBackup begins to back disks of a running VM up: they can be read
// over NBD as they are now.
var VMStartBackup = declare[VMStartBackupParams, BackupInfo]("VM.start_backup", "4.3")

// VMStartBackupParams are the parameters of VM.start_backup.
type VMStartBackupParams struct {
	VMID   UUID         `json:"vmID" api:"object"`
	Config BackupConfig `json:"config"`
}

// VMStopBackup ends a backup.
var VMStopBackup = declare[VMStopBackupParams, Status]("VM.stop_backup", "4.3")

// VMStopBackupParams are the parameters of VM.stop_backup.
type VMStopBackupParams struct {
	VMID     UUID `json:"vmID" api:"object"`
	BackupID UUID `json:"backup_id"`
}

// VMBackupInfo tells where the disks of a running backup can be read.
var VMBackupInfo = declare[VMBackupInfoParams, BackupInfo]("VM.backup_info", "4.3")

// VMBackupInfoParams are the parameters of VM.backup_info.
type VMBackupInfoParams struct {
	VMID         UUID  `json:"vmID" api:"object"`
	BackupID     UUID  `json:"backup_id"`
	CheckpointID *UUID `json:"checkpoint_id,omitzero" default:"null"`
}

// VMDeleteCheckpoints removes checkpoints, oldest first.
var VMDeleteCheckpoints = declare[VMDeleteCheckpointsParams, []CheckpointsResponse]("VM.delete_checkpoints", "4.3")

// VMDeleteCheckpointsParams are the parameters of VM.delete_checkpoints.
type VMDeleteCheckpointsParams struct {
	VMID          UUID     `json:"vmID" api:"object"`
	CheckpointIDs []string `json:"checkpoint_ids"`
}

// VMRedefineCheckpoints makes checkpoints known to libvirt again, such as
// after a start.
var VMRedefineCheckpoints = declare[VMRedefineCheckpointsParams, []CheckpointsResponse]("VM.redefine_checkpoints", "4.3")

// VMRedefineCheckpointsParams are the parameters of VM.redefine_checkpoints.
type VMRedefineCheckpointsParams struct {
	VMID        UUID         `json:"vmID" api:"object"`
	Checkpoints []Checkpoint `json:"checkpoints"`
}

// VMListCheckpoints lists the checkpoints of a VM, oldest first.
var VMListCheckpoints = declare[VMListCheckpointsParams, []UUID]("VM.list_checkpoints", "4.4")

// VMListCheckpointsParams are the parameters of VM.list_checkpoints.
type VMListCheckpointsParams struct {
	VMID UUID `json:"vmID" api:"object"`
}

// VMDumpCheckpoint returns the XML of a checkpoint.
var VMDumpCheckpoint = declare[VMDumpCheckpointParams, []CheckpointInfo]("VM.dump_checkpoint", "4.4")

// VMDumpCheckpointParams are the parameters of VM.dump_checkpoint.
type VMDumpCheckpointParams struct {
	VMID         UUID `json:"vmID" api:"object"`
	CheckpointID UUID `json:"checkpoint_id"`
}

// BackupConfig says what to back up, and since when.
type BackupConfig struct {
	BackupID           UUID         `json:"backup_id"`
	Disks              []BackupDisk `json:"disks"`
	FromCheckpointID   *UUID        `json:"from_checkpoint_id,omitzero" default:"null"` // only what changed since
	ToCheckpointID     *UUID        `json:"to_checkpoint_id,omitzero" default:"null"`   // a checkpoint to make now
	ParentCheckpointID *UUID        `json:"parent_checkpoint_id,omitzero" default:"null"`
	RequireConsistency bool         `json:"require_consistency" default:"false"` // fail if the guest cannot be frozen
	// seconds since 1970; of a checkpoint that is redefined
	CreationTime *Ulong `json:"creation_time,omitzero" default:"null"`
}

// BackupDisk is a disk to back up.
type BackupDisk struct {
	SDID       UUID            `json:"sd_id"`
	ImgID      UUID            `json:"img_id"`
	VolID      UUID            `json:"vol_id"`
	Checkpoint bool            `json:"checkpoint"`                          // part of the new checkpoint
	BackupMode *DiskBackupMode `json:"backup_mode,omitzero" default:"null"` // full although the backup is incremental
	// keeps what the guest overwrites meanwhile; ours when left out
	ScratchDisk *ScratchDisk `json:"scratch_disk,omitzero" default:"null"`
}

// DiskBackupMode says whether all of a disk is backed up.
type DiskBackupMode string

const (
	DiskBackupModeFull        DiskBackupMode = "full"
	DiskBackupModeIncremental DiskBackupMode = "incremental"
)

// Values implements Enum.
func (DiskBackupMode) Values() []string {
	return enum(DiskBackupModeFull, DiskBackupModeIncremental)
}

// ScratchDisk keeps what the guest overwrites during a backup.
type ScratchDisk struct{ Union }

// Alternatives implements OneOf.
func (ScratchDisk) Alternatives() []any {
	return []any{FileScratchDisk{}, BlockScratchDisk{}}
}

// FileScratchDisk is a scratch disk in a file.
type FileScratchDisk struct {
	Path     string   `json:"path"`
	Type     DiskType `json:"type"`
	DomainID UUID     `json:"domainID"`
	ImageID  UUID     `json:"imageID"`
	VolumeID UUID     `json:"volumeID"`
}

// DiskType says whether a disk is a file or a device.
type DiskType string

const (
	DiskTypeBLOCK DiskType = "BLOCK"
	DiskTypeFILE  DiskType = "FILE"
)

// Values implements Enum.
func (DiskType) Values() []string {
	return enum(DiskTypeBLOCK, DiskTypeFILE)
}

// BlockScratchDisk is a scratch disk on a device.
type BlockScratchDisk struct {
	Path     string   `json:"path"`
	Type     DiskType `json:"type"`
	DomainID UUID     `json:"domainID"`
	ImageID  UUID     `json:"imageID"`
	VolumeID UUID     `json:"volumeID"`
}

// BackupInfo is a running backup.
type BackupInfo struct {
	Disks      StringMap `json:"disks"`      // URL to read each from, by image
	Checkpoint string    `json:"checkpoint"` // XML of the checkpoint that was made
}

// CheckpointsResponse says which checkpoints a call dealt with, up to the
// first error.
type CheckpointsResponse struct {
	CheckpointIDs UUID        `json:"checkpoint_ids"`
	Error         []ErrorInfo `json:"error,omitzero" default:"null"`
}

// Checkpoint is a checkpoint to define again, from XML or from the backup
// that made it.
type Checkpoint struct {
	ID     UUID          `json:"id"`
	XML    *string       `json:"xml,omitzero" default:"null"`
	Config *BackupConfig `json:"config,omitzero" default:"null"`
}

// CheckpointInfo is a checkpoint.
type CheckpointInfo struct {
	Checkpoint string `json:"checkpoint"` // XML
}
