// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostHostdevListByCaps = declare[HostHostdevListByCapsParams, HostDevices]("Host.hostdevListByCaps", "3.6")

type HostHostdevListByCapsParams struct {
	Caps []string `json:"caps,omitzero" default:"null"`
}

var HostHostdevChangeNumvfs = declare[HostHostdevChangeNumvfsParams, Nothing]("Host.hostdevChangeNumvfs", "3.6")

type HostHostdevChangeNumvfsParams struct {
	DeviceName string `json:"deviceName"`
	Numvfs     uint64 `json:"numvfs"`
}

var HostHostdevReattach = declare[HostHostdevReattachParams, Nothing]("Host.hostdevReattach", "4.0")

type HostHostdevReattachParams struct {
	DeviceName string `json:"deviceName"`
}

type HostDevices map[string]HostDevice

type HostDevice struct {
	Params HostDeviceParams `json:"params"`
}

type HostDeviceParams struct {
	Capability   string             `json:"capability"`
	Vendor       *string            `json:"vendor,omitzero" default:"unchecked"`
	VendorID     *string            `json:"vendor_id,omitzero" default:"unchecked"`
	Product      *string            `json:"product,omitzero" default:"unchecked"`
	Parent       *string            `json:"parent,omitzero" default:"unchecked"`
	ProductID    *string            `json:"product_id,omitzero" default:"unchecked"`
	IsAssignable string             `json:"is_assignable"`
	Driver       *string            `json:"driver,omitzero" default:"unchecked"`
	Interface    *string            `json:"interface,omitzero" default:"unchecked"`
	UdevPath     *string            `json:"udev_path,omitzero" default:"unchecked"`
	BlockPath    *string            `json:"block_path,omitzero" default:"unchecked"`
	Address      *HostDeviceAddress `json:"address,omitzero" default:"unchecked"`
	DevicePath   *string            `json:"device_path,omitzero" default:"unchecked"`
	NUMANode     *string            `json:"numa_node,omitzero" default:"unchecked"`
	Mode         *string            `json:"mode,omitzero" default:"unchecked"`
	AlignSize    *Ulong             `json:"align_size,omitzero" default:"unchecked"`
	DeviceSize   *Ulong             `json:"device_size,omitzero" default:"unchecked"`
	IOMMUGroup   *string            `json:"iommu_group,omitzero" default:"unchecked"`
	PhysFn       *string            `json:"physfn,omitzero" default:"unchecked"` // device name of the physical function
	TotalVFs     *int64             `json:"totalvfs,omitzero" default:"unchecked"`
	InterfaceID  *string            `json:"interface_id,omitzero" default:"unchecked"`
	Mdev         MdevTypeMap        `json:"mdev,omitzero" default:"unchecked"`
}

type HostDeviceAddress struct{ Union }

// Alternatives implements OneOf.
func (HostDeviceAddress) Alternatives() []any {
	return []any{PCIAddress{}, SCSIAddress{}, USBAddress{}}
}

type PCIAddress struct {
	Domain   string `json:"domain"`
	Bus      string `json:"bus"`
	Slot     string `json:"slot"`
	Function string `json:"function"`
}

type SCSIAddress struct {
	Host   string `json:"host"`
	Bus    string `json:"bus"`
	Target string `json:"target"`
	LUN    string `json:"lun"`
}

type USBAddress struct {
	Bus    string `json:"bus"`
	Device string `json:"device"`
}

// MdevTypeMap holds the types of mediated devices a card offers, by type id.
type MdevTypeMap map[string]MdevType

type MdevType struct {
	Name               string  `json:"name"`
	AvailableInstances string  `json:"available_instances"`
	Description        *string `json:"description,omitzero" default:"unchecked"`
}
