// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// running is where the running configuration is.
const running = "/var/lib/vdsm/staging/netconf"

// capabilities are the answer of Host.getNetworkCapabilities, read without our
// own types.
type capabilities struct {
	Networks, Bridges, Vlans, Bondings, Nics map[string]device
	Nameservers                              []string
	NetConfigDirty                           string
}

// device is an entry of the capabilities.
type device struct {
	Iface       string         `json:"iface"`
	Interface   string         `json:"interface"`
	Bridged     bool           `json:"bridged"`
	Southbound  *string        `json:"southbound"`
	Switch      string         `json:"switch"`
	VLAN        *int           `json:"vlanid"`
	Ports       []string       `json:"ports"`
	STP         any            `json:"stp"` // "on", "off" or a boolean
	Opts        stringMap      `json:"opts"`
	Slaves      []string       `json:"slaves"`
	ActiveSlave string         `json:"active_slave"`
	Hwaddr      string         `json:"hwaddr"`
	Permhwaddr  string         `json:"permhwaddr"`
	Aggregator  string         `json:"ad_aggregator_id"`
	PartnerMAC  string         `json:"ad_partner_mac"`
	HostQoS     any            `json:"hostQos"`
	QoS         []any          `json:"qos"`
	MTU         any            `json:"mtu"` // a string, but for Open vSwitch
	Addr        string         `json:"addr"`
	Netmask     string         `json:"netmask"`
	IPv4        []string       `json:"ipv4addrs"`
	IPv6        []string       `json:"ipv6addrs"`
	Gateway     string         `json:"gateway"`
	Gateway6    string         `json:"ipv6gateway"`
	DefRoute    bool           `json:"ipv4defaultroute"`
	DHCPv4      bool           `json:"dhcpv4"`
	DHCPv6      bool           `json:"dhcpv6"`
	Autoconf    bool           `json:"ipv6autoconf"`
	Others      map[string]any `json:"-"`
}

type stringMap map[string]string

// mtu is the MTU as text.
func (d device) mtu() string { return fmt.Sprint(d.MTU) }

// stp is the spanning tree protocol as a boolean.
func (d device) stp() bool { return d.STP == "on" || d.STP == true }

// config is what is stored.
type config struct {
	networks, bonds, devices map[string]attrs
}

// config reads the running configuration. It must parse, always.
func (h *host) config() config {
	h.Helper()
	return config{h.folder("nets"), h.folder("bonds"), h.folder("devices")}
}

func (h *host) folder(name string) map[string]attrs {
	h.Helper()
	found := map[string]attrs{}
	entries, err := os.ReadDir(filepath.Join(running, name))
	if err != nil && !os.IsNotExist(err) {
		h.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(running, name, e.Name()))
		if err != nil {
			h.Fatal(err)
		}
		a := attrs{}
		if err := json.Unmarshal(b, &a); err != nil {
			h.Errorf("stored %s/%s does not parse: %v\n%s", name, e.Name(), err, b)
		}
		found[e.Name()] = a
	}
	return found
}

// agree fails the test unless the running configuration is what the
// capabilities amount to (contract 19.1): every key, defaults too. Networks
// whose device is not there are in the configuration only.
func (h *host) agree() {
	h.Helper()
	c := h.config()
	for name := range h.caps.Networks {
		if _, stored := c.networks[name]; !stored {
			h.Errorf("network %s is in the capabilities and not stored", name)
		}
	}
	for name, stored := range c.networks {
		n, there := h.caps.Networks[name]
		if !there {
			h.Errorf("network %s is stored and not in the capabilities", name)
			continue
		}
		h.agreeOnOptions(name, stored)
		want := h.amountsTo(n, stored)
		have := stored.with("custom", nil, "nameservers", nil)
		if have["ipv6gateway"] == "::" { // the manager's word for none
			delete(have, "ipv6gateway")
		}
		if a, b := text(have), text(want); a != b {
			h.Errorf("network %s is stored as\n%s\nand its capabilities amount to\n%s", name, a, b)
		}
		h.agreeOnServers(name, stored)
	}
	for name, stored := range c.bonds {
		b, there := h.caps.Bondings[name]
		if !there {
			h.Errorf("bond %s is stored and not in the capabilities", name)
			continue
		}
		want := attrs{"nics": slices.Sorted(slices.Values(b.Slaves)), "switch": b.Switch}
		if _, chosen := stored["hwaddr"]; chosen {
			want["hwaddr"] = b.Hwaddr
		}
		if a, b := text(stored.with("options", nil)), text(want); a != b {
			h.Errorf("bond %s is stored as\n%s\nand its capabilities amount to\n%s", name, a, b)
		}
		options, _ := stored["options"].(string)
		h.bondTook(name, options)
	}
}

// amountsTo is the configuration that a network's capabilities amount to.
func (h *host) amountsTo(n device, stored attrs) attrs {
	var mtu json.Number = json.Number(n.mtu())
	want := attrs{
		"bridged": n.Bridged, "mtu": mtu, "switch": n.Switch, "defaultRoute": n.DefRoute || defaultOverIPv6(n, stored),
		"bootproto": map[bool]string{true: "dhcp", false: "none"}[n.DHCPv4],
		"dhcpv6":    n.DHCPv6, "ipv6autoconf": n.Autoconf,
	}
	put := func(name, value, none string) {
		if value != none {
			want[name] = value
		}
	}
	if n.Southbound != nil {
		base := *n.Southbound
		if v, tagged := h.caps.Vlans[base]; tagged {
			base = v.Iface
		}
		if n.VLAN != nil {
			want["vlan"] = *n.VLAN
		}
		if _, bonded := h.caps.Bondings[base]; bonded {
			want["bonding"] = base
		} else {
			want["nic"] = base
		}
	}
	if n.Bridged {
		want["stp"] = n.stp()
	}
	if !n.DHCPv4 {
		put("ipaddr", n.Addr, "")
		put("netmask", n.Netmask, "")
		put("gateway", n.Gateway, "")
	}
	if !n.DHCPv6 && !n.Autoconf {
		if len(n.IPv6) > 0 {
			want["ipv6addr"] = n.IPv6[0]
		}
		put("ipv6gateway", n.Gateway6, "::")
	}
	if _, given := stored["hostQos"]; given || n.HostQoS != nil {
		want["hostQos"] = withoutZeros(n.HostQoS)
	}
	return want
}

// defaultOverIPv6 tells whether the network is the default route over IPv6 alone,
// which the capabilities have no word for but that there is a gateway.
func defaultOverIPv6(n device, stored attrs) bool {
	return stored["defaultRoute"] == true && stored["bootproto"] != "dhcp" && stored["gateway"] == nil && n.Gateway6 != "::"
}

// withoutZeros drops the numbers that nobody asked for: all are reported.
func withoutZeros(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for k, v := range m {
		if v != float64(0) {
			out[k] = withoutZeros(v)
		}
	}
	return out
}

// agreeOnServers compares the stored name servers with the reported ones.
func (h *host) agreeOnServers(name string, stored attrs) {
	h.Helper()
	list, ok := stored["nameservers"].([]any)
	if !ok {
		h.Errorf("network %s is stored without name servers, not even none", name)
	}
	for i, server := range list {
		if i >= len(h.caps.Nameservers) || h.caps.Nameservers[i] != server {
			h.Errorf("network %s is stored with name servers %v, and they are %v", name, list, h.caps.Nameservers)
			break
		}
	}
}

// agreeOnOptions compares custom bridge options with the kernel's.
func (h *host) agreeOnOptions(name string, stored attrs) {
	h.Helper()
	custom, _ := stored["custom"].(map[string]any)
	options, _ := custom["bridge_opts"].(string)
	for pair := range strings.FieldsSeq(options) {
		option, value, _ := strings.Cut(pair, "=")
		if now := h.sysfs(name + "/bridge/" + option); now != value {
			h.Errorf("bridge option %s of %s is %s, stored is %s", option, name, now, value)
		}
	}
}

// bondTook fails the test unless the kernel's bond has the options, by word or
// number, and the capabilities show those that are told there.
func (h *host) bondTook(bond, options string) {
	h.Helper()
	for pair := range strings.FieldsSeq(options) {
		name, value, _ := strings.Cut(pair, "=")
		now := h.sysfs(bond + "/bonding/" + name)
		words := strings.Fields(now)
		list := strings.Split(value, ",")
		if name == "arp_ip_target" {
			slices.Sort(words)
			slices.Sort(list)
			if !slices.Equal(words, list) {
				h.Errorf("targets of %s are %v, not %v", bond, words, list)
			}
		} else if !slices.Contains(words, value) {
			h.Errorf("option %s of %s is %q, not %s", name, bond, now, value)
		}
		reported, told := h.caps.Bondings[bond].Opts[name]
		if name == "arp_ip_target" {
			reported = strings.Join(slices.Sorted(strings.SplitSeq(reported, ",")), " ")
			now = strings.Join(words, " ")
		} else if len(words) > 0 {
			now = words[len(words)-1]
		}
		if told && reported != now {
			h.Errorf("option %s of %s is reported as %q, and it is %q", name, bond, reported, now)
		}
	}
}
