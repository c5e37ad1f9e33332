// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"

	"govdsm/api"
	"govdsm/internal/event"
	"govdsm/internal/logging"
	"govdsm/internal/network"
	"govdsm/internal/network/lldp"
	"govdsm/internal/network/netinfo"
	"govdsm/internal/network/netlink"
	"govdsm/internal/privileged"
)

// addNetwork builds the pillar of host networking. It reads the network of the
// process, which is the host's.
func (p *pillars) addNetwork(s *settings, logs *logging.Log) error {
	kernel, err := netlink.Open("")
	if err != nil {
		return err
	}
	log := logs.Logger("network")
	p.netinfo = netinfo.New(netinfo.Options{
		Kernel:      kernel,
		HiddenNICs:  s.Vars.HiddenNICs,
		HiddenBonds: s.Vars.HiddenBonds,
		HiddenVLANs: s.Vars.HiddenVLANs,
		FakeNICs:    s.Vars.FakeNICs,
		Changed: func(ctx context.Context) {
			if err := event.Publish(p.bus, api.HostConnectionEvent, "no_id", api.NoParams{}); err != nil {
				log.ErrorContext(ctx, "cannot tell of a change of the network", "err", err)
			}
		},
		Log: log,
	})
	p.network = network.New(network.Options{
		Info:       p.netinfo,
		Neighbours: rootsNeighbours{p.root},
		Changes:    p.setup,
		Log:        log,
	})
	return nil
}

// rootsNeighbours are what supervdsmd hears.
type rootsNeighbours struct{ client *privileged.Client }

// Neighbours implements network.Neighbours.
func (r rootsNeighbours) Neighbours(ctx context.Context, devices []string) (map[string]lldp.Heard, error) {
	result, err := privileged.Call(ctx, r.client, privileged.LLDPNeighbours, &privileged.LLDPParams{Devices: devices})
	if err != nil {
		return nil, err
	}
	heard := make(map[string]lldp.Heard, len(result.Devices))
	for device, link := range result.Devices {
		h := lldp.Heard{Enabled: link.Enabled}
		for _, tlv := range link.TLVs {
			h.TLVs = append(h.TLVs, lldp.TLV(tlv))
		}
		heard[device] = h
	}
	return heard, nil
}
