// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"fmt"
	"strings"
)

// refusals are the errors of the contract (section 2) that no other area has.
func refusals(a *area) {
	on := func(change attrs) attrs { return change.with("nic", "dummy_0") }
	ip := attrs{"ipaddr": addr1, "netmask": mask24}
	for name, c := range map[string]struct {
		code    int
		network attrs
	}{
		"prefix and netmask":       {badParams, on(ip.with("prefix", "24"))},
		"a bad word for STP":       {badParams, on(attrs{"STP": "maybe"})},
		"a bad switch":             {badParams, on(attrs{"switch": "cisco"})},
		"bad prefix":               {badAddr, on(attrs{"ipaddr": addr1, "prefix": "33"})},
		"an address alone":         {badAddr, on(attrs{"ipaddr": "1.2.3.4"})},
		"a gateway alone":          {badAddr, on(attrs{"gateway": "1.2.3.4"})},
		"a netmask alone":          {badAddr, on(attrs{"netmask": mask24})},
		"address out of range":     {badAddr, on(ip.with("ipaddr", "1.2.3.256"))},
		"netmask out of range":     {badAddr, on(ip.with("netmask", "256.255.0.0"))},
		"netmask with a hole":      {badAddr, on(ip.with("netmask", "255.0.255.0"))},
		"gateway out of range":     {badAddr, on(ip.with("gateway", "1.2.3.256"))},
		"five numbers":             {badAddr, on(ip.with("ipaddr", "1.2.3.4.5"))},
		"three numbers":            {badAddr, on(ip.with("ipaddr", "1.2.3"))},
		"static and DHCP":          {badAddr, on(ip.with("bootproto", "dhcp"))},
		"IPv6 gateway is nonsense": {badAddr, on(attrs{"ipv6addr": addr6, "ipv6gateway": "fe80::x"})},
		"a tag too great":          {badVLAN, on(attrs{"vlan": 4095})},
		"a tag too small":          {badVLAN, on(attrs{"vlan": -1})},
		"bridge option, no value":  {badParams, on(attrs{"custom": attrs{"bridge_opts": "priority"}})},
		"bridge option above":      {badParams, on(attrs{"custom": attrs{"bridge_opts": "../mtu=1400"}})},
		"address that cannot be":   {-1, on(attrs{"ipv6addr": "2001:db8::1/129"})},
		"a gateway out of reach":   {-1, on(ip.with("gateway", "203.0.113.1", "defaultRoute", true))},
	} {
		a.legacy(name, func(h *host) {
			h.nic(0)
			if c.code < 0 {
				h.fails(networks{"red": c.network}, nil)
				return
			}
			h.refused(c.code, networks{"red": c.network}, nil)
		})
	}
	a.legacy("Linux bridges and Open vSwitch in one call", func(h *host) {
		h.refused(badParams, networks{"red": {"nic": h.nic(0), "switch": "ovs"}, "blue": {"nic": h.nic(1), "switch": "legacy"}}, nil)
	})
	a.add("attributes in a removal", func(h *host) {
		red := attrs{"nic": h.nic(0)}
		h.setup(networks{"red": red}, nil)
		h.refused(badParams, networks{"red": red.with("remove", true)}, nil)
		h.setup(networks{"red": {"remove": true, "custom": attrs{"a": "b"}}}, nil)
	})
	a.legacy("hostile names", func(h *host) {
		h.nic(0)
		for _, name := range []string{
			"../../etc", "/", ".", "..", "a/b", "a\x00b", "a\nb", "a\u00a0b", "\u202e", strings.Repeat("x", 4096), "%s%s%n",
			"$(reboot)", "`reboot`", "; reboot", "'\"", "\\", "all", "default", "lo", "bonding_masters", "dummy_0", "é", "\xff",
		} {
			h.survives(networks{name: {"nic": "dummy_0", "vlan": 9, "ipaddr": addr1, "prefix": "24"}}, nil)
			h.survives(networks{name: {"nic": "dummy_0", "bridged": false}}, nil)
			h.survives(nil, bonds{"bond" + name: {"nics": []string{"dummy_0"}, "options": "mode=" + name}})
			h.survives(networks{"red": {"nic": "dummy_0", "bonding": name, "custom": attrs{"bridge_opts": name + "=1 priority=" + name}}}, nil)
		}
	})
	for i, params := range []any{
		attrs{}, attrs{"networks": 5, "bondings": attrs{}, "options": attrs{}}, attrs{"networks": attrs{"red": nil}, "bondings": attrs{}, "options": attrs{}},
		attrs{"networks": attrs{"red": attrs{"nic": attrs{}}}, "bondings": attrs{}, "options": attrs{}},
		attrs{"networks": attrs{"red": attrs{"vlan": "seven"}}, "bondings": attrs{}, "options": attrs{}},
		attrs{"networks": attrs{}, "bondings": attrs{"bond1": attrs{"nics": "dummy_0"}}, "options": attrs{}}, []any{1, 2},
	} {
		a.add(fmt.Sprintf("parameters of wrong types %d", i), func(h *host) {
			before := takeInventory(h)
			if _, err := h.call("Host.setupNetworks", params); err == nil {
				h.Error("they are accepted")
			}
			h.same(before, "refused")
		})
	}
}

// fails makes a change that must fail, no matter how, and change nothing.
func (h *host) fails(n networks, b bonds) {
	h.Helper()
	before, stored := takeInventory(h), h.stored()
	if err := h.request(n, b, nil); err == nil {
		h.Errorf("setupNetworks(%s, %s) succeeds", text(n), text(b))
	}
	h.same(before, "failed")
	equal(h, "stored", h.stored(), stored)
}

// survives makes a change that may be refused or not. When it is, nothing has
// changed; when it is not, it can be taken back.
func (h *host) survives(n networks, b bonds) {
	h.Helper()
	before := takeInventory(h)
	if err := h.request(n, b, nil); err == nil {
		h.refresh()
		h.agree()
		for name := range n {
			n[name] = gone()
		}
		for name := range b {
			b[name] = gone()
		}
		if err := h.request(n, b, nil); err != nil {
			h.Errorf("taking back %s, %s: %v", text(n), text(b), err)
		}
		// A network leaves its card up.
		card := before.Links["dummy_0"]
		card.Up = true
		before.Links["dummy_0"] = card
	}
	h.same(before, text(n)+text(b))
	equal(h, "stored", h.stored(), "")
}
