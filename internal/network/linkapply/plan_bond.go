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

// modeOf returns the mode that a document names, or the kernel's default.
func modeOf(i nmstate.Interface) string {
	if i.Bond == nil {
		return ""
	}
	return cmp.Or(i.Bond.Mode, i.Bond.Options["mode"], "balance-rr")
}

// bondChange is what changesOf found out.
type bondChange struct {
	old, change map[string]string
	err         error
}

// changesOf is readChanges, once per bond and plan.
func (p *planner) changesOf(i nmstate.Interface) (old, change map[string]string, err error) {
	c, known := p.change[i.Name]
	if !known {
		c.old, c.change, c.err = p.readChanges(i)
		p.change[i.Name] = c
	}
	return c.old, c.change, c.err
}

// readChanges returns the options of a bond that differ from what is wanted, and
// their present values. A bond that is not there has none of them.
func (p *planner) readChanges(i nmstate.Interface) (old, change map[string]string, err error) {
	mode, err := bondMode(modeOf(i))
	if err != nil {
		return nil, nil, fmt.Errorf("bond %s: %w", i.Name, err)
	}
	for name := range i.Bond.Options {
		if !optionName(name) {
			return nil, nil, fmt.Errorf("%w: %q is none of %s", ErrBadBondOption, name, i.Name)
		}
	}
	want := wantedBond(mode, i.Bond.Options)
	if p.now.Link(i.Name) == nil || p.gone[i.Name] {
		maps.DeleteFunc(want, func(name, _ string) bool {
			_, given := i.Bond.Options[name]
			return !given && name != "miimon" // the kernel's own default
		})
		return nil, want, nil
	}
	now, err := readBond(p.root, i.Name)
	if err != nil {
		return nil, nil, err
	}
	old, change = map[string]string{}, map[string]string{}
	want["mode"] = bondModes()[mode]
	for name, value := range want {
		have, exists := now[name]
		if sameBondOption(name, have, value) {
			continue
		}
		if _, given := i.Bond.Options[name]; !given && (!exists || have == "") {
			continue // of another kernel, or not told in this mode
		}
		old[name], change[name] = have, value
	}
	if _, other := change["mode"]; other {
		// Modes without a primary port hide the one that a former mode had.
		old["primary"], change["primary"] = now["primary"], want["primary"]
	}
	return old, change, nil
}

// restarts tells whether a present bond must let its ports go for a moment,
// because the driver takes some options only then.
func (p *planner) restarts(bond string) bool {
	i, named := p.ifaces[bond]
	if !named || i.Bond == nil || p.now.Link(bond) == nil || p.gone[bond] {
		return false
	}
	_, change, err := p.changesOf(i)
	if err != nil {
		return false // told by bonds
	}
	for name := range change {
		if needsRestart(name) {
			return true
		}
	}
	return false
}

// bonds plans the options of bonds.
func (p *planner) bonds() error {
	for _, name := range p.names {
		i := p.ifaces[name]
		if i.Bond == nil || i.State == nmstate.Absent {
			continue
		}
		old, change, err := p.changesOf(i)
		if err != nil {
			return err
		}
		if l := p.now.Link(name); l != nil && !p.gone[name] && (p.restarts(name) || p.emptied(i)) {
			// With its last port a bond loses its address; networks keep theirs.
			p.add(phaseBond, &setMAC{Dev: name, Old: l.MAC, New: l.MAC})
		}
		if len(change) == 0 {
			continue
		}
		if p.restarts(name) {
			p.bounce(name)
			p.add(phaseBond, &setUp{Dev: name, Old: p.now.Link(name).Up})
		}
		// Which port is in use can be said only once there are ports. What it
		// was is the bond's own choice.
		active, given := change["active_slave"]
		old, change = maps.Clone(old), maps.Clone(change)
		delete(change, "active_slave")
		delete(old, "active_slave")
		if len(change) > 0 {
			p.add(phaseBond, &bondOptions{Bond: name, Old: old, New: change})
		}
		if given {
			p.add(phaseBondActive, &bondOptions{Bond: name, New: map[string]string{"active_slave": active}})
		}
	}
	return nil
}

// emptied tells whether none of a bond's present ports stays.
func (p *planner) emptied(i nmstate.Interface) bool {
	present := p.now.Ports(i.Name)
	return len(present) > 0 && !slices.ContainsFunc(present, func(l *snapshot.Link) bool { return slices.Contains(i.Bond.Port, l.Name) })
}
