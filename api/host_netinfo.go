// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostGetNetworkCapabilities describes the networks and links of the host.
var HostGetNetworkCapabilities = declare[NoParams, VdsmNetworkCapabilities]("Host.getNetworkCapabilities", "4.2")

// VdsmNetworkCapabilities is the networking part of the host's capabilities.
type VdsmNetworkCapabilities struct {
	Networks NetInfoNetworkMap `json:"networks"`
	Bridges  NetInfoBridgeMap  `json:"bridges"`
	Vlans    NetInfoVlanMap    `json:"vlans"`
	Bondings NetInfoBondMap    `json:"bondings"`
	Nics     NetInfoNicMap     `json:"nics"`
	// "True" when the running networks differ from the stored ones
	NetConfigDirty string   `json:"netConfigDirty"`
	SupportsIPv6   bool     `json:"supportsIPv6"`
	Nameservers    []string `json:"nameservers"`
}

// NetInfoNetworkMap maps the name of a network to the network.
type NetInfoNetworkMap map[string]NetInfoNetwork

// NetInfoNetwork is a network that VDSM set up, with a bridge for VMs or
// without.
type NetInfoNetwork struct{ Union }

// Alternatives implements OneOf.
func (NetInfoNetwork) Alternatives() []any {
	return []any{NetInfoBridgedNetwork{}, NetInfoBridgelessNetwork{}}
}

// NetInfoBridgedNetwork is a bridge, or a network on one.
type NetInfoBridgedNetwork struct {
	Dhcpv4           bool     `json:"dhcpv4"`
	MTU              string   `json:"mtu"`
	Ipv6gateway      string   `json:"ipv6gateway"`
	Gateway          string   `json:"gateway"`
	Ipv4defaultroute *bool    `json:"ipv4defaultroute,omitzero" default:"unchecked"`
	Ipv6addrs        []string `json:"ipv6addrs"` // with the length of the prefix
	Ports            []string `json:"ports"`
	Netmask          string   `json:"netmask"`
	Dhcpv6           bool     `json:"dhcpv6"`
	STP              string   `json:"stp"` // "on" or "off"
	// options of the bridge, as the kernel shows them
	Opts         StringMap      `json:"opts,omitzero" default:"unchecked"`
	HostQoS      *HostQoSParams `json:"hostQos,omitzero" default:"unchecked"`
	Ipv4addrs    []string       `json:"ipv4addrs"` // with the length of the prefix
	Bridged      *bool          `json:"bridged,omitzero" default:"unchecked"`
	Addr         string         `json:"addr"` // the first IPv4 address
	Iface        *string        `json:"iface,omitzero" default:"unchecked"`
	Switch       *string        `json:"switch,omitzero" default:"unchecked"`
	Ipv6autoconf *bool          `json:"ipv6autoconf,omitzero" default:"unchecked"`
}

// NetInfoBridgelessNetwork is a network that only the host uses.
type NetInfoBridgelessNetwork struct {
	Interface string `json:"interface"`
	Bridged   bool   `json:"bridged"`
}

// NetInfoBridgeMap maps the name of a bridge to the bridge.
type NetInfoBridgeMap map[string]NetInfoBridgedNetwork

// NetInfoVlanMap maps the name of a VLAN interface to the interface.
type NetInfoVlanMap map[string]NetInfoVlan

// NetInfoVlan is a VLAN interface.
type NetInfoVlan struct {
	Dhcpv4           bool     `json:"dhcpv4"`
	Ipv4defaultroute *bool    `json:"ipv4defaultroute,omitzero" default:"unchecked"`
	Iface            string   `json:"iface"` // the link below
	MTU              uint64   `json:"mtu"`
	Vlanid           uint64   `json:"vlanid"`
	Ipv6addrs        []string `json:"ipv6addrs"`
	Dhcpv6           bool     `json:"dhcpv6"`
	Ipv6gateway      string   `json:"ipv6gateway"`
	Ipv4addrs        []string `json:"ipv4addrs"`
	Netmask          string   `json:"netmask"`
	Addr             string   `json:"addr"`
}

// NetInfoBondMap maps the name of a bond to the bond.
type NetInfoBondMap map[string]NetInfoBond

// NetInfoBond is a bond of links.
type NetInfoBond struct {
	Dhcpv4      bool     `json:"dhcpv4"`
	Ipv6addrs   []string `json:"ipv6addrs"`
	Hwaddr      string   `json:"hwaddr"`
	Ipv6gateway string   `json:"ipv6gateway"`
	Slaves      []string `json:"slaves"`
	// driver options that differ from their defaults
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

// DeviceQoSParams limits the traffic of one network among those on a link.
type DeviceQoSParams struct {
	HostQoS HostQoSParams `json:"hostQos"`
	VLAN    int64         `json:"vlan" default:"-1"` // tag of the network; -1 for the one without
}

// NetInfoNicMap maps the name of a network card to the card.
type NetInfoNicMap map[string]NetInfoNic

// NetInfoNic is a network card.
type NetInfoNic struct {
	Dhcpv4           *bool    `json:"dhcpv4,omitzero"`
	Gateway          *string  `json:"gateway,omitzero" default:"unchecked"`
	Ipv4defaultroute *bool    `json:"ipv4defaultroute,omitzero" default:"unchecked"`
	Ipv6autoconf     *bool    `json:"ipv6autoconf,omitzero" default:"unchecked"`
	Ipv6gateway      string   `json:"ipv6gateway"`
	Dhcpv6           *bool    `json:"dhcpv6,omitzero"`
	Ipv6addrs        []string `json:"ipv6addrs"`
	Hwaddr           string   `json:"hwaddr"`
	// the card's own address while a bond gives it another
	Permhwaddr *string           `json:"permhwaddr,omitzero" default:"unchecked"`
	Speed      int64             `json:"speed"` // Mbit/s; 0 when unknown
	Ipv4addrs  []string          `json:"ipv4addrs"`
	MTU        string            `json:"mtu"`
	Netmask    string            `json:"netmask"`
	Addr       string            `json:"addr"`
	QoS        []DeviceQoSParams `json:"qos,omitzero" default:"unchecked"`
}
