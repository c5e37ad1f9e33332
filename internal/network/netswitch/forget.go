// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"maps"

	"govdsm/internal/network/netconf"
)

// Forget takes networks and bonds out of the running configuration that the
// kernel does not have: after a boot it tells of what was before. Those of Open
// vSwitch stay, as its database outlives a boot. It returns what is left.
func (c *Configurator) Forget(ctx context.Context) (netconf.Config, error) {
	release, err := c.hold()
	if err != nil {
		return netconf.Config{}, err
	}
	defer release()
	running, err := c.running(ctx)
	if err != nil {
		return netconf.Config{}, err
	}
	now, err := take(ctx)
	if err != nil {
		return netconf.Config{}, err
	}
	left := running.Clone()
	maps.DeleteFunc(left.Networks, func(name string, n netconf.Network) bool {
		return n.Switch != netconf.SwitchOVS && now.Link(n.NextHop(name)) == nil
	})
	maps.DeleteFunc(left.Bonds, func(name string, b netconf.Bond) bool {
		return b.Switch != netconf.SwitchOVS && now.Link(name) == nil
	})
	if left.Equal(running) {
		return left, nil
	}
	return left, c.o.Running.Save(left)
}
