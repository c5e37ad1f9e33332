// SPDX-License-Identifier: GPL-2.0-or-later

package api

// StoragePoolConnect joins the pool: the host watches its domains from then
// on.
var StoragePoolConnect = declare[StoragePoolConnectParams, Nothing]("StoragePool.connect", "3.1")

// StoragePoolConnectParams are the parameters of StoragePool.connect.
type StoragePoolConnectParams struct {
	StoragePoolID UUID `json:"storagepoolID" api:"object"`
	// number of this host in the lockspaces, from 1
	HostID        int64                  `json:"hostID"`
	ScsiKey       string                 `json:"scsiKey"` // of no effect
	MasterSDUUID  UUID                   `json:"masterSdUUID"`
	MasterVersion int64                  `json:"masterVersion"`
	DomainDict    StorageDomainStatusMap `json:"domainDict,omitzero" default:"null"` // the members and what each shall be
}

// StoragePoolCreate makes a pool on a master domain.
var StoragePoolCreate = declare[StoragePoolCreateParams, Nothing]("StoragePool.create", "3.1")

// StoragePoolCreateParams are the parameters of StoragePool.create.
type StoragePoolCreateParams struct {
	StoragePoolID UUID   `json:"storagepoolID" api:"object"`
	Name          string `json:"name"`
	MasterSDUUID  UUID   `json:"masterSdUUID"`
	MasterVersion int64  `json:"masterVersion"`
	DomainList    []UUID `json:"domainList"`
	// of no effect with sanlock, like the three that follow
	LockRenewalIntervalSec int64 `json:"lockRenewalIntervalSec"`
	LeaseTimeSec           int64 `json:"leaseTimeSec"`
	IOOpTimeoutSec         int64 `json:"ioOpTimeoutSec"`
	LeaseRetries           int64 `json:"leaseRetries"`
}

// StoragePoolDestroy removes a pool and lets its domains go.
var StoragePoolDestroy = declare[StoragePoolDestroyParams, Nothing]("StoragePool.destroy", "3.1")

// StoragePoolDestroyParams are the parameters of StoragePool.destroy.
type StoragePoolDestroyParams struct {
	StoragePoolID UUID   `json:"storagepoolID" api:"object"`
	HostID        int64  `json:"hostID"`
	ScsiKey       string `json:"scsiKey"` // of no effect
}

// StoragePoolDisconnect leaves the pool.
var StoragePoolDisconnect = declare[StoragePoolDisconnectParams, Nothing]("StoragePool.disconnect", "3.1")

// StoragePoolDisconnectParams are the parameters of StoragePool.disconnect.
type StoragePoolDisconnectParams struct {
	StoragePoolID UUID   `json:"storagepoolID" api:"object"`
	HostID        int64  `json:"hostID"`
	ScsiKey       string `json:"scsiKey"`                // of no effect
	Remove        bool   `json:"remove" default:"false"` // forget the pool
}

// StoragePoolGetDomainsContainingImage lists the domains of the pool that
// hold an image.
var StoragePoolGetDomainsContainingImage = declare[StoragePoolGetDomainsContainingImageParams, []UUID]("StoragePool.getDomainsContainingImage", "3.1")

// StoragePoolGetDomainsContainingImageParams are the parameters of
// StoragePool.getDomainsContainingImage.
type StoragePoolGetDomainsContainingImageParams struct {
	StoragePoolID UUID `json:"storagepoolID" api:"object"`
	ImageID       UUID `json:"imageID"`
}

// StoragePoolGetSPMStatus tells whether this host manages the pool, and who
// did last.
var StoragePoolGetSPMStatus = declare[StoragePoolGetSPMStatusParams, SpmStatus]("StoragePool.getSpmStatus", "3.1")

// StoragePoolGetSPMStatusParams are the parameters of
// StoragePool.getSpmStatus.
type StoragePoolGetSPMStatusParams struct {
	StoragePoolID UUID `json:"storagepoolID" api:"object"`
}

// StoragePoolGetInfo describes the pool and its domains.
var StoragePoolGetInfo = declare[StoragePoolGetInfoParams, StoragePoolFullInfo]("StoragePool.getInfo", "3.1")

// StoragePoolGetInfoParams are the parameters of StoragePool.getInfo.
type StoragePoolGetInfoParams struct {
	StoragePoolID UUID `json:"storagepoolID" api:"object"`
}

// StoragePoolReconstructMaster makes another domain the master when the old
// one is lost.
var StoragePoolReconstructMaster = declare[StoragePoolReconstructMasterParams, Nothing]("StoragePool.reconstructMaster", "3.1")

// StoragePoolReconstructMasterParams are the parameters of
// StoragePool.reconstructMaster.
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

// StoragePoolRefresh is declared and does nothing: the original has no code
// for it.
var StoragePoolRefresh = declare[StoragePoolRefreshParams, Nothing]("StoragePool.refresh", "3.1")

// StoragePoolRefreshParams are the parameters of StoragePool.refresh.
type StoragePoolRefreshParams struct {
	StoragePoolID UUID  `json:"storagepoolID" api:"object"`
	MasterSDUUID  UUID  `json:"masterSdUUID"`
	MasterVersion int64 `json:"masterVersion"`
}

// StoragePoolSetDescription renames the pool.
var StoragePoolSetDescription = declare[StoragePoolSetDescriptionParams, Nothing]("StoragePool.setDescription", "3.1")

// StoragePoolSetDescriptionParams are the parameters of
// StoragePool.setDescription.
type StoragePoolSetDescriptionParams struct {
	StoragePoolID UUID   `json:"storagepoolID" api:"object"`
	Description   string `json:"description"`
}

// StoragePoolSPMStart makes this host the manager of the pool (SPM), which
// alone may change its metadata. It runs as a task.
var StoragePoolSPMStart = declare[StoragePoolSPMStartParams, UUID]("StoragePool.spmStart", "3.1")

// StoragePoolSPMStartParams are the parameters of StoragePool.spmStart.
type StoragePoolSPMStartParams struct {
	StoragePoolID UUID `json:"storagepoolID" api:"object"`
	// host that was manager, as the caller knows it
	PrevID            int64   `json:"prevID"`
	PrevLver          string  `json:"prevLver"`                           // version of its lease
	EnableScsiFencing string  `json:"enableScsiFencing"`                  // of no effect
	MaxHostID         *int64  `json:"maxHostID,omitzero" default:"null"`  // largest number a host may have
	DomVersion        *string `json:"domVersion,omitzero" default:"null"` // upgrade the domains to this version
}

// StoragePoolSPMStop ends this host's role as the pool's manager.
var StoragePoolSPMStop = declare[StoragePoolSPMStopParams, Nothing]("StoragePool.spmStop", "3.1")

// StoragePoolSPMStopParams are the parameters of StoragePool.spmStop.
type StoragePoolSPMStopParams struct {
	StoragePoolID UUID `json:"storagepoolID" api:"object"`
}

// StoragePoolUpgrade brings the domains of the pool to another version of the
// format.
var StoragePoolUpgrade = declare[StoragePoolUpgradeParams, StoragePoolUpgradeStatus]("StoragePool.upgrade", "3.1")

// StoragePoolUpgradeParams are the parameters of StoragePool.upgrade.
type StoragePoolUpgradeParams struct {
	StoragePoolID    UUID  `json:"storagepoolID" api:"object"`
	TargetDomVersion int64 `json:"targetDomVersion"`
}

// StoragePoolPrepareMerge readies two volumes for SDMMerge. It runs as a
// task.
var StoragePoolPrepareMerge = declare[StoragePoolPrepareMergeParams, UUID]("StoragePool.prepareMerge", "4.1")

// StoragePoolPrepareMergeParams are the parameters of
// StoragePool.prepareMerge.
type StoragePoolPrepareMergeParams struct {
	StoragePoolID UUID         `json:"storagepoolID" api:"object"`
	SubchainInfo  SubchainInfo `json:"subchainInfo"`
}

// StoragePoolFinalizeMerge puts the chain right after SDMMerge. It runs as a
// task.
var StoragePoolFinalizeMerge = declare[StoragePoolFinalizeMergeParams, UUID]("StoragePool.finalizeMerge", "4.1")

// StoragePoolFinalizeMergeParams are the parameters of
// StoragePool.finalizeMerge.
type StoragePoolFinalizeMergeParams struct {
	StoragePoolID UUID         `json:"storagepoolID" api:"object"`
	SubchainInfo  SubchainInfo `json:"subchainInfo"`
}

// StoragePoolReduceVolume shrinks a block volume to what it needs. It runs as
// a task.
var StoragePoolReduceVolume = declare[StoragePoolReduceVolumeParams, UUID]("StoragePool.reduceVolume", "4.2")

// StoragePoolReduceVolumeParams are the parameters of
// StoragePool.reduceVolume.
type StoragePoolReduceVolumeParams struct {
	StoragePoolID   UUID `json:"storagepoolID" api:"object"`
	StorageDomainID UUID `json:"storagedomainID"`
	ImageID         UUID `json:"imageID"`
	VolumeID        UUID `json:"volumeID"`
	AllowActive     bool `json:"allowActive" default:"false"` // even the last volume of a chain
}

// StoragePoolSwitchMaster makes another domain the master. It runs as a task.
var StoragePoolSwitchMaster = declare[StoragePoolSwitchMasterParams, UUID]("StoragePool.switchMaster", "4.4.3")

// StoragePoolSwitchMasterParams are the parameters of
// StoragePool.switchMaster.
type StoragePoolSwitchMasterParams struct {
	StoragePoolID UUID  `json:"storagepoolID" api:"object"`
	OldMasterUUID UUID  `json:"oldMasterUUID"`
	NewMasterUUID UUID  `json:"newMasterUUID"`
	MasterVersion int64 `json:"masterVersion"`
}

// StorageDomainStatusMap maps a domain to its status in the pool.
type StorageDomainStatusMap map[UUID]StorageDomainStatus

// StorageDomainStatus is the part a domain plays in the pool. Both spellings
// are in use.
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

// SpmStatus says who manages the pool.
type SpmStatus struct {
	SPMID     int64   `json:"spmId"` // number of the host, -1 when there is none
	SPMStatus SpmRole `json:"spmStatus"`
	SPMLver   Long    `json:"spmLver"` // version of its lease, -1 when there is none
}

// SpmRole is what this host is in the pool: manager, about to be it, or
// neither.
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

// StoragePoolFullInfo is the pool with its domains.
type StoragePoolFullInfo struct {
	Info    StoragePoolInfo          `json:"info"`
	Dominfo StoragePoolDomainInfoMap `json:"dominfo"`
}

// StoragePoolInfo describes the pool.
type StoragePoolInfo struct {
	MasterUUID UUID              `json:"master_uuid"`
	Lver       Long              `json:"lver"` // version of the manager's lease
	Version    string            `json:"version"`
	Type       StorageDomainKind `json:"type"`
	Name       string            `json:"name"`
	MasterVer  int64             `json:"master_ver"` // grows with each change of the master
	// "id:status" of each domain, separated by commas
	Domains string `json:"domains"`
	// host that manages the pool, -1 when none does
	SPMID      int64             `json:"spm_id"`
	Isoprefix  string            `json:"isoprefix"` // directory of the ISO domain's files
	PoolStatus StoragePoolStatus `json:"pool_status"`
}

// StoragePoolStatus says whether the host is connected.
type StoragePoolStatus string

const (
	StoragePoolStatusConnected     StoragePoolStatus = "connected"
	StoragePoolStatusUninitialized StoragePoolStatus = "uninitialized"
)

// Values implements Enum.
func (StoragePoolStatus) Values() []string {
	return enum(StoragePoolStatusConnected, StoragePoolStatusUninitialized)
}

// StoragePoolDomainInfoMap maps a domain of the pool to its state.
type StoragePoolDomainInfoMap map[UUID]StoragePoolDomainInfo

// StoragePoolDomainInfo is the state of a domain in the pool.
type StoragePoolDomainInfo struct {
	// bytes, as text; left out when the domain is not active, or not known yet
	Diskfree string                   `json:"diskfree,omitzero" default:"null"`
	Alerts   []StoragePoolDomainAlert `json:"alerts"`
	// bytes, as text; left out when the domain is not active, or not known yet
	Disktotal string              `json:"disktotal,omitzero" default:"null"`
	Isoprefix string              `json:"isoprefix"` // directory of the ISO domain's files
	Status    StorageDomainStatus `json:"status"`
	// left out when the domain is not active, or not known yet
	Version *int64 `json:"version,omitzero" default:"null"`
}

// StoragePoolDomainAlert is a warning about a domain.
type StoragePoolDomainAlert struct {
	Code    int64  `json:"code"`
	Message string `json:"message"`
}

// StoragePoolUpgradeStatus says that the upgrade began.
type StoragePoolUpgradeStatus string

const (
	StoragePoolUpgradeStatusStarted StoragePoolUpgradeStatus = "started"
)

// Values implements Enum.
func (StoragePoolUpgradeStatus) Values() []string {
	return enum(StoragePoolUpgradeStatusStarted)
}

// SubchainInfo names two neighbouring volumes of a chain.
type SubchainInfo struct {
	SDID           UUID    `json:"sd_id"`
	ImgID          UUID    `json:"img_id"`
	TopID          UUID    `json:"top_id"`                                  // the volume that goes
	BaseID         UUID    `json:"base_id"`                                 // the volume it is merged into
	BaseGeneration *uint64 `json:"base_generation,omitzero" default:"null"` // the job fails if the base has another
}
