// SPDX-License-Identifier: GPL-2.0-or-later

package api

import (
	"reflect"
	"slices"
)

// Event is the declaration of one event: its place in the name
// "|namespace|name|id" and the type of its parameters. The member notify_time,
// milliseconds of the monotonic clock, is added when the event is published.
type Event[P any] struct{ *EventDeclaration }

// EventDeclaration is the untyped view of an event.
type EventDeclaration struct {
	Namespace string
	Name      string
	Params    reflect.Type
}

// ID returns the name of the event about the object id, as subscribers see it.
func (e *EventDeclaration) ID(id string) string {
	return "|" + e.Namespace + "|" + e.Name + "|" + id
}

// events collects the events while the package's variables are initialised and
// is not written afterwards.
var events []*EventDeclaration

func declareEvent[P any](namespace, name string) Event[P] {
	d := &EventDeclaration{Namespace: namespace, Name: name, Params: reflect.TypeFor[P]()}
	events = append(events, d)
	return Event[P]{d}
}

// Events returns all declared events.
func Events() []*EventDeclaration { return slices.Clone(events) }
