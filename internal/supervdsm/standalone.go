// SPDX-License-Identifier: GPL-2.0-or-later

package supervdsm

import (
	"context"

	"govdsm/internal/logging"
	"govdsm/internal/network/netswitch"
)

// Networks is what changes the host's networks, for vdsm-tool: at boot it does
// so before there is a supervdsmd. A lock keeps the two apart. First of all it
// finishes what a former process could not.
func Networks(ctx context.Context, o Options, logs *logging.Log) *netswitch.Configurator {
	if o.Socket == "" {
		o.Socket = DefaultSocket
	}
	return o.network(ctx, logs, nil)
}

// Planner is the same for looking only: it tells what a request would change,
// while others may be at work.
func Planner(ctx context.Context, o Options, logs *logging.Log) *netswitch.Configurator {
	o.looks = true
	return Networks(ctx, o, logs)
}
