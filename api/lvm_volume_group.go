// SPDX-License-Identifier: GPL-2.0-or-later

package api

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
