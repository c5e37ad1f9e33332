// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VMHotplugNIC adds a network card to a running VM.
var VMHotplugNIC = declare[VMHotplugNICParams, HotpluggedNIC]("VM.hotplugNic", "3.1")

// VMHotplugNICParams are the parameters of VM.hotplugNic.
type VMHotplugNICParams struct {
	VMID   UUID             `json:"vmID" api:"object"`
	Params HotplugNicParams `json:"params"`
}

// VMHotunplugNIC removes a network card from a running VM.
var VMHotunplugNIC = declare[VMHotunplugNICParams, EmptyObject]("VM.hotunplugNic", "3.1")

// VMHotunplugNICParams are the parameters of VM.hotunplugNic.
type VMHotunplugNICParams struct {
	VMID   UUID             `json:"vmID" api:"object"`
	Params HotplugNicParams `json:"params"`
}

// HotpluggedNIC is a VM after it got a network card.
type HotpluggedNIC struct {
	Devices []HotpluggedNICDevice `json:"devices"`
	XML     string                `json:"xml"` // of the whole domain
}

// HotpluggedNICDevice names the new card.
type HotpluggedNICDevice struct {
	MACAddr string `json:"macAddr"`
	Alias   string `json:"alias"`
}

// VmInterfaceDevice is a network card of a VM.
type VmInterfaceDevice struct {
	SpecParams       *VmInterfaceDeviceSpecParams        `json:"specParams,omitzero" default:"unset"`
	Address          VmDeviceAddress                     `json:"address"`
	Alias            string                              `json:"alias"`
	Custom           StringMap                           `json:"custom" default:"{}"`
	NICModel         VmInterfaceDeviceModel              `json:"nicModel"`
	MACAddr          string                              `json:"macAddr"`
	Device           VmInterfaceDeviceType               `json:"device"`
	LinkActive       *bool                               `json:"linkActive,omitzero" default:"unset"`
	PortMirroring    []string                            `json:"portMirroring" default:"[]"`
	DeviceID         UUID                                `json:"deviceId"`
	DeviceType       VmDeviceType                        `json:"deviceType"`
	BootOrder        uint64                              `json:"bootOrder" default:"\"\""`
	Network          string                              `json:"network"`
	Filter           string                              `json:"filter"`
	FilterParameters []VmInterfaceDeviceFilterParameters `json:"filterParameters" default:"[]"`
}

// VmInterfaceDeviceSpecParams are settings of a network card.
type VmInterfaceDeviceSpecParams struct {
	Outbound *BandwidthParams `json:"outbound,omitzero" default:"null"`
	Inbound  *BandwidthParams `json:"inbound,omitzero" default:"null"`
}

// BandwidthParams limit traffic in one direction.
type BandwidthParams struct {
	Burst   uint64 `json:"burst" default:"0"` // KiB
	Average uint64 `json:"average"`           // KiB/s
	Peak    uint64 `json:"peak" default:"0"`  // KiB/s
}

// VmInterfaceDeviceModel is the card that the guest sees.
type VmInterfaceDeviceModel string

const (
	VmInterfaceDeviceModelE1000    VmInterfaceDeviceModel = "e1000"
	VmInterfaceDeviceModelE1000e   VmInterfaceDeviceModel = "e1000e"
	VmInterfaceDeviceModelI82551   VmInterfaceDeviceModel = "i82551"
	VmInterfaceDeviceModelI82557b  VmInterfaceDeviceModel = "i82557b"
	VmInterfaceDeviceModelI82559er VmInterfaceDeviceModel = "i82559er"
	VmInterfaceDeviceModelNe2kPCI  VmInterfaceDeviceModel = "ne2k_pci"
	VmInterfaceDeviceModelPcnet    VmInterfaceDeviceModel = "pcnet"
	VmInterfaceDeviceModelPV       VmInterfaceDeviceModel = "pv"
	VmInterfaceDeviceModelRtl8139  VmInterfaceDeviceModel = "rtl8139"
	VmInterfaceDeviceModelVirtio   VmInterfaceDeviceModel = "virtio"
)

// Values implements Enum.
func (VmInterfaceDeviceModel) Values() []string {
	return enum(VmInterfaceDeviceModelE1000, VmInterfaceDeviceModelE1000e, VmInterfaceDeviceModelI82551, VmInterfaceDeviceModelI82557b, VmInterfaceDeviceModelI82559er, VmInterfaceDeviceModelNe2kPCI, VmInterfaceDeviceModelPcnet, VmInterfaceDeviceModelPV, VmInterfaceDeviceModelRtl8139, VmInterfaceDeviceModelVirtio)
}

// VmInterfaceDeviceType is what the card is connected to.
type VmInterfaceDeviceType string

const (
	VmInterfaceDeviceTypeBridge VmInterfaceDeviceType = "bridge"
)

// Values implements Enum.
func (VmInterfaceDeviceType) Values() []string {
	return enum(VmInterfaceDeviceTypeBridge)
}

// VmInterfaceDeviceFilterParameters is a variable of the network filter.
type VmInterfaceDeviceFilterParameters struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// HotplugNicParams is the card, as XML or, from older managers, as members.
type HotplugNicParams struct {
	VMID UUID               `json:"vmId"`
	NIC  *VmInterfaceDevice `json:"nic,omitzero" default:"null"`
	XML  *string            `json:"xml,omitzero" default:"null"`
}
