// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"context"
	"sync"

	"govdsm/internal/network/netlink"
)

// cache keeps the last state while it is known to be current.
type cache struct {
	read func(context.Context) (*state, error)
	wake chan struct{} // of whoever looks for news; holds one

	reading chan struct{} // holds one token: whose it is reads

	mu    sync.Mutex
	watch *netlink.Watch // nil while nobody watches: nothing is kept
	turn  uint64         // counts invalidations
	kept  *state         // nil when a change made it old
}

// get returns a state that holds every change made before the call.
func (c *cache) get(ctx context.Context) (*state, error) {
	if s := c.current(); s != nil {
		return s, nil
	}
	// One reads, the others wait: most likely it will do for them.
	select {
	case c.reading <- struct{}{}:
		defer func() { <-c.reading }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if s := c.current(); s != nil {
		return s, nil
	}
	c.mu.Lock()
	turn, watched := c.turn, c.watch != nil
	c.mu.Unlock()
	s, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if watched && c.watch != nil && c.turn == turn { // else it may be old already
		c.kept = s
	}
	return s, nil
}

// current returns the state that is kept, if nothing has happened since.
func (c *cache) current() *state {
	c.mu.Lock()
	s, w := c.kept, c.watch
	c.mu.Unlock()
	if s == nil || w == nil || !w.Current() {
		return nil
	}
	// What Current waited for may have made it old.
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept != s {
		return nil
	}
	return s
}

// invalidate forgets the state, and wakes whoever looks for news.
func (c *cache) invalidate() {
	c.mu.Lock()
	c.turn++
	c.kept = nil
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// watchWith makes the cache keep states while w tells of changes; nil ends it.
func (c *cache) watchWith(w *netlink.Watch) {
	c.mu.Lock()
	c.watch = w
	c.mu.Unlock()
	c.invalidate()
}
