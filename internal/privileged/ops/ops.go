// SPDX-License-Identifier: GPL-2.0-or-later

// Package ops binds the operations of package privileged to what carries them
// out as root. Each pillar keeps its root's part in a package of its own,
// which checks every name and number it is given; this package only
// translates.
package ops

import (
	"context"

	"govdsm/api"
	"govdsm/internal/host/asroot"
	"govdsm/internal/network/lldp"
	"govdsm/internal/privileged"
)

// Neighbours hears what switches announce. Package lldp's Service does.
type Neighbours interface {
	Neighbours(ctx context.Context, devices []string) (map[string]lldp.Heard, error)
}

// Bind binds them all.
func Bind(s *privileged.Server, h *asroot.Host, n Neighbours) {
	host, links := host{h}, links{n}
	privileged.Handle(s, privileged.HardwareInfo, host.hardwareInfo)
	privileged.Handle(s, privileged.HostFacts, host.facts)
	privileged.Handle(s, privileged.KSMTune, host.tuneKSM)
	privileged.Handle(s, privileged.LLDPNeighbours, links.lldpNeighbours)
}

type host struct{ root *asroot.Host }

func (h host) hardwareInfo(ctx context.Context, _ *privileged.None) (api.HardwareInformation, error) {
	return h.root.HardwareInfo(ctx)
}

func (h host) facts(ctx context.Context, _ *privileged.None) (privileged.Facts, error) {
	f, err := h.root.Facts(ctx)
	return privileged.Facts(f), err
}

func (h host) tuneKSM(ctx context.Context, p *privileged.KSMTuneParams) (privileged.None, error) {
	settings := make([]asroot.KSMSetting, len(p.Settings))
	for i, s := range p.Settings {
		settings[i] = asroot.KSMSetting(s)
	}
	return privileged.None{}, h.root.TuneKSM(ctx, settings)
}
