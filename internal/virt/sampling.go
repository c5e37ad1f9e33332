// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"sync"
	"time"

	"govdsm/internal/libvirt"
)

// batch is what one bulk call brought.
type batch struct {
	at  time.Time
	vms map[string]*libvirt.Stats
}

// samples keeps the last two batches: figures are read of the newer one, rates
// of both.
type samples struct {
	mu          sync.RWMutex
	first, last *batch               // nil before there are any
	seen        map[string]time.Time // when a VM was last in a batch
}

// put adds a batch, unless a later one has come first.
func (s *samples) put(b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last != nil && b.at.Before(s.last.at) {
		return
	}
	s.first, s.last = s.last, b
	seen := make(map[string]time.Time, len(b.vms))
	for id := range b.vms {
		seen[id] = b.at
	}
	for id, at := range s.seen {
		if _, now := seen[id]; !now && b.at.Sub(at) < time.Hour {
			seen[id] = at
		}
	}
	s.seen = seen
}

// sample is what is known of one VM: figures at two times, either of which may
// be missing.
type sample struct {
	first, last *libvirt.Stats
	interval    time.Duration // between the two; 0 when there are not two
	of          *batch        // the newer batch
	seen        time.Time     // when the VM was last in a batch; zero for never
}

func (s *samples) of(id string) sample {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := sample{of: s.last, seen: s.seen[id]}
	if s.last != nil {
		r.last = s.last.vms[id]
	}
	if s.first != nil {
		r.first = s.first.vms[id]
		r.interval = s.last.at.Sub(s.first.at)
	}
	return r
}

// sample reads the figures of all VMs in one call and works them out, so that
// answers to managers only copy them.
func (m *VMs) sample(ctx context.Context) {
	at := time.Now()
	ctx, cancel := context.WithTimeout(ctx, m.o.SampleInterval)
	defer cancel()
	all, err := m.libvirt.BulkStats(ctx)
	if err != nil {
		if ctx.Err() == nil {
			m.log.DebugContext(ctx, "no statistics this time", "error", err)
		}
		return // the age of the samples says it
	}
	b := &batch{at: at, vms: make(map[string]*libvirt.Stats, len(all))}
	for i := range all {
		b.vms[all[i].VM] = &all[i]
	}
	m.samples.put(b)
	for _, v := range m.all() {
		v.currentFigures()
		switch there := b.vms[v.id] != nil; {
		case !there && v.sampled():
			// libvirt does not tell of every end: not of a QEMU that it gave up
			// when it was started again, for one.
			v.queue.add(&m.work, func() { v.verify(m.ctx) })
		case there && v.down():
			// Ending it has failed, with the connection perhaps.
			v.queue.add(&m.work, func() { v.clear(m.ctx) })
		}
	}
}

// clear gives back what a VM that is Down still holds. It does nothing when
// everything was given back.
func (v *VM) clear(ctx context.Context) {
	if err := v.release(ctx, 1); err != nil {
		v.log.WarnContext(ctx, "what the VM held is not given back yet", "error", err)
	}
}

// sampled reports whether the VM should be in every batch.
func (v *VM) sampled() (is bool) {
	v.with(func(s *state) { is = !s.sampledSince.IsZero() })
	return is
}
