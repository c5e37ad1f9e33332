// SPDX-License-Identifier: GPL-2.0-or-later

// Package kernelconfig tells what configuration the kernel's state amounts to,
// so that it can be compared with what is stored: validation works on it,
// restoring at boot sets up only what differs, and status reports the drift.
//
// It reads nothing itself; Info is what a reader of the kernel hands over.
// Source: lib/vdsm/network/kernelconfig.py.
package kernelconfig

import (
	"maps"
	"slices"
	"strings"

	"govdsm/api"
	"govdsm/internal/network/netconf"
)

// Info is the host's networking as its capabilities report it.
type Info struct {
	Networks    map[string]Network
	Bonds       map[string]Bond
	Vlans       map[string]Vlan // by device
	Nics        []string
	Nameservers []string // in use
}

// Network is a network that is there.
type Network struct {
	Bridged    bool
	STP        bool
	Southbound string // device below the bridge, or the device itself; "" if none
	VLAN       *int   // tag, when the southbound is a VLAN
	MTU        int
	Switch     string

	Addr, Netmask, Gateway       string
	IPv6Addrs                    []string // with prefixes
	IPv6Gateway                  string   // "::" or "" for none
	DHCPv4, DHCPv6, IPv6Autoconf bool
	DefaultRoute                 bool // over IPv4

	HostQoS *api.HostQoSParams
}

// Bond is a bond that is there.
type Bond struct {
	Ports   []string
	Options map[string]string // numeric, those that differ from the mode's defaults, and mode
	Hwaddr  string
	Switch  string
}

// Vlan is a VLAN device that is there.
type Vlan struct {
	Base string
	Tag  int
}

// From returns the configuration that the host's state amounts to. Running
// tells which bonds had their address chosen.
func From(info Info, running netconf.Config) netconf.Config {
	c := netconf.Config{
		Networks: make(map[string]netconf.Network, len(info.Networks)),
		Bonds:    make(map[string]netconf.Bond, len(info.Bonds)),
		Devices:  make(map[string]netconf.Device),
	}
	for name, n := range info.Networks {
		n.DefaultRoute = n.DefaultRoute || defaultOverIPv6(n, running.Networks[name])
		c.Networks[name] = network(n, info)
	}
	for name, b := range info.Bonds {
		bond := netconf.Bond{
			Nics: slices.Sorted(slices.Values(b.Ports)), Options: joined(b.Options), Switch: b.Switch,
		}
		if running.Bonds[name].Hwaddr != "" {
			bond.Hwaddr = b.Hwaddr
		}
		c.Bonds[name] = bond
	}
	return c
}

// defaultOverIPv6 tells whether a network that was set up as the default route
// over IPv6 alone has a gateway there. What is reported as ipv4defaultroute cannot
// tell, so the original takes such a network for changed at every restore.
func defaultOverIPv6(n Network, running netconf.Network) bool {
	four := running.BootProto == netconf.BootProtoDHCP || running.Gateway != ""
	return running.DefaultRoute && !four && n.IPv6Gateway != "" && n.IPv6Gateway != "::"
}

func network(n Network, info Info) netconf.Network {
	k := netconf.Network{
		VLAN: n.VLAN, MTU: n.MTU, Bridged: n.Bridged, STP: n.Bridged && n.STP, Switch: n.Switch,
		BootProto: "none", DHCPv6: n.DHCPv6, IPv6Autoconf: n.IPv6Autoconf,
		DefaultRoute: n.DefaultRoute, Nameservers: []string{}, HostQoS: withoutZeros(n.HostQoS),
	}
	base := n.Southbound
	if v, tagged := info.Vlans[base]; tagged {
		base = v.Base
	}
	if _, bonded := info.Bonds[base]; bonded {
		k.Bonding = base
	} else if slices.Contains(info.Nics, base) {
		k.NIC = base
	}
	if n.DefaultRoute {
		k.Nameservers = append(k.Nameservers, info.Nameservers...)
	}
	if n.DHCPv4 {
		k.BootProto = netconf.BootProtoDHCP
	} else {
		k.IPAddr, k.Netmask, k.Gateway = n.Addr, n.Netmask, n.Gateway
	}
	if !n.DHCPv6 {
		if len(n.IPv6Addrs) > 0 {
			k.IPv6Addr = n.IPv6Addrs[0]
		}
		if n.IPv6Gateway != "::" {
			k.IPv6Gateway = n.IPv6Gateway
		}
	}
	return k
}

// withoutZeros drops what nobody asked for: the kernel reports every part of a
// curve.
func withoutZeros(q *api.HostQoSParams) *api.HostQoSParams {
	if q == nil || q.Out == nil {
		return q
	}
	curve := func(c *api.BandwidthCurve) *api.BandwidthCurve {
		if c == nil {
			return nil
		}
		clean := &api.BandwidthCurve{M2: c.M2}
		if c.D != nil && *c.D != 0 {
			clean.D = c.D
		}
		if c.M1 != nil && *c.M1 != 0 {
			clean.M1 = c.M1
		}
		return clean
	}
	out := q.Out
	return &api.HostQoSParams{Out: &api.HostBandwidthParams{Ul: curve(out.Ul), Ls: curve(out.Ls), Rt: curve(out.Rt)}}
}

// joined writes options as a configuration holds them.
func joined(options map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(options)) {
		pairs = append(pairs, name+"="+options[name])
	}
	return strings.Join(pairs, " ")
}
