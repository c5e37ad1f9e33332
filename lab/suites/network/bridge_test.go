// SPDX-License-Identifier: GPL-2.0-or-later

package network

import "slices"

func bridges(a *area) {
	a.legacy("spanning tree", func(h *host) {
		for _, stp := range []any{true, "off", "yes", false} {
			h.setup(networks{"red": {"nic": h.nic(0), "stp": stp}}, nil)
			on := stp == true || stp == "yes"
			h.hasNetwork("red", attrs{"nic": h.nic(0), "stp": on})
			equal(h, "stp", h.caps.Bridges["red"].STP, any(map[bool]string{true: "on", false: "off"}[on]))
		}
	})
	a.legacy("custom options", func(h *host) {
		options := "multicast_snooping=0 multicast_router=0 priority=1"
		h.setup(networks{"red": {"nic": h.nic(0), "custom": attrs{"bridge_opts": options}}}, nil)
		custom := h.config().networks["red"]["custom"].(map[string]any)
		equal(h, "stored", custom["bridge_opts"], any("multicast_router=0 multicast_snooping=0 priority=1"))
		opts := h.caps.Bridges["red"].Opts
		if opts["multicast_snooping"] != "0" || opts["multicast_router"] != "0" || opts["priority"] != "1" {
			h.Errorf("options are %v", opts)
		}
		// They are never unset.
		h.setup(networks{"red": {"nic": h.nic(0)}}, nil)
		equal(h, "priority", h.caps.Bridges["red"].Opts["priority"], "1")
	})
	a.legacy("somebody's bridge of the name is taken over", func(h *host) {
		h.ip("link add red type bridge")
		h.setup(networks{"red": {"nic": h.nic(0)}}, nil)
		h.hasNetwork("red", attrs{"nic": h.nic(0)})
	})
	a.legacy("another card, and the bridge does not flap", func(h *host) {
		h.setup(networks{"red": {"nic": h.nic(0)}}, nil)
		h.ip("tuntap add tap_1 mode tap\nlink set tap_1 up\nlink set tap_1 master red")
		h.nic(1)
		h.steady("red", func() { h.setup(networks{"red": {"nic": h.nic(1)}}, nil) })
		h.hasNetwork("red", attrs{"nic": h.nic(1)})
		equal(h, "master of the guest's port", takeInventory(h).Links["tap_1"].Master, "red")
	})
	a.legacy("the port vanishes", func(h *host) {
		h.setup(networks{"red": {"nic": h.nic(0)}}, nil)
		h.setup(networks{"red": {"nic": h.nic(1)}}, nil)
		h.ip("link del dummy_1")
		h.until("no port is told", func() bool {
			h.refresh()
			return len(h.caps.Networks["red"].Ports) == 0
		})
		h.setup(networks{"red": {"nic": h.nic(0)}}, nil)
		h.hasNetwork("red", attrs{"nic": h.nic(0)})
		if ports := h.caps.Networks["red"].Ports; !slices.Equal(ports, []string{h.nic(0)}) {
			h.Errorf("ports are %v", ports)
		}
	})
	a.legacy("the bridge has the address of its port", func(h *host) {
		h.setup(networks{"red": {"nic": h.nic(0)}}, nil)
		links := takeInventory(h).Links
		equal(h, "address", links["red"].MAC, links[h.nic(0)].MAC)
	})
}
