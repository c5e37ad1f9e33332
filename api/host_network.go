// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostSetupNetworks = declare[HostSetupNetworksParams, Status]("Host.setupNetworks", "3.1")

type HostSetupNetworksParams struct {
	Networks SetupNetworkNetConfig  `json:"networks"`
	Bondings SetupNetworkBondConfig `json:"bondings"`
	Options  SetupNetworkOptions    `json:"options"`
}

var HostGetNetworkCapabilities = declare[NoParams, VdsmNetworkCapabilities]("Host.getNetworkCapabilities", "4.2")

var HostGetNetworkStatistics = declare[NoParams, HostNetworkStatistics]("Host.getNetworkStatistics", "4.3")

var HostGetLldp = declare[HostGetLldpParams, LldpMap]("Host.getLldp", "4.1")

type HostGetLldpParams struct {
	Filter StringListMap `json:"filter"`
}

var HostConfirmConnectivity = declare[NoParams, Nothing]("Host.confirmConnectivity", "4.2")

var HostSetSafeNetworkConfig = declare[NoParams, Nothing]("Host.setSafeNetworkConfig", "3.1")

type SetupNetworkNetConfig map[string]SetupNetworkNetAttributes

type SetupNetworkNetAttributes struct {
	Bootproto    *string        `json:"bootproto,omitzero" default:"unchecked"`
	Dhcpv6       *bool          `json:"dhcpv6,omitzero" default:"unchecked"`
	Ipv6autoconf *bool          `json:"ipv6autoconf,omitzero" default:"unchecked"`
	NIC          []string       `json:"nic,omitzero" default:"unchecked"`
	HostQoS      *HostQoSParams `json:"hostQos,omitzero" default:"unchecked"`
	Ipv6addr     *string        `json:"ipv6addr,omitzero" default:"unchecked"`
	Ipv6gateway  *string        `json:"ipv6gateway,omitzero" default:"unchecked"`
	Gateway      *string        `json:"gateway,omitzero" default:"unchecked"`
	VLAN         *string        `json:"vlan,omitzero" default:"unchecked"`
	Ipaddr       *string        `json:"ipaddr,omitzero" default:"unchecked"`
	Remove       *bool          `json:"remove,omitzero" default:"unchecked"`
	Custom       StringMap      `json:"custom,omitzero" default:"unchecked"`
	Bonding      *string        `json:"bonding,omitzero" default:"unchecked"`
	Netmask      *string        `json:"netmask,omitzero" default:"unchecked"`
	DefaultRoute *bool          `json:"defaultRoute,omitzero" default:"unchecked"`
	Nameservers  []string       `json:"nameservers,omitzero" default:"unchecked"`
	Switch       *string        `json:"switch,omitzero" default:"unchecked"`
}

type HostQoSParams struct {
	Out *HostBandwidthParams `json:"out,omitzero" default:"unset"`
}

type HostBandwidthParams struct {
	Ul *BandwidthCurve `json:"ul,omitzero" default:"unset"`
	Ls BandwidthCurve  `json:"ls"`
	Rt *BandwidthCurve `json:"rt,omitzero" default:"unset"`
}

type BandwidthCurve struct {
	D  *uint64 `json:"d,omitzero" default:"unset"`
	M1 *int64  `json:"m1,omitzero" default:"unset"`
	M2 int64   `json:"m2"`
}

type SetupNetworkBondConfig map[string]SetupNetworkBondAttributes

type SetupNetworkBondAttributes struct {
	Remove  *bool    `json:"remove,omitzero" default:"unchecked"`
	Nics    []string `json:"nics"`
	Options *string  `json:"options,omitzero" default:"unchecked"`
	Hwaddr  *string  `json:"hwaddr,omitzero" default:"unchecked"`
	Switch  *string  `json:"switch,omitzero" default:"unchecked"`
}

type SetupNetworkOptions struct {
	ConnectivityCheck   *int64 `json:"connectivityCheck,omitzero" default:"unchecked"`
	ConnectivityTimeout *int64 `json:"connectivityTimeout,omitzero" default:"unchecked"`
}

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
	Dhcpv4           *bool             `json:"dhcpv4,omitzero"`
	Gateway          *string           `json:"gateway,omitzero" default:"unchecked"`
	Ipv4defaultroute *bool             `json:"ipv4defaultroute,omitzero" default:"unchecked"`
	Ipv6autoconf     *bool             `json:"ipv6autoconf,omitzero" default:"unchecked"`
	Ipv6gateway      string            `json:"ipv6gateway"`
	Dhcpv6           *bool             `json:"dhcpv6,omitzero"`
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

type HostNetworkStatistics struct {
	Network   HostNetworkInterfaceStatsMap `json:"network"`
	TxDropped int64                        `json:"txDropped"`
	RxDropped int64                        `json:"rxDropped"`
}

type HostNetworkInterfaceStatsMap map[string]HostNetworkInterfaceStats

type HostNetworkInterfaceStats struct {
	RxErrors   string                `json:"rxErrors"`
	Name       string                `json:"name"`
	Duplex     string                `json:"duplex"` // "full", "half" or "unknown"
	State      NetworkInterfaceState `json:"state"`
	Rx         string                `json:"rx"`
	TxDropped  string                `json:"txDropped"`
	TxErrors   string                `json:"txErrors"`
	Speed      string                `json:"speed"`
	Tx         string                `json:"tx"`
	SampleTime Float                 `json:"sampleTime"`
	RxDropped  string                `json:"rxDropped"`
}

type NetworkInterfaceState string

const (
	NetworkInterfaceStateDown    NetworkInterfaceState = "down"
	NetworkInterfaceStateUnknown NetworkInterfaceState = "unknown"
	NetworkInterfaceStateUp      NetworkInterfaceState = "up"
)

// Values implements Enum.
func (NetworkInterfaceState) Values() []string {
	return enum(NetworkInterfaceStateDown, NetworkInterfaceStateUnknown, NetworkInterfaceStateUp)
}

type LldpMap map[string]Lldp

type Lldp struct {
	Enabled string `json:"enabled"`
	Tlvs    []Tlv  `json:"tlvs"`
}

type Tlv struct {
	Name       string    `json:"name"`
	Properties StringMap `json:"properties"`
	Type       string    `json:"type"`
	Oui        string    `json:"oui"`
	Subtype    string    `json:"subtype"`
}
