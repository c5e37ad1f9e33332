// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
)

// dynamic tells whether addresses of a family come from the network. Those
// that do are none of the planner's business: DHCP clients bring them, or the
// kernel makes them.
func dynamic(ip *nmstate.IP) bool {
	return ip.Enabled && (yes(ip.DHCP) || yes(ip.Autoconf))
}

// lastingAs tells whether a present address is the wanted one. A leased one is
// not: it ends, and a static one must not.
func lastingAs(w, present snapshot.Addr) bool {
	return w.Prefix == present.Prefix && !present.Dynamic()
}
