// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostGetLVMVolumeGroups = declare[HostGetLVMVolumeGroupsParams, []VolumeGroupInfo]("Host.getLVMVolumeGroups", "3.1")

type HostGetLVMVolumeGroupsParams struct {
	StorageType *BlockDeviceType `json:"storageType,omitzero" default:"null"`
}

var LVMVolumeGroupCreate = declare[LVMVolumeGroupCreateParams, UUID]("LVMVolumeGroup.create", "3.1")

type LVMVolumeGroupCreateParams struct {
	LvmVolumeGroupID *UUID    `json:"lvmvolumegroupID,omitzero" api:"object" default:"null"`
	Name             UUID     `json:"name"`
	Devlist          []string `json:"devlist"`
	Force            bool     `json:"force" default:"false"`
}

var LVMVolumeGroupGetInfo = declare[LVMVolumeGroupGetInfoParams, VolumeGroupInfo]("LVMVolumeGroup.getInfo", "3.1")

type LVMVolumeGroupGetInfoParams struct {
	LvmVolumeGroupID UUID `json:"lvmvolumegroupID" api:"object"`
}

var LVMVolumeGroupRemove = declare[LVMVolumeGroupRemoveParams, Nothing]("LVMVolumeGroup.remove", "3.1")

type LVMVolumeGroupRemoveParams struct {
	LvmVolumeGroupID UUID `json:"lvmvolumegroupID" api:"object"`
}

type VolumeGroupInfo struct {
	VGUUID UUID                  `json:"vgUUID"`
	Vgsize string                `json:"vgsize"`
	Name   string                `json:"name"`
	Attr   VolumeGroupAttributes `json:"attr"`
	State  VolumeGroupState      `json:"state"`
	Vgfree string                `json:"vgfree"`
	Type   StorageDomainType     `json:"type"`
	Pvlist []PhysicalVolumeInfo  `json:"pvlist,omitzero" default:"null"`
}

type VolumeGroupAttributes struct {
	Clustered  VolumeGroupAttributeClustered  `json:"clustered"`
	Permission VolumeGroupAttributePermission `json:"permission"`
	Partial    VolumeGroupAttributePartial    `json:"partial"`
	Resizeable VolumeGroupAttributeResizeable `json:"resizeable"`
	Allocation VolumeGroupAttributeAllocation `json:"allocation"`
	Exported   VolumeGroupAttributeExported   `json:"exported"`
}

type VolumeGroupAttributeClustered string

const (
	VolumeGroupAttributeClusteredValue VolumeGroupAttributeClustered = "-"
	VolumeGroupAttributeClusteredC     VolumeGroupAttributeClustered = "c"
)

// Values implements Enum.
func (VolumeGroupAttributeClustered) Values() []string {
	return enum(VolumeGroupAttributeClusteredValue, VolumeGroupAttributeClusteredC)
}

type VolumeGroupAttributePermission string

const (
	VolumeGroupAttributePermissionR VolumeGroupAttributePermission = "r"
	VolumeGroupAttributePermissionW VolumeGroupAttributePermission = "w"
)

// Values implements Enum.
func (VolumeGroupAttributePermission) Values() []string {
	return enum(VolumeGroupAttributePermissionR, VolumeGroupAttributePermissionW)
}

type VolumeGroupAttributePartial string

const (
	VolumeGroupAttributePartialValue VolumeGroupAttributePartial = "-"
	VolumeGroupAttributePartialP     VolumeGroupAttributePartial = "p"
)

// Values implements Enum.
func (VolumeGroupAttributePartial) Values() []string {
	return enum(VolumeGroupAttributePartialValue, VolumeGroupAttributePartialP)
}

type VolumeGroupAttributeResizeable string

const (
	VolumeGroupAttributeResizeableValue VolumeGroupAttributeResizeable = "-"
	VolumeGroupAttributeResizeableZ     VolumeGroupAttributeResizeable = "z"
)

// Values implements Enum.
func (VolumeGroupAttributeResizeable) Values() []string {
	return enum(VolumeGroupAttributeResizeableValue, VolumeGroupAttributeResizeableZ)
}

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

type VolumeGroupAttributeExported string

const (
	VolumeGroupAttributeExportedValue VolumeGroupAttributeExported = "-"
	VolumeGroupAttributeExportedX     VolumeGroupAttributeExported = "x"
)

// Values implements Enum.
func (VolumeGroupAttributeExported) Values() []string {
	return enum(VolumeGroupAttributeExportedValue, VolumeGroupAttributeExportedX)
}

type VolumeGroupState string

const (
	VolumeGroupStateOK      VolumeGroupState = "OK"
	VolumeGroupStatePARTIAL VolumeGroupState = "PARTIAL"
)

// Values implements Enum.
func (VolumeGroupState) Values() []string {
	return enum(VolumeGroupStateOK, VolumeGroupStatePARTIAL)
}

type PhysicalVolumeInfo struct {
	Capacity    string                `json:"capacity"`
	Devcapacity string                `json:"devcapacity"`
	VendorID    string                `json:"vendorID"`
	ProductID   string                `json:"productID"`
	PVUUID      UUID                  `json:"pvUUID"`
	VGUUID      UUID                  `json:"vgUUID"`
	Fwrev       string                `json:"fwrev"`
	Devtype     BlockDeviceType       `json:"devtype"`
	Pathlist    []IscsiSessionInfo    `json:"pathlist"`
	GUID        UUID                  `json:"GUID"`
	Serial      string                `json:"serial"`
	Pathstatus  []BlockDevicePathInfo `json:"pathstatus"`
}
