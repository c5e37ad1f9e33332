// SPDX-License-Identifier: GPL-2.0-or-later

package sample

import (
	"context"
	"sync/atomic"
	"time"

	"govdsm/api"
)

// Sampler samples at intervals and holds the statistics of the last two
// samples.
type Sampler struct {
	read     func() *Sample
	interval time.Duration
	warmUp   time.Duration
	latest   atomic.Pointer[api.HostStats]
}

// NewSampler returns a sampler. Read takes a sample; interval is the time
// between two.
func NewSampler(read func() *Sample, interval time.Duration) *Sampler {
	return &Sampler{
		read:     read,
		interval: interval,
		// The first two samples are close together, so that a manager that
		// activates the host at once finds rates.
		warmUp: min(interval, time.Second),
	}
}

// Run samples until the context ends.
func (s *Sampler) Run(ctx context.Context) {
	var last *Sample
	wait := s.warmUp
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		now := s.read()
		stats := Stats(last, now)
		s.latest.Store(&stats)
		last = now
		timer.Reset(wait)
		wait = s.interval
	}
}

// Stats returns the statistics of the last samples. Its maps are shared and
// must not be changed. Before the first sample nothing is known.
func (s *Sampler) Stats() api.HostStats {
	if stats := s.latest.Load(); stats != nil {
		return *stats
	}
	return api.HostStats{}
}
