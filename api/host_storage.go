// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostGetConnectedStoragePools lists the pools the host is connected to: one
// at most.
var HostGetConnectedStoragePools = declare[NoParams, []UUID]("Host.getConnectedStoragePools", "3.1")

// HostGetDeviceList lists the block devices that can carry a storage domain.
var HostGetDeviceList = declare[HostGetDeviceListParams, []BlockDeviceInfo]("Host.getDeviceList", "3.1")

// HostGetDeviceListParams are the parameters of Host.getDeviceList.
type HostGetDeviceListParams struct {
	StorageType *BlockDeviceType `json:"storageType,omitzero" default:"null"`
	Guids       []string         `json:"guids" default:"[]"` // only these; empty means all
	// find out whether each device is in use, which is slow
	CheckStatus bool `json:"checkStatus" default:"true"`
	Refresh     bool `json:"refresh" default:"true"` // look for new devices first
}

// HostGetDevicesVisibility tells which of the given devices the host can see.
var HostGetDevicesVisibility = declare[HostGetDevicesVisibilityParams, DeviceVisibilityMap]("Host.getDevicesVisibility", "3.1")

// HostGetDevicesVisibilityParams are the parameters of
// Host.getDevicesVisibility.
type HostGetDevicesVisibilityParams struct {
	GUIDList []UUID `json:"guidList"`
}

// HostGetStorageDomains lists the storage domains the host can reach. What is
// given limits the list.
var HostGetStorageDomains = declare[HostGetStorageDomainsParams, []UUID]("Host.getStorageDomains", "3.1")

// HostGetStorageDomainsParams are the parameters of Host.getStorageDomains.
type HostGetStorageDomainsParams struct {
	StoragePoolID *UUID                    `json:"storagepoolID,omitzero" default:"null"`
	DomainClass   *StorageDomainImageClass `json:"domainClass,omitzero" default:"null"`
	StorageType   *StorageDomainKind       `json:"storageType,omitzero" default:"null"`
	RemotePath    *string                  `json:"remotePath,omitzero" default:"null"` // export or directory
}

// HostGetStorageRepoStats tells how the monitored storage domains fare.
var HostGetStorageRepoStats = declare[HostGetStorageRepoStatsParams, StorageDomainVitalsMap]("Host.getStorageRepoStats", "3.1")

// HostGetStorageRepoStatsParams are the parameters of
// Host.getStorageRepoStats.
type HostGetStorageRepoStatsParams struct {
	Domains []UUID `json:"domains" default:"[]"` // only these; empty means all
}

// HostStartMonitoringDomain watches a storage domain outside of a pool, and
// joins its lockspace.
var HostStartMonitoringDomain = declare[HostStartMonitoringDomainParams, Nothing]("Host.startMonitoringDomain", "3.4")

// HostStartMonitoringDomainParams are the parameters of
// Host.startMonitoringDomain.
type HostStartMonitoringDomainParams struct {
	SDUUID UUID  `json:"sdUUID"`
	HostID int64 `json:"hostID"` // number of this host in the lockspace, from 1
}

// HostStopMonitoringDomain ends what HostStartMonitoringDomain began.
var HostStopMonitoringDomain = declare[HostStopMonitoringDomainParams, Nothing]("Host.stopMonitoringDomain", "3.4")

// HostStopMonitoringDomainParams are the parameters of
// Host.stopMonitoringDomain.
type HostStopMonitoringDomainParams struct {
	SDUUID UUID `json:"sdUUID"`
}

// BlockDeviceType says over what a block device is reached.
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

// BlockDeviceInfo is a multipath device.
type BlockDeviceInfo struct {
	Pvsize   uint64            `json:"pvsize"` // bytes; of the LVM physical volume on it
	Status   BlockDeviceStatus `json:"status"`
	Capacity uint64            `json:"capacity"` // bytes
	VendorID string            `json:"vendorID"`
	// most that one discard takes; 0 when the device cannot discard
	DiscardMaxBytes   Ulong                 `json:"discard_max_bytes"`
	DiscardZeroesData uint64                `json:"discard_zeroes_data"` // always 0; the kernel tells it no more
	ProductID         string                `json:"productID"`
	PVUUID            UUID                  `json:"pvUUID"`
	Fwrev             string                `json:"fwrev"` // revision of the firmware
	Devtype           BlockDeviceType       `json:"devtype"`
	Pathlist          []IscsiSessionInfo    `json:"pathlist"`
	Partitioned       bool                  `json:"partitioned"`
	GUID              UUID                  `json:"GUID"`
	Logicalblocksize  uint64                `json:"logicalblocksize"`  // bytes
	Physicalblocksize uint64                `json:"physicalblocksize"` // bytes
	Serial            string                `json:"serial"`
	Pathstatus        []BlockDevicePathInfo `json:"pathstatus"`
}

// BlockDeviceStatus says whether somebody uses a block device.
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

// IscsiSessionInfo is a session with an iSCSI target.
type IscsiSessionInfo struct {
	Username      *string `json:"username,omitzero" default:"null"`
	Portal        string  `json:"portal"` // target portal group tag
	Iqn           string  `json:"iqn"`
	Password      *string `json:"password,omitzero" default:"null"`
	Port          string  `json:"port"`
	Connection    string  `json:"connection"` // address of the target
	Initiatorname string  `json:"initiatorname"`
}

// BlockDevicePathInfo is one path to a multipath device.
type BlockDevicePathInfo struct {
	LUN      string               `json:"lun"`
	Capacity string               `json:"capacity"` // bytes, as text
	Type     BlockDeviceType      `json:"type"`
	State    BlockDevicePathState `json:"state"`
	Physdev  string               `json:"physdev"` // kernel's name, such as "sda"
}

// BlockDevicePathState says whether a path works.
type BlockDevicePathState string

const (
	BlockDevicePathStateActive BlockDevicePathState = "active"
	BlockDevicePathStateFailed BlockDevicePathState = "failed"
)

// Values implements Enum.
func (BlockDevicePathState) Values() []string {
	return enum(BlockDevicePathStateActive, BlockDevicePathStateFailed)
}

// DeviceVisibilityMap maps a device to whether the host sees it.
type DeviceVisibilityMap map[UUID]bool

// StorageDomainVitalsMap maps a storage domain to how it fares.
type StorageDomainVitalsMap map[UUID]StorageDomainVitals

// StorageDomainVitals is what the monitor of a storage domain found last.
type StorageDomainVitals struct {
	// the host is in the lockspace, VMs with leases can run
	Acquired bool `json:"acquired"`
	// from a check of this daemon's life, not remembered
	Actual    bool   `json:"actual"`
	LastCheck string `json:"lastCheck"` // seconds ago, as text
	Valid     bool   `json:"valid"`
	Code      int64  `json:"code"`    // error of the last check; 0 when it went well
	Version   int64  `json:"version"` // of the domain's format
	Delay     string `json:"delay"`   // seconds the read took, as text
}
