// SPDX-License-Identifier: GPL-2.0-or-later

package api

var GlusterHostAdd = declare[GlusterHostAddParams, bool]("GlusterHost.add", "3.2")

type GlusterHostAddParams struct {
	HostName string `json:"hostName"`
}

var GlusterHostCreateBrick = declare[GlusterHostCreateBrickParams, bool]("GlusterHost.createBrick", "3.6")

type GlusterHostCreateBrickParams struct {
	Name       string     `json:"name"`
	MountPoint string     `json:"mountPoint"`
	DevList    []string   `json:"devList"`
	FsType     *string    `json:"fsType,omitzero" default:"null"`
	RaidParams RaidDevice `json:"raidParams" default:"{}"`
}

var GlusterHostList = declare[NoParams, []HostList]("GlusterHost.list", "3.2")

var GlusterHostProcessesStop = declare[NoParams, EmptyObject]("GlusterHost.processesStop", "3.6")

var GlusterHostRemove = declare[GlusterHostRemoveParams, bool]("GlusterHost.remove", "3.2")

type GlusterHostRemoveParams struct {
	HostName string `json:"hostName"`
	Force    bool   `json:"force"`
}

var GlusterHostRemoveByUUID = declare[GlusterHostRemoveByUUIDParams, bool]("GlusterHost.removeByUuid", "3.4")

type GlusterHostRemoveByUUIDParams struct {
	HostUUID UUID `json:"hostUuid"`
	Force    bool `json:"force"`
}

var GlusterHostStorageDevicesList = declare[NoParams, []StorageDevicesList]("GlusterHost.storageDevicesList", "3.6")

var GlusterHostLogicalVolumeList = declare[NoParams, []LocalLogicalVolumeList]("GlusterHost.logicalVolumeList", "4.2.2")

var GlusterHostPhysicalVolumeList = declare[NoParams, []LocalPhysicalVolumeList]("GlusterHost.physicalVolumeList", "4.2.2")

var GlusterHostVdoVolumeList = declare[NoParams, []LocalVDOVolumeList]("GlusterHost.vdoVolumeList", "4.2.2")

var GlusterHostUUID = declare[NoParams, UUID]("GlusterHost.uuid", "3.2")

type RaidDevice struct {
	DiskCnt    int64  `json:"diskCnt"`
	Type       string `json:"type"`
	StripeSize int64  `json:"stripeSize"`
}

type HostList struct {
	UUID     UUID       `json:"uuid"`
	Hostname string     `json:"hostname"`
	Status   HostStatus `json:"status"`
}

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

type StorageDevicesList struct {
	Name        string `json:"name"`
	DevPath     string `json:"devPath"`
	Model       string `json:"model"`
	Bus         string `json:"bus"`
	DevUUID     UUID   `json:"devUuid"`
	FsType      string `json:"fsType"`
	Size        int64  `json:"size"`
	UUID        UUID   `json:"uuid"`
	MountPoint  string `json:"mountPoint"`
	CreateBrick bool   `json:"createBrick"`
}

type LocalLogicalVolumeList struct {
	LVName string `json:"lv_name"`
	VGName string `json:"vg_name"`
	PoolLV string `json:"pool_lv"`
	LVSize int64  `json:"lv_size"`
	LVFree int64  `json:"lv_free"`
}

type LocalPhysicalVolumeList struct {
	PVName string `json:"pv_name"`
	VGName string `json:"vg_name"`
}

type LocalVDOVolumeList struct {
	Name              string `json:"name"`
	Device            string `json:"device"`
	Size              int64  `json:"size"`
	Free              int64  `json:"free"`
	LogicalBytesUsed  int64  `json:"logicalBytesUsed"`
	PhysicalBytesUsed int64  `json:"physicalBytesUsed"`
}
