// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"encoding/json"
	"maps"

	"govdsm/internal/network/netconf"
	"govdsm/internal/network/snapshot"
)

// persist makes the running configuration what the next boot restores, with the
// address that is burnt into each card in use: by that a card is found again
// whose name is another then.
func (c *Configurator) persist(ctx context.Context) error {
	running, err := c.running(ctx)
	if err != nil {
		return err
	}
	now, err := take(ctx)
	if err != nil {
		return err
	}
	return c.o.Persistent.Save(withAddresses(running, now))
}

// PermanentMAC is the member of a stored device that has the card's burnt-in
// address. The original passes over it.
const PermanentMAC = "permhwaddr"

func withAddresses(running netconf.Config, now *snapshot.State) netconf.Config {
	stored := running.Clone()
	for nic := range running.Cards() {
		l := now.Link(nic)
		if l == nil || l.PermMAC == "" {
			continue
		}
		raw, err := json.Marshal(l.PermMAC)
		if err != nil {
			continue // cannot be: a text
		}
		d := stored.Devices[nic]
		d.Extra = maps.Clone(d.Extra)
		if d.Extra == nil {
			d.Extra = make(map[string]json.RawMessage)
		}
		d.Extra[PermanentMAC] = raw
		stored.Devices[nic] = d
	}
	return stored
}
