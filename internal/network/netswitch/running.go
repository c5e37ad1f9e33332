// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"path/filepath"

	"govdsm/internal/network/netconf"
)

// running is the configuration that was set up. A network or bond whose file
// cannot be understood is taken as it was saved for the next boot: left out it
// would lose its lease now, and be gone for good with the next save.
func (c *Configurator) running(ctx context.Context) (netconf.Config, error) {
	running, problems, err := c.o.Running.Load()
	if err != nil || len(problems) == 0 {
		return running, err
	}
	saved, _, err := c.o.Persistent.Load() // its problems are told where it is restored
	if err != nil {
		return running, err
	}
	for _, p := range problems {
		name := filepath.Base(p.Path)
		n, network := saved.Networks[name]
		b, bond := saved.Bonds[name]
		switch filepath.Base(filepath.Dir(p.Path)) {
		case "nets":
			bond = false
		case "bonds":
			network = false
		default:
			network, bond = false, false
		}
		if network {
			running.Networks[name] = n
		}
		if bond {
			running.Bonds[name] = b
		}
		c.o.Log.WarnContext(ctx, "a part of the running configuration cannot be read", "problem", p.Error(), "as saved", network || bond)
	}
	return running, nil
}
