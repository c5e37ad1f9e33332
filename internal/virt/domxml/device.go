// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"iter"

	"github.com/beevik/etree"
)

// Device is one element of the devices part. The typed views (Disk, Interface
// and so on) embed it.
type Device struct {
	Kind  string // the element's name: "disk", "interface", "controller"
	Type  string // attribute type, "" without one
	Alias string // "ua-…" given by the manager, or libvirt's own
	// Address is the place of the device as the guest sees it, attribute by
	// attribute; empty while libvirt has not assigned one.
	Address map[string]string

	elem *etree.Element
}

func deviceOf(e *etree.Element) Device {
	return Device{
		Kind:    e.Tag,
		Type:    attrOf(e, "type"),
		Alias:   attrOf(child(e, "alias"), "name"),
		Address: attributes(child(e, "address")),
		elem:    e,
	}
}

// XML returns the device as a document of its own, as hooks and libvirt's
// attach calls take it.
func (d Device) XML() string { return textOfElement(d.elem) }

// MetadataID returns the attributes that identify the device's entry in the
// metadata (lib/vdsm/virt/vmdevices, get_identifying_attrs), nil when the
// device has nothing to be told by.
func (d Device) MetadataID() map[string]string {
	switch d.Kind {
	case "disk":
		return identify("devtype", "disk", "name", attrOf(child(d.elem, "target"), "dev"))
	case "lease":
		return identify("devtype", "lease", "name", textOf(child(d.elem, "key")))
	case "interface":
		// Two interfaces of a failover pair share their MAC address.
		if child(d.elem, "teaming") != nil {
			return identify("mac_address", attrOf(child(d.elem, "mac"), "address"), "alias", d.Alias)
		}
		return identify("mac_address", attrOf(child(d.elem, "mac"), "address"))
	case "hostdev":
		if d.Type == "mdev" {
			return identify("devtype", "hostdev", "uuid", attrOf(child(d.elem, "source", "address"), "uuid"))
		}
		return identify("devtype", "hostdev", "name", d.Alias)
	}
	return nil
}

// identify makes a map of the pairs, nil when a value is missing.
func identify(pairs ...string) map[string]string {
	m := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return nil
		}
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// Devices yields every device, in the order of the document.
func (d *Domain) Devices() iter.Seq[Device] {
	return func(yield func(Device) bool) {
		devices := d.devices()
		if devices == nil {
			return
		}
		for _, e := range devices.ChildElements() {
			if is(e, e.Tag) && !yield(deviceOf(e)) {
				return
			}
		}
	}
}

// DevicesOf returns the devices of one kind, in the order of the document.
func (d *Domain) DevicesOf(kind string) []Device {
	var list []Device
	for e := range children(d.devices(), kind) {
		list = append(list, deviceOf(e))
	}
	return list
}

// DeviceByAlias returns the device with that alias.
func (d *Domain) DeviceByAlias(alias string) (Device, bool) {
	for dev := range d.Devices() {
		if alias != "" && dev.Alias == alias {
			return dev, true
		}
	}
	return Device{}, false
}

// Balloons returns how many memballoon elements there are, those of model none
// included.
func (d *Domain) Balloons() int { return len(d.DevicesOf("memballoon")) }

// BalloonModel returns the model of the first balloon, "" without one.
func (d *Domain) BalloonModel() string {
	return attrOf(child(d.devices(), "memballoon"), "model")
}

// Channel is a named pipe between host and guest.
type Channel struct {
	Device
	Name  string // "org.qemu.guest_agent.0"
	Path  string // unix socket on the host
	State string // "connected", "disconnected", or "" when libvirt does not say
}

// Channels returns the channels that have both a name and a socket.
func (d *Domain) Channels() []Channel {
	var list []Channel
	for _, dev := range d.DevicesOf("channel") {
		target := child(dev.elem, "target")
		c := Channel{
			Device: dev,
			Name:   attrOf(target, "name"),
			Path:   attrOf(child(dev.elem, "source"), "path"),
			State:  attrOf(target, "state"),
		}
		if c.Name != "" && c.Path != "" {
			list = append(list, c)
		}
	}
	return list
}

// Console is a text console.
type Console struct {
	Device
	Path string // unix socket or pseudo terminal on the host, "" without one
}

// Consoles returns the console elements.
func (d *Domain) Consoles() []Console {
	var list []Console
	for _, dev := range d.DevicesOf("console") {
		list = append(list, Console{Device: dev, Path: attrOf(child(dev.elem, "source"), "path")})
	}
	return list
}

// Hostdev is a device of the host given to the guest.
type Hostdev struct {
	Device // Type is "pci", "usb", "scsi", "mdev"
	// Source is the place of the device on the host, attribute by attribute:
	// domain, bus, slot and function; bus and device; bus, target and unit;
	// or uuid.
	Source  map[string]string
	Adapter string // "scsi_host4", of scsi devices
}

// Hostdevs returns the host devices. Network functions given to the guest are
// interfaces of type hostdev and not among them.
func (d *Domain) Hostdevs() []Hostdev {
	var list []Hostdev
	for _, dev := range d.DevicesOf("hostdev") {
		source := child(dev.elem, "source")
		list = append(list, Hostdev{
			Device:  dev,
			Source:  attributes(child(source, "address")),
			Adapter: attrOf(child(source, "adapter"), "name"),
		})
	}
	return list
}

// Lease is a sanlock lease that libvirt takes for the guest.
type Lease struct {
	Device
	Key       string // volume id, or VM id
	Lockspace string // storage domain id
	Path      string
	Offset    string // bytes, or a placeholder
}

// Leases returns the leases.
func (d *Domain) Leases() []Lease {
	var list []Lease
	for _, dev := range d.DevicesOf("lease") {
		target := child(dev.elem, "target")
		list = append(list, Lease{
			Device:    dev,
			Key:       textOf(child(dev.elem, "key")),
			Lockspace: textOf(child(dev.elem, "lockspace")),
			Path:      attrOf(target, "path"),
			Offset:    attrOf(target, "offset"),
		})
	}
	return list
}
