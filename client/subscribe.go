// SPDX-License-Identifier: GPL-2.0-or-later

package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"govdsm/api"
)

// EventQueue is where hosts publish their events.
const EventQueue = "jms.queue.events"

// backlog is how many events wait for a subscriber before some are missed.
const backlog = 4096

// Event is something that happened on a host.
type Event struct {
	ID     string          // "|virt|VM_status|<vmId>"
	Params json.RawMessage // an object; notify_time is among its members
	// Missed is how many events before this one were dropped because they were
	// not read in time; -1 when the connection was lost and made again, so that
	// nobody knows.
	Missed int
}

// As decodes an event of the declared kind, without its notify_time; ok is
// false for another kind.
func As[P any](e Event, kind api.Event[P]) (params P, ok bool, err error) {
	if !strings.HasPrefix(e.ID, kind.ID("")) {
		return params, false, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(e.Params, &members); err != nil {
		return params, true, err
	}
	delete(members, "notify_time") // it stands beside the VMs in a map of VMs
	own, err := json.Marshal(members)
	if err != nil {
		return params, true, err
	}
	return params, true, json.Unmarshal(own, &params)
}

// Subscription hears the events of one queue.
type Subscription struct {
	// C is closed when the subscription ends or the Host is closed.
	C <-chan Event

	host   *Host
	queue  string
	events chan Event

	// Guarded by host.mu.
	id     string // on the connection in use
	missed int    // see Event.Missed
}

// Subscribe starts hearing a queue, usually EventQueue.
func (h *Host) Subscribe(ctx context.Context, queue string) (*Subscription, error) {
	l, err := h.current(ctx)
	if err != nil {
		return nil, err
	}
	events := make(chan Event, backlog)
	id := uuid.NewString()
	s := &Subscription{C: events, host: h, queue: queue, id: id, events: events}
	h.mu.Lock()
	if h.err != nil {
		h.mu.Unlock()
		return nil, h.err
	}
	h.subs[id] = s
	h.mu.Unlock()
	if err := l.wire.Subscribe(id, queue); err != nil {
		h.forget(s)
		return nil, fmt.Errorf("subscribing to %s: %w", queue, err)
	}
	return s, nil
}

// Close ends the subscription.
func (s *Subscription) Close() {
	h := s.host
	h.mu.Lock()
	l, id := h.link, s.id
	h.mu.Unlock()
	if l != nil {
		_ = l.wire.Unsubscribe(id) // a broken connection has no subscriptions
	}
	h.forget(s)
}

func (h *Host) forget(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.subs[s.id]; there {
		delete(h.subs, s.id)
		close(s.events)
	}
}

// deliver hands an event to every subscription of its queue. A subscriber that
// does not read misses events; it never holds up the others.
func (h *Host) deliver(queue string, message reply) {
	if message.Method == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.subs {
		if s.queue != queue {
			continue
		}
		select {
		case s.events <- Event{ID: message.Method, Params: message.Params, Missed: s.missed}:
			s.missed = 0
		default:
			if s.missed >= 0 {
				s.missed++
			}
		}
	}
}

// resubscribe puts all subscriptions onto a new connection, with new ids as
// the original's library does.
func (h *Host) resubscribe(l *link) error {
	h.mu.Lock()
	subs := make([]*Subscription, 0, len(h.subs))
	for _, s := range h.subs {
		delete(h.subs, s.id)
		s.id = uuid.NewString()
		s.missed = -1
		subs = append(subs, s)
	}
	queues := make(map[string]string, len(subs))
	for _, s := range subs {
		h.subs[s.id] = s
		queues[s.id] = s.queue
	}
	h.mu.Unlock()
	for id, queue := range queues {
		if err := l.wire.Subscribe(id, queue); err != nil {
			_ = l.wire.Close()
			return err
		}
	}
	return nil
}

func (h *Host) endSubscriptions() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, s := range h.subs {
		delete(h.subs, id)
		close(s.events)
	}
}
