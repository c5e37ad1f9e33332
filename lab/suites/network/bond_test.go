// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"fmt"
	"slices"
	"strings"
)

func bondBasic(a *area) {
	a.add("a bond comes and goes", func(h *host) {
		bond := attrs{"nics": h.nics(2)}
		h.setup(nil, bonds{"bond1_name": bond})
		h.hasBond("bond1_name", bond)
		h.setup(nil, bonds{"bond1_name": gone()})
		h.hasNoBond("bond1_name")
	})
	for _, options := range []string{
		"mode=3 miimon=150", "mode=1 primary=dummy_0", "lacp_rate=fast mode=802.3ad", "mode=balance-xor xmit_hash_policy=layer2+3",
		"mode=active-backup fail_over_mac=active num_grat_arp=3", "mode=5 tlb_dynamic_lb=0", "mode=balance-alb", "mode=broadcast",
		"mode=1 arp_interval=1000 arp_ip_target=10.1.3.1,10.1.2.1 arp_validate=all", "mode=4 ad_select=count min_links=1 xmit_hash_policy=2",
		"miimon=100 updelay=200 downdelay=300",
	} {
		a.add("options "+options, func(h *host) {
			bond := attrs{"nics": h.nics(2), "options": options}
			h.setup(nil, bonds{"bond1": bond})
			h.hasBond("bond1", bond)
			before := takeInventory(h)
			if again := func() { h.setup(nil, bonds{"bond1": bond}) }; strings.Contains(options, "arp_") {
				again() // no answers, no carrier
			} else {
				h.steady("bond1", again)
			}
			h.same(before, "the same again")
		})
	}
	a.add("all ports are replaced", func(h *host) {
		h.setup(nil, bonds{"bond1": {"nics": h.nics(1)}})
		bond := attrs{"nics": h.nics(3)[1:]}
		h.setup(nil, bonds{"bond1": bond})
		h.hasBond("bond1", bond)
	})
	a.add("a port is replaced", func(h *host) {
		h.setup(nil, bonds{"bond1": {"nics": h.nics(2)}})
		bond := attrs{"nics": []string{h.nic(0), h.nic(2)}}
		h.steady("bond1", func() { h.setup(nil, bonds{"bond1": bond}) })
		h.hasBond("bond1", bond)
	})
	a.add("two bonds swap ports", func(h *host) {
		n := h.nics(4)
		h.setup(nil, bonds{"bond1": {"nics": n[:2]}, "bond2": {"nics": n[2:]}})
		one, two := attrs{"nics": []string{n[0], n[2]}}, attrs{"nics": []string{n[1], n[3]}}
		h.setup(nil, bonds{"bond1": one, "bond2": two})
		h.hasBond("bond1", one)
		h.hasBond("bond2", two)
	})
	a.add("a bond grows and shrinks", func(h *host) {
		for _, n := range []int{2, 4, 3} {
			bond := attrs{"nics": h.nics(n)}
			if n == 2 {
				h.setup(nil, bonds{"bond1": bond})
			} else {
				h.steady("bond1", func() { h.setup(nil, bonds{"bond1": bond}) })
			}
			h.hasBond("bond1", bond)
		}
	})
	for _, name := range []string{"bond", "bond bad", "jamesbond007", "bond/1", "bondaaaaaaaaaaaa", "", ".."} {
		a.add(fmt.Sprintf("the name %q", name), func(h *host) {
			h.refused(badBonding, nil, bonds{name: {"nics": h.nics(2)}})
			h.refused(badBonding, nil, bonds{name: gone()})
		})
	}
	a.add("no cards", func(h *host) { h.refused(badParams, nil, bonds{"bond1": {"nics": []string{}}}) })
	a.add("a card that is not there", func(h *host) { h.refused(badNIC, nil, bonds{"bond1": {"nics": []string{"missing"}}}) })
	a.add("a chosen address", func(h *host) {
		bond := attrs{"nics": h.nics(2), "hwaddr": "ce:0c:46:59:c9:d1"}
		h.setup(nil, bonds{"bond1": bond})
		h.hasBond("bond1", bond)
		bond["nics"] = h.nics(3)[1:]
		h.setup(nil, bonds{"bond1": bond})
		h.hasBond("bond1", bond)
	})
	a.add("the address does not depend on the order of ports", func(h *host) {
		var addresses []string
		for range 2 {
			n := h.nics(2)
			if len(addresses) > 0 {
				slices.Reverse(n)
			}
			h.setup(nil, bonds{"bond1": {"nics": n}})
			addresses = append(addresses, h.caps.Bondings["bond1"].Hwaddr)
			equal(h, "permhwaddr is told of ports", h.caps.Nics["dummy_1"].Permhwaddr != "", true)
			h.setup(nil, bonds{"bond1": gone()})
		}
		equal(h, "address", addresses[1], addresses[0])
	})
	bondModes(a)
}

func bondModes(a *area) {
	a.add("the port in use is told, where there is one", func(h *host) {
		bond := attrs{"nics": h.nics(2), "options": "mode=1"}
		h.setup(nil, bonds{"bond1": bond})
		h.until("a port is in use", func() bool {
			h.refresh()
			return slices.Contains(h.nics(2), h.caps.Bondings["bond1"].ActiveSlave)
		})
		h.setup(nil, bonds{"bond1": bond.with("options", "mode=4")})
		equal(h, "active_slave", h.caps.Bondings["bond1"].ActiveSlave, "")
	})
	// Every mode to the next one, and back to the first.
	a.add("all modes in turn", func(h *host) {
		for i := range 8 {
			bond := attrs{"nics": h.nics(2), "options": fmt.Sprintf("mode=%d miimon=150", i%7)}
			h.setup(nil, bonds{"bond1": bond})
			h.hasBond("bond1", bond)
			equal(h, "mode", h.caps.Bondings["bond1"].Opts["mode"], fmt.Sprint(i%7))
		}
	})
	a.add("options that are not mentioned are the default again", func(h *host) {
		h.setup(nil, bonds{"bond1": {"nics": h.nics(2), "options": "mode=1 miimon=150 primary=dummy_1 updelay=300"}})
		h.setup(nil, bonds{"bond1": {"nics": h.nics(2), "options": "mode=3"}})
		h.hasBond("bond1", attrs{"nics": h.nics(2), "options": "mode=3"})
		equal(h, "updelay", h.sysfs("bond1/bonding/updelay"), "0")
		equal(h, "miimon is not 150", h.sysfs("bond1/bonding/miimon") == "150", false)
	})
	a.add("ARP targets change", func(h *host) {
		bond := attrs{"nics": h.nics(2), "options": "mode=1 arp_interval=1000 arp_ip_target=192.168.122.1"}
		h.setup(nil, bonds{"bond1": bond})
		bond = bond.with("options", "mode=1 arp_interval=1000 arp_ip_target=10.1.3.1,10.1.2.1")
		h.setup(nil, bonds{"bond1": bond})
		h.hasBond("bond1", bond)
	})
	for _, mode := range []string{"4 lacp_rate=1", "0"} {
		a.add("partners of two bonds in mode "+mode, func(h *host) { h.partners(mode) })
	}
	for _, options := range []string{"mode", "mode=9", "nonsense=1", "mode=1 miimon=many", "mode=0 primary=dummy_0", "mode=1 lacp_rate=1"} {
		a.add("bad options "+options, func(h *host) {
			h.refused(badBonding, nil, bonds{"bond1": {"nics": h.nics(2), "options": options}})
		})
	}
	a.add("bad options of a bond in use", func(h *host) {
		bond := attrs{"nics": h.nics(2), "options": "mode=1 miimon=150"}
		h.setup(networks{"red": {"bonding": "bond1", "vlan": 5}}, bonds{"bond1": bond})
		h.refused(badBonding, nil, bonds{"bond1": bond.with("options", "mode=4 ad_select=never")})
		h.hasBond("bond1", bond)
		h.hasNetwork("red", attrs{"bonding": "bond1", "vlan": 5})
	})
}

// partners makes two bonds that are connected, and looks what LACP tells.
func (h *host) partners(mode string) {
	h.Helper()
	h.ip(`link add veth_0a type veth peer name veth_0b
		link add veth_1a type veth peer name veth_1b`)
	b := bonds{
		"bond1": {"nics": []string{"veth_0a", "veth_1a"}, "options": "mode=" + mode},
		"bond2": {"nics": []string{"veth_0b", "veth_1b"}, "options": "mode=" + mode},
	}
	h.setup(nil, b)
	if mode == "0" {
		for name, bond := range b {
			h.hasBond(name, bond)
			d := h.caps.Bondings[name]
			equal(h, name+": aggregator", d.Aggregator, "")
			equal(h, name+": partner", d.PartnerMAC, "")
		}
		return
	}
	h.until("the bonds know each other", func() bool {
		h.refresh()
		one, two := h.caps.Bondings["bond1"], h.caps.Bondings["bond2"]
		return one.PartnerMAC == two.Hwaddr && two.PartnerMAC == one.Hwaddr
	})
	for name, bond := range b {
		h.hasBond(name, bond)
		equal(h, name+" has an aggregator", h.caps.Bondings[name].Aggregator != "", true)
		for _, nic := range bond["nics"].([]string) {
			equal(h, nic+" has an aggregator", h.caps.Nics[nic].Aggregator != "", true)
		}
	}
}
