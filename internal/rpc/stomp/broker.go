// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"slices"
	"sync"
)

// subscription is one client's wish to hear of one destination.
type subscription struct {
	session     *session
	id          string // unique within the session
	destination string
}

func (s *subscription) put(frame []byte) { s.session.put(frame) }

// broker is the table of subscriptions by destination over all sessions. The
// lists in it are never changed in place, so that a reader needs no lock to
// walk one.
type broker struct {
	mu   sync.RWMutex
	subs map[string][]*subscription
	n    int
}

// of returns the subscriptions of exactly this destination, oldest first.
func (b *broker) of(destination string) []*subscription {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.subs[destination]
}

func (b *broker) add(s *subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	// Clip makes append copy rather than write into what a reader holds.
	b.subs[s.destination] = append(slices.Clip(b.subs[s.destination]), s)
	b.n++
}

func (b *broker) remove(s *subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.subs[s.destination]
	if len(old) == 1 {
		delete(b.subs, s.destination)
	} else {
		left := make([]*subscription, 0, len(old)-1)
		for _, o := range old {
			if o != s {
				left = append(left, o)
			}
		}
		b.subs[s.destination] = left
	}
	b.n--
}

func (b *broker) count() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.n
}
