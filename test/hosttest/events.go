// SPDX-License-Identifier: GPL-2.0-or-later

package hosttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"govdsm/client"
)

// Events are what a host has told since Listen.
type Events struct {
	mu   sync.Mutex
	list []client.Event
}

// Listen subscribes to the host's events until the test ends.
func Listen(t testing.TB, c *client.Host) *Events {
	t.Helper()
	sub, err := c.Subscribe(t.Context(), client.EventQueue)
	if err != nil {
		t.Fatal(err)
	}
	// The host handles frames in order: what answers after the subscription
	// answers when it stands.
	if _, err := c.Request(t.Context(), "Host.ping2", map[string]any{}); err != nil {
		t.Fatal(err)
	}
	e := &Events{}
	var reader sync.WaitGroup
	reader.Go(func() {
		for event := range sub.C {
			e.mu.Lock()
			e.list = append(e.list, event)
			e.mu.Unlock()
		}
	})
	t.Cleanup(func() { sub.Close(); reader.Wait() })
	return e
}

// VMStatus is one event VM_status.
type VMStatus map[string]any

// Status is the status in the event.
func (s VMStatus) Status() string { text, _ := s["status"].(string); return text }

// Of returns the events VM_status of one VM so far, in their order.
func (e *Events) Of(id string) ([]VMStatus, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []VMStatus
	for _, event := range e.list {
		if event.ID != "|virt|VM_status|"+id {
			continue
		}
		var params map[string]json.RawMessage
		var status VMStatus
		if err := json.Unmarshal(event.Params, &params); err != nil {
			return nil, err
		}
		var notified int64
		if err := json.Unmarshal(params["notify_time"], &notified); err != nil || notified <= 0 {
			return nil, fmt.Errorf("notify_time of %s: %w", event.Params, errors.Join(err, errors.New("not a positive number")))
		}
		if err := json.Unmarshal(params[id], &status); err != nil {
			return nil, fmt.Errorf("%s: %w", event.Params, err)
		}
		list = append(list, status)
	}
	return list, nil
}

// Await waits for an event VM_status with that status and returns it.
func (e *Events) Await(t testing.TB, id, status string) VMStatus {
	t.Helper()
	var found VMStatus
	Until(t, "the event "+status, func() error {
		list, err := e.Of(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			if s.Status() == status {
				found = s
				return nil
			}
		}
		return fmt.Errorf("events are %v", list)
	})
	return found
}
