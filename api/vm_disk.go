// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VMSnapshot = declare[VMSnapshotParams, Nothing]("VM.snapshot", "3.1")

type VMSnapshotParams struct {
	VMID          UUID                `json:"vmID" api:"object"`
	SnapDrives    []SnapshotDriveInfo `json:"snapDrives"`
	SnapMemory    *string             `json:"snapMemory,omitzero" default:"null"`
	Frozen        bool                `json:"frozen" default:"false"`
	JobUUID       *UUID               `json:"jobUUID,omitzero" default:"null"`
	Timeout       uint64              `json:"timeout" default:"30"`
	FreezeTimeout uint64              `json:"freeze_timeout" default:"8"`
}

var VMDiskReplicateStart = declare[VMDiskReplicateStartParams, Nothing]("VM.diskReplicateStart", "3.2")

type VMDiskReplicateStartParams struct {
	VMID       UUID            `json:"vmID" api:"object"`
	SrcDisk    DriveSpecVolume `json:"srcDisk"`
	DstDisk    DriveSpecVolume `json:"dstDisk"`
	NeedExtend bool            `json:"needExtend" default:"true"`
}

var VMDiskReplicateFinish = declare[VMDiskReplicateFinishParams, Nothing]("VM.diskReplicateFinish", "3.2")

type VMDiskReplicateFinishParams struct {
	VMID    UUID            `json:"vmID" api:"object"`
	SrcDisk DriveSpecVolume `json:"srcDisk"`
	DstDisk DriveSpecVolume `json:"dstDisk"`
}

var VMGetDiskAlignment = declare[VMGetDiskAlignmentParams, DiskAlignmentMap]("VM.getDiskAlignment", "3.2")

type VMGetDiskAlignmentParams struct {
	VMID UUID            `json:"vmID" api:"object"`
	Disk DriveSpecVolume `json:"disk"`
}

var VMDiskSizeExtend = declare[VMDiskSizeExtendParams, string]("VM.diskSizeExtend", "3.2")

type VMDiskSizeExtendParams struct {
	VMID       UUID      `json:"vmID" api:"object"`
	DriveSpecs DriveSpec `json:"driveSpecs"`
	NewSize    string    `json:"newSize"`
}

var VMMerge = declare[VMMergeParams, Nothing]("VM.merge", "3.4")

type VMMergeParams struct {
	VMID        UUID            `json:"vmID" api:"object"`
	Drive       DriveSpecVolume `json:"drive"`
	BaseVolUUID UUID            `json:"baseVolUUID"`
	TopVolUUID  UUID            `json:"topVolUUID"`
	Bandwidth   int64           `json:"bandwidth" default:"0"`
	JobUUID     *UUID           `json:"jobUUID,omitzero" default:"null"`
}

var VMSeal = declare[VMSealParams, Nothing]("VM.seal", "4.1")

type VMSealParams struct {
	VMID   UUID         `json:"vmID" api:"object"`
	JobID  UUID         `json:"job_id"`
	SpID   UUID         `json:"sp_id"`
	Images []VolumeInfo `json:"images"`
}

type SnapshotDriveInfo struct{ Union }

// Alternatives implements OneOf.
func (SnapshotDriveInfo) Alternatives() []any {
	return []any{SnapshotVolumeDriveInfo{}, SnapshotGUIDDriveInfo{}, SnapshotUUIDDriveInfo{}}
}

type SnapshotVolumeDriveInfo struct {
	BaseVolumeID UUID `json:"baseVolumeID"`
	ImageID      UUID `json:"imageID"`
	DomainID     UUID `json:"domainID"`
	VolumeID     UUID `json:"volumeID"`
}

type SnapshotGUIDDriveInfo struct {
	GUID     UUID `json:"GUID"`
	BaseGUID UUID `json:"baseGUID"`
}

type SnapshotUUIDDriveInfo struct {
	BaseUUID UUID `json:"baseUUID"`
	UUID     UUID `json:"UUID"`
}

type DriveSpecVolume struct {
	VolumeID UUID             `json:"volumeID"`
	Device   VmDiskDeviceType `json:"device"`
	PoolID   UUID             `json:"poolID"`
	DomainID UUID             `json:"domainID"`
	ImageID  UUID             `json:"imageID"`
}

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

type DiskAlignmentMap map[string]bool

type DriveSpec struct{ Union }

// Alternatives implements OneOf.
func (DriveSpec) Alternatives() []any {
	return []any{DriveSpecVolume{}, DriveSpecGUID{}, DriveSpecPayload{}, DriveSpecPath{}, DriveSpecCdrom{}}
}

type DriveSpecGUID struct {
	GUID string `json:"GUID"`
}

type DriveSpecPayload struct {
	SpecParams DrivePayload     `json:"specParams"`
	Device     VmDiskDeviceType `json:"device"`
}

type DrivePayload struct {
	VMPayload DriveVmPayload `json:"vmPayload"`
}

type DriveVmPayload struct {
	File StringMap `json:"file"`
}

type DriveSpecPath struct {
	Path string `json:"path"`
}

type DriveSpecCdrom struct{ Union }

// Alternatives implements OneOf.
func (DriveSpecCdrom) Alternatives() []any {
	return []any{DriveSpecPathCdrom{}, DriveSpecVolumeCdrom{}}
}

type DriveSpecPathCdrom struct {
	Path  string `json:"path"`
	Iface string `json:"iface"`
	Index int64  `json:"index"`
}

type DriveSpecVolumeCdrom struct {
	DriveSpec DriveSpecVolume `json:"drive_spec"`
	Iface     string          `json:"iface"`
	Index     int64           `json:"index"`
}

type VolumeInfo struct {
	SDID  UUID `json:"sd_id"`
	ImgID UUID `json:"img_id"`
	VolID UUID `json:"vol_id"`
}
