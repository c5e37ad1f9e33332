// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"encoding/json"
	"fmt"
)

// Step is one small change of the kernel, and its reverse. Its text is what a
// person reads: "create bridge blue", "mtu of eth0: 1500 to 9000".
//
// A step is data, so that the journal can hold it and another process can undo
// it. Undoing makes sure of the former state: it may be asked of a step that
// was never done, was done half, or whose link has vanished.
type Step interface {
	fmt.Stringer
	// kind names the type in the journal.
	kind() string
	// subject is the link that the step is about, "" if it is about none. What
	// is about a link that goes away needs no undoing of its own.
	subject() string
	do(ctx context.Context, r *run) error
	undo(ctx context.Context, r *run) error
}

// blank returns a pointer to an empty step of the kind, nil for a kind that
// this version does not know.
func blank(kind string) Step {
	for _, s := range []Step{
		&createLink{}, &deleteLink{}, &setMaster{}, &setUp{}, &setMTU{}, &setMAC{},
		&bondOptions{}, &tune{}, &address{}, &route{}, &rule{}, &shape{}, &setVFs{}, &replaceFile{},
		&switchBridge{}, &switchPort{}, &switchColumns{}, &switchMappings{}, &takeDown{},
	} {
		if s.kind() == kind {
			return s
		}
	}
	return nil
}

// entry is a step in the journal.
type entry struct {
	Kind string          `json:"step"`
	What string          `json:"what"` // for people
	Data json.RawMessage `json:"data"`
}

func encode(s Step) (entry, error) {
	data, err := json.Marshal(s)
	return entry{Kind: s.kind(), What: s.String(), Data: data}, err
}

func decode(e entry) (Step, error) {
	s := blank(e.Kind)
	if s == nil {
		return nil, fmt.Errorf("unknown kind of step %q", e.Kind)
	}
	if err := json.Unmarshal(e.Data, s); err != nil {
		return nil, fmt.Errorf("step %q: %w", e.What, err)
	}
	return s, nil
}

// created returns the links that the steps make.
func created(steps []Step) map[string]bool {
	names := make(map[string]bool)
	for _, s := range steps {
		switch s := s.(type) {
		case *createLink:
			names[s.Link.Name] = true
		case *switchPort:
			if !s.Remove && s.Port.Internal() {
				names[s.Port.Name] = true
			}
		}
	}
	return names
}
