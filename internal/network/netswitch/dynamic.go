// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"maps"
	"slices"

	"govdsm/internal/network/dhcp"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/nmstate"
)

// Leases starts the DHCP clients of the running networks. Call it after Recover
// and before the first Setup; the clients end with ctx, and leave everything as
// it is then.
func (c *Configurator) Leases(ctx context.Context) error {
	if c.o.Clients == nil {
		return nil
	}
	running, err := c.running(ctx)
	if err != nil {
		return err
	}
	c.o.Clients.Start(ctx, specs(running))
	return nil
}

// specs are the clients that a configuration takes.
func specs(config netconf.Config) []dhcp.Spec {
	var all []dhcp.Spec
	for _, name := range slices.Sorted(maps.Keys(config.Networks)) {
		n := config.Networks[name]
		tag := 0
		if n.VLAN != nil {
			tag = *n.VLAN
		}
		all = append(all, dhcp.Specs(nmstate.Addressing(name, n), n.Base(), tag)...)
	}
	return all
}

// clients is the part of a set-up that is about DHCP. It does nothing where no
// clients run, as in a tool that sets networks up before the daemon starts.
type clients struct {
	next   []dhcp.Spec
	change *dhcp.Change // nil: none run
}

// holdLeases stops the clients that the new configuration does not have, and keeps
// the others from touching anything until the links are changed.
func (c *Configurator) holdLeases(config netconf.Config) clients {
	h := clients{next: specs(config)}
	if c.o.Clients != nil {
		h.change = c.o.Clients.Begin(h.next)
	}
	return h
}

// fill puts the name servers of leases into a document that would clear those
// of a network which takes them from its lease.
func (h clients) fill(w *linkapply.Want) {
	auto := slices.ContainsFunc(h.next, func(s dhcp.Spec) bool { return s.AutoDNS })
	if h.change != nil && auto && w.SetsDNS && len(w.Nameservers) == 0 {
		w.Nameservers = h.change.Nameservers()
	}
}

func (h clients) start(ctx context.Context) {
	if h.change != nil {
		h.change.Switch(ctx)
	}
}

func (h clients) keep(ctx context.Context) {
	if h.change != nil {
		h.change.Keep(ctx)
	}
}

// undo calls rest between the end of the new clients and the return of the
// former ones.
func (h clients) undo(ctx context.Context, rest func() error) error {
	if h.change == nil {
		return rest()
	}
	return h.change.Undo(ctx, rest)
}
