// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"govdsm/lab"
)

// area collects the cases of one area of the contract for one switch type.
type area struct {
	sw    string // "legacy" or "ovs"
	cases []testCase
}

type testCase struct {
	name string
	run  func(h *host)
}

func (a *area) add(name string, run func(h *host)) {
	a.cases = append(a.cases, testCase{name, run})
}

// legacy adds a case that has no sense on Open vSwitch.
func (a *area) legacy(name string, run func(h *host)) {
	if a.sw == "legacy" {
		a.add(name, run)
	}
}

// eachWay adds the case with and without the property.
func (a *area) eachWay(name, property string, run func(h *host, yes bool)) {
	a.add(name+", "+property, func(h *host) { run(h, true) })
	a.add(name+", not "+property, func(h *host) { run(h, false) })
}

// bridged adds the case with a bridge and without.
func (a *area) bridged(name string, run func(h *host, bridged bool)) {
	a.eachWay(name, "bridged", run)
}

// bases adds the case on a card and on a bond, bridged and not.
func (a *area) bases(name string, run func(h *host, bridged, bonded bool)) {
	for _, bonded := range []bool{false, true} {
		a.bridged(name+map[bool]string{false: " on a card", true: " on a bond"}[bonded],
			func(h *host, bridged bool) { run(h, bridged, bonded) })
	}
}

// run runs areas in this machine, which must be a lab host with our daemons.
func run(t *testing.T, sw string, areas map[string]func(*area)) {
	if !lab.Inside() {
		t.Skip("runs in a host only")
	}
	m := newMachine(t)
	for _, name := range slices.Sorted(maps.Keys(areas)) {
		a := &area{sw: sw}
		areas[name](a)
		t.Run(name, func(t *testing.T) {
			fmt.Fprintf(t.Output(), "%s: %d cases\n", name, len(a.cases))
			for _, c := range a.cases {
				t.Run(c.name, func(t *testing.T) {
					h := m.host(t, sw)
					defer h.clean()
					c.run(h)
				})
			}
		})
	}
}
