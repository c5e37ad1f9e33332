// SPDX-License-Identifier: GPL-2.0-or-later

package network

import "fmt"

const (
	badParams  = 21
	badAddr    = 22
	badNIC     = 23
	usedNIC    = 24
	badBonding = 25
	badVLAN    = 26
	badBridge  = 27
	usedBond   = 31
	lost       = 10
	hookError  = 78
)

func netBasic(a *area) {
	a.add("a network on a card comes and goes", func(h *host) {
		red := attrs{"nic": h.nic(0)}
		h.setup(networks{"red": red}, nil)
		h.hasNetwork("red", red)
		h.setup(networks{"red": gone()}, nil)
		h.hasNoNetwork("red")
	})
	a.add("a tagged network comes and goes", func(h *host) {
		red := attrs{"nic": h.nic(0), "vlan": 100}
		h.setup(networks{"red": red}, nil)
		h.hasNetwork("red", red)
		h.setup(networks{"red": gone()}, nil)
		h.hasNoNetwork("red")
		h.hasNoLink(red.southbound())
	})
	a.bridged("the tag changes", func(h *host, bridged bool) {
		red := attrs{"nic": h.nic(0), "bridged": bridged, "vlan": 101}
		h.setup(networks{"red": red}, nil)
		h.setup(networks{"red": red.with("vlan", 102)}, nil)
		h.hasNetwork("red", red.with("vlan", 102))
		h.hasNoLink(red.southbound())
	})
	a.bridged("the same again changes nothing", func(h *host, bridged bool) {
		red := attrs{"nic": h.nic(0), "bridged": bridged, "vlan": 7, "ipaddr": "192.0.2.1", "prefix": "24"}
		h.setup(networks{"red": red}, nil)
		before := takeInventory(h)
		h.steady(h.link("red", red), func() { h.setup(networks{"red": red}, nil) })
		h.same(before, "nothing was asked for")
		h.hasNetwork("red", red)
	})
	a.bridged("the tag goes", func(h *host, bridged bool) {
		red := attrs{"nic": h.nic(0), "bridged": bridged, "vlan": 101}
		h.setup(networks{"red": red}, nil)
		h.setup(networks{"red": red.with("vlan", nil)}, nil)
		h.hasNetwork("red", red.with("vlan", nil))
		h.hasNoLink(red.southbound())
	})
	a.bridged("a card that is not there", func(h *host, bridged bool) {
		h.refused(badNIC, networks{"red": {"nic": "missing", "bridged": bridged}}, nil)
	})
	a.add("removing what is not there", func(h *host) { h.refused(badBridge, networks{"red": gone()}, nil) })
	a.bridged("three tags on a card, the tag 0 too", func(h *host, bridged bool) {
		n := networks{}
		for tag := range 3 {
			n[fmt.Sprintf("red%d", tag)] = attrs{"nic": h.nic(0), "vlan": tag, "bridged": bridged}
		}
		h.setup(n, nil)
		for name, a := range n {
			h.hasNetwork(name, a)
		}
	})
	a.legacy("a bridge on nothing", func(h *host) {
		h.setup(networks{"red": {"bridged": true}}, nil)
		n := h.caps.Networks["red"]
		if !n.Bridged || n.Southbound != nil || len(n.Ports) != 0 {
			h.Errorf("network is %s", text(n))
		}
		equal(h, "up", takeInventory(h).Links["red"].Up, true)
	})
	a.add("no bridge on nothing", func(h *host) { h.refused(badParams, networks{"red": {"bridged": false}}, nil) })
	a.bridged("a tag on nothing", func(h *host, bridged bool) {
		h.refused(badVLAN, networks{"red": {"bridged": bridged, "vlan": 100}}, nil)
	})
	a.bridged("a tagged network beside the untagged", func(h *host, bridged bool) {
		red, blue := attrs{"nic": h.nic(0), "bridged": bridged}, attrs{"nic": h.nic(0), "bridged": bridged, "vlan": 100}
		h.setup(networks{"red": red}, nil)
		h.steady(h.link("red", red), func() { h.setup(networks{"blue": blue}, nil) })
		h.hasNetwork("red", red)
		h.hasNetwork("blue", blue)
	})
	for _, tag := range []any{nil, 100} {
		a.bridged(fmt.Sprintf("two networks on tag %v of one card", tag), func(h *host, bridged bool) {
			red := attrs{"nic": h.nic(0), "bridged": bridged}.with("vlan", tag)
			h.setup(networks{"red": red}, nil)
			h.refused(badParams, networks{"blue": red}, nil)
			h.hasNetwork("red", red)
		})
	}
	a.bridged("one tag on two cards", func(h *host, bridged bool) {
		red, blue := attrs{"nic": h.nic(0), "bridged": bridged, "vlan": 100}, attrs{"nic": h.nic(1), "bridged": bridged, "vlan": 100}
		h.setup(networks{"red": red, "blue": blue}, nil)
		h.hasNetwork("red", red)
		h.hasNetwork("blue", blue)
	})
	a.bridged("the untagged goes, the tagged stays", func(h *host, bridged bool) {
		red, blue := attrs{"nic": h.nic(0), "bridged": bridged}, attrs{"nic": h.nic(0), "bridged": bridged, "vlan": 100}
		h.setup(networks{"red": red, "blue": blue}, nil)
		h.steady(h.carrier("blue", blue), func() { h.setup(networks{"red": gone()}, nil) })
		h.hasNoNetwork("red")
		h.hasNetwork("blue", blue)
	})
	a.add("a bridge comes and goes below a network", func(h *host) {
		red := attrs{"nic": h.nic(0), "vlan": 100, "bridged": false}
		for _, bridged := range []bool{false, true, false} {
			red = red.with("bridged", bridged)
			h.setup(networks{"red": red}, nil)
			h.hasNetwork("red", red)
		}
		h.hasNoLink("red")
	})
	a.bridged("a tag moves to another card", func(h *host, bridged bool) {
		red := attrs{"nic": h.nic(0), "vlan": 100, "bridged": bridged}
		h.setup(networks{"red": red}, nil)
		h.setup(networks{"red": red.with("nic", h.nic(1))}, nil)
		h.hasNetwork("red", red.with("nic", h.nic(1)))
		h.hasNoLink(red.southbound())
	})
	a.bridged("a tag moves, and another network takes its place", func(h *host, bridged bool) {
		red := attrs{"nic": h.nic(0), "vlan": 100, "bridged": bridged}
		h.setup(networks{"red": red}, nil)
		h.setup(networks{"red": red.with("nic", h.nic(1)), "blue": red}, nil)
		h.hasNetwork("red", red.with("nic", h.nic(1)))
		h.hasNetwork("blue", red)
	})
	a.bridged("two networks swap their cards", func(h *host, bridged bool) {
		red, blue := attrs{"nic": h.nic(0), "bridged": bridged}, attrs{"nic": h.nic(1), "bridged": bridged}
		h.setup(networks{"red": red, "blue": blue}, nil)
		h.setup(networks{"red": blue, "blue": red}, nil)
		h.hasNetwork("red", blue)
		h.hasNetwork("blue", red)
	})
	for _, name := range []string{"aaaaaaaaaaaaaaaa", "a b", "a\tb", "a.b", "a:b", "-a", ""} {
		a.legacy(fmt.Sprintf("the name %q", name), func(h *host) {
			h.refused(badBridge, networks{name: {"nic": h.nic(0)}}, nil)
		})
	}
	for _, bridged := range []bool{true, false} {
		a.legacy(fmt.Sprintf("somebody deletes the top device, bridged %v", bridged), func(h *host) {
			red := attrs{"nic": h.nic(0), "vlan": 100, "bridged": bridged}
			h.setup(networks{"red": red}, nil)
			h.ip("link del " + red.top("red"))
			h.until("the network is not reported", func() bool {
				h.refresh()
				_, there := h.caps.Networks["red"]
				return !there
			})
			h.setup(networks{"red": red}, nil)
			h.hasNetwork("red", red)
		})
	}
	a.legacy("a guest's port stays when the tag changes", func(h *host) {
		red := attrs{"nic": h.nic(0), "vlan": 100}
		h.setup(networks{"red": red}, nil)
		h.ip("tuntap add tap_1 mode tap\nlink set tap_1 master red")
		h.setup(networks{"red": red.with("vlan", 110)}, nil)
		equal(h, "master of the guest's port", takeInventory(h).Links["tap_1"].Master, "red")
	})
	a.legacy("a port that somebody added does not matter", func(h *host) {
		red := attrs{"nic": h.nic(0), "vlan": 100}
		h.setup(networks{"red": red}, nil)
		h.nic(1)
		h.ip("link set dummy_1 master red")
		h.setup(networks{"red": red.with("vlan", 110)}, nil)
		h.hasNetwork("red", red.with("vlan", 110))
	})
	a.add("as the manager writes it", func(h *host) {
		h.setup(networks{"red": {
			"nic": h.nic(0), "vlan": "100", "mtu": 1500, "bridged": "true", "STP": "no", "ipaddr": "192.0.2.1", "prefix": "24",
			"dhcpv6": false, "ipv6autoconf": false, "custom": attrs{},
		}}, nil)
		h.hasNetwork("red", attrs{"nic": h.nic(0), "vlan": 100, "ipaddr": "192.0.2.1", "prefix": "24"})
		h.setup(networks{"red": {"remove": "true"}}, nil)
		h.hasNoNetwork("red")
	})
}
