// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostGetNetworkCapabilities = declare[NoParams, VdsmNetworkCapabilities]("Host.getNetworkCapabilities", "4.2")

type VdsmNetworkCapabilities struct {
	Networks       NetInfoNetworkMap `json:"networks"`
	Bridges        NetInfoBridgeMap  `json:"bridges"`
	Vlans          NetInfoVlanMap    `json:"vlans"`
	Bondings       NetInfoBondMap    `json:"bondings"`
	Nics           NetInfoNicMap     `json:"nics"`
	NetConfigDirty string            `json:"netConfigDirty"`
	SupportsIPv6   bool              `json:"supportsIPv6"`
	Nameservers    []string          `json:"nameservers"`
}

type NetInfoNetworkMap map[string]NetInfoNetwork

type NetInfoNetwork struct{ Union }

// Alternatives implements OneOf.
func (NetInfoNetwork) Alternatives() []any {
	return []any{NetInfoBridgedNetwork{}, NetInfoBridgelessNetwork{}}
}

type NetInfoBridgedNetwork struct {
	Dhcpv4           bool           `json:"dhcpv4"`
	MTU              string         `json:"mtu"`
	Ipv6gateway      string         `json:"ipv6gateway"`
	Gateway          string         `json:"gateway"`
	Ipv4defaultroute *bool          `json:"ipv4defaultroute,omitzero" default:"unchecked"`
	Ipv6addrs        []string       `json:"ipv6addrs"`
	Ports            []string       `json:"ports"`
	Netmask          string         `json:"netmask"`
	Dhcpv6           bool           `json:"dhcpv6"`
	STP              string         `json:"stp"`
	Opts             StringMap      `json:"opts,omitzero" default:"unchecked"`
	HostQoS          *HostQoSParams `json:"hostQos,omitzero" default:"unchecked"`
	Ipv4addrs        []string       `json:"ipv4addrs"`
	Bridged          *bool          `json:"bridged,omitzero" default:"unchecked"`
	Addr             string         `json:"addr"`
	Iface            *string        `json:"iface,omitzero" default:"unchecked"`
	Switch           *string        `json:"switch,omitzero" default:"unchecked"`
	Ipv6autoconf     *bool          `json:"ipv6autoconf,omitzero" default:"unchecked"`
}

type NetInfoBridgelessNetwork struct {
	Interface string `json:"interface"`
	Bridged   bool   `json:"bridged"`
}

type NetInfoBridgeMap map[string]NetInfoBridgedNetwork

type NetInfoVlanMap map[string]NetInfoVlan

type NetInfoVlan struct {
	Dhcpv4           bool     `json:"dhcpv4"`
	Ipv4defaultroute *bool    `json:"ipv4defaultroute,omitzero" default:"unchecked"`
	Iface            string   `json:"iface"`
	MTU              uint64   `json:"mtu"`
	Vlanid           uint64   `json:"vlanid"`
	Ipv6addrs        []string `json:"ipv6addrs"`
	Dhcpv6           bool     `json:"dhcpv6"`
	Ipv6gateway      string   `json:"ipv6gateway"`
	Ipv4addrs        []string `json:"ipv4addrs"`
	Netmask          string   `json:"netmask"`
	Addr             string   `json:"addr"`
}

type NetInfoBondMap map[string]NetInfoBond

type NetInfoBond struct {
	Dhcpv4           bool              `json:"dhcpv4"`
	Ipv6addrs        []string          `json:"ipv6addrs"`
	Hwaddr           string            `json:"hwaddr"`
	Ipv6gateway      string            `json:"ipv6gateway"`
	Slaves           []string          `json:"slaves"`
	Opts             StringMap         `json:"opts"`
	ActiveSlave      string            `json:"active_slave"`
	Ipv4addrs        []string          `json:"ipv4addrs"`
	MTU              string            `json:"mtu"`
	Netmask          string            `json:"netmask"`
	Dhcpv6           bool              `json:"dhcpv6"`
	Addr             string            `json:"addr"`
	Ipv6autoconf     *bool             `json:"ipv6autoconf,omitzero" default:"unchecked"`
	Gateway          *string           `json:"gateway,omitzero" default:"unchecked"`
	Ipv4defaultroute *bool             `json:"ipv4defaultroute,omitzero" default:"unchecked"`
	QoS              []DeviceQoSParams `json:"qos,omitzero" default:"unchecked"`
	Switch           *string           `json:"switch,omitzero" default:"unchecked"`
}

type DeviceQoSParams struct {
	HostQoS HostQoSParams `json:"hostQos"`
	VLAN    int64         `json:"vlan" default:"-1"`
}

type NetInfoNicMap map[string]NetInfoNic

type NetInfoNic struct {
	Dhcpv4           bool              `json:"dhcpv4"`
	Gateway          *string           `json:"gateway,omitzero" default:"unchecked"`
	Ipv4defaultroute *bool             `json:"ipv4defaultroute,omitzero" default:"unchecked"`
	Ipv6autoconf     *bool             `json:"ipv6autoconf,omitzero" default:"unchecked"`
	Ipv6gateway      string            `json:"ipv6gateway"`
	Dhcpv6           bool              `json:"dhcpv6"`
	Ipv6addrs        []string          `json:"ipv6addrs"`
	Hwaddr           string            `json:"hwaddr"`
	Permhwaddr       *string           `json:"permhwaddr,omitzero" default:"unchecked"`
	Speed            int64             `json:"speed"`
	Ipv4addrs        []string          `json:"ipv4addrs"`
	MTU              string            `json:"mtu"`
	Netmask          string            `json:"netmask"`
	Addr             string            `json:"addr"`
	QoS              []DeviceQoSParams `json:"qos,omitzero" default:"unchecked"`
}
