// SPDX-License-Identifier: GPL-2.0-or-later

package ovsdb

import (
	"encoding/json"
	"fmt"
)

// Atoms returns the values of a column: those of a set, or the only one. A
// set of one is written like the value itself (RFC 7047, section 5.1).
func Atoms(raw json.RawMessage) ([]json.RawMessage, error) {
	var pair []json.RawMessage
	if json.Unmarshal(raw, &pair) != nil {
		return []json.RawMessage{raw}, nil
	}
	var tag string
	if len(pair) != 2 || json.Unmarshal(pair[0], &tag) != nil {
		return nil, fmt.Errorf("%w: %.80s is no value", ErrProtocol, raw)
	}
	if tag != "set" {
		return []json.RawMessage{raw}, nil
	}
	var all []json.RawMessage
	if err := json.Unmarshal(pair[1], &all); err != nil {
		return nil, fmt.Errorf("%w: %.80s is no set", ErrProtocol, raw)
	}
	return all, nil
}

// UUIDs returns the rows that a column refers to.
func UUIDs(raw json.RawMessage) ([]string, error) {
	atoms, err := Atoms(raw)
	if err != nil {
		return nil, err
	}
	list := make([]string, 0, len(atoms))
	for _, a := range atoms {
		var pair [2]string
		if err := json.Unmarshal(a, &pair); err != nil || pair[0] != "uuid" {
			return nil, fmt.Errorf("%w: %.80s is no UUID", ErrProtocol, a)
		}
		list = append(list, pair[1])
	}
	return list, nil
}

// Optional returns the value of a column that has one or none, nil for none.
func Optional[V any](raw json.RawMessage) (*V, error) {
	atoms, err := Atoms(raw)
	if err != nil || len(atoms) == 0 {
		return nil, err
	}
	var v V
	if err := json.Unmarshal(atoms[0], &v); err != nil || len(atoms) > 1 {
		return nil, fmt.Errorf("%w: %.80s is no single value of the kind", ErrProtocol, raw)
	}
	return &v, nil
}

// Pairs returns a column that maps texts to texts.
func Pairs(raw json.RawMessage) (map[string]string, error) {
	var whole [2]json.RawMessage
	var tag string
	var pairs [][2]string
	if json.Unmarshal(raw, &whole) != nil || json.Unmarshal(whole[0], &tag) != nil || tag != "map" ||
		json.Unmarshal(whole[1], &pairs) != nil {
		return nil, fmt.Errorf("%w: %.80s is no map", ErrProtocol, raw)
	}
	m := make(map[string]string, len(pairs))
	for _, p := range pairs {
		m[p[0]] = p[1]
	}
	return m, nil
}
