// SPDX-License-Identifier: GPL-2.0-or-later

// Package network is the functional suite of host networking. One lab host is
// booted; in it the suite is a manager, which calls our daemons over TLS, and
// root at the console, who looks with ip(8) and sysfs at what became of it.
//
// A case is a function that gets a clean host: no networks, cards to use, and
// nothing left of other cases. After every call of Host.setupNetworks the suite
// looks whether the stored configuration agrees with the capabilities, and the
// capabilities with the kernel.
//
// The cases of an area are in its file. To add an area write
//
//	func bridges(a *area) {
//		a.add("spanning tree", func(h *host) {
//			red := attrs{"nic": h.nic(0), "stp": true}
//			h.setup(networks{"red": red}, nil)
//			h.hasNetwork("red", red)
//		})
//	}
//
// and list it in areas. The switch type is the host's and is filled in, so that
// the same cases run on Linux bridges and on Open vSwitch.
package network
