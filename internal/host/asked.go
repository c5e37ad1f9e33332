// SPDX-License-Identifier: GPL-2.0-or-later

package host

import (
	"context"
	"sync"
	"time"
)

const (
	// patience is how long an answer to a client waits for one source. A
	// manager that is told too little takes the host for unfit, so an answer
	// that is late is better than a poor one.
	patience = 20 * time.Second
	// enough is how long a source is waited for at all: libvirt may take that
	// long to look at new emulators.
	enough = time.Minute
)

// asked is a source of facts that may hang. At most one question is under way;
// whoever comes meanwhile waits for the same answer. Nobody waits longer than
// patience, and the last good answer is kept for when the next one fails.
type asked[T any] struct {
	mu       sync.Mutex
	underWay *question[T]
	last     T
	ever     bool
}

// question is one call of the source. Its fields are set before done closes.
type question[T any] struct {
	done   chan struct{}
	answer T
	err    error
}

// get asks. With an error it returns the last good answer, if ever there was
// one. The question outlives the caller, but not life.
func (a *asked[T]) get(ctx, life context.Context, ask func(context.Context) (T, error)) (answer T, known bool, err error) {
	q := a.join(context.WithoutCancel(ctx), life, ask)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-q.done:
		if q.err == nil {
			return q.answer, true, nil
		}
		err = q.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last, a.ever, err
}

func (a *asked[T]) join(ctx, life context.Context, ask func(context.Context) (T, error)) *question[T] {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.underWay != nil {
		return a.underWay
	}
	q := &question[T]{done: make(chan struct{})}
	a.underWay = q
	go func() {
		ctx, cancel := context.WithTimeout(ctx, enough)
		defer cancel()
		defer context.AfterFunc(life, cancel)()
		q.answer, q.err = ask(ctx)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.underWay = nil
		if q.err == nil {
			a.last, a.ever = q.answer, true
		}
		close(q.done)
	}()
	return q
}
