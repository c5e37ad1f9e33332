// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Change is one thing that a state would change on a host.
type Change struct {
	Sign byte   // '+' comes, '-' goes, '~' changes
	What string // "eth0", "route 0.0.0.0/0 via 192.0.2.1 dev eth0 table main"
	How  []string
}

// String returns the change as a line of a diff.
func (c Change) String() string {
	line := string(c.Sign) + " " + c.What
	if len(c.How) > 0 {
		line += ": " + strings.Join(c.How, "; ")
	}
	return line
}

// Text returns changes as a diff that people read, one in a line.
func Text(changes []Change) string {
	var b strings.Builder
	for _, c := range changes {
		b.WriteString(c.String() + "\n")
	}
	return b.String()
}

// AsCurrent returns the state that a host is in which has all of s and nothing
// else, to compare a plan with another plan.
func (s State) AsCurrent() Current {
	c := Current{
		Interfaces: make(map[string]Interface), Nameservers: s.Nameservers, BridgeMappings: s.BridgeMappings,
	}
	for _, i := range s.Interfaces {
		if i.State != Absent {
			c.Interfaces[i.Name] = i
		}
	}
	for _, r := range s.Routes {
		if r.State != Absent {
			c.Routes = append(c.Routes, r)
		}
	}
	for _, r := range s.Rules {
		if r.State != Absent {
			c.Rules = append(c.Rules, r)
		}
	}
	return c
}

// Diff returns what the wanted state would change on a host: interfaces first,
// then routes, rules and name servers. What is so already is left out.
func Diff(current Current, wanted State) []Change {
	var changes []Change
	for _, want := range wanted.Interfaces {
		have, there := current.Interfaces[want.Name]
		if c, any := diffInterface(have, there, want); any {
			changes = append(changes, c)
		}
	}
	changes = append(changes, diffList("route ", current.Routes, wanted.Routes)...)
	changes = append(changes, diffList("rule ", current.Rules, wanted.Rules)...)
	if wanted.SetsDNS && !slices.Equal(current.Nameservers, wanted.Nameservers) {
		how := turns("", listed(current.Nameservers), listed(wanted.Nameservers))
		changes = append(changes, Change{'~', "name servers", []string{how}})
	}
	if wanted.SetsMappings && current.BridgeMappings != wanted.BridgeMappings {
		how := turns("", orNone(current.BridgeMappings), orNone(wanted.BridgeMappings))
		changes = append(changes, Change{'~', bridgeMappings, []string{how}})
	}
	return changes
}

// entry is a route or a rule.
type entry[K comparable] interface {
	key() K
	absent() bool
	text() string
}

// diffList compares routes or rules. What goes and comes again is no change.
func diffList[K comparable, E entry[K]](kind string, current, wanted []E) []Change {
	there, stays := make(map[K]bool, len(current)), make(map[K]bool, len(wanted))
	for _, e := range current {
		there[e.key()] = true
	}
	for _, e := range wanted {
		if !e.absent() {
			stays[e.key()] = true
		}
	}
	var changes []Change
	for _, e := range wanted {
		switch k := e.key(); {
		case e.absent() && there[k] && !stays[k]:
			changes = append(changes, Change{Sign: '-', What: kind + e.text()})
		case !e.absent() && !there[k]:
			changes = append(changes, Change{Sign: '+', What: kind + e.text()})
		}
	}
	return changes
}

// diffInterface compares what the wanted interface names.
func diffInterface(have Interface, there bool, want Interface) (Change, bool) {
	switch {
	case want.State == Absent && !there:
		return Change{}, false
	case want.State == Absent:
		return Change{Sign: '-', What: want.Name, How: nonEmpty(have.Type)}, true
	case !there:
		return Change{Sign: '+', What: want.Name, How: want.describe()}, true
	}
	var how []string
	for _, a := range want.aspects() {
		is := ""
		for _, b := range have.aspects() {
			if b.name == a.name {
				is = b.value
			}
		}
		if !strings.EqualFold(is, a.value) {
			how = append(how, turns(a.name, orNone(is), a.value))
		}
	}
	return Change{Sign: '~', What: want.Name, How: how}, len(how) > 0
}

// aspect is something about an interface, for people.
type aspect struct{ name, value string }

// aspects returns what is said about an interface.
func (i Interface) aspects() []aspect {
	var all []aspect
	add := func(name, value string) {
		if value != "" {
			all = append(all, aspect{name, value})
		}
	}
	add("type", i.Type)
	add("state", i.State)
	if i.MTU != 0 {
		add("mtu", fmt.Sprint(i.MTU))
	}
	add("mac", strings.ToLower(i.MAC))
	if i.VLAN != nil {
		add("tag", fmt.Sprintf("%d on %s", i.VLAN.ID, i.VLAN.BaseIface))
	}
	if i.Bond != nil {
		add("mode", i.Bond.Mode)
		add("ports", listed(i.Bond.Port))
		// Options that fall back to their defaults are not told: only the
		// kernel knows which those are.
		for _, name := range slices.Sorted(maps.Keys(i.Bond.Options)) {
			add(name, i.Bond.Options[name])
		}
	}
	if i.Bridge != nil {
		if i.Bridge.Options != nil && i.Bridge.Options.STP != nil {
			add("stp", map[bool]string{true: "on", false: "off"}[i.Bridge.Options.STP.Enabled])
		}
		if i.Bridge.Port != nil {
			add("ports", i.Bridge.ports())
		}
	}
	if i.Ethernet != nil && i.Ethernet.SRIOV != nil {
		add("virtual functions", fmt.Sprint(i.Ethernet.SRIOV.TotalVFs))
	}
	add("ipv4", i.IPv4.text())
	add("ipv6", i.IPv6.text())
	return all
}

// describe returns the aspects of a new interface in a few words.
func (i Interface) describe() []string {
	var how []string
	for _, a := range i.aspects() {
		switch {
		case a.name == "type":
			how = append(how, a.value)
		case a.name == "state" && a.value == Up, a.value == off: // as one expects
		default:
			how = append(how, a.name+" "+a.value)
		}
	}
	return how
}
