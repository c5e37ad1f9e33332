// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import "strconv"

// DummyBridge is where interfaces without a network are plugged in.
const DummyBridge = ";vdsmdummy;"

// Interface is one network interface.
type Interface struct {
	Device          // Type is "bridge", "hostdev", "network", "vdpa"
	MAC      string // as written
	Model    string // "virtio"; the manager's "pv" means the same
	Bridge   string // "" unless of type bridge
	Network  string // libvirt network, of type network
	Target   string // name on the host: "vnet0", "" before the start
	LinkUp   bool   // true also when the document does not say
	MTU      int    // 0 when not given
	Filter   string
	Teaming  string // "persistent", "transient", or "" outside a failover pair
	Isolated bool
	// Source is the PCI address on the host of an interface of type hostdev.
	Source map[string]string
}

// Interfaces returns the network interfaces.
func (d *Domain) Interfaces() []Interface {
	var list []Interface
	for _, dev := range d.DevicesOf("interface") {
		list = append(list, interfaceOf(dev))
	}
	return list
}

func interfaceOf(dev Device) Interface {
	e := dev.elem
	source := child(e, "source")
	nic := Interface{
		Device:   dev,
		MAC:      attrOf(child(e, "mac"), "address"),
		Model:    attrOf(child(e, "model"), "type"),
		Bridge:   attrOf(source, "bridge"),
		Network:  attrOf(source, "network"),
		Target:   attrOf(child(e, "target"), "dev"),
		LinkUp:   true,
		Filter:   attrOf(child(e, "filterref"), "filter"),
		Teaming:  attrOf(child(e, "teaming"), "type"),
		Isolated: attrOf(child(e, "port"), "isolated") == "yes",
		Source:   attributes(child(source, "address")),
	}
	if nic.Model == "pv" {
		nic.Model = "virtio"
	}
	// A link element without a state means down in the original.
	if link := child(e, "link"); link != nil {
		nic.LinkUp = attrOf(link, "state") == "up"
	}
	nic.MTU, _ = strconv.Atoi(attrOf(child(e, "mtu"), "size"))
	return nic
}
