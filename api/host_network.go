// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostSetupNetworks changes the networks and bonds of the host in one step.
// It undoes everything when a part fails, or when no manager is heard from
// within the time of the connectivity check.
var HostSetupNetworks = declare[HostSetupNetworksParams, Status]("Host.setupNetworks", "3.1")

// HostSetupNetworksParams are the parameters of Host.setupNetworks.
type HostSetupNetworksParams struct {
	Networks SetupNetworkNetConfig  `json:"networks"` // what shall change; the others stay
	Bondings SetupNetworkBondConfig `json:"bondings"` // what shall change; the others stay
	Options  SetupNetworkOptions    `json:"options"`
}

// HostGetNetworkStatistics counts the traffic of every interface.
var HostGetNetworkStatistics = declare[NoParams, HostNetworkStatistics]("Host.getNetworkStatistics", "4.3")

// HostConfirmConnectivity tells the host, while it waits after
// HostSetupNetworks, that the manager still reaches it.
var HostConfirmConnectivity = declare[NoParams, Nothing]("Host.confirmConnectivity", "4.2")

// HostSetSafeNetworkConfig makes the running networks the ones that the next
// boot restores.
var HostSetSafeNetworkConfig = declare[NoParams, Nothing]("Host.setSafeNetworkConfig", "3.1")

// SetupNetworkNetConfig maps the name of a network to what shall become of
// it.
type SetupNetworkNetConfig map[string]SetupNetworkNetAttributes

// SetupNetworkNetAttributes is a network as a manager wants it. What is left
// out takes its default, not its present value.
type SetupNetworkNetAttributes struct {
	Bootproto    *string        `json:"bootproto,omitzero" default:"unchecked"` // "dhcp" or "none", for IPv4
	Dhcpv6       *bool          `json:"dhcpv6,omitzero" default:"unchecked"`
	Ipv6autoconf *bool          `json:"ipv6autoconf,omitzero" default:"unchecked"`
	NIC          []string       `json:"nic,omitzero" default:"unchecked"` // the link that carries the network
	HostQoS      *HostQoSParams `json:"hostQos,omitzero" default:"unchecked"`
	Ipv6addr     *string        `json:"ipv6addr,omitzero" default:"unchecked"` // with the length of the prefix
	Ipv6gateway  *string        `json:"ipv6gateway,omitzero" default:"unchecked"`
	Gateway      *string        `json:"gateway,omitzero" default:"unchecked"`
	VLAN         *string        `json:"vlan,omitzero" default:"unchecked"` // tag, 1 to 4094; none when left out
	Ipaddr       *string        `json:"ipaddr,omitzero" default:"unchecked"`
	// the network goes; all other members are left out
	Remove       *bool     `json:"remove,omitzero" default:"unchecked"`
	Custom       StringMap `json:"custom,omitzero" default:"unchecked"`  // properties for hooks
	Bonding      *string   `json:"bonding,omitzero" default:"unchecked"` // the bond that carries the network
	Netmask      *string   `json:"netmask,omitzero" default:"unchecked"`
	DefaultRoute *bool     `json:"defaultRoute,omitzero" default:"unchecked"`
	Nameservers  []string  `json:"nameservers,omitzero" default:"unchecked"` // addresses; only on the default route
	Switch       *string   `json:"switch,omitzero" default:"unchecked"`      // "legacy" or "ovs"
}

// HostQoSParams limits the traffic of a network on its link.
type HostQoSParams struct {
	Out *HostBandwidthParams `json:"out,omitzero" default:"unset"`
}

// HostBandwidthParams are the curves of the hierarchical fair service
// scheduler (tc-hfsc).
type HostBandwidthParams struct {
	Ul *BandwidthCurve `json:"ul,omitzero" default:"unset"` // upper limit
	Ls BandwidthCurve  `json:"ls"`                          // share of what is left
	Rt *BandwidthCurve `json:"rt,omitzero" default:"unset"` // guaranteed
}

// BandwidthCurve is a service curve of two parts.
type BandwidthCurve struct {
	D  *uint64 `json:"d,omitzero" default:"unset"`  // microseconds that the first rate lasts
	M1 *int64  `json:"m1,omitzero" default:"unset"` // first rate, bits per second
	M2 int64   `json:"m2"`                          // rate from then on, bits per second
}

// SetupNetworkBondConfig maps the name of a bond to what shall become of it.
type SetupNetworkBondConfig map[string]SetupNetworkBondAttributes

// SetupNetworkBondAttributes is a bond as a manager wants it.
type SetupNetworkBondAttributes struct {
	// the bond goes; all other members are left out
	Remove *bool    `json:"remove,omitzero" default:"unchecked"`
	Nics   []string `json:"nics"`
	// "mode=4 miimon=100": names and values of the kernel's driver
	Options *string `json:"options,omitzero" default:"unchecked"`
	Hwaddr  *string `json:"hwaddr,omitzero" default:"unchecked"` // address the bond shall have
	Switch  *string `json:"switch,omitzero" default:"unchecked"` // "legacy" or "ovs"
}

// SetupNetworkOptions says how a change of networks is made sure of.
type SetupNetworkOptions struct {
	ConnectivityCheck   *int64 `json:"connectivityCheck,omitzero" default:"unchecked"`   // 0 skips the check
	ConnectivityTimeout *int64 `json:"connectivityTimeout,omitzero" default:"unchecked"` // seconds to wait for the manager
}

// HostNetworkStatistics is the traffic of the host.
type HostNetworkStatistics struct {
	Network   HostNetworkInterfaceStatsMap `json:"network"`
	TxDropped int64                        `json:"txDropped"`
	RxDropped int64                        `json:"rxDropped"`
}

// HostNetworkInterfaceStatsMap maps the name of an interface to its counters.
type HostNetworkInterfaceStatsMap map[string]HostNetworkInterfaceStats

// HostNetworkInterfaceStats are the counters of an interface, since it came
// up, as text.
type HostNetworkInterfaceStats struct {
	RxErrors  string                `json:"rxErrors"` // packets
	Name      string                `json:"name"`
	State     NetworkInterfaceState `json:"state"`
	Rx        string                `json:"rx"`        // bytes
	TxDropped string                `json:"txDropped"` // packets
	TxErrors  string                `json:"txErrors"`  // packets
	Speed     string                `json:"speed"`     // Mbit/s
	Tx        string                `json:"tx"`        // bytes
	// seconds since 1970 at which the counters were read
	SampleTime Float  `json:"sampleTime"`
	RxDropped  string `json:"rxDropped"` // packets
	Duplex     string `json:"duplex"`    // "full", "half" or "unknown"
}

// NetworkInterfaceState says whether an interface is up.
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
