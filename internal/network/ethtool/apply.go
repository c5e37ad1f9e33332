// SPDX-License-Identifier: GPL-2.0-or-later

package ethtool

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Apply makes the kernel change the setting on a card of the network namespace
// of the calling thread. What the card has fixed stays without an error, as
// with ethtool(8).
func (s Setting) Apply(ctx context.Context, card string) error {
	c, err := rtnl.DialGeneric()
	if err != nil {
		return fmt.Errorf("%s: %w", card, err)
	}
	defer c.Close()
	family, err := c.Family(ctx, "ethtool")
	if err != nil {
		return fmt.Errorf("%s: the kernel has no ethtool over netlink: %w", card, err)
	}
	const header = 1 // in every message
	body := rtnl.GenericHeader(s.command, unix.ETHTOOL_GENL_VERSION)
	body = rtnl.PutNested(body, header, rtnl.PutString(nil, unix.ETHTOOL_A_HEADER_DEV_NAME, card))
	results, err := c.Do(ctx, []rtnl.Message{{Type: family, Body: append(body, s.attrs...)}})
	if err == nil {
		err = results[0].Err
	}
	if err != nil {
		return fmt.Errorf("%s on %s: %w", s.Text, card, err)
	}
	return nil
}
