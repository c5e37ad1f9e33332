// SPDX-License-Identifier: GPL-2.0-or-later

package network

import "fmt"

// on returns a network on the first card, or on bond1 with that card, and the
// bond. Nothing of bond is there unless bonded.
func (h *host) on(bonded bool, a attrs) (attrs, bonds) {
	h.Helper()
	if bonded {
		return a.with("bonding", "bond1"), bonds{"bond1": {"nics": h.nics(1)}}
	}
	return a.with("nic", h.nic(0)), nil
}

// below fails the test unless all that lies below a network has the MTU.
func (h *host) below(a attrs, mtu int) {
	h.Helper()
	h.hasMTU(a.base(), mtu)
	for _, port := range h.caps.Bondings[a.base()].Slaves {
		h.hasMTU(port, mtu)
	}
}

func linkMTU(a *area) {
	a.bridged("a network with an MTU", func(h *host, bridged bool) {
		red := attrs{"nic": h.nic(0), "bridged": bridged, "mtu": 2000}
		h.setup(networks{"red": red}, nil)
		h.hasNetwork("red", red)
		h.below(red, 2000)
	})
	for _, mtu := range []int{2100, 1600} {
		for _, tag := range []any{nil, 10} {
			a.bases(fmt.Sprintf("from 2000 to %d, tag %v", mtu, tag), func(h *host, bridged, bonded bool) {
				red, bond := h.on(bonded, attrs{"bridged": bridged, "mtu": 2000}.with("vlan", tag))
				h.setup(networks{"red": red}, bond)
				red["mtu"] = mtu
				h.steady(red.base(), func() { h.setup(networks{"red": red}, nil) })
				h.hasNetwork("red", red)
				h.hasMTU(red.southbound(), mtu)
				h.below(red, mtu)
			})
		}
	}
	a.bases("the greater of two goes and comes", func(h *host, bridged, bonded bool) {
		red, bond := h.on(bonded, attrs{"bridged": bridged, "vlan": 10, "mtu": 1600})
		blue := red.with("vlan", 20, "mtu", 2000)
		h.setup(networks{"red": red, "blue": blue}, bond)
		h.below(red, 2000)
		h.steady(red.base(), func() { h.setup(networks{"blue": gone()}, nil) })
		h.hasNetwork("red", red)
		h.hasMTU(red.southbound(), 1600)
		h.below(red, 1600)
		h.steady(red.base(), func() { h.setup(networks{"blue": blue}, nil) })
		h.hasNetwork("red", red)
		h.hasNetwork("blue", blue)
		h.below(red, 2000)
	})
	a.add("a port joins a bond with an MTU", func(h *host) {
		red, bond := h.on(true, attrs{"bridged": false, "mtu": 2000})
		h.setup(networks{"red": red}, bond)
		h.setup(nil, bonds{"bond1": {"nics": h.nics(2)}})
		h.hasMTU(h.nic(1), 2000)
	})
	a.add("bond and network go, the cards have 1500 again", func(h *host) {
		red := attrs{"bonding": "bond1", "bridged": false, "mtu": 2100}
		h.setup(networks{"red": red}, bonds{"bond1": {"nics": h.nics(2)}})
		h.below(red, 2100)
		h.setup(networks{"red": gone()}, bonds{"bond1": gone()})
		h.hasMTU(h.nic(0), 1500)
		h.hasMTU(h.nic(1), 1500)
	})
	a.bases("the last network goes, and it is 1500 again", func(h *host, bridged, bonded bool) {
		red, bond := h.on(bonded, attrs{"bridged": bridged, "vlan": 10, "mtu": 1600})
		h.setup(networks{"red": red}, bond)
		h.setup(networks{"red": gone()}, nil)
		h.below(red, 1500)
	})
	a.bases("the tagged goes, the untagged keeps its MTU", func(h *host, bridged, bonded bool) {
		red, bond := h.on(bonded, attrs{"bridged": bridged, "mtu": 1600})
		h.setup(networks{"red": red, "blue": red.with("vlan", 10)}, bond)
		h.setup(networks{"blue": gone()}, nil)
		h.below(red, 1600)
		h.hasNetwork("red", red)
	})
	a.bases("less than the card's", func(h *host, bridged, bonded bool) {
		red, bond := h.on(bonded, attrs{"bridged": bridged, "vlan": 10, "mtu": 1000})
		h.setup(networks{"red": red}, bond)
		h.hasNetwork("red", red)
		h.below(red, 1000)
	})
	for _, tag := range []any{nil, 10} {
		a.bases(fmt.Sprintf("to another base, tag %v", tag), func(h *host, bridged, bonded bool) {
			red := attrs{"bridged": bridged, "mtu": 2000}.with("vlan", tag)
			blue := red.with("nic", h.nic(1))
			red = red.with("nic", h.nic(0))
			bond := bonds(nil)
			if bonded {
				red, blue = red.with("nic", nil, "bonding", "bond1"), blue.with("nic", nil, "bonding", "bond2")
				bond = bonds{"bond1": {"nics": h.nics(2)[:1]}, "bond2": {"nics": h.nics(2)[1:]}}
			}
			h.setup(networks{"red": red}, bond)
			h.below(red, 2000)
			h.setup(networks{"red": blue}, nil)
			h.hasNetwork("red", blue)
			h.below(red, 1500)
			h.below(blue, 2000)
		})
		a.bases(fmt.Sprintf("from a card to a bond, or back, tag %v", tag), func(h *host, bridged, bonded bool) {
			red := attrs{"bridged": bridged, "mtu": 2000}.with("vlan", tag)
			blue := red.with("nic", h.nic(1))
			red = red.with("bonding", "bond1")
			if bonded {
				red, blue = blue, red
			}
			h.setup(networks{"red": red}, bonds{"bond1": {"nics": h.nics(2)[:1]}})
			h.setup(networks{"red": blue}, nil)
			h.hasNetwork("red", blue)
			h.below(red, 1500)
			h.below(blue, 2000)
		})
	}
	a.legacy("below what IPv6 needs, and back", func(h *host) {
		disabled := func(dev string) {
			h.Helper()
			equal(h, "disable_ipv6 of "+dev, h.sh("cat /proc/sys/net/ipv6/conf/"+dev+"/disable_ipv6"), "1")
		}
		red := attrs{"nic": h.nic(0), "vlan": 10, "mtu": 1000}
		h.setup(networks{"red": red}, nil)
		h.setup(networks{"red": red.with("mtu", 2000)}, nil)
		disabled("red")
		disabled(red.southbound())
		h.refusedWith(lost, networks{"red": red}, nil, unheard())
		h.hasNetwork("red", red.with("mtu", 2000))
		disabled("red")
		disabled(red.southbound())
	})
	for _, mtu := range []any{0, -1, 67, 65536, 1 << 40} {
		a.add(fmt.Sprintf("MTU %v", mtu), func(h *host) {
			h.refused(badParams, networks{"red": {"nic": h.nic(0), "mtu": mtu}}, nil)
		})
	}
}
