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
