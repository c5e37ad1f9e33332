// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"context"
	"sync"
	"time"
)

// domain is the present helper of a key, those it replaces, and who waits.
type domain struct {
	pool *Pool
	key  string

	// mu orders everything here and the members of helpers that say so. No
	// other lock is taken under it but a helper's.
	mu      sync.Mutex
	current *helper          // nil when there is none
	silent  map[*helper]bool // given up, but not ended yet
	queue   []chan struct{}  // of calls that wait, oldest first; closed to wake
	checks  map[string]bool  // paths whose check has not been answered
	idle    *time.Timer
	closed  bool
}

// acquire returns a helper with a slot for the caller, and waits for one if it
// must. An urgent call needs no slot.
func (d *domain) acquire(ctx context.Context, urgent bool) (*helper, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for first := true; ; first = false {
		h, err := d.helper()
		if err != nil {
			return nil, err
		}
		// Who comes first goes first, except past those just woken: they look
		// again, and wait again at the head if they must.
		if urgent || h.outstanding < d.pool.o.Slots && (!first || len(d.queue) == 0) {
			h.outstanding++
			return h, nil
		}
		if first && len(d.queue) >= d.pool.o.Queue {
			return nil, ErrBusy
		}
		woken := make(chan struct{})
		if first {
			d.queue = append(d.queue, woken)
		} else {
			d.queue = append([]chan struct{}{woken}, d.queue...)
		}
		d.mu.Unlock()
		select {
		case <-woken:
			d.mu.Lock()
		case <-ctx.Done():
			d.mu.Lock()
			d.leave(woken)
			return nil, ended(ctx)
		}
	}
}

// leave takes a call out of the queue; one that has been woken already passes
// that on.
func (d *domain) leave(woken chan struct{}) {
	for i, w := range d.queue {
		if w == woken {
			d.queue = append(d.queue[:i:i], d.queue[i+1:]...)
			return
		}
	}
	d.wake(1)
}

// wake lets the oldest calls look again. d.mu is held.
func (d *domain) wake(n int) {
	for ; n > 0 && len(d.queue) > 0; n-- {
		close(d.queue[0])
		d.queue = d.queue[1:]
	}
}

// helper returns the present helper, a new one if there is none. d.mu is held.
func (d *domain) helper() (*helper, error) {
	switch {
	case d.closed:
		return nil, ErrClosed
	case d.current != nil:
		return d.current, nil
	case len(d.silent) >= d.pool.o.Silent:
		return nil, ErrBusy
	}
	h, err := start(d)
	if err != nil {
		return nil, err
	}
	d.current = h
	return h, nil
}

// release gives a slot of h back.
func (d *domain) release(h *helper) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h.outstanding--
	if h != d.current {
		return
	}
	d.wake(1)
	if h.outstanding > 0 || len(d.queue) > 0 {
		return
	}
	if d.idle != nil {
		d.idle.Stop()
	}
	d.idle = time.AfterFunc(d.pool.o.Idle, func() { d.dismiss(h) })
}

// dismiss ends a helper that has nothing to do.
func (d *domain) dismiss(h *helper) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if h != d.current || h.outstanding > 0 {
		return
	}
	d.current = nil
	h.codec.close()
}

// replace stops giving calls to h, which has fallen silent or has ended.
func (d *domain) replace(h *helper, silent bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if silent && !d.silent[h] {
		d.silent[h] = true
	}
	if h == d.current {
		d.current = nil
		d.wake(d.pool.o.Slots)
	}
}

// reaped forgets a helper whose process is gone.
func (d *domain) reaped(h *helper) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.silent, h)
	if h == d.current {
		d.current = nil
	}
	d.wake(d.pool.o.Slots)
}

// begin notes that the check of a path is under way, unless one is.
func (d *domain) begin(path string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.checks[path] {
		return false
	}
	d.checks[path] = true
	return true
}

// finish is the reverse of begin.
func (d *domain) finish(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.checks, path)
}

// close kills all helpers. It is called under the pool's lock.
func (d *domain) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.wake(len(d.queue))
	if d.idle != nil {
		d.idle.Stop()
	}
	if d.current != nil {
		d.current.kill()
	}
	for h := range d.silent {
		h.kill()
	}
}

// ended is the error of a call whose context has ended: the pool's time-out and
// a deadline of the caller's are the file system's fault.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != context.DeadlineExceeded {
		return cause
	}
	return ErrTimeout
}
