// SPDX-License-Identifier: GPL-2.0-or-later

package drift

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"govdsm/internal/network/netconf"
)

// A Difference is one network or bond that two configurations do not have
// alike.
type Difference struct {
	Kind string `json:"kind"` // "network" or "bond"
	Name string `json:"name"`
	// What is "missing", "extra" or "different".
	What string   `json:"what"`
	How  []string `json:"how,omitzero"` // "mtu: 1500, should be 9000"
}

// What a Difference is.
const (
	Missing   = "missing"
	Extra     = "extra"
	Different = "different"
)

// String returns the difference as a line for people.
func (d Difference) String() string {
	line := fmt.Sprintf("%s %s is %s", d.Kind, d.Name, d.What)
	if len(d.How) > 0 {
		line += ": " + strings.Join(d.How, "; ")
	}
	return line
}

// Between tells in what have differs from want, sorted. Custom properties
// count only if both sides could know them: the kernel shows none.
func Between(want, have netconf.Config, custom bool) []Difference {
	var all []Difference
	members := func(v any) map[string]any { return membersOf(v, custom) }
	all = append(all, between("bond", want.Bonds, have.Bonds, members)...)
	return append(all, between("network", want.Networks, have.Networks, members)...)
}

func between[V any](kind string, want, have map[string]V, members func(any) map[string]any) []Difference {
	names := maps.Clone(want)
	if names == nil {
		names = make(map[string]V)
	}
	maps.Copy(names, have)
	var all []Difference
	for _, name := range slices.Sorted(maps.Keys(names)) {
		w, wanted := want[name]
		h, there := have[name]
		switch {
		case !there:
			all = append(all, Difference{Kind: kind, Name: name, What: Missing})
		case !wanted:
			all = append(all, Difference{Kind: kind, Name: name, What: Extra})
		default:
			if how := unlike(members(w), members(h)); len(how) > 0 {
				all = append(all, Difference{Kind: kind, Name: name, What: Different, How: how})
			}
		}
	}
	return all
}

// membersOf are the members as they are stored. No name servers and an empty
// list of them are the same.
func membersOf(v any, custom bool) map[string]any {
	members := make(map[string]any)
	raw, err := json.Marshal(v)
	if err != nil || json.Unmarshal(raw, &members) != nil {
		return nil // cannot be: it was read from JSON
	}
	if !custom {
		delete(members, "custom")
	}
	if list, ok := members["nameservers"].([]any); ok && len(list) == 0 {
		delete(members, "nameservers")
	}
	return members
}

func unlike(want, have map[string]any) []string {
	names := maps.Clone(want)
	maps.Copy(names, have)
	var how []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		w, wanted := want[name]
		h, there := have[name]
		switch {
		case reflect.DeepEqual(w, h):
		case !there:
			how = append(how, fmt.Sprintf("%s: none, should be %s", name, text(w)))
		case !wanted:
			how = append(how, fmt.Sprintf("%s: %s, should be none", name, text(h)))
		default:
			how = append(how, fmt.Sprintf("%s: %s, should be %s", name, text(h), text(w)))
		}
	}
	return how
}

func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}
