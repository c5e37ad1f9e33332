// SPDX-License-Identifier: GPL-2.0-or-later

package network

import "fmt"

func netWithBond(a *area) {
	a.add("a card for a network and a bond in one call", func(h *host) {
		h.refused(usedNIC, networks{"red": {"nic": h.nic(0)}}, bonds{"bond1": {"nics": h.nics(1)}})
	})
	a.add("a bond of a network's card", func(h *host) {
		h.setup(networks{"red": {"nic": h.nic(0)}}, nil)
		h.refused(usedNIC, nil, bonds{"bond1": {"nics": h.nics(1)}})
	})
	a.add("a network on a bond's card", func(h *host) {
		h.setup(nil, bonds{"bond1": {"nics": h.nics(1)}})
		h.refused(usedNIC, networks{"red": {"nic": h.nic(0)}}, nil)
	})
	a.bridged("the network goes, the bond stays", func(h *host, bridged bool) {
		bond := attrs{"nics": h.nics(2)}
		h.setup(networks{"red": {"bonding": "bond1", "bridged": bridged}}, bonds{"bond1": bond})
		h.steady("bond1", func() { h.setup(networks{"red": gone()}, nil) })
		h.hasNoNetwork("red")
		h.hasBond("bond1", bond)
	})
	a.bridged("a port becomes a network's card", func(h *host, bridged bool) {
		red, blue := attrs{"bonding": "bond1", "bridged": bridged}, attrs{"nic": h.nic(2), "bridged": bridged}
		h.setup(networks{"red": red}, bonds{"bond1": {"nics": h.nics(3)}})
		h.steady("bond1", func() { h.setup(nil, bonds{"bond1": {"nics": h.nics(2)}}) })
		h.setup(networks{"blue": blue}, nil)
		h.hasNetwork("red", red)
		h.hasNetwork("blue", blue)
		h.hasBond("bond1", attrs{"nics": h.nics(2)})
	})
	a.bridged("a port takes the bond's place", func(h *host, bridged bool) {
		red := attrs{"bonding": "bond1", "bridged": bridged}
		h.setup(networks{"red": red}, bonds{"bond1": {"nics": h.nics(2)}})
		red = attrs{"nic": h.nic(0), "bridged": bridged}
		h.setup(networks{"red": red}, bonds{"bond1": gone()})
		h.hasNetwork("red", red)
		h.hasNoBond("bond1")
	})
	for _, name := range []string{"bond", "bond bad", "jamesbond007"} {
		a.add(fmt.Sprintf("a network on a bond named %q", name), func(h *host) {
			h.refused(badBonding, networks{"red": {"bonding": name}}, nil)
		})
	}
	a.add("a network on a bond that is not there", func(h *host) {
		h.refused(badBonding, networks{"red": {"bonding": "bond1"}}, nil)
	})
	a.bridged("three tags on a bond", func(h *host, bridged bool) {
		n := networks{}
		for tag := range 3 {
			n[fmt.Sprintf("red%d", tag)] = attrs{"bonding": "bond1", "vlan": tag, "bridged": bridged}
		}
		h.setup(n, bonds{"bond1": {"nics": h.nics(2)}})
		for name, a := range n {
			h.hasNetwork(name, a)
		}
	})
	a.bridged("the bond below a network cannot go", func(h *host, bridged bool) {
		red := attrs{"bonding": "bond1", "bridged": bridged}
		h.setup(networks{"red": red}, bonds{"bond1": {"nics": h.nics(1)}})
		h.refused(usedBond, nil, bonds{"bond1": gone()})
		h.hasNetwork("red", red)
		h.hasBond("bond1", attrs{"nics": h.nics(1)})
	})
	a.add("network and bond go when a port has vanished", func(h *host) {
		h.setup(networks{"red": {"bonding": "bond1", "bridged": false}}, bonds{"bond1": {"nics": h.nics(1)}})
		h.setup(nil, bonds{"bond1": {"nics": []string{h.nic(1)}}})
		h.ip("link del dummy_1")
		h.setup(networks{"red": gone()}, bonds{"bond1": gone()})
		h.hasNoNetwork("red")
		h.hasNoBond("bond1")
	})
	for _, tag := range []any{nil, 10} {
		a.bridged(fmt.Sprintf("a bond with the card takes its place, tag %v", tag), func(h *host, bridged bool) {
			red := attrs{"nic": h.nic(1), "bridged": bridged}.with("vlan", tag)
			h.setup(networks{"red": red}, nil)
			red = red.with("nic", nil, "bonding", "bond1")
			h.setup(networks{"red": red}, bonds{"bond1": {"nics": h.nics(2)}})
			h.hasNetwork("red", red)
			h.hasBond("bond1", attrs{"nics": h.nics(2)})
		})
	}
	a.add("the untagged network leaves the bond's bridge for a tag", func(h *host) {
		red, blue := attrs{"bonding": "bond1"}, attrs{"bonding": "bond1", "vlan": 20}
		h.setup(networks{"red": red, "blue": blue}, bonds{"bond1": {"nics": h.nics(1)}})
		red = red.with("vlan", 10)
		h.setup(networks{"red": red}, nil)
		h.hasNetwork("red", red)
		h.hasNetwork("blue", blue)
		h.hasBond("bond1", attrs{"nics": h.nics(1)})
	})
	a.bridged("a tag is added to a bond in use", func(h *host, bridged bool) {
		red, blue := attrs{"bonding": "bond1", "bridged": false}, attrs{"bonding": "bond1", "bridged": bridged, "vlan": 10}
		h.setup(networks{"red": red}, bonds{"bond1": {"nics": h.nics(1)}})
		h.steady("bond1", func() { h.setup(networks{"blue": blue}, nil) })
		h.hasNetwork("red", red)
		h.hasNetwork("blue", blue)
	})
	foreignBonds(a)
}

// foreignBonds are about bonds that an administrator made with ip(8).
func foreignBonds(a *area) {
	a.add("somebody's bond is adopted and keeps its address", func(h *host) {
		h.nics(2)
		h.foreignBond()
		h.ip("link set bond7 address ce:0c:46:59:c9:d1")
		h.setup(networks{"red": {"bonding": "bond7", "bridged": false}}, nil)
		h.hasNetwork("red", attrs{"bonding": "bond7", "bridged": false})
		h.hasBond("bond7", attrs{"nics": h.nics(2), "hwaddr": "ce:0c:46:59:c9:d1"})
	})
	a.legacy("somebody's bond with addresses and a VLAN is adopted", func(h *host) {
		h.nics(2)
		h.foreignBond()
		h.ip(`link add link bond7 name bond7.99 type vlan id 99
			address add 198.51.100.1/29 dev dummy_0
			address add 198.51.100.2/29 dev dummy_1
			address add 192.168.99.1/29 dev bond7
			address add 192.168.98.254/29 dev bond7.99
			link set bond7.99 up`)
		red := attrs{"bonding": "bond7", "ipaddr": "192.168.99.1", "prefix": "29"}
		h.setup(networks{"red": red}, nil)
		h.hasNetwork("red", red)
		h.hasBond("bond7", attrs{"nics": h.nics(2)})
		if got := text(h.caps.Vlans["bond7.99"].IPv4); got != `["192.168.98.254/29"]` {
			h.Errorf("addresses of somebody's VLAN: %s", got)
		}
		h.ip("link del bond7.99")
	})
	a.legacy("somebody's VLAN is on a port of the bond", func(h *host) {
		h.nics(2)
		h.foreignBond()
		h.ip("link add link dummy_0 name dummy_0.5 type vlan id 5")
		said := h.refusedWith(usedNIC, networks{"red": {"bonding": "bond7", "vlan": 17}}, nil, nil)
		if len(said) < 26 || said[:26] != "Nics with multiple usages:" {
			h.Errorf("error says %q", said)
		}
		h.ip("link del dummy_0.5\nlink del bond7")
	})
}

// foreignBond makes a bond of the first two cards.
func (h *host) foreignBond() {
	h.Helper()
	h.ip(`link add bond7 type bond mode balance-rr miimon 100
		link set dummy_0 down
		link set dummy_1 down
		link set dummy_0 master bond7
		link set dummy_1 master bond7
		link set bond7 up`)
}
