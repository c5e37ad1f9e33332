// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import "govdsm/internal/network/netconf"

// Addressing returns the interface that has a network's addresses, with what a
// document says about these. Whoever keeps leases needs it of networks that no
// request is about.
func Addressing(name string, n netconf.Network) Interface {
	w := &network{name: name, want: n}
	return Interface{Name: w.nextHop(), State: Up, IPv4: w.ipv4(), IPv6: w.ipv6()}
}
