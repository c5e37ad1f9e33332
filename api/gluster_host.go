// SPDX-License-Identifier: GPL-2.0-or-later

package api

// GlusterHostAdd makes a host a peer.
var GlusterHostAdd = declare[GlusterHostAddParams, bool]("GlusterHost.add", "3.2")

// GlusterHostAddParams are the parameters of GlusterHost.add.
type GlusterHostAddParams struct {
	HostName string `json:"hostName"`
}

// GlusterHostCreateBrick formats devices as a brick.
var GlusterHostCreateBrick = declare[GlusterHostCreateBrickParams, bool]("GlusterHost.createBrick", "3.6")

// GlusterHostCreateBrickParams are the parameters of GlusterHost.createBrick.
type GlusterHostCreateBrickParams struct {
	Name       string     `json:"name"`
	MountPoint string     `json:"mountPoint"`
	DevList    []string   `json:"devList"`
	FsType     *string    `json:"fsType,omitzero" default:"null"` // xfs when left out
	RaidParams RaidDevice `json:"raidParams" default:"{}"`
}

// GlusterHostList lists the peers, this host among them.
var GlusterHostList = declare[NoParams, []HostList]("GlusterHost.list", "3.2")

// GlusterHostProcessesStop stops all processes of gluster on this host.
var GlusterHostProcessesStop = declare[NoParams, EmptyObject]("GlusterHost.processesStop", "3.6")

// GlusterHostRemove removes a peer by name.
var GlusterHostRemove = declare[GlusterHostRemoveParams, bool]("GlusterHost.remove", "3.2")

// GlusterHostRemoveParams are the parameters of GlusterHost.remove.
type GlusterHostRemoveParams struct {
	HostName string `json:"hostName"`
	Force    bool   `json:"force"`
}

// GlusterHostRemoveByUUID removes a peer by id.
var GlusterHostRemoveByUUID = declare[GlusterHostRemoveByUUIDParams, bool]("GlusterHost.removeByUuid", "3.4")

// GlusterHostRemoveByUUIDParams are the parameters of
// GlusterHost.removeByUuid.
type GlusterHostRemoveByUUIDParams struct {
	HostUUID UUID `json:"hostUuid"`
	Force    bool `json:"force"`
}

// GlusterHostStorageDevicesList lists the block devices of this host.
var GlusterHostStorageDevicesList = declare[NoParams, []StorageDevicesList]("GlusterHost.storageDevicesList", "3.6")

// GlusterHostLogicalVolumeList lists the logical volumes of this host.
var GlusterHostLogicalVolumeList = declare[NoParams, []LocalLogicalVolumeList]("GlusterHost.logicalVolumeList", "4.2.2")

// GlusterHostPhysicalVolumeList lists the physical volumes of this host.
var GlusterHostPhysicalVolumeList = declare[NoParams, []LocalPhysicalVolumeList]("GlusterHost.physicalVolumeList", "4.2.2")

// GlusterHostVdoVolumeList lists the VDO volumes of this host.
var GlusterHostVdoVolumeList = declare[NoParams, []LocalVDOVolumeList]("GlusterHost.vdoVolumeList", "4.2.2")

// GlusterHostUUID returns the id of this host among the peers.
var GlusterHostUUID = declare[NoParams, UUID]("GlusterHost.uuid", "3.2")

// RaidDevice is the RAID below a brick, so that the file system fits.
type RaidDevice struct {
	DiskCnt    int64  `json:"diskCnt"`
	Type       string `json:"type"`
	StripeSize int64  `json:"stripeSize"` // KiB
}

// HostList is a peer.
type HostList struct {
	UUID     UUID       `json:"uuid"`
	Hostname string     `json:"hostname"`
	Status   HostStatus `json:"status"`
}

// HostStatus says whether a peer can be reached.
type HostStatus string

const (
	HostStatusCONNECTED    HostStatus = "CONNECTED"
	HostStatusDISCONNECTED HostStatus = "DISCONNECTED"
	HostStatusUNKNOWN      HostStatus = "UNKNOWN"
)

// Values implements Enum.
func (HostStatus) Values() []string {
	return enum(HostStatusCONNECTED, HostStatusDISCONNECTED, HostStatusUNKNOWN)
}

// StorageDevicesList is a block device.
type StorageDevicesList struct {
	Name        string `json:"name"`
	DevPath     string `json:"devPath"`
	Model       string `json:"model"`
	Bus         string `json:"bus"`
	DevUUID     UUID   `json:"devUuid"`
	FsType      string `json:"fsType"`
	Size        int64  `json:"size"` // MiB
	UUID        UUID   `json:"uuid"`
	MountPoint  string `json:"mountPoint"`
	CreateBrick bool   `json:"createBrick"` // it is free to become a brick
}

// LocalLogicalVolumeList is a logical volume.
type LocalLogicalVolumeList struct {
	LVName string `json:"lv_name"`
	VGName string `json:"vg_name"`
	PoolLV string `json:"pool_lv"`
	LVSize int64  `json:"lv_size"` // bytes
	LVFree int64  `json:"lv_free"` // bytes
}

// LocalPhysicalVolumeList is a physical volume.
type LocalPhysicalVolumeList struct {
	PVName string `json:"pv_name"`
	VGName string `json:"vg_name"`
}

// LocalVDOVolumeList is a VDO volume.
type LocalVDOVolumeList struct {
	Name              string `json:"name"`
	Device            string `json:"device"`
	Size              int64  `json:"size"` // bytes
	Free              int64  `json:"free"` // bytes
	LogicalBytesUsed  int64  `json:"logicalBytesUsed"`
	PhysicalBytesUsed int64  `json:"physicalBytesUsed"`
}
