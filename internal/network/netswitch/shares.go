// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"fmt"

	"govdsm/api"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/tc"
)

// shares returns what networks shall get of the links that the request is
// about: those that carry its networks, or did so. A link whose networks neither
// had nor get shares is left out, unless one leaves it.
//
// All of a link's networks count, not only those of the request, so that the
// outcome does not depend on the way to it.
func shares(request netconf.Request, running netconf.Config) (map[string]tc.Shares, error) {
	links := make(map[string]tc.Shares)
	for name, n := range request.Networks {
		old, was := running.Networks[name]
		if was && old.Switch == netconf.SwitchLegacy && (n.Remove || hasShares(old) || hasShares(n)) && old.Base() != "" {
			links[old.Base()] = nil
		}
		if n.Remove || n.Switch != netconf.SwitchLegacy || !hasShares(n) {
			continue
		}
		if n.Base() == "" {
			return nil, api.ErrNetBadParams.Says("QoS of " + name + ": no nic and no bonding carries it")
		}
		links[n.Base()] = nil
	}
	for _, n := range running.Apply(request).Networks {
		_, touched := links[n.Base()]
		if !touched || n.Switch != netconf.SwitchLegacy || !hasShares(n) {
			continue
		}
		if links[n.Base()] == nil {
			links[n.Base()] = make(tc.Shares)
		}
		tag := tc.Untagged
		if n.VLAN != nil {
			tag = *n.VLAN
		}
		links[n.Base()][tag] = *n.HostQoS.Out
	}
	for link, s := range links {
		if err := s.Check(); err != nil {
			return nil, api.ErrNetBadParams.Says(fmt.Sprintf("%v, on %s", err, link))
		}
	}
	return links, nil
}

// hasShares tells whether a network asks for shares. An empty wish is none.
func hasShares(n netconf.Network) bool {
	if n.HostQoS == nil || n.HostQoS.Out == nil {
		return false
	}
	out := *n.HostQoS.Out
	return out.Ls != nil || out.Rt != nil || out.Ul != nil
}
