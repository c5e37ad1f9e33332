// SPDX-License-Identifier: GPL-2.0-or-later

package api

var StoragePoolConnect = declare[StoragePoolConnectParams, Nothing]("StoragePool.connect", "3.1")

type StoragePoolConnectParams struct {
	StoragePoolID UUID                   `json:"storagepoolID" api:"object"`
	HostID        int64                  `json:"hostID"`
	ScsiKey       string                 `json:"scsiKey"`
	MasterSDUUID  UUID                   `json:"masterSdUUID"`
	MasterVersion int64                  `json:"masterVersion"`
	DomainDict    StorageDomainStatusMap `json:"domainDict,omitzero" default:"null"`
}

var StoragePoolCreate = declare[StoragePoolCreateParams, Nothing]("StoragePool.create", "3.1")

type StoragePoolCreateParams struct {
	StoragePoolID          UUID   `json:"storagepoolID" api:"object"`
	Name                   string `json:"name"`
	MasterSDUUID           UUID   `json:"masterSdUUID"`
	MasterVersion          int64  `json:"masterVersion"`
	DomainList             []UUID `json:"domainList"`
	LockRenewalIntervalSec int64  `json:"lockRenewalIntervalSec"`
	LeaseTimeSec           int64  `json:"leaseTimeSec"`
	IOOpTimeoutSec         int64  `json:"ioOpTimeoutSec"`
	LeaseRetries           int64  `json:"leaseRetries"`
}

var StoragePoolDestroy = declare[StoragePoolDestroyParams, Nothing]("StoragePool.destroy", "3.1")

type StoragePoolDestroyParams struct {
	StoragePoolID UUID   `json:"storagepoolID" api:"object"`
	HostID        int64  `json:"hostID"`
	ScsiKey       string `json:"scsiKey"`
}

var StoragePoolDisconnect = declare[StoragePoolDisconnectParams, Nothing]("StoragePool.disconnect", "3.1")

type StoragePoolDisconnectParams struct {
	StoragePoolID UUID   `json:"storagepoolID" api:"object"`
	HostID        int64  `json:"hostID"`
	ScsiKey       string `json:"scsiKey"`
	Remove        bool   `json:"remove" default:"false"`
}

var StoragePoolGetDomainsContainingImage = declare[StoragePoolGetDomainsContainingImageParams, []UUID]("StoragePool.getDomainsContainingImage", "3.1")

type StoragePoolGetDomainsContainingImageParams struct {
	StoragePoolID UUID `json:"storagepoolID" api:"object"`
	ImageID       UUID `json:"imageID"`
}

var StoragePoolGetSPMStatus = declare[StoragePoolGetSPMStatusParams, SpmStatus]("StoragePool.getSpmStatus", "3.1")

type StoragePoolGetSPMStatusParams struct {
	StoragePoolID UUID `json:"storagepoolID" api:"object"`
}

var StoragePoolGetInfo = declare[StoragePoolGetInfoParams, StoragePoolFullInfo]("StoragePool.getInfo", "3.1")

type StoragePoolGetInfoParams struct {
	StoragePoolID UUID `json:"storagepoolID" api:"object"`
}

var StoragePoolReconstructMaster = declare[StoragePoolReconstructMasterParams, Nothing]("StoragePool.reconstructMaster", "3.1")

type StoragePoolReconstructMasterParams struct {
	StoragePoolID          UUID                   `json:"storagepoolID" api:"object"`
	HostID                 int64                  `json:"hostId"`
	Name                   string                 `json:"name"`
	MasterSDUUID           UUID                   `json:"masterSdUUID"`
	MasterVersion          int64                  `json:"masterVersion"`
	DomainDict             StorageDomainStatusMap `json:"domainDict"`
	LockRenewalIntervalSec int64                  `json:"lockRenewalIntervalSec"`
	LeaseTimeSec           int64                  `json:"leaseTimeSec"`
	IOOpTimeoutSec         int64                  `json:"ioOpTimeoutSec"`
	LeaseRetries           int64                  `json:"leaseRetries"`
}

var StoragePoolRefresh = declare[StoragePoolRefreshParams, Nothing]("StoragePool.refresh", "3.1")

type StoragePoolRefreshParams struct {
	StoragePoolID UUID  `json:"storagepoolID" api:"object"`
	MasterSDUUID  UUID  `json:"masterSdUUID"`
	MasterVersion int64 `json:"masterVersion"`
}

var StoragePoolSetDescription = declare[StoragePoolSetDescriptionParams, Nothing]("StoragePool.setDescription", "3.1")

type StoragePoolSetDescriptionParams struct {
	StoragePoolID UUID   `json:"storagepoolID" api:"object"`
	Description   string `json:"description"`
}

var StoragePoolSPMStart = declare[StoragePoolSPMStartParams, UUID]("StoragePool.spmStart", "3.1")

type StoragePoolSPMStartParams struct {
	StoragePoolID     UUID    `json:"storagepoolID" api:"object"`
	PrevID            int64   `json:"prevID"`
	PrevLver          string  `json:"prevLver"`
	EnableScsiFencing string  `json:"enableScsiFencing"`
	MaxHostID         *int64  `json:"maxHostID,omitzero" default:"null"`
	DomVersion        *string `json:"domVersion,omitzero" default:"null"`
}

var StoragePoolSPMStop = declare[StoragePoolSPMStopParams, Nothing]("StoragePool.spmStop", "3.1")

type StoragePoolSPMStopParams struct {
	StoragePoolID UUID `json:"storagepoolID" api:"object"`
}

var StoragePoolUpgrade = declare[StoragePoolUpgradeParams, StoragePoolUpgradeStatus]("StoragePool.upgrade", "3.1")

type StoragePoolUpgradeParams struct {
	StoragePoolID    UUID  `json:"storagepoolID" api:"object"`
	TargetDomVersion int64 `json:"targetDomVersion"`
}

var StoragePoolPrepareMerge = declare[StoragePoolPrepareMergeParams, UUID]("StoragePool.prepareMerge", "4.1")

type StoragePoolPrepareMergeParams struct {
	StoragePoolID UUID         `json:"storagepoolID" api:"object"`
	SubchainInfo  SubchainInfo `json:"subchainInfo"`
}

var StoragePoolFinalizeMerge = declare[StoragePoolFinalizeMergeParams, UUID]("StoragePool.finalizeMerge", "4.1")

type StoragePoolFinalizeMergeParams struct {
	StoragePoolID UUID         `json:"storagepoolID" api:"object"`
	SubchainInfo  SubchainInfo `json:"subchainInfo"`
}

var StoragePoolReduceVolume = declare[StoragePoolReduceVolumeParams, UUID]("StoragePool.reduceVolume", "4.2")

type StoragePoolReduceVolumeParams struct {
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID"`
	ImageID         UUID `json:"imageID"`
	VolumeID        UUID `json:"volumeID"`
	AllowActive     bool `json:"allowActive" default:"false"`
}

var StoragePoolSwitchMaster = declare[StoragePoolSwitchMasterParams, UUID]("StoragePool.switchMaster", "4.4.3")

type StoragePoolSwitchMasterParams struct {
	StoragePoolID UUID  `json:"storagepoolID" api:"object"`
	OldMasterUUID UUID  `json:"oldMasterUUID"`
	NewMasterUUID UUID  `json:"newMasterUUID"`
	MasterVersion int64 `json:"masterVersion"`
}

type StorageDomainStatusMap map[UUID]StorageDomainStatus

type StorageDomainStatus string

const (
	StorageDomainStatusActive      StorageDomainStatus = "Active"
	StorageDomainStatusAttached    StorageDomainStatus = "Attached"
	StorageDomainStatusUnattached  StorageDomainStatus = "Unattached"
	StorageDomainStatusUnknown     StorageDomainStatus = "Unknown"
	StorageDomainStatusActive_     StorageDomainStatus = "active"
	StorageDomainStatusAttached_   StorageDomainStatus = "attached"
	StorageDomainStatusUnattached_ StorageDomainStatus = "unattached"
	StorageDomainStatusUnknown_    StorageDomainStatus = "unknown"
)

// Values implements Enum.
func (StorageDomainStatus) Values() []string {
	return enum(StorageDomainStatusActive, StorageDomainStatusAttached, StorageDomainStatusUnattached, StorageDomainStatusUnknown, StorageDomainStatusActive_, StorageDomainStatusAttached_, StorageDomainStatusUnattached_, StorageDomainStatusUnknown_)
}

type SpmStatus struct {
	SPMID     int64   `json:"spmId"`
	SPMStatus SpmRole `json:"spmStatus"`
	SPMLver   Long    `json:"spmLver"`
}

type SpmRole string

const (
	SpmRoleContend SpmRole = "Contend"
	SpmRoleFree    SpmRole = "Free"
	SpmRoleSPM     SpmRole = "SPM"
)

// Values implements Enum.
func (SpmRole) Values() []string {
	return enum(SpmRoleContend, SpmRoleFree, SpmRoleSPM)
}

type StoragePoolFullInfo struct {
	Info    StoragePoolInfo          `json:"info"`
	Dominfo StoragePoolDomainInfoMap `json:"dominfo"`
}

type StoragePoolInfo struct {
	MasterUUID UUID              `json:"master_uuid"`
	Lver       Long              `json:"lver"`
	Version    string            `json:"version"`
	Type       StorageDomainKind `json:"type"`
	Name       string            `json:"name"`
	MasterVer  int64             `json:"master_ver"`
	Domains    string            `json:"domains"`
	SPMID      int64             `json:"spm_id"`
	Isoprefix  string            `json:"isoprefix"`
	PoolStatus StoragePoolStatus `json:"pool_status"`
}

type StoragePoolStatus string

const (
	StoragePoolStatusConnected     StoragePoolStatus = "connected"
	StoragePoolStatusUninitialized StoragePoolStatus = "uninitialized"
)

// Values implements Enum.
func (StoragePoolStatus) Values() []string {
	return enum(StoragePoolStatusConnected, StoragePoolStatusUninitialized)
}

type StoragePoolDomainInfoMap map[UUID]StoragePoolDomainInfo

type StoragePoolDomainInfo struct {
	Diskfree  string                   `json:"diskfree"`
	Alerts    []StoragePoolDomainAlert `json:"alerts"`
	Disktotal string                   `json:"disktotal"`
	Isoprefix string                   `json:"isoprefix"`
	Status    StorageDomainStatus      `json:"status"`
	Version   int64                    `json:"version"`
}

type StoragePoolDomainAlert struct {
	Code    int64  `json:"code"`
	Message string `json:"message"`
}

type StoragePoolUpgradeStatus string

const (
	StoragePoolUpgradeStatusStarted StoragePoolUpgradeStatus = "started"
)

// Values implements Enum.
func (StoragePoolUpgradeStatus) Values() []string {
	return enum(StoragePoolUpgradeStatusStarted)
}

type SubchainInfo struct {
	SDID           UUID    `json:"sd_id"`
	ImgID          UUID    `json:"img_id"`
	TopID          UUID    `json:"top_id"`
	BaseID         UUID    `json:"base_id"`
	BaseGeneration *uint64 `json:"base_generation,omitzero" default:"null"`
}
