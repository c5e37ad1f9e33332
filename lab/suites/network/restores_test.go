// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"path/filepath"

	"govdsm/lab"
)

// save makes what is set up that of the next start.
func (h *host) save() {
	h.Helper()
	if _, err := h.call("Host.setSafeNetworkConfig", attrs{}); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { h.sh("rm -rf /var/lib/vdsm/persistence/netconf*") })
}

// restore brings the saved networks back, as at boot, on the running host.
func (h *host) restore() {
	h.Helper()
	h.sh(filepath.Join(lab.ModuleRoot(), "bin", "vdsm-tool") + " restore-nets --force --wait 1s")
	h.refresh()
}

// restores are the networks of this switch type after restore-nets.
func restores(a *area) {
	a.bases("networks that are gone come back", func(h *host, bridged, bonded bool) {
		red, bond := h.on(bonded, families()["a gateway"].with("vlan", 10, "mtu", 1400, "bridged", bridged))
		h.setup(networks{"red": red}, bond)
		h.save()
		remove := bonds(nil)
		if bonded {
			remove = bonds{"bond1": gone()}
		}
		h.setup(networks{"red": gone()}, remove)
		h.restore()
		h.agree()
		h.hasAll(networks{"red": red}, bond)
	})
	a.add("a network that is not saved goes", func(h *host) {
		red := attrs{"nic": h.nic(0)}
		h.setup(networks{"red": red}, nil)
		h.save()
		h.setup(networks{"blue": red.with("vlan", 10)}, nil)
		h.restore()
		h.agree()
		h.hasNetwork("red", red)
		h.hasNoNetwork("blue")
	})
	a.bridged("a network with leases", func(h *host, bridged bool) {
		h.room(true)
		red := attrs{"nic": cable, "bridged": bridged, "bootproto": "dhcp", "dhcpv6": true, "defaultRoute": true}
		h.must(networks{"red": red}, nil)
		h.leased("red", red)
		h.save()
		h.setup(networks{"red": gone()}, nil)
		h.restore()
		h.leased("red", red)
	})
}
