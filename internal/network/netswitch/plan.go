// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"

	"govdsm/api"
	"govdsm/internal/network/nmstate"
)

// Plan is what a request would change.
type Plan struct {
	Changes  []nmstate.Change // of the host, as a diff
	Steps    []string         // of the kernel, in their order
	Document nmstate.State    // which the steps lead to
}

// Plan tells what Setup would do. It changes nothing and runs no hook, so it
// does not know what a hook would make of the request. The kernel may still
// refuse what looks good here.
func (c *Configurator) Plan(ctx context.Context, params *api.HostSetupNetworksParams) (Plan, error) {
	p, err := c.prepare(ctx, *params)
	if err != nil {
		return Plan{}, err
	}
	want, err := p.want(p.request)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Changes: nmstate.Diff(p.current, want.State), Document: want.State}
	plan.Steps, err = c.o.Applier.Plan(ctx, want)
	return plan, coded(err)
}
