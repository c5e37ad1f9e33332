// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostGetConnectedStoragePools = declare[NoParams, []UUID]("Host.getConnectedStoragePools", "3.1")

var HostGetDeviceList = declare[HostGetDeviceListParams, []BlockDeviceInfo]("Host.getDeviceList", "3.1")

type HostGetDeviceListParams struct {
	StorageType *BlockDeviceType `json:"storageType,omitzero" default:"null"`
	Guids       []string         `json:"guids" default:"[]"`
	CheckStatus bool             `json:"checkStatus" default:"true"`
	Refresh     bool             `json:"refresh" default:"true"`
}

var HostGetDevicesVisibility = declare[HostGetDevicesVisibilityParams, DeviceVisibilityMap]("Host.getDevicesVisibility", "3.1")

type HostGetDevicesVisibilityParams struct {
	GUIDList []UUID `json:"guidList"`
}

var HostGetLVMVolumeGroups = declare[HostGetLVMVolumeGroupsParams, []VolumeGroupInfo]("Host.getLVMVolumeGroups", "3.1")

type HostGetLVMVolumeGroupsParams struct {
	StorageType *BlockDeviceType `json:"storageType,omitzero" default:"null"`
}

var HostGetStorageDomains = declare[HostGetStorageDomainsParams, []UUID]("Host.getStorageDomains", "3.1")

type HostGetStorageDomainsParams struct {
	StoragePoolID *UUID                    `json:"storagepoolID,omitzero" default:"null"`
	DomainClass   *StorageDomainImageClass `json:"domainClass,omitzero" default:"null"`
	StorageType   *StorageDomainKind       `json:"storageType,omitzero" default:"null"`
	RemotePath    *string                  `json:"remotePath,omitzero" default:"null"`
}

var HostGetStorageRepoStats = declare[HostGetStorageRepoStatsParams, StorageDomainVitalsMap]("Host.getStorageRepoStats", "3.1")

type HostGetStorageRepoStatsParams struct {
	Domains []UUID `json:"domains" default:"[]"`
}

var HostStartMonitoringDomain = declare[HostStartMonitoringDomainParams, Nothing]("Host.startMonitoringDomain", "3.4")

type HostStartMonitoringDomainParams struct {
	SDUUID UUID  `json:"sdUUID"`
	HostID int64 `json:"hostID"`
}

var HostStopMonitoringDomain = declare[HostStopMonitoringDomainParams, Nothing]("Host.stopMonitoringDomain", "3.4")

type HostStopMonitoringDomainParams struct {
	SDUUID UUID `json:"sdUUID"`
}

type BlockDeviceType string

const (
	BlockDeviceTypeFCP   BlockDeviceType = "FCP"
	BlockDeviceTypeMIXED BlockDeviceType = "MIXED"
	BlockDeviceTypeISCSI BlockDeviceType = "iSCSI"
)

// Values implements Enum.
func (BlockDeviceType) Values() []string {
	return enum(BlockDeviceTypeFCP, BlockDeviceTypeMIXED, BlockDeviceTypeISCSI)
}

type BlockDeviceInfo struct {
	Pvsize            uint64                `json:"pvsize"`
	Status            BlockDeviceStatus     `json:"status"`
	Capacity          uint64                `json:"capacity"`
	VendorID          string                `json:"vendorID"`
	DiscardMaxBytes   Ulong                 `json:"discard_max_bytes"`
	DiscardZeroesData uint64                `json:"discard_zeroes_data"`
	ProductID         string                `json:"productID"`
	PVUUID            UUID                  `json:"pvUUID"`
	Fwrev             string                `json:"fwrev"`
	Devtype           BlockDeviceType       `json:"devtype"`
	Pathlist          []IscsiSessionInfo    `json:"pathlist"`
	Partitioned       bool                  `json:"partitioned"`
	GUID              UUID                  `json:"GUID"`
	Logicalblocksize  uint64                `json:"logicalblocksize"`
	Physicalblocksize uint64                `json:"physicalblocksize"`
	Serial            string                `json:"serial"`
	Pathstatus        []BlockDevicePathInfo `json:"pathstatus"`
}

type BlockDeviceStatus string

const (
	BlockDeviceStatusFree    BlockDeviceStatus = "free"
	BlockDeviceStatusUnknown BlockDeviceStatus = "unknown"
	BlockDeviceStatusUsed    BlockDeviceStatus = "used"
)

// Values implements Enum.
func (BlockDeviceStatus) Values() []string {
	return enum(BlockDeviceStatusFree, BlockDeviceStatusUnknown, BlockDeviceStatusUsed)
}

type IscsiSessionInfo struct {
	Username      *string `json:"username,omitzero" default:"null"`
	Portal        string  `json:"portal"`
	Iqn           string  `json:"iqn"`
	Password      *string `json:"password,omitzero" default:"null"`
	Port          string  `json:"port"`
	Connection    string  `json:"connection"`
	Initiatorname string  `json:"initiatorname"`
}

type BlockDevicePathInfo struct {
	LUN      string               `json:"lun"`
	Capacity string               `json:"capacity"`
	Type     BlockDeviceType      `json:"type"`
	State    BlockDevicePathState `json:"state"`
	Physdev  string               `json:"physdev"`
}

type BlockDevicePathState string

const (
	BlockDevicePathStateActive BlockDevicePathState = "active"
	BlockDevicePathStateFailed BlockDevicePathState = "failed"
)

// Values implements Enum.
func (BlockDevicePathState) Values() []string {
	return enum(BlockDevicePathStateActive, BlockDevicePathStateFailed)
}

type DeviceVisibilityMap map[UUID]bool

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

type StorageDomainType string

const (
	StorageDomainTypeN0 StorageDomainType = "0"
	StorageDomainTypeN1 StorageDomainType = "1"
	StorageDomainTypeN2 StorageDomainType = "2"
	StorageDomainTypeN3 StorageDomainType = "3"
	StorageDomainTypeN4 StorageDomainType = "4"
	StorageDomainTypeN6 StorageDomainType = "6"
	StorageDomainTypeN7 StorageDomainType = "7"
)

// Values implements Enum.
func (StorageDomainType) Values() []string {
	return enum(StorageDomainTypeN0, StorageDomainTypeN1, StorageDomainTypeN2, StorageDomainTypeN3, StorageDomainTypeN4, StorageDomainTypeN6, StorageDomainTypeN7)
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

type StorageDomainImageClass string

const (
	StorageDomainImageClassBackup  StorageDomainImageClass = "Backup"
	StorageDomainImageClassData    StorageDomainImageClass = "Data"
	StorageDomainImageClassIso     StorageDomainImageClass = "Iso"
	StorageDomainImageClassUnknown StorageDomainImageClass = "Unknown"
)

// Values implements Enum.
func (StorageDomainImageClass) Values() []string {
	return enum(StorageDomainImageClassBackup, StorageDomainImageClassData, StorageDomainImageClassIso, StorageDomainImageClassUnknown)
}

type StorageDomainKind string

const (
	StorageDomainKindCIFS      StorageDomainKind = "CIFS"
	StorageDomainKindFCP       StorageDomainKind = "FCP"
	StorageDomainKindGLUSTERFS StorageDomainKind = "GLUSTERFS"
	StorageDomainKindISCSI     StorageDomainKind = "ISCSI"
	StorageDomainKindLOCALFS   StorageDomainKind = "LOCALFS"
	StorageDomainKindNFS       StorageDomainKind = "NFS"
	StorageDomainKindSHAREDFS  StorageDomainKind = "SHAREDFS"
	StorageDomainKindUNKNOWN   StorageDomainKind = "UNKNOWN"
)

// Values implements Enum.
func (StorageDomainKind) Values() []string {
	return enum(StorageDomainKindCIFS, StorageDomainKindFCP, StorageDomainKindGLUSTERFS, StorageDomainKindISCSI, StorageDomainKindLOCALFS, StorageDomainKindNFS, StorageDomainKindSHAREDFS, StorageDomainKindUNKNOWN)
}

type StorageDomainVitalsMap map[UUID]StorageDomainVitals

type StorageDomainVitals struct {
	Acquired  bool   `json:"acquired"`
	Actual    bool   `json:"actual"`
	LastCheck string `json:"lastCheck"`
	Valid     bool   `json:"valid"`
	Code      int64  `json:"code"`
	Version   int64  `json:"version"`
	Delay     string `json:"delay"`
}
