// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"context"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/netlink"
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/rtnl"
)

// glance is how often a device of somebody else's is looked at.
const glance = 2 * time.Second

// usable implements owner. While somebody else keeps a device's leases its
// client does nothing but put the rules of source routing, which nobody else
// knows of: they are due when an address is there.
func (c *Clients) usable(ctx context.Context, s Spec) (netlink.Link, context.Context, context.CancelFunc, error) {
	for {
		link, session, end, err := c.links.usable(ctx, s.Device)
		if err != nil || c.o.Foreign == nil {
			return link, session, end, err
		}
		foreign, err := c.o.Foreign(session, s.Device)
		if err == nil && !foreign {
			return link, session, end, nil
		}
		if err != nil && session.Err() == nil {
			c.o.Log.WarnContext(ctx, "DHCP: cannot tell who keeps a device's leases", "device", s.Device, "error", err)
		} else if err := c.lead(session, s); err != nil && session.Err() == nil {
			c.o.Log.WarnContext(ctx, "DHCP: no rules for a network", "device", s.Device, "error", err)
		}
		pause(session, glance)
		end()
	}
}

// lead puts the rules for the addresses that somebody else leased.
func (c *Clients) lead(ctx context.Context, s Spec) error {
	if s.Family != IPv4 || s.Table == nmstate.TableMain {
		return nil
	}
	i, err := net.InterfaceByName(s.Device)
	if err != nil {
		return err
	}
	addresses, err := i.Addrs()
	if err != nil {
		return err
	}
	b := &batch{}
	for _, a := range addresses {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil || !prefix.Addr().Is4() || prefix.Addr().IsLinkLocalUnicast() {
			continue
		}
		for _, r := range sourceRules(prefix.Masked(), s.Device, s.Table) {
			b.add(rtnl.Message{Type: unix.RTM_NEWRULE, Flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, Body: r.Body()}, unix.EEXIST)
		}
	}
	if err := c.lock(ctx); err != nil {
		return err
	}
	defer c.kernel.Unlock()
	return b.send(ctx)
}
