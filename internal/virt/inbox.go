// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"sync"

	"govdsm/internal/libvirt"
)

// inbox keeps libvirt's events until the pillar gets to them: during recovery
// they wait.
type inbox struct {
	mu     sync.Mutex
	events []libvirt.Event
	filled chan struct{} // holds a token while there may be events
}

// Handle takes an event of libvirt. It does not block.
func (m *VMs) Handle(e libvirt.Event) {
	m.inbox.mu.Lock()
	m.inbox.events = append(m.inbox.events, e)
	m.inbox.mu.Unlock()
	select {
	case m.inbox.filled <- struct{}{}:
	default:
	}
}

func (i *inbox) take() []libvirt.Event {
	i.mu.Lock()
	defer i.mu.Unlock()
	events := i.events
	i.events = nil
	return events
}

// follow hands events to the VMs they are about, until the context ends.
func (m *VMs) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.inbox.filled:
		}
		for _, e := range m.inbox.take() {
			m.route(e)
		}
	}
}
