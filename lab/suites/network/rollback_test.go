// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"fmt"
	"time"
)

// unheard are options with which nobody confirms in time. The fraction and the
// unknown option are the conformance suite's.
func unheard() attrs {
	return attrs{"connectivityCheck": true, "connectivityTimeout": 0.1, "_caller": "suite"}
}

func rollback(a *area) {
	bad := attrs{"bonding": "bond10", "vlan": 10, "netmask": "300.300.300.300", "ipaddr": "300.300.300.300"}
	a.add("nothing of a bad network", func(h *host) {
		h.refused(badAddr, networks{"red": bad}, bonds{"bond10": {"nics": h.nics(2)}})
	})
	for name, ip := range map[string]attrs{"no address": {}, "an address": families()["IPv4"]} {
		a.add("a bad change of a network with "+name, func(h *host) {
			red := ip.with("nic", h.nic(0), "bridged", false)
			h.setup(networks{"red": red}, nil)
			h.refused(badAddr, networks{"red": bad}, bonds{"bond10": {"nics": h.nics(2)}})
			h.hasNetwork("red", red)
			h.hasNoBond("bond10")
		})
	}
	a.bases("a new network is not confirmed", func(h *host, bridged, bonded bool) {
		red, bond := h.on(bonded, families()["both"].with("bridged", bridged, "vlan", 10, "mtu", 1400))
		h.refusedWith(lost, networks{"red": red}, bond, unheard())
	})
	a.add("a network on a bond that was there is not confirmed", func(h *host) {
		h.setup(nil, bonds{"bond1": {"nics": h.nics(1)}})
		h.refusedWith(lost, networks{"red": {"bonding": "bond1"}}, nil, unheard())
		h.hasBond("bond1", attrs{"nics": h.nics(1)})
	})
	a.bases("a change is not confirmed", func(h *host, bridged, bonded bool) {
		red, bond := h.on(bonded, families()["a gateway"].with("bridged", bridged, "vlan", 10))
		edit := bonds(nil)
		if bonded {
			bond["bond1"]["options"] = "mode=4"
			edit = bonds{"bond1": {"nics": h.nics(2), "options": "mode=1 miimon=150"}}
		}
		h.setup(networks{"red": red}, bond)
		h.refusedWith(lost, networks{"red": red.with("mtu", 1600, "vlan", 11, "bridged", !bridged, "gateway", nil, "ipaddr", addr2)}, edit, unheard())
		h.hasNetwork("red", red)
		h.hasSourceRoutes("red", red)
	})
	a.bases("a removal is not confirmed", func(h *host, bridged, bonded bool) {
		red, bond := h.on(bonded, families()["a gateway"].with("bridged", bridged, "vlan", 10, "mtu", 1600))
		h.setup(networks{"red": red}, bond)
		remove := bonds(nil)
		if bonded {
			remove = bonds{"bond1": gone()}
		}
		h.refusedWith(lost, networks{"red": gone()}, remove, unheard())
		h.hasNetwork("red", red)
		h.hasSourceRoutes("red", red)
	})
	a.add("the second of two networks is not confirmed", func(h *host) {
		red, bond := attrs{"bonding": "bond1"}, attrs{"nics": h.nics(2)}
		h.setup(networks{"red": red}, bonds{"bond1": bond})
		h.refusedWith(lost, networks{"blue": {"nic": h.nic(2), "vlan": 10}}, nil, unheard())
		h.hasNetwork("red", red)
		h.hasBond("bond1", bond)
	})
	a.add("an unknown bridge option", func(h *host) {
		h.refused(badParams, networks{"red": {"nic": h.nic(0), "custom": attrs{"bridge_opts": "foo=0"}}}, nil)
	})
	a.add("a bridge option that the kernel refuses", func(h *host) {
		red := attrs{"nic": h.nic(0), "custom": attrs{"bridge_opts": "priority=4096"}}
		h.setup(networks{"red": red}, nil)
		h.refused(badParams, networks{"red": red.with("mtu", 1600, "custom", attrs{"bridge_opts": "priority=many"})}, nil)
		h.hasNetwork("red", red)
	})
	a.add("confirmed in time", func(h *host) {
		done := make(chan error, 1)
		began := time.Now()
		go func() {
			done <- h.request(networks{"red": {"nic": h.nic(0)}}, nil, attrs{"connectivityCheck": "true", "connectivityTimeout": 50})
		}()
		for waiting := true; waiting; {
			if _, err := h.call("Host.confirmConnectivity", attrs{}); err != nil {
				h.Error(err)
			}
			select {
			case err := <-done:
				if err != nil {
					h.Error(err)
				}
				waiting = false
			case <-time.After(20 * time.Millisecond):
			}
		}
		if took := time.Since(began); took > 45*time.Second {
			h.Errorf("being heard did not end the wait: it took %v", took)
		}
		h.refresh()
		h.hasNetwork("red", attrs{"nic": h.nic(0)})
	})
	a.add("dirty until it is saved", func(h *host) {
		dirty := func(want string) {
			h.Helper()
			h.refresh()
			equal(h, "netConfigDirty", h.caps.NetConfigDirty, want)
		}
		persistent := func() string {
			return h.sh("cat /var/lib/vdsm/persistence/netconf/nets/* 2>/dev/null || true")
		}
		red := attrs{"nic": h.nic(0)}
		h.setup(networks{"red": red}, nil)
		dirty("True")
		equal(h, "persistent", persistent(), "")
		if _, err := h.call("Host.setSafeNetworkConfig", attrs{}); err != nil {
			h.Fatal(err)
		}
		dirty("False")
		equal(h, "persistent", persistent(), h.sh("cat "+running+"/nets/*"))
		h.setupWith(networks{"red": red.with("mtu", 1400)}, nil, attrs{"connectivityCheck": false, "commitOnSuccess": true})
		dirty("False")
		equal(h, "persistent", persistent(), h.sh("cat "+running+"/nets/*"))
		h.refused(badNIC, networks{"blue": {"nic": "missing"}}, nil)
		dirty("True")
		h.setupWith(networks{"red": gone()}, nil, attrs{"connectivityCheck": false, "commitOnSuccess": true})
		equal(h, "persistent", persistent(), "")
	})
	for _, check := range []any{false, "false", 1, "no"} {
		a.add(fmt.Sprintf("connectivityCheck %T %v does not wait", check, check), func(h *host) {
			h.setupWith(networks{"red": {"nic": h.nic(0)}}, nil, attrs{"connectivityCheck": check, "connectivityTimeout": 0})
			h.hasNetwork("red", attrs{"nic": h.nic(0)})
		})
	}
}
