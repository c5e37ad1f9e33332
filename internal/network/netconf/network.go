// SPDX-License-Identifier: GPL-2.0-or-later

package netconf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"govdsm/api"
)

// Switch types: what carries the networks of a host.
const (
	SwitchLegacy = "legacy" // Linux bridges
	SwitchOVS    = "ovs"    // Open vSwitch
)

// DefaultMTU is the MTU of whatever nobody gave another, in bytes.
const DefaultMTU = 1500

// BootProtoDHCP is the value of BootProto that asks for an address by DHCP.
const BootProtoDHCP = "dhcp"

// A Network is a network with every default filled in, or the wish that it
// goes. Empty texts stand for members that are left out.
type Network struct {
	Remove bool // it goes; then only Custom and Extra count

	NIC, Bonding string // the link that carries it; neither for a bridge alone
	VLAN         *int   // tag, 0 to 4094; nil when untagged
	MTU          int
	Bridged      bool
	STP          bool // of the bridge
	Switch       string

	BootProto                string // "dhcp" or "none", for IPv4
	IPAddr, Netmask, Gateway string
	DHCPv6, IPv6Autoconf     bool
	IPv6Addr, IPv6Gateway    string // the address carries its prefix
	DefaultRoute             bool
	Nameservers              []string

	HostQoS *api.HostQoSParams
	Custom  map[string]any
	Extra   map[string]json.RawMessage // members that nobody declared
}

// Base returns the link that carries the network, below its VLAN: a NIC or a
// bond, or "".
func (n Network) Base() string {
	if n.NIC != "" {
		return n.NIC
	}
	return n.Bonding
}

// VLANDevice returns the name of the network's VLAN device, or "".
func (n Network) VLANDevice() string {
	if n.VLAN == nil {
		return ""
	}
	return fmt.Sprintf("%s.%d", n.Base(), *n.VLAN)
}

// NextHop returns the device that has the network's addresses, given the
// network's name.
func (n Network) NextHop(name string) string {
	switch {
	case n.Switch == SwitchOVS, n.Bridged:
		return name
	case n.VLAN != nil:
		return n.VLANDevice()
	}
	return n.Base()
}

// DHCPv4 says whether the network asks for an IPv4 address.
func (n Network) DHCPv4() bool { return n.BootProto == BootProtoDHCP }

// BridgeOptions returns the property custom.bridge_opts, "name=value" pairs
// for the kernel's bridge, or "".
func (n Network) BridgeOptions() string {
	opts, _ := n.Custom["bridge_opts"].(string)
	return opts
}

// Equal tells whether two networks have the same members.
func (n Network) Equal(other Network) bool { return sameJSON(n, other) }

// FromAttributes fills in what a declared network leaves out.
func FromAttributes(a api.SetupNetworkNetAttributes) Network {
	if a.Remove != nil && bool(*a.Remove) {
		return removal(a)
	}
	n := Network{
		NIC: text(a.NIC), Bonding: text(a.Bonding),
		MTU: DefaultMTU, Bridged: true, Switch: SwitchLegacy, BootProto: "none",
		IPAddr: text(a.Ipaddr), Netmask: text(a.Netmask), Gateway: text(a.Gateway),
		DHCPv6: truth(a.Dhcpv6), IPv6Autoconf: truth(a.Ipv6autoconf),
		IPv6Addr: text(a.Ipv6addr), IPv6Gateway: text(a.Ipv6gateway),
		DefaultRoute: truth(a.DefaultRoute), Nameservers: a.Nameservers,
		HostQoS: a.HostQoS, Custom: maps.Clone(a.Custom), Extra: maps.Clone(a.Others),
	}
	delete(n.Extra, "blockingdhcp") // asked older hosts to wait; never stored
	if a.VLAN != nil {
		n.VLAN = new(int(*a.VLAN))
	}
	if a.MTU != nil {
		n.MTU = int(*a.MTU)
	}
	if a.Bridged != nil {
		n.Bridged = bool(*a.Bridged)
	}
	if s := text(a.Switch); s != "" {
		n.Switch = s
	}
	if p := text(a.Bootproto); p != "" {
		n.BootProto = p
	}
	n.takeSTP(a)
	return n
}

// takeSTP reads the flag of a bridge. Without a bridge both spellings stay as
// they were given.
func (n *Network) takeSTP(a api.SetupNetworkNetAttributes) {
	if n.Bridged {
		if a.Stp != nil {
			_ = a.Stp.As(&n.STP) // canonicalize has refused what is no boolean
		}
		return
	}
	for name, stp := range map[string]*api.BridgeSTP{"stp": a.Stp, "STP": a.STP} {
		if stp == nil {
			continue
		}
		if raw, err := json.Marshal(stp); err == nil {
			if n.Extra == nil {
				n.Extra = make(map[string]json.RawMessage)
			}
			n.Extra[name] = raw
		}
	}
}

// removal keeps whatever else was given, for the validator to refuse.
func removal(a api.SetupNetworkNetAttributes) Network {
	n := Network{Remove: true, Custom: a.Custom}
	a.Remove, a.Custom = nil, nil
	if raw, err := json.Marshal(a); err == nil {
		_ = json.Unmarshal(raw, &n.Extra)
	}
	if len(n.Extra) == 0 {
		n.Extra = nil
	}
	return n
}

// Attributes returns the network as declared members, every default written
// out.
func (n Network) Attributes() api.SetupNetworkNetAttributes {
	if n.Remove {
		return api.SetupNetworkNetAttributes{Remove: new(api.Tobool(true)), Custom: n.Custom, Others: n.Extra}
	}
	a := api.SetupNetworkNetAttributes{
		NIC: optional(n.NIC), Bonding: optional(n.Bonding),
		MTU: new(api.Numeral(n.MTU)), Bridged: new(api.Tobool(n.Bridged)), Switch: optional(n.Switch),
		Bootproto: optional(n.BootProto),
		Ipaddr:    optional(n.IPAddr), Netmask: optional(n.Netmask), Gateway: optional(n.Gateway),
		Dhcpv6: new(api.Truth(n.DHCPv6)), Ipv6autoconf: new(api.Truth(n.IPv6Autoconf)),
		Ipv6addr: optional(n.IPv6Addr), Ipv6gateway: optional(n.IPv6Gateway),
		DefaultRoute: new(api.Truth(n.DefaultRoute)), Nameservers: n.Nameservers,
		HostQoS: n.HostQoS, Custom: n.Custom, Others: n.Extra,
	}
	if n.VLAN != nil {
		a.VLAN = new(api.Numeral(*n.VLAN))
	}
	if n.Bridged {
		a.Stp = &api.BridgeSTP{Union: api.Union{Value: n.STP}}
	}
	return a
}

// MarshalJSON writes the network as the original stores it and as hooks see
// it.
func (n Network) MarshalJSON() ([]byte, error) { return json.Marshal(n.Attributes()) }

// UnmarshalJSON reads what MarshalJSON and the original write, and what a hook
// makes of it.
func (n *Network) UnmarshalJSON(b []byte) error {
	var a api.SetupNetworkNetAttributes
	if err := json.Unmarshal(b, &a); err != nil {
		return err
	}
	*n = FromAttributes(a)
	return nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func truth(t *api.Truth) bool { return t != nil && bool(*t) }

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// sameJSON compares by what would be stored. Values that cannot be written
// equal nothing.
func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
