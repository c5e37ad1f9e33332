// SPDX-License-Identifier: GPL-2.0-or-later

// Package vswitch is Open vSwitch's configuration on this host: bridges with
// their ports and interfaces, as its database has them
// (ovs-vswitchd.conf.db(5)).
//
// State is what the database held at one moment. A Change gathers what shall be
// different and is one transaction: all of it or nothing. Open vSwitch acts on
// the database when it gets to it; Settle waits until it has. Every call ends
// in bounded time: see package ovsdb.
package vswitch

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// State is a reading of the database.
type State struct {
	Bridges map[string]*Bridge
	// Mappings are what OVN finds its bridges by: "network:bridge,…". nil when
	// the database has no such word.
	Mappings *string
	SystemID string // of this host in OVN, "" when nobody gave it one

	root string // UUID of the one row of Open_vSwitch
}

// Row has the columns that an administrator sets, as the database writes them,
// except those that are empty. It is enough to make the row again.
type Row map[string]json.RawMessage

// Bridge is a bridge.
type Bridge struct {
	Name  string
	Row   Row
	Ports map[string]*Port
	// Attached names the columns by which rows hang on the bridge that would go
	// with it: controllers, mirrors, flow exporters.
	Attached []string

	uuid string
}

// Port is a port of a bridge.
type Port struct {
	Name       string      `json:"name"`
	Row        Row         `json:"row"`
	Interfaces []Interface `json:"interfaces"`

	uuid string
}

// Interface is what a port leads to. There are several only where Open vSwitch
// itself bonds them.
type Interface struct {
	Name  string `json:"name"`
	Row   Row    `json:"row"`
	Error string `json:"-"` // why Open vSwitch cannot use it, "" when it can
}

// TypeInternal is the type of an interface that Open vSwitch makes for the
// host. Devices of the host have the type "".
const TypeInternal = "internal"

// Internal tells whether the port leads into the host: Open vSwitch makes a
// link of its name.
func (p *Port) Internal() bool {
	return len(p.Interfaces) == 1 && text(p.Interfaces[0].Row["type"]) == TypeInternal
}

// Tag returns the VLAN of a port, nil when it has none.
func (p *Port) Tag() *int { return number(p.Row["tag"]) }

// Port returns the port of the name and its bridge, nil when there is none.
func (s *State) Port(name string) (*Port, *Bridge) {
	for _, b := range s.Bridges {
		if p := b.Ports[name]; p != nil {
			return p, b
		}
	}
	return nil, nil
}

// PortOf is Port for the port that leads to an interface, which has the same
// name unless Open vSwitch bonds several.
func (s *State) PortOf(iface string) (*Port, *Bridge) {
	for _, b := range s.Bridges {
		for _, p := range b.Ports {
			if slices.ContainsFunc(p.Interfaces, func(i Interface) bool { return i.Name == iface }) {
				return p, b
			}
		}
	}
	return nil, nil
}

// Text describes everything that an administrator sets, one line for each
// bridge and port. Two states with the same text are the same configuration.
func (s *State) Text() string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(s.Bridges)) {
		b := s.Bridges[name]
		lines = append(lines, "bridge "+name+b.Row.text())
		for _, port := range slices.Sorted(maps.Keys(b.Ports)) {
			p := b.Ports[port]
			line := "bridge " + name + " port " + port + p.Row.text()
			for _, i := range slices.SortedFunc(slices.Values(p.Interfaces), func(a, b Interface) int { return cmp.Compare(a.Name, b.Name) }) {
				line += " interface " + i.Name + i.Row.text()
			}
			lines = append(lines, line)
		}
	}
	if s.Mappings != nil {
		lines = append(lines, "mappings "+*s.Mappings)
	}
	return strings.Join(lines, "\n")
}

func (r Row) text() string {
	var b strings.Builder
	for _, column := range slices.Sorted(maps.Keys(r)) {
		fmt.Fprintf(&b, " %s=%s", column, r[column])
	}
	return b.String()
}

// text returns the text that a column holds, "" when it holds none.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// number returns the number that a column holds, nil when it holds none.
func number(raw json.RawMessage) *int {
	var n int
	if len(raw) == 0 || json.Unmarshal(raw, &n) != nil {
		return nil
	}
	return &n
}

// Described tells, by the name of each bridge and port, what an administrator
// sets of it. A bridge may have a port of its own name.
func (s *State) Described() map[string]string {
	all := make(map[string]string)
	for line := range strings.Lines(s.Text()) {
		words := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 5)
		switch {
		case len(words) > 3 && words[0] == "bridge" && words[2] == "port":
			all[words[3]] += line
		case len(words) > 1 && words[0] == "bridge":
			all[words[1]] += line
		}
	}
	return all
}

// Difference words what leads from one row to another.
func Difference(from, to Row) string {
	var b strings.Builder
	for _, column := range slices.Sorted(maps.Keys(to)) {
		old, now := cmp.Or(string(from[column]), "none"), cmp.Or(string(to[column]), "none")
		if empty(column, from[column]) {
			old = "none"
		}
		if empty(column, to[column]) {
			now = "none"
		}
		fmt.Fprintf(&b, " %s %s to %s", column, old, now)
	}
	return b.String()
}
