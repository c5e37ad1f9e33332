// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostGetLVMVolumeGroups lists the LVM volume groups on shared devices.
var HostGetLVMVolumeGroups = declare[HostGetLVMVolumeGroupsParams, []VolumeGroupInfo]("Host.getLVMVolumeGroups", "3.1")

// HostGetLVMVolumeGroupsParams are the parameters of Host.getLVMVolumeGroups.
type HostGetLVMVolumeGroupsParams struct {
	StorageType *BlockDeviceType `json:"storageType,omitzero" default:"null"`
}

// LVMVolumeGroupCreate makes an LVM volume group for a block storage domain.
var LVMVolumeGroupCreate = declare[LVMVolumeGroupCreateParams, UUID]("LVMVolumeGroup.create", "3.1")

// LVMVolumeGroupCreateParams are the parameters of LVMVolumeGroup.create.
type LVMVolumeGroupCreateParams struct {
	LvmVolumeGroupID *UUID    `json:"lvmvolumegroupID,omitzero" api:"object" default:"null"` // of no effect
	Name             UUID     `json:"name"`                                                  // id of the future storage domain
	Devlist          []string `json:"devlist"`                                               // ids of multipath devices
	Force            bool     `json:"force" default:"false"`                                 // even if the devices hold something
}

// LVMVolumeGroupGetInfo describes a volume group and its devices.
var LVMVolumeGroupGetInfo = declare[LVMVolumeGroupGetInfoParams, VolumeGroupInfo]("LVMVolumeGroup.getInfo", "3.1")

// LVMVolumeGroupGetInfoParams are the parameters of LVMVolumeGroup.getInfo.
type LVMVolumeGroupGetInfoParams struct {
	LvmVolumeGroupID UUID `json:"lvmvolumegroupID" api:"object"`
}

// LVMVolumeGroupRemove removes a volume group.
var LVMVolumeGroupRemove = declare[LVMVolumeGroupRemoveParams, Nothing]("LVMVolumeGroup.remove", "3.1")

// LVMVolumeGroupRemoveParams are the parameters of LVMVolumeGroup.remove.
type LVMVolumeGroupRemoveParams struct {
	LvmVolumeGroupID UUID `json:"lvmvolumegroupID" api:"object"`
}

// VolumeGroupInfo is an LVM volume group.
type VolumeGroupInfo struct {
	VGUUID UUID                  `json:"vgUUID"`
	Vgsize string                `json:"vgsize"` // bytes, as text
	Name   string                `json:"name"`   // id of the storage domain
	Attr   VolumeGroupAttributes `json:"attr"`
	State  VolumeGroupState      `json:"state"`
	Vgfree string                `json:"vgfree"` // bytes, as text
	Type   StorageDomainType     `json:"type"`
	Pvlist []PhysicalVolumeInfo  `json:"pvlist,omitzero" default:"null"`
}

// VolumeGroupAttributes are the flags of a volume group, a letter each, as
// vgs shows them.
type VolumeGroupAttributes struct {
	Clustered  VolumeGroupAttributeClustered  `json:"clustered"`
	Permission VolumeGroupAttributePermission `json:"permission"`
	Partial    VolumeGroupAttributePartial    `json:"partial"`
	Resizeable VolumeGroupAttributeResizeable `json:"resizeable"`
	Allocation VolumeGroupAttributeAllocation `json:"allocation"`
	Exported   VolumeGroupAttributeExported   `json:"exported"`
}

// VolumeGroupAttributeClustered is "c" for a clustered group.
type VolumeGroupAttributeClustered string

const (
	VolumeGroupAttributeClusteredValue VolumeGroupAttributeClustered = "-"
	VolumeGroupAttributeClusteredC     VolumeGroupAttributeClustered = "c"
)

// Values implements Enum.
func (VolumeGroupAttributeClustered) Values() []string {
	return enum(VolumeGroupAttributeClusteredValue, VolumeGroupAttributeClusteredC)
}

// VolumeGroupAttributePermission is "r" for a group that is only read.
type VolumeGroupAttributePermission string

const (
	VolumeGroupAttributePermissionR VolumeGroupAttributePermission = "r"
	VolumeGroupAttributePermissionW VolumeGroupAttributePermission = "w"
)

// Values implements Enum.
func (VolumeGroupAttributePermission) Values() []string {
	return enum(VolumeGroupAttributePermissionR, VolumeGroupAttributePermissionW)
}

// VolumeGroupAttributePartial is "p" when devices are missing.
type VolumeGroupAttributePartial string

const (
	VolumeGroupAttributePartialValue VolumeGroupAttributePartial = "-"
	VolumeGroupAttributePartialP     VolumeGroupAttributePartial = "p"
)

// Values implements Enum.
func (VolumeGroupAttributePartial) Values() []string {
	return enum(VolumeGroupAttributePartialValue, VolumeGroupAttributePartialP)
}

// VolumeGroupAttributeResizeable is "z" for a group that can grow.
type VolumeGroupAttributeResizeable string

const (
	VolumeGroupAttributeResizeableValue VolumeGroupAttributeResizeable = "-"
	VolumeGroupAttributeResizeableZ     VolumeGroupAttributeResizeable = "z"
)

// Values implements Enum.
func (VolumeGroupAttributeResizeable) Values() []string {
	return enum(VolumeGroupAttributeResizeableValue, VolumeGroupAttributeResizeableZ)
}

// VolumeGroupAttributeAllocation is the policy by which room is found:
// anywhere, contiguous, cling, inherited or normal.
type VolumeGroupAttributeAllocation string

const (
	VolumeGroupAttributeAllocationA VolumeGroupAttributeAllocation = "a"
	VolumeGroupAttributeAllocationC VolumeGroupAttributeAllocation = "c"
	VolumeGroupAttributeAllocationI VolumeGroupAttributeAllocation = "i"
	VolumeGroupAttributeAllocationL VolumeGroupAttributeAllocation = "l"
	VolumeGroupAttributeAllocationN VolumeGroupAttributeAllocation = "n"
)

// Values implements Enum.
func (VolumeGroupAttributeAllocation) Values() []string {
	return enum(VolumeGroupAttributeAllocationA, VolumeGroupAttributeAllocationC, VolumeGroupAttributeAllocationI, VolumeGroupAttributeAllocationL, VolumeGroupAttributeAllocationN)
}

// VolumeGroupAttributeExported is "x" for an exported group.
type VolumeGroupAttributeExported string

const (
	VolumeGroupAttributeExportedValue VolumeGroupAttributeExported = "-"
	VolumeGroupAttributeExportedX     VolumeGroupAttributeExported = "x"
)

// Values implements Enum.
func (VolumeGroupAttributeExported) Values() []string {
	return enum(VolumeGroupAttributeExportedValue, VolumeGroupAttributeExportedX)
}

// VolumeGroupState is PARTIAL when devices are missing.
type VolumeGroupState string

const (
	VolumeGroupStateOK      VolumeGroupState = "OK"
	VolumeGroupStatePARTIAL VolumeGroupState = "PARTIAL"
)

// Values implements Enum.
func (VolumeGroupState) Values() []string {
	return enum(VolumeGroupStateOK, VolumeGroupStatePARTIAL)
}

// PhysicalVolumeInfo is a device of a volume group.
type PhysicalVolumeInfo struct {
	Capacity    string                `json:"capacity"`    // bytes, as text
	Devcapacity string                `json:"devcapacity"` // bytes of the whole device, as text
	VendorID    string                `json:"vendorID"`
	ProductID   string                `json:"productID"`
	PVUUID      UUID                  `json:"pvUUID"`
	VGUUID      UUID                  `json:"vgUUID"`
	Fwrev       string                `json:"fwrev"` // revision of the firmware
	Devtype     BlockDeviceType       `json:"devtype"`
	Pathlist    []IscsiSessionInfo    `json:"pathlist"`
	GUID        UUID                  `json:"GUID"`
	Serial      string                `json:"serial"`
	Pathstatus  []BlockDevicePathInfo `json:"pathstatus"`
}
