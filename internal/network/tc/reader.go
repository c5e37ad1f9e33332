// SPDX-License-Identifier: GPL-2.0-or-later

package tc

import (
	"context"
	"fmt"
	"net"

	"govdsm/api"
	"govdsm/internal/network/rtnl"
)

// Reader tells the shares of networks in the network namespace of the process.
// It takes no privileges.
type Reader struct{}

// Shares returns the curves of the classes on a link, by VLAN tag or Untagged.
// The class of traffic of no tagged network counts as the untagged one's, as in
// the original. All members of a curve are told; one that is not there is nil.
func (Reader) Shares(ctx context.Context, device string) (map[int]api.HostBandwidthParams, error) {
	link, err := net.InterfaceByName(device)
	if err != nil {
		return nil, err
	}
	c, err := rtnl.Dial()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	found, err := classes(ctx, c, int32(link.Index))
	if err != nil {
		return nil, fmt.Errorf("classes of %s: %w", device, err)
	}
	shares := make(map[int]api.HostBandwidthParams)
	for _, o := range found {
		switch minor := int(o.Handle &^ uint32(majorMask)); {
		case o.Kind != kindHFSC, o.Parent&^uint32(majorMask) != 0: // a class within a class
		case minor == defaultMinor:
			shares[Untagged] = params(o)
		case minor <= lastTag:
			shares[minor] = params(o)
		}
	}
	return shares, nil
}
