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

// NetInfoBridgedNetwork is a network on a bridge.
type NetInfoBridgedNetwork struct {
	Iface            string         `json:"iface"` // the bridge
	Bridged          bool           `json:"bridged"`
	Switch           string         `json:"switch"`          // "legacy" or "ovs"
	Southbound       *string        `json:"southbound"`      // the link that carries it; null for none
	Vlanid           *int64         `json:"vlanid,omitzero"` // tag, when that link is a VLAN
	Ports            []string       `json:"ports"`
	STP              string         `json:"stp"`  // "on" or "off"
	Addr             string         `json:"addr"` // the first IPv4 address
	Netmask          string         `json:"netmask"`
	Ipv4addrs        []string       `json:"ipv4addrs"` // with the length of the prefix
	Gateway          string         `json:"gateway"`
	Ipv4defaultroute bool           `json:"ipv4defaultroute"`
	Ipv6addrs        []string       `json:"ipv6addrs"` // with the length of the prefix
	Ipv6gateway      string         `json:"ipv6gateway"`
	Dhcpv4           bool           `json:"dhcpv4"`
	Dhcpv6           bool           `json:"dhcpv6"`
	Ipv6autoconf     bool           `json:"ipv6autoconf"`
	MTU              string         `json:"mtu"`
	HostQoS          *HostQoSParams `json:"hostQos,omitzero" default:"unchecked"`
}

// NetInfoBridgelessNetwork is a network that only the host uses.
type NetInfoBridgelessNetwork struct {
	Interface        string         `json:"interface"` // the same as iface
	Iface            string         `json:"iface"`     // the link that has the addresses
	Bridged          bool           `json:"bridged"`
	Switch           string         `json:"switch"`          // "legacy" or "ovs"
	Southbound       *string        `json:"southbound"`      // the link that carries it
	Vlanid           *int64         `json:"vlanid,omitzero"` // tag, when that link is a VLAN
	Addr             string         `json:"addr"`            // the first IPv4 address
	Netmask          string         `json:"netmask"`
	Ipv4addrs        []string       `json:"ipv4addrs"`
	Gateway          string         `json:"gateway"`
	Ipv4defaultroute bool           `json:"ipv4defaultroute"`
	Ipv6addrs        []string       `json:"ipv6addrs"`
	Ipv6gateway      string         `json:"ipv6gateway"`
	Dhcpv4           bool           `json:"dhcpv4"`
	Dhcpv6           bool           `json:"dhcpv6"`
	Ipv6autoconf     bool           `json:"ipv6autoconf"`
	MTU              string         `json:"mtu"`
	HostQoS          *HostQoSParams `json:"hostQos,omitzero"`
}

// NetInfoBridgeMap maps the name of a bridge to the bridge.
type NetInfoBridgeMap map[string]NetInfoBridge

// NetInfoBridge is a bridge.
type NetInfoBridge struct {
	Ports []string `json:"ports"`
	STP   string   `json:"stp"` // "on" or "off"
	// options of the bridge, as the kernel shows them
	Opts             StringMap `json:"opts"`
	Addr             string    `json:"addr"` // the first IPv4 address
	Netmask          string    `json:"netmask"`
	Ipv4addrs        []string  `json:"ipv4addrs"` // with the length of the prefix
	Gateway          string    `json:"gateway"`
	Ipv4defaultroute bool      `json:"ipv4defaultroute"`
	Ipv6addrs        []string  `json:"ipv6addrs"` // with the length of the prefix
	Ipv6gateway      string    `json:"ipv6gateway"`
	Dhcpv4           bool      `json:"dhcpv4"`
	Dhcpv6           bool      `json:"dhcpv6"`
	Ipv6autoconf     bool      `json:"ipv6autoconf"`
	MTU              string    `json:"mtu"`
}

// NetInfoVlanMap maps the name of a VLAN interface to the interface.
type NetInfoVlanMap map[string]NetInfoVlan

// NetInfoVlan is a VLAN interface.
type NetInfoVlan struct {
	Iface            string   `json:"iface"` // the link below
	Vlanid           int64    `json:"vlanid"`
	Addr             string   `json:"addr"`
	Netmask          string   `json:"netmask"`
	Ipv4addrs        []string `json:"ipv4addrs"`
	Gateway          string   `json:"gateway"`
	Ipv4defaultroute bool     `json:"ipv4defaultroute"`
	Ipv6addrs        []string `json:"ipv6addrs"`
	Ipv6gateway      string   `json:"ipv6gateway"`
	Dhcpv4           bool     `json:"dhcpv4"`
	Dhcpv6           bool     `json:"dhcpv6"`
	Ipv6autoconf     bool     `json:"ipv6autoconf"`
	MTU              string   `json:"mtu"`
}

// NetInfoBondMap maps the name of a bond to the bond.
type NetInfoBondMap map[string]NetInfoBond

// NetInfoBond is a bond of links.
type NetInfoBond struct {
	Hwaddr      string   `json:"hwaddr"`
	Slaves      []string `json:"slaves"`
	ActiveSlave string   `json:"active_slave"` // "" for none
	// driver options that differ from their defaults, by number; mode always
	Opts StringMap `json:"opts"`
	// of 802.3ad: both are known or neither
	AdAggregatorID   *string           `json:"ad_aggregator_id,omitzero"`
	AdPartnerMac     *string           `json:"ad_partner_mac,omitzero"`
	Switch           string            `json:"switch"` // "legacy" or "ovs"
	Speed            int64             `json:"speed"`  // Mbit/s; 0 when unknown
	Addr             string            `json:"addr"`
	Netmask          string            `json:"netmask"`
	Ipv4addrs        []string          `json:"ipv4addrs"`
	Gateway          string            `json:"gateway"`
	Ipv4defaultroute bool              `json:"ipv4defaultroute"`
	Ipv6addrs        []string          `json:"ipv6addrs"`
	Ipv6gateway      string            `json:"ipv6gateway"`
	Dhcpv4           bool              `json:"dhcpv4"`
	Dhcpv6           bool              `json:"dhcpv6"`
	Ipv6autoconf     bool              `json:"ipv6autoconf"`
	MTU              string            `json:"mtu"`
	QoS              []DeviceQoSParams `json:"qos,omitzero" default:"unchecked"`
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
	Hwaddr string `json:"hwaddr"`
	// the card's own address while a bond gives it another
	Permhwaddr       *string           `json:"permhwaddr,omitzero" default:"unchecked"`
	AdAggregatorID   *string           `json:"ad_aggregator_id,omitzero"` // as a port of an 802.3ad bond
	Speed            int64             `json:"speed"`                     // Mbit/s; 0 when unknown
	Addr             string            `json:"addr"`
	Netmask          string            `json:"netmask"`
	Ipv4addrs        []string          `json:"ipv4addrs"`
	Gateway          string            `json:"gateway"`
	Ipv4defaultroute bool              `json:"ipv4defaultroute"`
	Ipv6addrs        []string          `json:"ipv6addrs"`
	Ipv6gateway      string            `json:"ipv6gateway"`
	Dhcpv4           bool              `json:"dhcpv4"`
	Dhcpv6           bool              `json:"dhcpv6"`
	Ipv6autoconf     bool              `json:"ipv6autoconf"`
	MTU              string            `json:"mtu"`
	QoS              []DeviceQoSParams `json:"qos,omitzero" default:"unchecked"`
}
