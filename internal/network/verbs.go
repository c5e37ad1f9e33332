// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"context"
	"maps"
	"slices"

	"govdsm/api"
	"govdsm/internal/dispatch"
)

// Bind binds the verbs that read.
func (n *Network) Bind(t *dispatch.Table) {
	dispatch.Bind(t, api.HostGetNetworkCapabilities, n.getNetworkCapabilities)
	dispatch.Bind(t, api.HostGetNetworkStatistics, n.getNetworkStatistics)
	dispatch.Bind(t, api.HostGetLldp, n.getLldp)
}

func (n *Network) getNetworkCapabilities(ctx context.Context, _ *api.NoParams) (api.VdsmNetworkCapabilities, error) {
	return n.Capabilities(ctx)
}

func (n *Network) getNetworkStatistics(ctx context.Context, _ *api.NoParams) (api.HostNetworkStatistics, error) {
	return n.Statistics(ctx)
}

// getLldp answers for the devices that are asked for, or for all cards. A
// device that is not there, or not listened to, is told as such: no failure.
func (n *Network) getLldp(ctx context.Context, p *api.HostGetLldpParams) (api.LldpMap, error) {
	devices := p.Filter["devices"]
	if len(devices) == 0 {
		c, err := n.options.Info.Capabilities(ctx)
		if err != nil {
			return nil, err
		}
		devices = slices.Sorted(maps.Keys(c.Nics))
	}
	heard, err := n.options.Neighbours.Neighbours(ctx, devices)
	if err != nil {
		return nil, err
	}
	answer := make(api.LldpMap, len(devices))
	for _, device := range devices {
		entry := api.Lldp{Enabled: heard[device].Enabled, Tlvs: []api.Tlv{}}
		for _, tlv := range heard[device].TLVs {
			entry.Tlvs = append(entry.Tlvs, tlv.API())
		}
		answer[device] = entry
	}
	return answer, nil
}
