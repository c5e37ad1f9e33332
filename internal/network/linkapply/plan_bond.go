// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"cmp"
	"fmt"

	"govdsm/internal/network/nmstate"
)

// modeOf returns the mode that a document names, or the kernel's default.
func modeOf(i nmstate.Interface) string {
	if i.Bond == nil {
		return ""
	}
	return cmp.Or(i.Bond.Mode, i.Bond.Options["mode"], "balance-rr")
}

// changesOf returns the options of a bond that differ from what is wanted, and
// their present values. A bond that is not there has none of them.
func (p *planner) changesOf(i nmstate.Interface) (old, change map[string]string, err error) {
	mode, err := bondMode(modeOf(i))
	if err != nil {
		return nil, nil, fmt.Errorf("bond %s: %w", i.Name, err)
	}
	want := wantedBond(mode, i.Bond.Options)
	if p.now.Link(i.Name) == nil || p.gone[i.Name] {
		for name, value := range want {
			if _, given := i.Bond.Options[name]; !given && name != "miimon" {
				delete(want, name) // the kernel's own default
			}
			_ = value
		}
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
		if _, given := i.Bond.Options[name]; !exists && !given {
			continue
		}
		old[name], change[name] = have, value
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
		if len(change) == 0 {
			continue
		}
		if p.restarts(name) {
			p.bounce(name)
			p.add(phaseBond, &setUp{Dev: name, Old: p.now.Link(name).Up})
		}
		// Ports can be preferred only once they are ports.
		before, after := split(change)
		oldBefore, oldAfter := split(old)
		if len(before) > 0 {
			p.add(phaseBond, &bondOptions{Bond: name, Old: oldBefore, New: before})
		}
		if len(after) > 0 {
			p.add(phaseBondPrimary, &bondOptions{Bond: name, Old: oldAfter, New: after})
		}
	}
	return nil
}

func split(options map[string]string) (others, ports map[string]string) {
	others, ports = map[string]string{}, map[string]string{}
	for name, value := range options {
		if name == "primary" || name == "active_slave" {
			ports[name] = value
		} else {
			others[name] = value
		}
	}
	return others, ports
}
