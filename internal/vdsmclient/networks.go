// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"govdsm/api"
)

// capabilities are the answer of Host.getNetworkCapabilities as far as people
// are shown it. Servers differ in whether numbers are text.
type capabilities struct {
	Networks map[string]networkEntry `json:"networks"`
	Nics     map[string]linkEntry    `json:"nics"`
	Bondings map[string]linkEntry    `json:"bondings"`
	Vlans    map[string]linkEntry    `json:"vlans"`
	Bridges  map[string]linkEntry    `json:"bridges"`
}

// addressEntry is what every entry says of addresses.
type addressEntry struct {
	IPv4         []string `json:"ipv4addrs"`
	IPv6         []string `json:"ipv6addrs"`
	Gateway      string   `json:"gateway"`
	IPv6Gateway  string   `json:"ipv6gateway"`
	DefaultRoute bool     `json:"ipv4defaultroute"`
	DHCPv4       bool     `json:"dhcpv4"`
	DHCPv6       bool     `json:"dhcpv6"`
	Autoconf     bool     `json:"ipv6autoconf"`
	MTU          any      `json:"mtu"`
}

type linkEntry struct {
	addressEntry

	Hwaddr string         `json:"hwaddr"`
	Speed  any            `json:"speed"`
	Slaves []string       `json:"slaves"`
	Active string         `json:"active_slave"`
	Opts   map[string]any `json:"opts"`
	Iface  string         `json:"iface"` // below a VLAN
	Tag    any            `json:"vlanid"`
	Ports  []string       `json:"ports"`
	STP    string         `json:"stp"`
}

type networkEntry struct {
	addressEntry

	Iface      string `json:"iface"`
	Southbound string `json:"southbound"`
	Bridged    bool   `json:"bridged"`
	Switch     string `json:"switch"`
}

// item is one line that people see: a link or a network.
type item struct {
	name, kind string
	on         []string // links that it lies on
	mtu        string
	addresses  string
	detail     string
}

// kinds of items.
const (
	kindNetwork = "network"
	kindBridge  = "bridge"
	kindVLAN    = "vlan"
	kindBond    = "bond"
	kindNIC     = "nic"
)

// items returns everything, networks first, each kind by name.
func (c capabilities) items() []item {
	var all []item
	shown := make(map[string]bool) // links whose addresses stand with their network
	for name, n := range c.Networks {
		on := cmp.Or(n.Iface, n.Southbound)
		if !c.isLink(on) && n.Southbound != "" {
			on = n.Southbound // a port of Open vSwitch is no link of the answer
		}
		shown[n.Iface] = true
		all = append(all, item{
			name: name, kind: kindNetwork, on: nonEmpty(on), mtu: number(n.MTU),
			addresses: n.addresses(), detail: words(n.Switch, flag(n.Bridged, "bridged"), n.ways()),
		})
	}
	for kind, links := range map[string]map[string]linkEntry{
		kindNIC: c.Nics, kindBond: c.Bondings, kindVLAN: c.Vlans, kindBridge: c.Bridges,
	} {
		for name, l := range links {
			i := item{name: name, kind: kind, mtu: number(l.MTU), on: c.below(kind, l), detail: c.detail(kind, l)}
			if !shown[name] {
				i.addresses, i.detail = l.addresses(), words(i.detail, l.ways())
			}
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(a, b item) int {
		return cmp.Or(byKind(a.kind)-byKind(b.kind), strings.Compare(a.name, b.name))
	})
	return all
}

// byKind is the place of a kind in a table.
func byKind(kind string) int {
	return slices.Index([]string{kindNetwork, kindBridge, kindVLAN, kindBond, kindNIC}, kind)
}

func (c capabilities) isLink(name string) bool {
	for _, links := range []map[string]linkEntry{c.Nics, c.Bondings, c.Vlans, c.Bridges} {
		if _, ok := links[name]; ok {
			return true
		}
	}
	return false
}

// below returns the links that one lies on. Ports of guests are not among them.
func (c capabilities) below(kind string, l linkEntry) []string {
	switch kind {
	case kindBond:
		return l.Slaves
	case kindVLAN:
		return nonEmpty(l.Iface)
	case kindBridge:
		return slices.DeleteFunc(slices.Clone(l.Ports), func(port string) bool { return !c.isLink(port) })
	}
	return nil
}

func (c capabilities) detail(kind string, l linkEntry) string {
	switch kind {
	case kindBond:
		return words(prefixed("mode ", bondMode(l.Opts["mode"])), prefixed("active ", l.Active), speed(l.Speed), l.Hwaddr)
	case kindVLAN:
		return prefixed("tag ", number(l.Tag))
	case kindBridge:
		guests := slices.DeleteFunc(slices.Clone(l.Ports), c.isLink)
		return words(flag(l.STP == "on", "stp"), prefixed("ports ", strings.Join(guests, " ")))
	}
	return words(speed(l.Speed), l.Hwaddr)
}

// bondMode names a mode that is given by its number.
func bondMode(mode any) string {
	names := []string{"balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"}
	text := number(mode)
	if len(text) == 1 && text[0] >= '0' && int(text[0]-'0') < len(names) {
		return names[text[0]-'0']
	}
	return text
}

// addresses lists the addresses that others can reach.
func (a addressEntry) addresses() string {
	all := slices.Clone(a.IPv4)
	for _, address := range a.IPv6 {
		if !strings.HasPrefix(strings.ToLower(address), "fe80:") {
			all = append(all, address)
		}
	}
	return strings.Join(all, " ")
}

// ways says where addresses come from and where packets go.
func (a addressEntry) ways() string {
	via6 := a.IPv6Gateway
	if via6 == "::" {
		via6 = ""
	}
	return words(
		flag(a.DHCPv4, "dhcp"), flag(a.DHCPv6, "dhcpv6"), flag(a.Autoconf, "autoconf"),
		flag(a.DefaultRoute, "default route"), prefixed("via ", a.Gateway), prefixed("via ", via6),
	)
}

// statesOf returns which links are up, from Host.getNetworkStatistics.
func statesOf(statistics json.RawMessage) map[string]string {
	var s struct {
		Network map[string]struct {
			State string `json:"state"`
		} `json:"network"`
	}
	states := make(map[string]string)
	if json.Unmarshal(statistics, &s) != nil {
		return states // the links are shown without
	}
	for name, link := range s.Network {
		states[name] = link.State
	}
	return states
}

// statisticsColumns are the counters of a link, in bytes and packets.
func statisticsColumns() []string {
	return []string{"state", "speed", "duplex", "rx", "tx", "rxDropped", "txDropped", "rxErrors", "txErrors"}
}

func number(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func speed(v any) string {
	if text := number(v); text != "" && text != "0" {
		return text + " Mbit/s"
	}
	return ""
}

func flag(set bool, word string) string {
	if set {
		return word
	}
	return ""
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

func nonEmpty(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// words joins what is not empty.
func words(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), ", ")
}

// drawings are the verbs whose answers can be drawn as a tree.
func drawings() []string {
	return []string{api.HostGetNetworkCapabilities.Name, api.ImageGetVolumes.Name, api.StorageDomainGetVolumes.Name}
}

// drawn tells whether a verb's answer can be drawn as a tree.
func drawn(verb string) bool { return slices.Contains(drawings(), verb) }
