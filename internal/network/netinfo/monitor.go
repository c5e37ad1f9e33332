// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"govdsm/api"
	"govdsm/internal/network/netlink"
)

const (
	// settle is how long after a change its followers are waited for: one
	// piece of news for a manager, not ten.
	settle = 500 * time.Millisecond
	// longest is when news is told although the network does not settle.
	longest = 5 * time.Second
	// retry is the pause before the kernel is watched again when that failed.
	retry = time.Second
)

// Run watches the kernel until ctx ends. Without it every answer takes a new
// dump, and nobody is told of changes.
func (r *Reader) Run(ctx context.Context) {
	done := make(chan struct{})
	go func() { defer close(done); r.tellNews(ctx) }()
	defer func() { <-done }()
	for ctx.Err() == nil {
		err := r.watch(ctx)
		if ctx.Err() != nil {
			return
		}
		r.options.Log.ErrorContext(ctx, "the kernel's network cannot be watched", "err", err)
		pause(ctx, retry)
	}
}

func (r *Reader) watch(ctx context.Context) error {
	w, err := r.options.Kernel.Watch()
	if err != nil {
		return err
	}
	defer w.Close()
	r.cache.watchWith(w)
	defer r.cache.watchWith(nil)
	return w.Run(ctx, func(c netlink.Change) { r.take(ctx, c) })
}

// take is told of every change, in their order.
func (r *Reader) take(ctx context.Context, c netlink.Change) {
	r.cache.invalidate()
	if c.Failover {
		r.changed(ctx)
	}
}

func (r *Reader) changed(ctx context.Context) {
	if r.options.Changed != nil {
		r.options.Changed(ctx)
	}
}

// tellNews compares the state after changes with the one before.
func (r *Reader) tellNews(ctx context.Context) {
	var known string
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.cache.wake:
		}
		if known != "" { // the first time there is nothing to wait for
			r.settled(ctx)
		}
		s, err := r.cache.get(ctx)
		if err != nil {
			if ctx.Err() == nil {
				r.options.Log.WarnContext(ctx, "the network cannot be read", "err", err)
			}
			continue
		}
		now := s.newsworthy()
		if known != "" && now != known {
			r.options.Log.DebugContext(ctx, "the network changed")
			r.changed(ctx)
		}
		known = now
	}
}

// settled waits until nothing has changed for a while, and until a change of
// networks by ourselves has ended, which needs the processor for itself.
func (r *Reader) settled(ctx context.Context) {
	limit := time.Now().Add(longest)
	for ctx.Err() == nil && time.Now().Before(limit) {
		pause(ctx, settle)
		if r.options.UnderWay != nil && r.options.UnderWay() {
			limit = time.Now().Add(longest)
			continue
		}
		select {
		case <-r.cache.wake: // it goes on
		default:
			return
		}
	}
}

// newsworthy is the state as far as a manager would want to hear of a change.
// A VM that starts or stops changes the ports and the carrier of its bridge,
// and bridges have timers: nobody is woken for these.
func (s *state) newsworthy() string {
	c := s.capabilities(func(_ string, kernel Addressing) Addressing { return kernel })
	for name, b := range c.Bridges {
		b.Opts = nil
		b.Ports = slices.DeleteFunc(b.Ports, func(port string) bool { return s.kindOf(port) == none })
		c.Bridges[name] = b
	}
	up := make(map[string]bool)
	for i := range s.devices {
		if d := &s.devices[i]; d.kind != none && d.kind != bridge {
			up[d.Name] = d.OperUp()
		}
	}
	text, err := json.Marshal(struct {
		Links api.VdsmNetworkCapabilities
		Up    map[string]bool
	}{c, up})
	if err != nil { // cannot be: texts, numbers and maps
		return err.Error()
	}
	return string(text)
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
