// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"fmt"
	"hash/adler32"
	"slices"
	"strings"
)

const (
	addr1, gateway1 = "192.0.2.1", "192.0.2.100"
	addr2, gateway2 = "198.51.100.1", "198.51.100.100"
	addr6           = "fdb3:84e5:4ff4:55e3::1010/64"
	gateway6        = "fdb3:84e5:4ff4:55e3::1"
	otherGateway6   = "fdb3:84e5:4ff4:55e3::2"
	mask24          = "255.255.255.0"
)

// families are IPv4, IPv6 and both.
func families() map[string]attrs {
	return map[string]attrs{
		"IPv4":      {"ipaddr": addr1, "netmask": mask24},
		"IPv6":      {"ipv6addr": addr6},
		"both":      {"ipaddr": addr1, "netmask": mask24, "ipv6addr": addr6},
		"a gateway": {"ipaddr": addr1, "netmask": mask24, "gateway": gateway1},
	}
}

func staticIP(a *area) {
	for name, ip := range families() {
		for _, tag := range []any{nil, 10} {
			a.bases(fmt.Sprintf("%s, tag %v", name, tag), func(h *host, bridged, bonded bool) {
				red, bond := h.on(bonded, ip.with("bridged", bridged, "vlan", tag))
				h.setup(networks{"red": red}, bond)
				h.hasNetwork("red", red)
				h.hasSourceRoutes("red", red)
				for dev, d := range h.caps.Nics {
					if dev == h.nic(0) && dev != red.top("red") {
						h.noAddresses(dev, d)
					}
				}
				if d, there := h.caps.Bondings["bond1"]; there && red.top("red") != "bond1" {
					h.noAddresses("bond1", d)
				}
				h.setup(networks{"red": gone()}, nil)
				h.hasSourceRoutes("red", attrs{})
			})
		}
	}
	a.add("a prefix", func(h *host) {
		red := attrs{"nic": h.nic(0), "ipaddr": addr1, "prefix": "25"}
		h.setup(networks{"red": red}, nil)
		h.hasNetwork("red", red)
		equal(h, "stored", h.config().networks["red"]["netmask"], any("255.255.255.128"))
	})
	a.add("IPv4 to IPv6 and back", func(h *host) {
		for _, family := range []string{"IPv4", "IPv6", "IPv4"} {
			red := families()[family].with("nic", h.nic(0))
			h.setup(networks{"red": red}, nil)
			h.hasNetwork("red", red)
		}
	})
	a.add("another address on a bond", func(h *host) {
		red, bond := h.on(true, attrs{"bridged": false, "ipaddr": addr1, "netmask": mask24, "gateway": gateway1})
		h.setup(networks{"red": red}, bond)
		red = red.with("ipaddr", addr2, "netmask", "255.255.255.128", "gateway", gateway2)
		h.steady("bond1", func() { h.setup(networks{"red": red}, bond) })
		h.hasNetwork("red", red)
		h.hasSourceRoutes("red", red)
	})
	a.add("a second network on the bond gets an address", func(h *host) {
		red, bond := h.on(true, attrs{"bridged": false, "ipaddr": addr1, "netmask": mask24})
		blue := attrs{"bonding": "bond1", "vlan": 10}
		h.setup(networks{"red": red, "blue": blue}, bond)
		blue = blue.with("ipaddr", addr2, "netmask", mask24)
		h.steady("bond1", func() { h.setup(networks{"blue": blue}, bond) })
		h.hasNetwork("red", red)
		h.hasNetwork("blue", blue)
	})
	for what, change := range map[string][]any{
		"a bridge": {"bridged", true}, "a tag": {"vlan", 8}, "a card": {"nic", "dummy_1"}, "no gateway and a tag": {"gateway", nil, "vlan", 8},
	} {
		a.add("routes move with the network, to "+what, func(h *host) {
			red := families()["a gateway"].with("nic", h.nics(2)[0], "vlan", 7, "bridged", false)
			h.setup(networks{"red": red}, nil)
			red = red.with(change...)
			h.setup(networks{"red": red}, nil)
			h.hasNetwork("red", red)
			h.hasSourceRoutes("red", red)
			want := len(h.before.Rules)
			if red["gateway"] != nil {
				want += 2
			}
			equal(h, "rules", len(takeInventory(h).Rules), want)
		})
	}
	a.add("IPv6 in long", func(h *host) {
		h.setup(networks{"red": {"nic": h.nic(0), "ipv6addr": "2001:0db8:85a3:0000:0000:8a2e:0370:7331/64"}}, nil)
		h.hasNetwork("red", attrs{"nic": h.nic(0), "ipv6addr": "2001:db8:85a3::8a2e:370:7331/64"})
	})
	a.add("no IPv6 at all unless asked for", func(h *host) {
		h.setup(networks{"red": {"nic": h.nic(0)}}, nil)
		for _, dev := range []string{"red", h.nic(0)} {
			equal(h, "disable_ipv6 of "+dev, h.sh("cat /proc/sys/net/ipv6/conf/"+dev+"/disable_ipv6"), "1")
		}
	})
	defaultRoutes(a)
	dirtyCards(a)
}

// hasSourceRoutes looks for the table and the rules of a network with a
// gateway, which have the number that the contract gives (8.6); without one
// there are none.
func (h *host) hasSourceRoutes(name string, a attrs) {
	h.Helper()
	if h.sw != "legacy" {
		return
	}
	i := takeInventory(h)
	if a["gateway"] == nil {
		if len(i.Rules) != len(h.before.Rules) {
			h.Errorf("rules without a gateway: %v", i.Rules)
		}
		return
	}
	dev := a.top(name)
	table := adler32.Checksum([]byte(dev))
	network := strings.TrimSuffix(a["ipaddr"].(string), ".1") + fmt.Sprintf(".0/%d", bits(netmask(a)))
	for _, route := range []string{
		fmt.Sprintf("dst default gateway %s dev %s table %d ", a["gateway"], dev, table),
		fmt.Sprintf("dst %s dev %s table %d ", network, dev, table),
	} {
		if !slices.ContainsFunc(i.Routes, func(r string) bool { return strings.HasPrefix(r, route) }) {
			h.Errorf("no route %q in\n%s", route, strings.Join(i.Routes, "\n"))
		}
	}
	subnet, length, _ := strings.Cut(network, "/")
	for _, rule := range []string{
		fmt.Sprintf("dst %s dstlen %s table %d priority 3200 src all", subnet, length, table),
		fmt.Sprintf("table %d priority 3200 src %s srclen %s", table, subnet, length),
	} {
		if !slices.Contains(i.Rules, rule) {
			h.Errorf("no rule %q in\n%s", rule, strings.Join(i.Rules, "\n"))
		}
	}
}

func defaultRoutes(a *area) {
	first := attrs{"ipaddr": addr1, "netmask": mask24, "gateway": gateway1, "defaultRoute": true}
	second := attrs{"ipaddr": addr2, "netmask": mask24, "gateway": gateway2, "defaultRoute": true}
	six := first.with("ipv6addr", addr6, "ipv6gateway", gateway6, "nameservers", []string{})
	a.add("a default route", func(h *host) {
		red := first.with("nic", h.nic(0))
		h.setup(networks{"red": red}, nil)
		h.hasNetwork("red", red)
		h.hasSourceRoutes("red", red)
	})
	a.add("a default route of IPv6", func(h *host) {
		red := six.with("nic", h.nic(0))
		h.setup(networks{"red": red}, nil)
		h.hasNetwork("red", red)
	})
	for what, change := range map[string][]any{
		"IPv4": {"gateway", gateway2, "ipaddr", addr2}, "IPv6": {"ipv6gateway", otherGateway6},
		"both": {"gateway", gateway2, "ipaddr", addr2, "ipv6gateway", otherGateway6},
	} {
		a.add("another gateway, "+what, func(h *host) {
			red := six.with("nic", h.nic(0))
			h.setup(networks{"red": red}, nil)
			red = red.with(change...)
			h.setup(networks{"red": red}, nil)
			h.hasNetwork("red", red)
			h.hasSourceRoutes("red", red)
		})
	}
	a.add("the default route moves", func(h *host) {
		red, blue := first.with("nic", h.nic(0)), second.with("nic", h.nic(1))
		h.setup(networks{"red": red}, nil)
		h.setup(networks{"blue": blue}, nil)
		h.hasNetwork("red", red.with("defaultRoute", false))
		h.hasNetwork("blue", blue)
	})
	for what, change := range map[string][]any{"a gateway": {}, "none": {"gateway", nil}} {
		a.add("beside another network with "+what, func(h *host) {
			red, blue := first.with("nic", h.nic(0)), second.with("nic", h.nic(1), "defaultRoute", false).with(change...)
			h.setup(networks{"red": red}, nil)
			h.setup(networks{"blue": blue}, nil)
			h.hasNetwork("red", red)
			h.hasNetwork("blue", blue)
			h.setup(networks{"blue": gone()}, nil)
			h.hasNetwork("red", red)
			h.hasSourceRoutes("red", red)
		})
	}
	for what, change := range map[string][]any{"changes": {"gateway", gateway2, "ipaddr", addr2}, "goes": {"gateway", nil}} {
		a.add("the gateway "+what+" without a default route", func(h *host) {
			red := first.with("nic", h.nic(0), "defaultRoute", nil)
			h.setup(networks{"red": red}, nil)
			h.hasNetwork("red", red)
			red = red.with(change...)
			h.setup(networks{"red": red}, nil)
			h.hasNetwork("red", red)
			h.hasSourceRoutes("red", red)
		})
	}
	a.add("the network with the default route goes", func(h *host) {
		red, blue := first.with("nic", h.nic(0)), second.with("nic", h.nic(1), "defaultRoute", nil)
		h.setup(networks{"red": red, "blue": blue}, nil)
		h.setup(networks{"red": gone()}, nil)
		h.hasNoNetwork("red")
		h.hasNetwork("blue", blue)
		h.hasSourceRoutes("blue", blue)
	})
	a.add("two default routes", func(h *host) {
		h.refused(badParams, networks{"red": first.with("nic", h.nic(0)), "blue": second.with("nic", h.nic(1))}, nil)
	})
	a.add("the manager's :: is no gateway", func(h *host) {
		h.setup(networks{"red": {"nic": h.nic(0), "ipv6addr": addr6, "ipv6gateway": "::"}}, nil)
		equal(h, "ipv6gateway", h.caps.Networks["red"].Gateway6, "::")
	})
}

// dirtyCards are cards that somebody gave addresses.
func dirtyCards(a *area) {
	for what, ip := range map[string]attrs{"none": {}, "the same": families()["IPv4"]} {
		a.eachWay("a card with addresses gets a network with "+what, "on a bond", func(h *host, bonded bool) {
			h.nics(2)
			h.ip("address add " + addr1 + "/24 dev dummy_0\naddress add " + addr6 + " dev dummy_0")
			red, bond := h.on(bonded, ip)
			h.setup(networks{"red": red}, bond)
			h.hasNetwork("red", red)
			h.noAddresses("the card", h.caps.Nics["dummy_0"])
		})
	}
	a.eachWay("a network goes, a tagged one stays on its card", "on a bond", func(h *host, bonded bool) {
		red, bond := h.on(bonded, families()["IPv4"].with("bridged", false))
		blue := red.with("vlan", 10, "ipaddr", nil, "netmask", nil)
		h.setup(networks{"red": red, "blue": blue}, bond)
		h.setup(networks{"red": gone()}, nil)
		h.noAddresses("the card", h.caps.Nics[h.nic(0)])
		if bonded {
			h.noAddresses("the bond", h.caps.Bondings["bond1"])
		}
		h.hasNetwork("blue", blue)
	})
}
