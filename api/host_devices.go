// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostHostdevListByCaps lists the devices of the host with what is needed to
// pass them to VMs.
var HostHostdevListByCaps = declare[HostHostdevListByCapsParams, HostDevices]("Host.hostdevListByCaps", "3.6")

// HostHostdevListByCapsParams are the parameters of Host.hostdevListByCaps.
type HostHostdevListByCapsParams struct {
	// capabilities in libvirt's words, such as "pci"; all devices when not
	// given
	Caps []string `json:"caps,omitzero" default:"null"`
}

// HostHostdevChangeNumvfs sets how many virtual functions a network card
// offers. The existing ones are removed first.
var HostHostdevChangeNumvfs = declare[HostHostdevChangeNumvfsParams, Nothing]("Host.hostdevChangeNumvfs", "3.6")

// HostHostdevChangeNumvfsParams are the parameters of
// Host.hostdevChangeNumvfs.
type HostHostdevChangeNumvfsParams struct {
	// in libvirt's form, such as "pci_0000_05_00_0"
	DeviceName string `json:"deviceName"`
	Numvfs     uint64 `json:"numvfs"` // 0 removes all
}

// HostHostdevReattach gives a device back to the host's driver.
var HostHostdevReattach = declare[HostHostdevReattachParams, Nothing]("Host.hostdevReattach", "4.0")

// HostHostdevReattachParams are the parameters of Host.hostdevReattach.
type HostHostdevReattachParams struct {
	DeviceName string `json:"deviceName"`
}

// HostDevices maps libvirt's name of a device to the device.
type HostDevices map[string]HostDevice

// HostDevice is a device of the host.
type HostDevice struct {
	Params HostDeviceParams `json:"params"`
}

// HostDeviceParams is what is known of a device. Which members there are
// depends on the capability.
type HostDeviceParams struct {
	// in libvirt's words: "pci", "usb_device", "scsi", "net", ...
	Capability   string             `json:"capability"`
	Vendor       *string            `json:"vendor,omitzero" default:"unchecked"`
	VendorID     *string            `json:"vendor_id,omitzero" default:"unchecked"` // hexadecimal, with 0x
	Product      *string            `json:"product,omitzero" default:"unchecked"`
	Parent       *string            `json:"parent,omitzero" default:"unchecked"`     // name of the device this one hangs on
	ProductID    *string            `json:"product_id,omitzero" default:"unchecked"` // hexadecimal, with 0x
	IsAssignable string             `json:"is_assignable"`                           // "true" when it may be passed to a VM
	Driver       *string            `json:"driver,omitzero" default:"unchecked"`
	Interface    *string            `json:"interface,omitzero" default:"unchecked"`  // name of the network interface
	UdevPath     *string            `json:"udev_path,omitzero" default:"unchecked"`  // device node
	BlockPath    *string            `json:"block_path,omitzero" default:"unchecked"` // device node of the disk behind a SCSI device
	Address      *HostDeviceAddress `json:"address,omitzero" default:"unchecked"`
	DevicePath   *string            `json:"device_path,omitzero" default:"unchecked"`
	NUMANode     *string            `json:"numa_node,omitzero" default:"unchecked"`   // number, as text
	Mode         *string            `json:"mode,omitzero" default:"unchecked"`        // of persistent memory
	AlignSize    *Ulong             `json:"align_size,omitzero" default:"unchecked"`  // bytes
	DeviceSize   *Ulong             `json:"device_size,omitzero" default:"unchecked"` // bytes
	IOMMUGroup   *string            `json:"iommu_group,omitzero" default:"unchecked"`
	PhysFn       *string            `json:"physfn,omitzero" default:"unchecked"` // device name of the physical function
	TotalVFs     *int64             `json:"totalvfs,omitzero" default:"unchecked"`
	InterfaceID  *string            `json:"interface_id,omitzero" default:"unchecked"`
	Mdev         MdevTypeMap        `json:"mdev,omitzero" default:"unchecked"`
}

// HostDeviceAddress is where the device sits on its bus.
type HostDeviceAddress struct{ Union }

// Alternatives implements OneOf.
func (HostDeviceAddress) Alternatives() []any {
	return []any{PCIAddress{}, SCSIAddress{}, USBAddress{}}
}

// PCIAddress is a place on the PCI bus. All parts are decimal text.
type PCIAddress struct {
	Domain   string `json:"domain"`
	Bus      string `json:"bus"`
	Slot     string `json:"slot"`
	Function string `json:"function"`
}

// SCSIAddress is a place on the SCSI bus. All parts are decimal text.
type SCSIAddress struct {
	Host   string `json:"host"`
	Bus    string `json:"bus"`
	Target string `json:"target"`
	LUN    string `json:"lun"`
}

// USBAddress is a place on the USB bus. Both parts are decimal text.
type USBAddress struct {
	Bus    string `json:"bus"`
	Device string `json:"device"`
}

// MdevTypeMap holds the types of mediated devices a card offers, by type id.
type MdevTypeMap map[string]MdevType

// MdevType is a kind of mediated device that a card can make.
type MdevType struct {
	Name               string  `json:"name"`
	AvailableInstances string  `json:"available_instances"`
	Description        *string `json:"description,omitzero" default:"unchecked"`
}
