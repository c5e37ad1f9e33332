// SPDX-License-Identifier: GPL-2.0-or-later

package ops

import (
	"context"

	"govdsm/internal/privileged"
)

type links struct{ neighbours Neighbours }

func (n links) lldpNeighbours(ctx context.Context, p *privileged.LLDPParams) (privileged.LLDPResult, error) {
	heard, err := n.neighbours.Neighbours(ctx, p.Devices)
	if err != nil {
		return privileged.LLDPResult{}, err
	}
	result := privileged.LLDPResult{Devices: make(map[string]privileged.LLDPLink, len(heard))}
	for device, h := range heard {
		link := privileged.LLDPLink{Enabled: h.Enabled}
		for _, tlv := range h.TLVs {
			link.TLVs = append(link.TLVs, privileged.LLDPTLV(tlv))
		}
		result.Devices[device] = link
	}
	return result, nil
}
