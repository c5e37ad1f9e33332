// SPDX-License-Identifier: GPL-2.0-or-later

package api

import "encoding/json"

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
// out takes its default, not its present value; null counts as left out.
//
// Texts stand for numbers and booleans as managers send them: see Tobool and
// Truth. A value of a wrong type refuses the call, because a network without
// the member would be another network.
type SetupNetworkNetAttributes struct {
	Bootproto    *string        `json:"bootproto,omitzero" default:"unset"` // "dhcp" or "none", for IPv4
	Dhcpv6       *Truth         `json:"dhcpv6,omitzero" default:"unset"`
	Ipv6autoconf *Truth         `json:"ipv6autoconf,omitzero" default:"unset"`
	NIC          *string        `json:"nic,omitzero" default:"unset"` // the link that carries the network
	HostQoS      *HostQoSParams `json:"hostQos,omitzero" default:"unset"`
	Ipv6addr     *string        `json:"ipv6addr,omitzero" default:"unset"` // with the length of the prefix
	Ipv6gateway  *string        `json:"ipv6gateway,omitzero" default:"unset"`
	Gateway      *string        `json:"gateway,omitzero" default:"unset"`
	VLAN         *Numeral       `json:"vlan,omitzero" default:"unset"` // tag, 0 to 4094; none when left out or ""
	Ipaddr       *string        `json:"ipaddr,omitzero" default:"unset"`
	// the network goes; all other members but custom are left out
	Remove       *Tobool        `json:"remove,omitzero" default:"unset"`
	Custom       map[string]any `json:"custom,omitzero" default:"unset"`  // properties for hooks, and bridge_opts
	Bonding      *string        `json:"bonding,omitzero" default:"unset"` // the bond that carries the network
	Netmask      *string        `json:"netmask,omitzero" default:"unset"` // dotted; or prefix
	DefaultRoute *Truth         `json:"defaultRoute,omitzero" default:"unset"`
	Nameservers  []string       `json:"nameservers,omitzero" default:"unset"` // addresses; only on the default route
	Switch       *string        `json:"switch,omitzero" default:"unset"`      // "legacy" or "ovs"
	MTU          *Numeral       `json:"mtu,omitzero" default:"unset"`         // bytes; 1500 when left out
	Bridged      *Tobool        `json:"bridged,omitzero" default:"unset"`     // VMs can join; true when left out
	Prefix       *Numeral       `json:"prefix,omitzero" default:"unset"`      // bits of the netmask; or netmask
	Stp          *BridgeSTP     `json:"stp,omitzero" default:"unset"`         // spanning tree protocol of the bridge
	STP          *BridgeSTP     `json:"STP,omitzero" default:"unset"`         // the same, as managers spell it

	// members that nobody declared; they are kept with the network
	Others map[string]json.RawMessage `json:"-"`
}

// BridgeSTP says whether a bridge speaks the spanning tree protocol: a
// boolean, or one of the words true, on, yes, false, off, no.
type BridgeSTP struct{ Union }

// Alternatives implements OneOf.
func (BridgeSTP) Alternatives() []any { return []any{false, ""} }

// HostQoSParams limits the traffic of a network on its link.
type HostQoSParams struct {
	Out *HostBandwidthParams `json:"out,omitzero" default:"unset"`
}

// HostBandwidthParams are the curves of the hierarchical fair service
// scheduler (tc-hfsc).
type HostBandwidthParams struct {
	Ul *BandwidthCurve `json:"ul,omitzero" default:"unset"` // upper limit
	Ls *BandwidthCurve `json:"ls,omitzero" default:"unset"` // share of what is left
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
	Remove *Tobool  `json:"remove,omitzero" default:"unset"`
	Nics   []string `json:"nics,omitzero" default:"unset"`
	// "mode=4 miimon=100": names and values of the kernel's driver
	Options *string `json:"options,omitzero" default:"unset"`
	Hwaddr  *string `json:"hwaddr,omitzero" default:"unset"` // address the bond shall have
	Switch  *string `json:"switch,omitzero" default:"unset"` // "legacy" or "ovs"

	// members that nobody declared; they are kept with the bond
	Others map[string]json.RawMessage `json:"-"`
}

// SetupNetworkOptions says how a change of networks is made sure of.
type SetupNetworkOptions struct {
	ConnectivityCheck   *Tobool  `json:"connectivityCheck,omitzero" default:"unset"`   // true when left out
	ConnectivityTimeout *Numeral `json:"connectivityTimeout,omitzero" default:"unset"` // seconds to wait for the manager; 4 when left out
	// the new networks become the ones that the next boot restores
	CommitOnSuccess *Truth `json:"commitOnSuccess,omitzero" default:"unset"`
	// the call undoes another one, and is itself not undone
	InRollback *Truth `json:"_inRollback,omitzero" default:"unset"`

	// members that nobody declared; hooks see them
	Others map[string]json.RawMessage `json:"-"`
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
