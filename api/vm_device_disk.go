// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMChangeCD puts another disc into a VM's CD drive.
var VMChangeCD = declare[VMChangeCDParams, EmptyObject]("VM.changeCD", "3.1")

// VMChangeCDParams are the parameters of VM.changeCD.
type VMChangeCDParams struct {
	VMID      UUID      `json:"vmID" api:"object"`
	DriveSpec DriveSpec `json:"driveSpec"`
}

// VMChangeFloppy puts another disk into a VM's floppy drive.
var VMChangeFloppy = declare[VMChangeFloppyParams, EmptyObject]("VM.changeFloppy", "3.1")

// VMChangeFloppyParams are the parameters of VM.changeFloppy.
type VMChangeFloppyParams struct {
	VMID      UUID      `json:"vmID" api:"object"`
	DriveSpec DriveSpec `json:"driveSpec"`
}

// VMHotplugDisk adds a disk to a running VM.
var VMHotplugDisk = declare[VMHotplugDiskParams, EmptyObject]("VM.hotplugDisk", "3.1")

// VMHotplugDiskParams are the parameters of VM.hotplugDisk.
type VMHotplugDiskParams struct {
	VMID   UUID              `json:"vmID" api:"object"`
	Params HotplugDiskParams `json:"params"`
}

// VMHotunplugDisk removes a disk from a running VM.
var VMHotunplugDisk = declare[VMHotunplugDiskParams, EmptyObject]("VM.hotunplugDisk", "3.1")

// VMHotunplugDiskParams are the parameters of VM.hotunplugDisk.
type VMHotunplugDiskParams struct {
	VMID   UUID              `json:"vmID" api:"object"`
	Params HotplugDiskParams `json:"params"`
}

// VmDiskDevice is a disk of a VM.
type VmDiskDevice struct {
	Readonly     bool                           `json:"readonly"`
	Apparentsize uint64                         `json:"apparentsize"` // bytes
	VolumeID     *UUID                          `json:"volumeID,omitzero" default:"unset"`
	Index        int64                          `json:"index"`
	Path         *string                        `json:"path,omitzero" default:"unset"`
	Hosts        []NetworkDiskHostInfo          `json:"hosts,omitzero" default:"unset"`
	VolumeChain  []VmDiskDeviceVolumeChainEntry `json:"volumeChain"`
	Device       VmDiskDeviceType               `json:"device"`
	DiskType     *string                        `json:"diskType,omitzero" default:"unset"` // "network", or left out
	BootOrder    *uint64                        `json:"bootOrder,omitzero" default:"unset"`
	Format       VmDiskDeviceFormat             `json:"format"`
	Truesize     uint64                         `json:"truesize"` // bytes the storage has given
	Iface        *VmDiskDeviceInterface         `json:"iface,omitzero" default:"unset"`
	Protocol     *string                        `json:"protocol,omitzero" default:"unset"`
	// the guest sees errors of I/O; otherwise the VM is paused
	PropagateErrors bool                    `json:"propagateErrors"`
	SpecParams      *VmDiskDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	Alias           string                  `json:"alias"`
	Shared          VmSharedDriveType       `json:"shared"`
	Optional        bool                    `json:"optional"`
	BaseVolumeID    *UUID                   `json:"baseVolumeID,omitzero" default:"unset"`
	Name            string                  `json:"name"`
	Address         VmDeviceAddress         `json:"address"`
	ImageID         *UUID                   `json:"imageID,omitzero" default:"unset"`
	PoolID          *UUID                   `json:"poolID,omitzero" default:"unset"`
	DeviceID        UUID                    `json:"deviceId"`
	DeviceType      VmDeviceType            `json:"deviceType"`
	DomainID        *UUID                   `json:"domainID,omitzero" default:"unset"`
	Auth            *NetworkDiskAuthInfo    `json:"auth,omitzero" default:"unset"`
}

// NetworkDiskHostInfo is a server of a networked disk.
type NetworkDiskHostInfo struct {
	Name      string `json:"name"`
	Transport string `json:"transport"`
	Port      string `json:"port"`
}

// VmDiskDeviceVolumeChainEntry is one of the volumes a disk is made of.
type VmDiskDeviceVolumeChainEntry struct {
	Path     string `json:"path"`
	ImageID  UUID   `json:"imageID"`
	DomainID UUID   `json:"domainID"`
	VolumeID UUID   `json:"volumeID"`
}

// VmDiskDeviceFormat is how a disk's content is laid out.
type VmDiskDeviceFormat string

const (
	VmDiskDeviceFormatCow VmDiskDeviceFormat = "cow"
	VmDiskDeviceFormatRaw VmDiskDeviceFormat = "raw"
)

// Values implements Enum.
func (VmDiskDeviceFormat) Values() []string {
	return enum(VmDiskDeviceFormatCow, VmDiskDeviceFormatRaw)
}

// VmDiskDeviceInterface is the bus of a disk.
type VmDiskDeviceInterface string

const (
	VmDiskDeviceInterfaceFdc    VmDiskDeviceInterface = "fdc"
	VmDiskDeviceInterfaceIde    VmDiskDeviceInterface = "ide"
	VmDiskDeviceInterfaceScsi   VmDiskDeviceInterface = "scsi"
	VmDiskDeviceInterfaceVirtio VmDiskDeviceInterface = "virtio"
)

// Values implements Enum.
func (VmDiskDeviceInterface) Values() []string {
	return enum(VmDiskDeviceInterfaceFdc, VmDiskDeviceInterfaceIde, VmDiskDeviceInterfaceScsi, VmDiskDeviceInterfaceVirtio)
}

// VmDiskDeviceSpecParams are settings of a disk.
type VmDiskDeviceSpecParams struct {
	Path          *string                   `json:"path,omitzero" default:"unset"`
	IOTune        *VmDiskDeviceIoTuneParams `json:"ioTune,omitzero" default:"unset"`
	PinToIOThread *uint64                   `json:"pinToIoThread,omitzero" default:"unset"` // number, from 1
}

// VmDiskDeviceIoTuneParams are the limits of a disk. 0 means no limit.
type VmDiskDeviceIoTuneParams struct {
	TotalBytesSec uint64 `json:"total_bytes_sec" default:"0"`
	ReadBytesSec  uint64 `json:"read_bytes_sec" default:"0"`
	WriteBytesSec uint64 `json:"write_bytes_sec" default:"0"`
	TotalIopsSec  uint64 `json:"total_iops_sec" default:"0"`
	ReadIopsSec   uint64 `json:"read_iops_sec" default:"0"`
	WriteIopsSec  uint64 `json:"write_iops_sec" default:"0"`
}

// VmSharedDriveType says whether VMs share a disk; older managers sent a
// boolean.
type VmSharedDriveType struct{ Union }

// Alternatives implements OneOf.
func (VmSharedDriveType) Alternatives() []any {
	return []any{false, SharedDriveType("")}
}

// SharedDriveType says whether VMs share a disk.
type SharedDriveType string

const (
	SharedDriveTypeExclusive SharedDriveType = "exclusive"
	SharedDriveTypeNone      SharedDriveType = "none"
	SharedDriveTypeShared    SharedDriveType = "shared"
)

// Values implements Enum.
func (SharedDriveType) Values() []string {
	return enum(SharedDriveTypeExclusive, SharedDriveTypeNone, SharedDriveTypeShared)
}

// NetworkDiskAuthInfo is the secret of a networked disk.
type NetworkDiskAuthInfo struct {
	Username string `json:"username"`
	Type     string `json:"type"`
	UUID     UUID   `json:"uuid"` // of the secret in libvirt
}

// HotplugDiskParams is the disk, as XML or, from older managers, as members.
type HotplugDiskParams struct {
	VMID  UUID          `json:"vmId"`
	Drive *VmDiskDevice `json:"drive,omitzero" default:"null"`
	XML   *string       `json:"xml,omitzero" default:"null"`
}
