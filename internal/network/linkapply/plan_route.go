// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"fmt"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
)

// table returns the kernel's number of a route's table.
func table(r nmstate.Route) uint32 {
	if r.TableID == nmstate.TableDefault {
		return nmstate.TableMain
	}
	return r.TableID
}

// routesLost removes the routes of a link that the kernel would drop when it
// loses addresses or goes down, so that undoing brings them back, and puts
// those back that are to stay.
func (p *planner) routesLost(name string, six, forGood bool) {
	for _, r := range p.now.Routes[name] {
		if r.Dest.Addr().Is6() != six || r.Kernel() || p.removes(r) {
			continue
		}
		p.add(phaseRoutesOff, &route{Route: r, Remove: true})
		if !forGood && !p.absent(r) && !p.wants(r) {
			p.add(phaseRoutes, &route{Route: r, Kept: true})
		}
	}
}

// removes tells whether a step removes the route already.
func (p *planner) removes(r snapshot.Route) bool {
	return slices.ContainsFunc(p.steps[phaseRoutesOff], func(s Step) bool {
		planned, ok := s.(*route)
		return ok && same(planned.Route, r)
	})
}

func same(a, b snapshot.Route) bool {
	return a.Dev == b.Dev && a.Dest == b.Dest && a.Gateway == b.Gateway && a.Table == b.Table && a.Metric == b.Metric && a.TOS == b.TOS
}

// absent tells whether the document says that the route shall go.
func (p *planner) absent(r snapshot.Route) bool { return p.names1(r, nmstate.Absent) }

// wants tells whether the document says that the route shall be there.
func (p *planner) wants(r snapshot.Route) bool { return p.names1(r, "") }

func (p *planner) names1(r snapshot.Route, state string) bool {
	return slices.ContainsFunc(p.want.Routes, func(w nmstate.Route) bool {
		return (w.State == nmstate.Absent) == (state == nmstate.Absent) && matches(w, r)
	})
}

// matches tells whether a route of the document is one of the kernel's.
func matches(w nmstate.Route, r snapshot.Route) bool {
	dest, err := netip.ParsePrefix(w.Destination)
	if err != nil || dest.Masked() != r.Dest || table(w) != r.Table || w.NextHopInterface != r.Dev {
		return false
	}
	if w.Metric != nil && *w.Metric >= 0 && uint32(*w.Metric) != r.Metric {
		return false
	}
	gateway, err := gatewayOf(w)
	return err == nil && gateway == r.Gateway
}

// gatewayOf returns the next hop, which is not valid for a route on the link.
// The controller's "::" means none, too.
func gatewayOf(w nmstate.Route) (netip.Addr, error) {
	if w.NextHopAddress == "" {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(w.NextHopAddress)
	if err != nil || a.IsUnspecified() {
		return netip.Addr{}, err
	}
	return a, nil
}

// routes plans the routes and rules that the document names.
func (p *planner) routes() error {
	for _, w := range p.want.Routes {
		if w.State == nmstate.Absent {
			p.routeOff(w)
		} else if err := p.routeOn(w); err != nil {
			return err
		}
	}
	for _, w := range p.want.Rules {
		if err := p.rule(w); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) routeOff(w nmstate.Route) {
	for _, r := range p.now.Routes[w.NextHopInterface] {
		if matches(w, r) && !p.removes(r) && !(p.wants(r) && lasts(r)) {
			p.add(phaseRoutesOff, &route{Route: r, Remove: true})
		}
	}
}

func (p *planner) routeOn(w nmstate.Route) error {
	for _, r := range p.now.Routes[w.NextHopInterface] {
		switch {
		case !matches(w, r) || p.removes(r):
		case lasts(r):
			return nil
		default:
			p.add(phaseRoutesOff, &route{Route: r, Remove: true})
		}
	}
	dest, err := netip.ParsePrefix(w.Destination)
	if err != nil {
		return fmt.Errorf("route: %w", err)
	}
	gateway, err := gatewayOf(w)
	if err != nil {
		return fmt.Errorf("route to %s: %w", dest, err)
	}
	dev := w.NextHopInterface
	if !p.made[dev] && (p.now.Link(dev) == nil || p.gone[dev]) {
		return fmt.Errorf("%w: %s, for the route to %s", ErrNoLink, dev, dest)
	}
	r := snapshot.Route{
		Dev: dev, Dest: dest.Masked(), Gateway: gateway, Table: table(w),
		Metric: p.metric(dev), Protocol: unix.RTPROT_STATIC,
	}
	if w.Metric != nil && *w.Metric >= 0 {
		r.Metric = uint32(*w.Metric)
	}
	if !gateway.IsValid() && dest.Addr().Is4() {
		r.Scope = unix.RT_SCOPE_LINK
	}
	step := &route{Route: r}
	// What is reached without a gateway comes first: gateways lie there.
	if gateway.IsValid() {
		p.add(phaseRoutes, step)
	} else {
		p.steps[phaseRoutes] = slices.Insert(p.steps[phaseRoutes], 0, Step(step))
	}
	return nil
}

// metric is what NetworkManager gives routes by the type of their link, so
// that a host with both kinds of tools has one order of preference.
func (p *planner) metric(dev string) uint32 {
	kind, known := kindOf(p.ifaces[dev].Type)
	if l := p.now.Link(dev); !known && l != nil {
		kind = l.Kind
	}
	switch {
	case p.ifaces[dev].Type == nmstate.TypeOVSInterface, p.madeBySwitch(dev):
		return 800
	}
	switch kind {
	case snapshot.KindBond:
		return 300
	case snapshot.KindVLAN:
		return 400
	case snapshot.KindBridge:
		return 425
	}
	return 100
}

// rule plans a policy routing rule.
func (p *planner) rule(w nmstate.RouteRule) error {
	r := snapshot.Rule{Family: unix.AF_INET, Table: w.RouteTable, Priority: uint32(w.Priority)}
	for _, end := range []struct {
		text string
		into *netip.Prefix
	}{{w.IPFrom, &r.From}, {w.IPTo, &r.To}} {
		if end.text == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(end.text)
		if err != nil {
			return fmt.Errorf("routing rule: %w", err)
		}
		*end.into = prefix.Masked()
		if prefix.Addr().Is6() {
			r.Family = unix.AF_INET6
		}
	}
	if w.Family == "ipv6" {
		r.Family = unix.AF_INET6
	}
	present := slices.Contains(p.now.Rules, r)
	remove := w.State == nmstate.Absent
	if w.Iif != "" || w.FwMark != nil {
		if remove {
			return nil // none of ours, and not among those that we read
		}
		return fmt.Errorf("routing rule with a mark or an interface: %w", ErrUnsupported)
	}
	switch {
	case remove && present && !p.wantsRule(w):
		p.add(phaseRulesOff, &rule{Rule: r, Remove: true})
	case !remove && !present:
		p.add(phaseRules, &rule{Rule: r})
	}
	return nil
}

// wantsRule tells whether a rule that shall go shall be there all the same: a
// document that changes a gateway says both.
func (p *planner) wantsRule(w nmstate.RouteRule) bool {
	w.State = ""
	return slices.Contains(p.want.Rules, w)
}
