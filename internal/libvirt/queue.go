// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import "sync"

// queueLimit is how many events may wait. libvirt's own thread fills the queue
// and must never block; a handler that far behind has to look anew anyway.
const queueLimit = 1 << 16

// queue hands events from libvirt's thread to the handler's goroutine.
type queue struct {
	handle func(Event)

	mu     sync.Mutex
	events []Event
	closed bool
	filled chan struct{} // holds a token while there may be something to do
}

func newQueue(handle func(Event)) *queue {
	return &queue{handle: handle, filled: make(chan struct{}, 1)}
}

// put appends an event; it never blocks.
func (q *queue) put(e Event) {
	q.mu.Lock()
	if len(q.events) >= queueLimit {
		q.events = []Event{Lost{}}
	}
	q.events = append(q.events, e)
	q.mu.Unlock()
	q.wake()
}

// close lets run return once it has handed out what is there.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.wake()
}

func (q *queue) wake() {
	select {
	case q.filled <- struct{}{}:
	default:
	}
}

func (q *queue) run() {
	for range q.filled {
		q.mu.Lock()
		events, closed := q.events, q.closed
		q.events = nil
		q.mu.Unlock()
		for _, e := range events {
			q.handle(e)
		}
		if closed {
			return
		}
	}
}
