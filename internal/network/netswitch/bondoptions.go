// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"

	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/netconf"
)

// bondOptions returns what bonds know, as far as the request is about bonds.
// Without an answer the kernel refuses by itself what it does not know.
func (c *Configurator) bondOptions(ctx context.Context, r netconf.Request) kernelconfig.BondOptions {
	if c.o.BondOptions == nil || len(r.Bondings) == 0 {
		return kernelconfig.BondOptions{}
	}
	known, err := c.o.BondOptions(ctx)
	if err != nil {
		c.o.Log.WarnContext(ctx, "options of bonds are not known", "error", err)
	}
	return known
}
