// SPDX-License-Identifier: GPL-2.0-or-later

package network

// switchTypes are changes from Linux bridges to Open vSwitch and back.
func switchTypes(a *area) {
	both := func(name string, run func(h *host, to func())) {
		for _, way := range [][2]string{{"legacy", "ovs"}, {"ovs", "legacy"}} {
			a.add(name+", "+way[0]+" to "+way[1], func(h *host) {
				h.sw = way[0]
				run(h, func() { h.sw = way[1] })
				h.sw = way[0]
			})
		}
	}
	changes := map[string]func(h *host) (networks, bonds){
		"a card": func(h *host) (networks, bonds) { return networks{"red": {"nic": h.nic(0)}}, nil },
		"a tag":  func(h *host) (networks, bonds) { return networks{"red": {"nic": h.nic(0), "vlan": 10}}, nil },
		"no bridge": func(h *host) (networks, bonds) {
			return networks{"red": {"nic": h.nic(0), "vlan": 10, "bridged": false, "mtu": 1400}}, nil
		},
		"a bond": func(h *host) (networks, bonds) {
			return networks{"red": {"bonding": "bond1"}}, bonds{"bond1": {"nics": h.nics(2), "options": "mode=1 miimon=150"}}
		},
		"a bond with static addresses": func(h *host) (networks, bonds) {
			return networks{"red": families()["both"].with("bonding", "bond1")}, bonds{"bond1": {"nics": h.nics(2)}}
		},
		"a default route and name servers": func(h *host) (networks, bonds) {
			return networks{"red": families()["a gateway"].with("nic", h.nic(0), "defaultRoute", true, "nameservers", []string{"1.2.3.4"})}, nil
		},
		"two networks of a card and a bond alone": func(h *host) (networks, bonds) {
			return networks{"red": {"nic": h.nic(0), "mtu": 2000}, "blue": {"nic": h.nic(0), "vlan": 10}}, bonds{"bond1": {"nics": h.nics(3)[1:]}}
		},
	}
	for name, make := range changes {
		both(name, func(h *host, to func()) {
			n, b := make(h)
			h.setup(n, b)
			h.hasAll(n, b)
			to()
			h.setup(n, b)
			h.hasAll(n, b)
		})
		both(name+", not confirmed", func(h *host, to func()) {
			n, b := make(h)
			h.setup(n, b)
			was := h.sw
			to()
			h.refusedWith(lost, n, b, unheard())
			h.sw = was
			h.hasAll(n, b)
		})
	}
	both("a bond with a lease", func(h *host, to func()) {
		h.room(true)
		red, bond := attrs{"bonding": "bond1", "bootproto": "dhcp"}, bonds{"bond1": {"nics": []string{cable, h.nic(0)}, "options": "mode=1 miimon=100 primary=" + cable}}
		h.must(networks{"red": red}, bond)
		h.leased("red", red)
		to()
		h.must(networks{"red": red}, bond)
		h.leased("red", red)
	})
	// Of these nothing may begin.
	red, blue := attrs{"nic": "dummy_0"}, attrs{"nic": "dummy_0", "vlan": 10}
	for name, bad := range map[string]struct {
		code int
		networks
	}{
		"a bad address":         {badAddr, networks{"red": red.with("ipaddr", "300.300.300.300", "netmask", mask24), "blue": blue}},
		"not all networks":      {badParams, networks{"red": red}},
		"a removal in the call": {badParams, networks{"red": red, "blue": gone()}},
	} {
		both(name, func(h *host, to func()) {
			h.nic(0)
			good, bond := networks{"red": red, "blue": blue}, bonds{"bond1": {"nics": h.nics(2)[1:]}}
			h.setup(good, bond)
			was := h.sw
			to()
			h.refused(bad.code, bad.networks, bond)
			h.sw = was
			h.hasAll(good, bond)
		})
	}
}

// hasAll fails the test unless networks and bonds are there as asked for.
func (h *host) hasAll(n networks, b bonds) {
	h.Helper()
	for name, a := range n {
		h.hasNetwork(name, a)
	}
	for name, a := range b {
		h.hasBond(name, a)
	}
}
