// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostSetupNetworks = declare[HostSetupNetworksParams, Status]("Host.setupNetworks", "3.1")

type HostSetupNetworksParams struct {
	Networks SetupNetworkNetConfig  `json:"networks"`
	Bondings SetupNetworkBondConfig `json:"bondings"`
	Options  SetupNetworkOptions    `json:"options"`
}

var HostGetNetworkStatistics = declare[NoParams, HostNetworkStatistics]("Host.getNetworkStatistics", "4.3")

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

type HostNetworkStatistics struct {
	Network   HostNetworkInterfaceStatsMap `json:"network"`
	TxDropped string                       `json:"txDropped"`
	RxDropped string                       `json:"rxDropped"`
}

type HostNetworkInterfaceStatsMap map[string]HostNetworkInterfaceStats

type HostNetworkInterfaceStats struct {
	RxErrors   string                `json:"rxErrors"`
	Name       string                `json:"name"`
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
