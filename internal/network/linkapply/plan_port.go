// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
)

// ports plans which links become ports of which, and which are released.
func (p *planner) ports() error {
	for _, name := range p.names {
		if p.ifaces[name].State == nmstate.Absent || p.isSwitch(name) {
			continue
		}
		for _, port := range portsOf(p.ifaces[name]) {
			if other, taken := p.masters[port]; taken && other != name {
				return fmt.Errorf("%w: %s would be a port of %s and of %s", ErrInUse, port, other, name)
			}
			p.masters[port] = name
		}
	}
	p.keepOthers()
	for _, port := range p.order(slices.Sorted(maps.Keys(p.masters))) {
		if err := p.port(port, p.masters[port]); err != nil {
			return err
		}
	}
	// The first port gives a bond its address. Undoing goes backwards.
	slices.SortStableFunc(p.steps[phaseBondPorts], func(a, b Step) int { return cmp.Compare(a.subject(), b.subject()) })
	slices.SortStableFunc(p.steps[phaseRelease], func(a, b Step) int { return cmp.Compare(b.subject(), a.subject()) })
	return nil
}

// keepOthers decides about present ports that the document does not list.
func (p *planner) keepOthers() {
	for _, l := range p.now.Sorted() {
		if _, listed := p.masters[l.Name]; listed || l.Master == "" || p.gone[l.Name] {
			continue
		}
		i, named := p.ifaces[l.Master]
		switch {
		case p.gone[l.Master]:
			p.masters[l.Name] = "" // put back should the bridge have to come back
		case !named, i.Bond == nil && (i.Bridge == nil || i.Bridge.Port == nil):
		case i.Bond == nil && guest(l):
			// Ports of virtual machines stay, whatever a document lists.
		default:
			p.masters[l.Name] = ""
		}
	}
}

// guest tells whether a port belongs to a virtual machine rather than to the
// host's own networking: it is none of the kinds that documents are about.
func guest(l *snapshot.Link) bool {
	switch l.Kind {
	case "", snapshot.KindBond, snapshot.KindVLAN, "dummy", "veth", "macvlan":
		return false
	}
	return true
}

// port plans the way of a port to its master, "" for none.
func (p *planner) port(name, master string) error {
	l := p.now.Link(name)
	there := l != nil && !p.gone[name]
	if !there {
		if i, ok := p.ifaces[name]; ok && i.State != nmstate.Absent {
			// A VLAN is made with its master; bonds get theirs when they are whole.
			if kind, _ := kindOf(i.Type); kind == snapshot.KindBond && master != "" {
				p.add(phaseBridgePorts, &setMaster{Port: name, New: master})
			}
			return nil
		}
		return fmt.Errorf("%w: %s, port of %s", ErrNoLink, name, master)
	}
	toBond := p.bondNamed(master)
	p.strips[name] = p.strips[name] || toBond
	if l.Master == master && !p.restarts(master) {
		return nil
	}
	fromBond := p.bondNamed(l.Master)
	if l.Master != "" && !p.now.OnSwitch(l) {
		s := &setMaster{Port: name, Old: l.Master, OldBond: fromBond, WasUp: l.Up}
		if !fromBond {
			s.OldPort = l.Port
		}
		p.add(phaseRelease, s)
	}
	if master == "" {
		return nil
	}
	join := &setMaster{Port: name, New: master, NewBond: toBond, WasUp: l.Up}
	if toBond {
		p.bounce(name)
		p.add(phaseBondPorts, join)
	} else {
		p.add(phaseBridgePorts, join)
	}
	return nil
}

func (p *planner) bondNamed(name string) bool {
	if name == "" {
		return false
	}
	if l := p.now.Link(name); l != nil && !p.gone[name] {
		return l.Kind == snapshot.KindBond
	} else if l != nil && p.ifaces[name].State == nmstate.Absent {
		return l.Kind == snapshot.KindBond
	}
	return p.ifaces[name].Type == nmstate.TypeBond
}

// bounce marks a link that goes down and up again, and the VLANs on it, which
// do so with it: they lose routes and IPv6 addresses.
func (p *planner) bounce(name string) {
	if p.bounced[name] {
		return
	}
	p.bounced[name] = true
	for _, upper := range p.now.Uppers(name) {
		if upper.Kind == snapshot.KindVLAN {
			p.bounce(upper.Name)
		}
	}
}
