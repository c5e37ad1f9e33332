// SPDX-License-Identifier: GPL-2.0-or-later

package drift

import (
	"maps"

	"govdsm/internal/network/netconf"
)

// Status is how a host's configurations differ, for people.
type Status struct {
	Kernel   []Difference `json:"kernel"`   // what the kernel has is not what was set up
	Boot     []Difference `json:"boot"`     // what was set up is not what the next boot restores
	Problems []string     `json:"problems"` // files that cannot be understood
	// Unseen are networks of Open vSwitch, when nothing here speaks to it.
	Unseen []string `json:"unseen"`
}

// Drifted tells whether there is anything to report.
func (s Status) Drifted() bool { return len(s.Kernel)+len(s.Boot)+len(s.Problems) > 0 }

// Status compares.
func (v View) Status() Status {
	s := Status{Kernel: []Difference{}, Boot: []Difference{}, Problems: []string{}, Unseen: []string{}}
	for _, p := range v.Problems {
		s.Problems = append(s.Problems, p.Error())
	}
	seen := v.Kernel.Clone()
	// A bond that nobody set up is somebody's.
	maps.DeleteFunc(seen.Bonds, func(name string, _ netconf.Bond) bool {
		_, ours := v.Running.Bonds[name]
		return !ours
	})
	expected := v.Running.Clone()
	for name, n := range v.Running.Networks {
		have, there := seen.Networks[name]
		switch {
		case !there && n.Switch == netconf.SwitchOVS:
			delete(expected.Networks, name)
			s.Unseen = append(s.Unseen, name)
		case there && !v.SeesQoS:
			have.HostQoS = n.HostQoS
			seen.Networks[name] = have
		}
	}
	for name, b := range v.Running.Bonds {
		if _, there := seen.Bonds[name]; !there && b.Switch == netconf.SwitchOVS {
			delete(expected.Bonds, name)
		}
	}
	s.Kernel = append(s.Kernel, Between(expected, seen, false)...)
	s.Boot = append(s.Boot, Between(v.Persistent, v.Running, true)...)
	return s
}
