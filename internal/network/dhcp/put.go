// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/netlink"
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
)

// put is what a lease is in the kernel.
type put struct {
	Addr   snapshot.Addr    `json:"addr,omitzero"`
	Routes []snapshot.Route `json:"routes,omitzero"`
	Rules  []snapshot.Rule  `json:"rules,omitzero"`
	DNS    []netip.Addr     `json:"dns,omitzero"`
}

// putOf says what a client puts into the kernel for a lease. All routes have
// the protocol "dhcp", so that they are told from those of others.
func putOf(s Spec, l Lease, metric uint32) put {
	p := put{Addr: snapshot.Addr{Dev: s.Device, Prefix: l.Address, Flags: unix.IFA_F_NOPREFIXROUTE}}
	if s.AutoDNS {
		p.DNS = l.DNS
	}
	if s.Family == IPv6 {
		return p // its routes come with router advertisements
	}
	p.Addr.Attrs = broadcast(l.Address)
	route := func(dest netip.Prefix, via netip.Addr) {
		r := snapshot.Route{
			Dev: s.Device, Dest: dest.Masked(), Gateway: via, Table: s.Table, Metric: metric,
			Protocol: unix.RTPROT_DHCP, Source: l.Address.Addr(),
		}
		if !via.IsValid() {
			r.Scope = unix.RT_SCOPE_LINK
		} else if !l.Address.Contains(via) {
			r.Flags = unix.RTNH_F_ONLINK
		}
		if !slices.ContainsFunc(p.Routes, func(other snapshot.Route) bool { return other.Dest == r.Dest }) {
			p.Routes = append(p.Routes, r)
		}
	}
	if l.Address.Bits() < 32 {
		route(l.Address, netip.Addr{})
	}
	if s.AutoGateway && l.Gateway.IsValid() {
		route(netip.PrefixFrom(netip.IPv4Unspecified(), 0), l.Gateway)
	}
	if s.AutoRoutes {
		for _, r := range l.Routes {
			route(r.Dest, r.Via)
		}
	}
	if s.Table != nmstate.TableMain {
		p.Rules = sourceRules(l.Address.Masked(), s.Device, s.Table)
	}
	return p
}

// sourceRules lead packets from and to a network to its own table. A document
// cannot have them before an address is known.
func sourceRules(network netip.Prefix, device string, table uint32) []snapshot.Rule {
	var rules []snapshot.Rule
	for _, w := range nmstate.SourceRules(network.String(), device).Rules {
		r := snapshot.Rule{Family: unix.AF_INET, Table: table, Priority: uint32(w.Priority)}
		if w.IPFrom != "" {
			r.From = network
		}
		if w.IPTo != "" {
			r.To = network
		}
		rules = append(rules, r)
	}
	return rules
}

func broadcast(p netip.Prefix) []byte {
	if p.Bits() > 30 {
		return nil
	}
	b := p.Addr().As4()
	host := ^uint32(0) >> p.Bits()
	binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(b[:])|host)
	return rtnl.Put(nil, unix.IFA_BROADCAST, b[:])
}

// metricOf is what NetworkManager gives routes by the kind of their link.
func metricOf(l netlink.Link) uint32 {
	switch l.Kind {
	case snapshot.KindBond:
		return 300
	case snapshot.KindVLAN:
		return 400
	case snapshot.KindBridge:
		return 425
	}
	return 100
}

// seconds is a lifetime as the kernel takes it.
func seconds(d time.Duration) uint32 {
	return uint32(max(d, 0) / time.Second)
}

// bring puts a lease into the kernel in place of the former one, which may be
// empty. What is there already gets the new lifetimes.
func bring(ctx context.Context, index int32, old, p put, l Lease) error {
	now := time.Now()
	life := make([]byte, 16) // struct ifa_cacheinfo
	binary.NativeEndian.PutUint32(life, seconds(l.Obtained.Add(l.Preferred).Sub(now)))
	binary.NativeEndian.PutUint32(life[4:], max(1, seconds(l.Ends().Sub(now)))) // 0 is refused
	a := p.Addr
	a.Attrs = rtnl.Put(slices.Clone(a.Attrs), unix.IFA_CACHEINFO, life)
	batch := &batch{index: index}
	if old.Addr.Prefix.IsValid() && old.Addr.Dev == a.Dev {
		batch.removeUnlike(old, p)
	}
	batch.add(rtnl.Message{Type: unix.RTM_NEWADDR, Flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE, Body: a.Body(index)})
	for _, r := range p.Routes {
		// Not "replace": a route of others may have the same key.
		batch.add(rtnl.Message{Type: unix.RTM_NEWROUTE, Flags: unix.NLM_F_CREATE | unix.NLM_F_APPEND, Body: r.Body(index)}, unix.EEXIST)
	}
	for _, r := range p.Rules {
		batch.add(rtnl.Message{Type: unix.RTM_NEWRULE, Flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, Body: r.Body()}, unix.EEXIST)
	}
	return batch.send(ctx)
}

// batch is requests to the kernel, with the refusals that do not matter.
type batch struct {
	index    int32
	messages []rtnl.Message
	tolerate [][]unix.Errno
}

func (b *batch) add(m rtnl.Message, tolerate ...unix.Errno) {
	b.messages, b.tolerate = append(b.messages, m), append(b.tolerate, tolerate)
}

// removeUnlike removes what the former lease had and the new one has not.
func (b *batch) removeUnlike(old, p put) {
	for _, r := range old.Rules {
		if !slices.Contains(p.Rules, r) {
			b.add(rtnl.Message{Type: unix.RTM_DELRULE, Body: r.Body()}, unix.ENOENT)
		}
	}
	for _, r := range old.Routes {
		if !slices.ContainsFunc(p.Routes, func(n snapshot.Route) bool { return sameRoute(n, r) }) {
			b.add(rtnl.Message{Type: unix.RTM_DELROUTE, Body: r.Body(b.index)}, unix.ESRCH)
		}
	}
	if old.Addr.Prefix != p.Addr.Prefix {
		b.add(rtnl.Message{Type: unix.RTM_DELADDR, Body: old.Addr.Body(b.index)}, unix.EADDRNOTAVAIL)
	}
}

func sameRoute(a, b snapshot.Route) bool {
	return a.Dest == b.Dest && a.Gateway == b.Gateway && a.Table == b.Table && a.Metric == b.Metric && a.Source == b.Source
}

func (b *batch) send(ctx context.Context) error {
	if len(b.messages) == 0 {
		return nil
	}
	c, err := rtnl.Dial()
	if err != nil {
		return err
	}
	defer c.Close()
	results, err := c.Do(ctx, b.messages)
	for i, r := range results {
		if r.Err != nil && !slices.ContainsFunc(b.tolerate[i], func(e unix.Errno) bool { return errors.Is(r.Err, e) }) {
			err = errors.Join(err, fmt.Errorf("kernel: %w", r.Err))
		}
	}
	return err
}

// withdraw takes what a lease was out of the kernel, as far as it is still the
// lease's: an address that lasts by now is somebody's who set it, and rules
// stay while something else is in the table that they lead to.
func withdraw(ctx context.Context, p put) error {
	c, err := rtnl.Dial()
	if err != nil {
		return err
	}
	now, err := snapshot.Take(ctx, c)
	if err := errors.Join(err, c.Close()); err != nil {
		return err
	}
	b := &batch{}
	if l := now.Link(p.Addr.Dev); l != nil {
		b.index = l.Index
		for _, r := range p.Routes {
			b.add(rtnl.Message{Type: unix.RTM_DELROUTE, Body: r.Body(b.index)}, unix.ESRCH, unix.ENODEV)
		}
		for _, a := range now.Addrs[p.Addr.Dev] {
			if a.Prefix == p.Addr.Prefix && a.Dynamic() {
				b.add(rtnl.Message{Type: unix.RTM_DELADDR, Body: a.Body(b.index)}, unix.EADDRNOTAVAIL, unix.ENODEV)
			}
		}
	}
	for _, r := range p.Rules {
		if !usedByOthers(now, r.Table, p.Addr.Dev) {
			b.add(rtnl.Message{Type: unix.RTM_DELRULE, Body: r.Body()}, unix.ENOENT)
		}
	}
	return b.send(ctx)
}

// usedByOthers tells whether a table holds routes that no lease brought.
func usedByOthers(now *snapshot.State, table uint32, dev string) bool {
	return slices.ContainsFunc(now.Routes[dev], func(r snapshot.Route) bool {
		return r.Table == table && r.Protocol != unix.RTPROT_DHCP
	})
}
