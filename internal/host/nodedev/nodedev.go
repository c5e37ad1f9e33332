// SPDX-License-Identifier: GPL-2.0-or-later

// Package nodedev describes the devices of a host that guests can be given, as
// libvirt's node devices say (https://libvirt.org/formatnode.html) with what
// the kernel's files add.
package nodedev

import (
	"encoding/xml"
	"fmt"
	"path"
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/hostfs"
)

// Describe reads the documents of node devices and returns the devices by
// name. A document that is not one of a device is an error in the list of
// errors; the others count all the same.
func Describe(fs hostfs.FS, documents []string) (api.HostDevices, []error) {
	devices := make(api.HostDevices, len(documents))
	var faults []error
	for i, text := range documents {
		var d device
		if err := xml.Unmarshal([]byte(text), &d); err != nil {
			faults = append(faults, fmt.Errorf("node device %d: %w", i, err))
			continue
		}
		if len(d.Capability) == 0 {
			faults = append(faults, fmt.Errorf("node device %q has no capability", d.Name))
			continue
		}
		devices[d.Name] = api.HostDevice{Params: d.params(fs)}
	}
	completeSCSI(fs, devices)
	return devices, faults
}

type device struct {
	XMLName    xml.Name     `xml:"device"`
	Name       string       `xml:"name"`
	Path       string       `xml:"path"`
	Parent     string       `xml:"parent"`
	Driver     string       `xml:"driver>name"`
	Capability []capability `xml:"capability"` // the first one counts
}

type capability struct {
	Type     string `xml:"type,attr"`
	Domain   string `xml:"domain"`
	Bus      string `xml:"bus"`
	Slot     string `xml:"slot"`
	Function string `xml:"function"`
	Host     string `xml:"host"`
	Target   string `xml:"target"`
	LUN      string `xml:"lun"`
	Device   string `xml:"device"`
	Char     string `xml:"char"`
	Model    string `xml:"model"`

	Vendor    *named `xml:"vendor"`
	Product   *named `xml:"product"`
	Interface *named `xml:"interface"`

	NUMA *struct {
		Node string `xml:"node,attr"`
	} `xml:"numa"`
	IOMMUGroup *struct {
		Number string `xml:"number,attr"`
	} `xml:"iommuGroup"`
	Inner []inner `xml:"capability"`
}

type named struct {
	ID   string `xml:"id,attr"`
	Text string `xml:",chardata"`
}

type inner struct {
	Type    string `xml:"type,attr"`
	Address *struct {
		Domain   string `xml:"domain,attr"`
		Bus      string `xml:"bus,attr"`
		Slot     string `xml:"slot,attr"`
		Function string `xml:"function,attr"`
	} `xml:"address"`
	Types []struct {
		ID        string  `xml:"id,attr"`
		Name      string  `xml:"name"`
		Available *string `xml:"availableInstances"`
	} `xml:"type"`
}

func (d *device) params(fs hostfs.FS) api.HostDeviceParams {
	c := &d.Capability[0]
	p := api.HostDeviceParams{Capability: c.Type, IsAssignable: "true", Driver: known(d.Driver)}
	if d.Name != "computer" {
		p.Parent = known(d.Parent)
	}
	p.VendorID, p.Vendor = c.Vendor.parts()
	p.ProductID, p.Product = c.Product.parts()
	p.InterfaceID, p.Interface = c.Interface.parts()
	switch c.Type {
	case "pci":
		d.pci(fs, c, &p)
	case "scsi":
		p.Address = address(api.SCSIAddress{Host: c.Host, Bus: c.Bus, Target: c.Target, LUN: c.LUN})
	case "usb_device":
		p.Address = address(api.USBAddress{Bus: c.Bus, Device: c.Device})
	case "scsi_generic":
		p.UdevPath = known(c.Char)
	case "storage":
		if c.Model != "" {
			p.Product = &c.Model
		}
	}
	return p
}

func (d *device) pci(fs hostfs.FS, c *capability, p *api.HostDeviceParams) {
	p.Address = address(api.PCIAddress{Domain: c.Domain, Bus: c.Bus, Slot: c.Slot, Function: c.Function})
	p.IsAssignable = strconv.FormatBool(d.assignable(fs, c))
	if c.NUMA != nil {
		p.NUMANode = &c.NUMA.Node
	}
	if c.IOMMUGroup != nil {
		p.IOMMUGroup = &c.IOMMUGroup.Number
	}
	if total, err := fs.Int(sysfs(d.Name) + "/sriov_totalvfs"); err == nil {
		p.TotalVFs = &total
	}
	for _, i := range c.Inner {
		switch {
		case i.Type == "phys_function" && i.Address != nil:
			a := i.Address
			hex := func(s string) string { return strings.TrimPrefix(s, "0x") }
			p.PhysFn = new("pci_" + hex(a.Domain) + "_" + hex(a.Bus) + "_" + hex(a.Slot) + "_" + hex(a.Function))
		case i.Type == "mdev_types":
			p.Mdev = d.mediated(fs, i)
		}
	}
}

// assignable tells end points from bridges, which belong to the host. libvirt
// names most bridges; the header type in the configuration space decides the
// rest: offset 0x0e, the top bit aside, 0 for an end point (PCI 3.0, 6.2.1).
func (d *device) assignable(fs hostfs.FS, c *capability) bool {
	for _, i := range c.Inner {
		if i.Type == "pci-bridge" || i.Type == "cardbus-bridge" {
			return false
		}
	}
	const headerType = 0x0e
	config, err := fs.Head(sysfs(d.Name)+"/config", headerType+1)
	return err == nil && len(config) > headerType && config[headerType]&0x7f == 0
}

// sysfs returns the kernel's folder of a PCI device: pci_0000_02_00_0 is
// /sys/bus/pci/devices/0000:02:00.0.
func sysfs(name string) string {
	parts := strings.Split(strings.TrimPrefix(path.Base(name), "pci_"), "_")
	last := len(parts) - 1
	return "/sys/bus/pci/devices/" + strings.Join(parts[:last], ":") + "." + parts[last]
}

// mediated lists the types of mediated devices of which the kernel says how
// many may still be made.
func (d *device) mediated(fs hostfs.FS, i inner) api.MdevTypeMap {
	types := make(api.MdevTypeMap)
	for _, t := range i.Types {
		if t.Available == nil {
			continue
		}
		m := api.MdevType{Name: t.Name, AvailableInstances: *t.Available}
		if m.Name == "" {
			m.Name = t.ID
		}
		text, err := fs.Text(path.Join("/", d.Path, "mdev_supported_types", path.Base(t.ID), "description"))
		if err == nil {
			m.Description = &text
		}
		types[t.ID] = m
	}
	if len(types) == 0 {
		return nil
	}
	return types
}

// completeSCSI gives each SCSI device what its children know of it: the disk
// its vendor and product, the generic device the path through which guests
// reach it, and with it the name of the disk's block device.
func completeSCSI(fs hostfs.FS, devices api.HostDevices) {
	for _, child := range devices {
		if child.Params.Parent == nil {
			continue
		}
		name := *child.Params.Parent
		parent, ok := devices[name]
		if !ok || parent.Params.Capability != "scsi" {
			continue
		}
		switch child.Params.Capability {
		case "storage":
			if child.Params.Vendor != nil {
				parent.Params.Vendor = child.Params.Vendor
			}
			if child.Params.Product != nil {
				parent.Params.Product = child.Params.Product
			}
		case "scsi_generic":
			parent.Params.UdevPath = child.Params.UdevPath
			parent.Params.BlockPath = blockPath(fs, child.Params.UdevPath)
		}
		devices[name] = parent
	}
}

// blockPath finds the disk that belongs to a generic device such as /dev/sg0;
// nil for a tape or a changer.
func blockPath(fs hostfs.FS, udev *string) *string {
	if udev == nil {
		return nil
	}
	disks := fs.Names("/sys/class/scsi_generic/" + path.Base(*udev) + "/device/block")
	if len(disks) == 0 {
		return nil
	}
	return new("/dev/" + disks[0])
}

func (n *named) parts() (id, text *string) {
	if n == nil {
		return nil, nil
	}
	return known(n.ID), known(strings.TrimSpace(n.Text))
}

func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func address(a any) *api.HostDeviceAddress {
	return &api.HostDeviceAddress{Union: api.Union{Value: a}}
}
