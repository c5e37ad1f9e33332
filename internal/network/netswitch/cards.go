// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"govdsm/internal/network/ethtool"
	"govdsm/internal/network/netconf"
)

// cardSettings carries out the property custom.ethtool_opts of networks, once
// these are there. As with the original's hook, a card that refuses is no reason
// to do without the network: it is told in the log, and nothing is undone.
func (c *Configurator) cardSettings(ctx context.Context, r netconf.Request, running netconf.Config) {
	after := running.Apply(r)
	for _, name := range slices.Sorted(maps.Keys(r.Networks)) {
		n := r.Networks[name]
		property, given := n.Custom["ethtool_opts"].(string)
		if n.Remove || !given {
			continue
		}
		settings, err := ethtool.Parse(property)
		if err != nil {
			c.o.Log.WarnContext(ctx, "settings of cards are not understood", "network", name, "error", err)
			continue
		}
		cards := after.Bonds[n.Bonding].Nics
		if n.NIC != "" {
			cards = []string{n.NIC}
		}
		for _, s := range settings {
			if err := applyTo(ctx, s, cards); err != nil {
				c.o.Log.WarnContext(ctx, "a setting of a card was not made", "network", name, "error", err)
			}
		}
	}
}

// applyTo makes a setting on the card that it names, or on all. A network has
// no say about cards of others.
func applyTo(ctx context.Context, s ethtool.Setting, cards []string) error {
	if s.Device != ethtool.EveryCard {
		if !slices.Contains(cards, s.Device) {
			return fmt.Errorf("%q: %s is no card of this network", s.Text, s.Device)
		}
		cards = []string{s.Device}
	}
	for _, card := range cards {
		if err := s.Apply(ctx, card); err != nil {
			return err
		}
	}
	return nil
}
