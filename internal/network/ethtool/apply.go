// SPDX-License-Identifier: GPL-2.0-or-later

package ethtool

import (
	"fmt"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Apply makes the kernel change the setting on a card of the network namespace
// of the calling thread. What the card has fixed stays without an error, as
// with ethtool(8).
func (s Setting) Apply(card string) error {
	family, err := netlink.GenlFamilyGet("ethtool")
	if err != nil {
		return fmt.Errorf("%s: the kernel has no ethtool over netlink: %w", card, err)
	}
	const header = 1 // in every message
	request := nl.NewNetlinkRequest(int(family.ID), unix.NLM_F_ACK)
	request.AddData(&nl.Genlmsg{Command: s.command, Version: unix.ETHTOOL_GENL_VERSION})
	request.AddRawData(rtnl.PutNested(nil, header, rtnl.PutString(nil, unix.ETHTOOL_A_HEADER_DEV_NAME, card)))
	request.AddRawData(s.attrs)
	if _, err := request.Execute(unix.NETLINK_GENERIC, 0); err != nil {
		return fmt.Errorf("%s on %s: %w", s.Text, card, err)
	}
	return nil
}
