// SPDX-License-Identifier: GPL-2.0-or-later

package kernelconfig

import (
	"fmt"
	"maps"
	"slices"

	"govdsm/api"
)

// capability is what the capabilities say of a network, with a bridge or
// without.
type capability struct {
	Bridged      bool               `json:"bridged"`
	Switch       string             `json:"switch"`
	Southbound   string             `json:"southbound"`
	VLAN         *int               `json:"vlanid"`
	STP          any                `json:"stp"` // "on" or "off"; a boolean with Open vSwitch
	MTU          api.Numeral        `json:"mtu"`
	Addr         string             `json:"addr"`
	Netmask      string             `json:"netmask"`
	Gateway      string             `json:"gateway"`
	DefaultRoute bool               `json:"ipv4defaultroute"`
	IPv6Addrs    []string           `json:"ipv6addrs"`
	IPv6Gateway  string             `json:"ipv6gateway"`
	DHCPv4       bool               `json:"dhcpv4"`
	DHCPv6       bool               `json:"dhcpv6"`
	Autoconf     bool               `json:"ipv6autoconf"`
	HostQoS      *api.HostQoSParams `json:"hostQos"`
}

// FromCapabilities returns what the capabilities of a host say that
// configurations and validation need.
func FromCapabilities(caps api.VdsmNetworkCapabilities) (Info, error) {
	info := Info{
		Networks: make(map[string]Network, len(caps.Networks)), Bonds: make(map[string]Bond, len(caps.Bondings)),
		Vlans: make(map[string]Vlan, len(caps.Vlans)), Nameservers: caps.Nameservers,
	}
	info.Nics = slices.Sorted(maps.Keys(caps.Nics))
	for name, b := range caps.Bondings {
		info.Bonds[name] = Bond{Ports: b.Slaves, Options: b.Opts, Hwaddr: b.Hwaddr, Switch: b.Switch}
	}
	for name, v := range caps.Vlans {
		info.Vlans[name] = Vlan{Base: v.Iface, Tag: int(v.Vlanid)}
	}
	for name, n := range caps.Networks {
		var c capability
		if err := n.As(&c); err != nil {
			return Info{}, fmt.Errorf("capabilities of network %s: %w", name, err)
		}
		info.Networks[name] = Network{
			Bridged: c.Bridged, STP: c.STP == "on" || c.STP == true, Southbound: c.Southbound, VLAN: c.VLAN,
			MTU: int(c.MTU), Switch: c.Switch, Addr: c.Addr, Netmask: c.Netmask, Gateway: c.Gateway,
			IPv6Addrs: c.IPv6Addrs, IPv6Gateway: c.IPv6Gateway,
			DHCPv4: c.DHCPv4, DHCPv6: c.DHCPv6, IPv6Autoconf: c.Autoconf,
			DefaultRoute: c.DefaultRoute, HostQoS: c.HostQoS,
		}
	}
	return info, nil
}
