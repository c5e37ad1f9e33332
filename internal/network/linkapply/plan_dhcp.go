// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"golang.org/x/sys/unix"

	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
)

// dynamic tells whether addresses of a family come from the network. Those
// that do are none of the planner's business: DHCP clients bring them, or the
// kernel makes them.
func dynamic(ip *nmstate.IP) bool {
	return ip.Enabled && (yes(ip.DHCP) || yes(ip.Autoconf))
}

// comes tells whether a present address of a family is one that comes from the
// network as ip says: a lease of IPv6 is for one address, an advertisement for
// a network.
func comes(ip *nmstate.IP, a snapshot.Addr) bool {
	if !ip.Enabled || !a.Dynamic() {
		return false
	}
	if a.Prefix.Addr().Is4() || a.Prefix.Bits() == 128 {
		return yes(ip.DHCP)
	}
	return yes(ip.Autoconf)
}

// lastingAs tells whether a present address is the wanted one. A leased one is
// not: it ends, and a static one must not.
func lastingAs(w, present snapshot.Addr) bool {
	return w.Prefix == present.Prefix && !present.Dynamic()
}

// lasts tells whether a route stays until somebody removes it. One that a lease
// brought goes with the lease, and is no replacement for a static one.
func lasts(r snapshot.Route) bool { return r.Protocol != unix.RTPROT_DHCP }
