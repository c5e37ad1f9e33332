// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"

	binding "libvirt.org/go/libvirt"
)

// The methods of this file describe the host as libvirt sees it.

// Capabilities returns the host's capabilities as XML.
func (c *Client) Capabilities(ctx context.Context) (string, error) {
	return call(ctx, c, "read the host's capabilities", (*binding.Connect).GetCapabilities)
}

// DomainCapabilities returns, as XML, what a domain of that kind may have.
// Empty arguments mean libvirt's defaults.
func (c *Client) DomainCapabilities(ctx context.Context, arch, machine, virtType string) (string, error) {
	return call(ctx, c, "read the domain capabilities", func(conn *binding.Connect) (string, error) {
		return conn.GetDomainCapabilities("", arch, machine, virtType, 0)
	})
}

// Versions are the releases in use, as numbers: 9007002 is 9.7.2.
type Versions struct {
	Libvirt    uint32 // of libvirtd
	Hypervisor uint32 // of QEMU; 0 where libvirt does not know
}

// Versions returns the releases in use.
func (c *Client) Versions(ctx context.Context) (Versions, error) {
	return call(ctx, c, "read the versions", func(conn *binding.Connect) (Versions, error) {
		lib, err := conn.GetLibVersion()
		if err != nil {
			return Versions{}, err
		}
		hypervisor, err := conn.GetVersion()
		if err != nil && !isCode(err, binding.ERR_NO_SUPPORT, binding.ERR_INTERNAL_ERROR) {
			return Versions{}, err
		}
		return Versions{Libvirt: lib, Hypervisor: hypervisor}, nil
	})
}

// NodeInfo is the host's processor and memory.
type NodeInfo struct {
	Model                          string // of the CPU: "x86_64"
	Memory                         uint64 // KiB
	MHz                            uint
	CPUs                           uint // active ones
	Nodes, Sockets, Cores, Threads uint32
}

// NodeInfo returns the host's processor and memory.
func (c *Client) NodeInfo(ctx context.Context) (NodeInfo, error) {
	return call(ctx, c, "read the host's processors", func(conn *binding.Connect) (NodeInfo, error) {
		i, err := conn.GetNodeInfo()
		if err != nil {
			return NodeInfo{}, err
		}
		return NodeInfo{i.Model, i.Memory, i.MHz, i.Cpus, i.Nodes, i.Sockets, i.Cores, i.Threads}, nil
	})
}

// NodeDevice is a device of the host.
type NodeDevice struct {
	Name string // "pci_0000_00_1f_2"
	XML  string
}

// NodeDevices returns the host's devices with those capabilities, as in
// "pci", "usb_device"; all devices when none is named. A device that vanishes
// meanwhile is left out.
func (c *Client) NodeDevices(ctx context.Context, capabilities ...string) ([]NodeDevice, error) {
	var flags binding.ConnectListAllNodeDeviceFlags
	for _, name := range capabilities {
		flags |= nodeDeviceFlag(name)
	}
	return call(ctx, c, "list the host's devices", func(conn *binding.Connect) ([]NodeDevice, error) {
		devices, err := conn.ListAllNodeDevices(flags)
		if err != nil {
			return nil, err
		}
		list := make([]NodeDevice, 0, len(devices))
		for i := range devices {
			defer free(&devices[i])
			name, err := devices[i].GetName()
			if err != nil {
				continue
			}
			xml, err := devices[i].GetXMLDesc(0)
			if err != nil {
				continue
			}
			list = append(list, NodeDevice{name, xml})
		}
		return list, nil
	})
}

// nodeDeviceFlag returns the filter for a capability as libvirt's XML names it.
func nodeDeviceFlag(capability string) binding.ConnectListAllNodeDeviceFlags {
	switch capability {
	case "system":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_SYSTEM
	case "pci":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV
	case "usb_device":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_USB_DEV
	case "usb":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_USB_INTERFACE
	case "net":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_NET
	case "scsi_host":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_SCSI_HOST
	case "scsi":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_SCSI
	case "storage":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_STORAGE
	case "scsi_generic":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_SCSI_GENERIC
	case "mdev_types":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_MDEV_TYPES
	case "mdev":
		return binding.CONNECT_LIST_NODE_DEVICES_CAP_MDEV
	}
	return 0
}

// NodeDeviceXML describes one device of the host.
func (c *Client) NodeDeviceXML(ctx context.Context, name string) (string, error) {
	return call(ctx, c, "read the host's device", func(conn *binding.Connect) (string, error) {
		d, err := conn.LookupDeviceByName(name)
		if err != nil {
			return "", err
		}
		defer free(d)
		return d.GetXMLDesc(0)
	})
}
