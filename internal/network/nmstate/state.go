// SPDX-License-Identifier: GPL-2.0-or-later

// Package nmstate writes down what a host's networking shall look like: one
// document in nmstate's schema, made of a request, the running configuration
// and the state the kernel is in.
//
// Generate is pure: the same three give the same document, whose parts are
// sorted. A document names only what changes or what other parts of it need;
// whatever it does not name stays. It promises nothing about how the host is
// brought there: that is an applier's work.
//
// The names of members follow nmstate's schema (nmstate.io).
package nmstate

import (
	"encoding/json"
	"maps"
	"slices"
)

// Types of interfaces that a document may name.
const (
	TypeEthernet     = "ethernet"
	TypeBond         = "bond"
	TypeVLAN         = "vlan"
	TypeLinuxBridge  = "linux-bridge"
	TypeOVSBridge    = "ovs-bridge"
	TypeOVSInterface = "ovs-interface"
)

// States of interfaces, routes and rules. Routes and rules without a state
// shall be there.
const (
	Up     = "up"
	Down   = "down"
	Absent = "absent"
)

// Routing tables. A document says 0 for the main table where it adds routes;
// the kernel and nmstate's reports say 254.
const (
	TableDefault = 0
	TableMain    = 254
)

// bridgeMappings is the key of Open vSwitch's database under which OVN finds
// the bridges of networks.
const bridgeMappings = "ovn-bridge-mappings"

// A State is the wanted state of a host, as far as it is named.
type State struct {
	Interfaces []Interface // sorted by name
	Routes     []Route
	Rules      []RouteRule

	SetsDNS     bool     // Nameservers replace those of the host
	Nameservers []string // in order; empty clears them

	SetsMappings   bool   // BridgeMappings replace those of OVN
	BridgeMappings string // "network:bridge,network:bridge"
}

// An Interface is a network interface of any type.
type Interface struct {
	Name     string    `json:"name"`
	Type     string    `json:"type,omitempty"`
	State    string    `json:"state,omitempty"`
	MTU      int       `json:"mtu,omitempty"`         // bytes
	MAC      string    `json:"mac-address,omitempty"` // any case
	IPv4     *IP       `json:"ipv4,omitempty"`
	IPv6     *IP       `json:"ipv6,omitempty"`
	VLAN     *VLAN     `json:"vlan,omitempty"`
	Bond     *Bond     `json:"link-aggregation,omitempty"`
	Bridge   *Bridge   `json:"bridge,omitempty"` // of Linux and of Open vSwitch
	Ethernet *Ethernet `json:"ethernet,omitempty"`
}

// IP is what an interface has of one family of addresses. The pointers are nil
// where a document does not say.
type IP struct {
	Enabled          bool      `json:"enabled"`
	Address          []Address `json:"address,omitempty"`
	DHCP             *bool     `json:"dhcp,omitempty"`
	Autoconf         *bool     `json:"autoconf,omitempty"` // IPv6 only
	AutoDNS          *bool     `json:"auto-dns,omitempty"`
	AutoGateway      *bool     `json:"auto-gateway,omitempty"`
	AutoRoutes       *bool     `json:"auto-routes,omitempty"`
	AutoRouteTableID *uint32   `json:"auto-route-table-id,omitempty"` // for all routes of DHCP and autoconf
}

// Address is an address with its network.
type Address struct {
	IP           string `json:"ip"`
	PrefixLength int    `json:"prefix-length"`
}

// VLAN says which tag an interface takes off which other.
type VLAN struct {
	ID        int    `json:"id"`
	BaseIface string `json:"base-iface"`
}

// Bond is the part of an interface that only bonds have.
type Bond struct {
	Mode    string      `json:"mode,omitempty"` // name, as in "active-backup"
	Port    []string    `json:"port"`           // sorted: the first gives the bond its address
	Options BondOptions `json:"options,omitzero"`
}

// BondOptions are options of the kernel's driver by name, without the mode.
// All that are not named have the mode's defaults.
type BondOptions map[string]string

// Bridge is the part of an interface that only bridges have.
type Bridge struct {
	Options *BridgeOptions `json:"options,omitempty"`
	Port    []BridgePort   `json:"port,omitzero"` // nil: not known, as of a bridge that others manage
}

// BridgeOptions are options of a bridge.
type BridgeOptions struct {
	STP *STP `json:"stp,omitempty"`
}

// STP is the spanning tree protocol of a bridge.
type STP struct {
	Enabled bool `json:"enabled"`
}

// BridgePort is an interface in a bridge.
type BridgePort struct {
	Name string    `json:"name"`
	VLAN *PortVLAN `json:"vlan,omitempty"` // Open vSwitch only
}

// PortVLAN is the tag of a port in Open vSwitch.
type PortVLAN struct {
	Mode string `json:"mode,omitempty"` // "access"
	Tag  *int   `json:"tag,omitempty"`
}

// Ethernet is the part of an interface that only NICs have.
type Ethernet struct {
	SRIOV *SRIOV `json:"sr-iov,omitempty"`
}

// SRIOV holds the virtual functions of a NIC.
type SRIOV struct {
	TotalVFs int  `json:"total-vfs"`
	VFs      []VF `json:"vfs"`
}

// VF is a virtual function.
type VF struct {
	ID int `json:"id"`
}

// Route is a route. One to be removed matches the routes that have all its
// members.
type Route struct {
	Destination      string `json:"destination"` // "192.0.2.0/24"
	NextHopAddress   string `json:"next-hop-address"`
	NextHopInterface string `json:"next-hop-interface"`
	TableID          uint32 `json:"table-id"`
	Metric           *int   `json:"metric,omitempty"`
	Weight           *int   `json:"weight,omitempty"`
	RouteType        string `json:"route-type,omitempty"`
	Source           string `json:"source,omitempty"`
	CWND             *int   `json:"cwnd,omitempty"`
	State            string `json:"state,omitempty"`
}

// RouteRule sends packets to a routing table.
type RouteRule struct {
	IPFrom     string `json:"ip-from,omitempty"`
	IPTo       string `json:"ip-to,omitempty"`
	Priority   int    `json:"priority"`
	RouteTable uint32 `json:"route-table"`
	Family     string `json:"family,omitempty"`
	FwMark     *int64 `json:"fwmark,omitempty"`
	FwMask     *int64 `json:"fwmask,omitempty"`
	Iif        string `json:"iif,omitempty"`
	Action     string `json:"action,omitempty"`
	State      string `json:"state,omitempty"`
}

// document is the shape of a state in JSON.
type document struct {
	Interfaces []Interface        `json:"interfaces,omitempty"`
	Routes     *routes            `json:"routes,omitempty"`
	Rules      *rules             `json:"route-rules,omitempty"`
	DNS        *dns               `json:"dns-resolver,omitempty"`
	OVSDB      map[string]mapping `json:"ovs-db,omitempty"`
}

type routes struct {
	Config  []Route `json:"config,omitempty"`
	Running []Route `json:"running,omitempty"`
}

type rules struct {
	Config []RouteRule `json:"config"`
}

type dns struct {
	Config  *servers `json:"config,omitempty"`
	Running *servers `json:"running,omitempty"`
}

type servers struct {
	Server []string `json:"server,omitzero"`
}

type mapping map[string]string

// Empty tells whether the state names nothing at all.
func (s State) Empty() bool {
	return len(s.Interfaces) == 0 && len(s.Routes) == 0 && len(s.Rules) == 0 && !s.SetsDNS && !s.SetsMappings
}

// MarshalJSON writes the document. Sections without content are left out.
func (s State) MarshalJSON() ([]byte, error) {
	d := document{Interfaces: s.Interfaces}
	if len(s.Routes) > 0 {
		d.Routes = &routes{Config: s.Routes}
	}
	if len(s.Rules) > 0 {
		d.Rules = &rules{s.Rules}
	}
	if s.SetsDNS {
		d.DNS = &dns{Config: &servers{append([]string{}, s.Nameservers...)}}
	}
	if s.SetsMappings {
		d.OVSDB = map[string]mapping{"external_ids": {bridgeMappings: s.BridgeMappings}}
	}
	return json.Marshal(d)
}

// UnmarshalJSON reads a document. Members that no plan of ours has are passed
// over.
func (s *State) UnmarshalJSON(b []byte) error {
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		return err
	}
	*s = State{Interfaces: d.Interfaces}
	if d.Routes != nil {
		s.Routes = d.Routes.Config
	}
	if d.Rules != nil {
		s.Rules = d.Rules.Config
	}
	if d.DNS != nil && d.DNS.Config != nil && d.DNS.Config.Server != nil {
		s.SetsDNS, s.Nameservers = true, d.DNS.Config.Server
	}
	s.BridgeMappings, s.SetsMappings = d.OVSDB["external_ids"][bridgeMappings]
	return nil
}

// Interface returns the interface of that name.
func (s State) Interface(name string) (Interface, bool) {
	for _, i := range s.Interfaces {
		if i.Name == name {
			return i, true
		}
	}
	return Interface{}, false
}

// UnmarshalJSON takes numbers and booleans for their text: nmstate reports
// some options so.
func (o *BondOptions) UnmarshalJSON(b []byte) error {
	var values map[string]any
	if err := json.Unmarshal(b, &values); err != nil {
		return err
	}
	*o = make(BondOptions, len(values))
	for name, v := range values {
		switch v := v.(type) {
		case string:
			(*o)[name] = v
		case bool:
			(*o)[name] = map[bool]string{true: "1", false: "0"}[v]
		default:
			raw, err := json.Marshal(v)
			if err != nil {
				return err
			}
			(*o)[name] = string(raw)
		}
	}
	return nil
}

// VirtualFunctions returns the state in which a NIC has count virtual
// functions.
func VirtualFunctions(nic string, count int) State {
	vfs := make([]VF, count)
	for i := range vfs {
		vfs[i].ID = i
	}
	return State{Interfaces: []Interface{{
		Name: nic, State: Up, Ethernet: &Ethernet{&SRIOV{TotalVFs: count, VFs: vfs}},
	}}}
}

// sorted returns the interfaces in the order of their names.
func sorted(interfaces map[string]*Interface) []Interface {
	list := make([]Interface, 0, len(interfaces))
	for _, name := range slices.Sorted(maps.Keys(interfaces)) {
		list = append(list, *interfaces[name])
	}
	return list
}
