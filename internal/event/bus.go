// SPDX-License-Identifier: GPL-2.0-or-later

// Package event carries events from the pillars that publish them to whoever
// delivers them to clients.
package event

import (
	"encoding/json"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"govdsm/api"
)

// Notice is a published event, ready for the wire.
type Notice struct {
	ID     string          // "|virt|VM_status|<vmId>"
	Params json.RawMessage // an object with notify_time
}

// Bus hands every published event to every sink, in the order of publishing.
// A sink is called with the bus locked: it must neither block nor publish.
type Bus struct {
	mu    sync.Mutex
	sinks map[int]func(Notice)
	next  int
}

// NewBus returns a bus without sinks; what is published before there is one
// is dropped, as nobody could have heard it.
func NewBus() *Bus { return &Bus{sinks: make(map[int]func(Notice))} }

// Subscribe adds a sink until the returned function is called.
func (b *Bus) Subscribe(sink func(Notice)) (cancel func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := b.next
	b.next++
	b.sinks[id] = sink
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.sinks, id)
	}
}

// Publish sends the event about the object id. Params must marshal to a JSON
// object; notify_time is added to it.
func Publish[P any](b *Bus, e api.Event[P], id string, params P) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("event %s: %w", e.ID(id), err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	raw, err = withTime(raw)
	if err != nil {
		return fmt.Errorf("event %s: %w", e.ID(id), err)
	}
	for _, sink := range b.sinks {
		sink(Notice{ID: e.ID(id), Params: raw})
	}
	return nil
}

// withTime adds notify_time as the last member of an object.
func withTime(object json.RawMessage) (json.RawMessage, error) {
	if len(object) < 2 || object[len(object)-1] != '}' {
		return nil, fmt.Errorf("parameters are not an object: %.40s", object)
	}
	comma := ","
	if string(object) == "{}" {
		comma = ""
	}
	return fmt.Appendf(object[:len(object)-1], `%s"notify_time":%d}`, comma, Now()), nil
}

// Now returns the clock that orders events and states for a manager:
// milliseconds of the kernel's monotonic clock, as notify_time and statusTime
// carry it.
func Now() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0 // cannot happen on Linux
	}
	return ts.Nano() / 1e6
}
