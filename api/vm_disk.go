// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMSnapshot makes the disks of a VM, and its memory if wanted, go on in new
// volumes.
var VMSnapshot = declare[VMSnapshotParams, Nothing]("VM.snapshot", "3.1")

// VMSnapshotParams are the parameters of VM.snapshot.
type VMSnapshotParams struct {
	VMID       UUID                `json:"vmID" api:"object"`
	SnapDrives []SnapshotDriveInfo `json:"snapDrives"`
	// volumes for the memory: six ids, separated by commas
	SnapMemory    *string `json:"snapMemory,omitzero" default:"null"`
	Frozen        bool    `json:"frozen" default:"false"` // the caller has frozen the guest
	JobUUID       *UUID   `json:"jobUUID,omitzero" default:"null"`
	Timeout       uint64  `json:"timeout" default:"30"`       // minutes
	FreezeTimeout uint64  `json:"freeze_timeout" default:"8"` // minutes; without memory
}

// VMDiskReplicateStart begins to mirror a disk to another volume.
var VMDiskReplicateStart = declare[VMDiskReplicateStartParams, Nothing]("VM.diskReplicateStart", "3.2")

// VMDiskReplicateStartParams are the parameters of VM.diskReplicateStart.
type VMDiskReplicateStartParams struct {
	VMID       UUID            `json:"vmID" api:"object"`
	SrcDisk    DriveSpecVolume `json:"srcDisk"`
	DstDisk    DriveSpecVolume `json:"dstDisk"`
	NeedExtend bool            `json:"needExtend" default:"true"` // the volumes are thin and must be grown first
}

// VMDiskReplicateFinish ends mirroring; the VM goes on with the destination,
// or with the source if that is given twice.
var VMDiskReplicateFinish = declare[VMDiskReplicateFinishParams, Nothing]("VM.diskReplicateFinish", "3.2")

// VMDiskReplicateFinishParams are the parameters of VM.diskReplicateFinish.
type VMDiskReplicateFinishParams struct {
	VMID    UUID            `json:"vmID" api:"object"`
	SrcDisk DriveSpecVolume `json:"srcDisk"`
	DstDisk DriveSpecVolume `json:"dstDisk"`
}

// VMGetDiskAlignment is declared for old managers, which asked whether
// partitions are aligned.
var VMGetDiskAlignment = declare[VMGetDiskAlignmentParams, DiskAlignmentMap]("VM.getDiskAlignment", "3.2")

// VMGetDiskAlignmentParams are the parameters of VM.getDiskAlignment.
type VMGetDiskAlignmentParams struct {
	VMID UUID            `json:"vmID" api:"object"`
	Disk DriveSpecVolume `json:"disk"`
}

// VMDiskSizeExtend tells a running VM that its disk has grown, and returns
// the size in bytes.
var VMDiskSizeExtend = declare[VMDiskSizeExtendParams, string]("VM.diskSizeExtend", "3.2")

// VMDiskSizeExtendParams are the parameters of VM.diskSizeExtend.
type VMDiskSizeExtendParams struct {
	VMID       UUID      `json:"vmID" api:"object"`
	DriveSpecs DriveSpec `json:"driveSpecs"`
	NewSize    string    `json:"newSize"` // bytes, as text
}

// VMMerge merges a snapshot of a running VM into the volume below.
var VMMerge = declare[VMMergeParams, Nothing]("VM.merge", "3.4")

// VMMergeParams are the parameters of VM.merge.
type VMMergeParams struct {
	VMID        UUID            `json:"vmID" api:"object"`
	Drive       DriveSpecVolume `json:"drive"`
	BaseVolUUID UUID            `json:"baseVolUUID"`           // the volume that stays
	TopVolUUID  UUID            `json:"topVolUUID"`            // the volume that goes
	Bandwidth   int64           `json:"bandwidth" default:"0"` // limit in MiB/s; 0 for none
	JobUUID     *UUID           `json:"jobUUID,omitzero" default:"null"`
}

// VMSeal removes what must not be in a template from a VM's disks. It runs as
// a job.
var VMSeal = declare[VMSealParams, Nothing]("VM.seal", "4.1")

// VMSealParams are the parameters of VM.seal.
type VMSealParams struct {
	VMID   UUID         `json:"vmID" api:"object"`
	JobID  UUID         `json:"job_id"`
	SpID   UUID         `json:"sp_id"`
	Images []VolumeInfo `json:"images"`
}

// SnapshotDriveInfo names a disk and the volume it shall go on in.
type SnapshotDriveInfo struct{ Union }

// Alternatives implements OneOf.
func (SnapshotDriveInfo) Alternatives() []any {
	return []any{SnapshotVolumeDriveInfo{}, SnapshotGUIDDriveInfo{}, SnapshotUUIDDriveInfo{}}
}

// SnapshotVolumeDriveInfo is a disk on a storage domain.
type SnapshotVolumeDriveInfo struct {
	BaseVolumeID UUID `json:"baseVolumeID"`
	ImageID      UUID `json:"imageID"`
	DomainID     UUID `json:"domainID"`
	VolumeID     UUID `json:"volumeID"`
}

// SnapshotGUIDDriveInfo is a disk on a device.
type SnapshotGUIDDriveInfo struct {
	GUID     UUID `json:"GUID"`
	BaseGUID UUID `json:"baseGUID"`
}

// SnapshotUUIDDriveInfo is a disk known by one id.
type SnapshotUUIDDriveInfo struct {
	BaseUUID UUID `json:"baseUUID"`
	UUID     UUID `json:"UUID"`
}

// DriveSpecVolume names a disk by pool, domain, image and volume.
type DriveSpecVolume struct {
	VolumeID UUID             `json:"volumeID"`
	Device   VmDiskDeviceType `json:"device"`
	PoolID   UUID             `json:"poolID"`
	DomainID UUID             `json:"domainID"`
	ImageID  UUID             `json:"imageID"`
}

// VmDiskDeviceType is what a disk looks like to the guest.
type VmDiskDeviceType string

const (
	VmDiskDeviceTypeCdrom  VmDiskDeviceType = "cdrom"
	VmDiskDeviceTypeDisk   VmDiskDeviceType = "disk"
	VmDiskDeviceTypeFloppy VmDiskDeviceType = "floppy"
	VmDiskDeviceTypeLUN    VmDiskDeviceType = "lun"
)

// Values implements Enum.
func (VmDiskDeviceType) Values() []string {
	return enum(VmDiskDeviceTypeCdrom, VmDiskDeviceTypeDisk, VmDiskDeviceTypeFloppy, VmDiskDeviceTypeLUN)
}

// DiskAlignmentMap maps a partition to whether it is aligned.
type DiskAlignmentMap map[string]bool

// DriveSpec names what a drive holds.
type DriveSpec struct{ Union }

// Alternatives implements OneOf.
func (DriveSpec) Alternatives() []any {
	return []any{DriveSpecVolume{}, DriveSpecGUID{}, DriveSpecPayload{}, DriveSpecPath{}, DriveSpecCdrom{}}
}

// DriveSpecGUID names a multipath device.
type DriveSpecGUID struct {
	GUID string `json:"GUID"`
}

// DriveSpecPayload is a small disk made of files that come with the call.
type DriveSpecPayload struct {
	SpecParams DrivePayload     `json:"specParams"`
	Device     VmDiskDeviceType `json:"device"`
}

// DrivePayload holds the files of a payload.
type DrivePayload struct {
	VMPayload DriveVmPayload `json:"vmPayload"`
}

// DriveVmPayload holds the files of a payload.
type DriveVmPayload struct {
	File StringMap `json:"file"` // content by name, in base64
}

// DriveSpecPath names a file. The empty path ejects.
type DriveSpecPath struct {
	Path string `json:"path"`
}

// DriveSpecCdrom names an image and the CD drive to put it into.
type DriveSpecCdrom struct{ Union }

// Alternatives implements OneOf.
func (DriveSpecCdrom) Alternatives() []any {
	return []any{DriveSpecPathCdrom{}, DriveSpecVolumeCdrom{}}
}

// DriveSpecPathCdrom names a file and a drive.
type DriveSpecPathCdrom struct {
	Path  string `json:"path"`
	Iface string `json:"iface"`
	Index int64  `json:"index"`
}

// DriveSpecVolumeCdrom names a volume and a drive.
type DriveSpecVolumeCdrom struct {
	DriveSpec DriveSpecVolume `json:"drive_spec"`
	Iface     string          `json:"iface"`
	Index     int64           `json:"index"`
}

// VolumeInfo names a volume by domain, image and volume.
type VolumeInfo struct {
	SDID  UUID `json:"sd_id"`
	ImgID UUID `json:"img_id"`
	VolID UUID `json:"vol_id"`
}
