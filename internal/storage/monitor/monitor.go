// SPDX-License-Identifier: GPL-2.0-or-later

// Package monitor watches storage domains. Every ten seconds a domain is asked
// for its space, its master and its host id, and a block of its metadata is
// read past all caches; how long that took is the delay that managers see. A
// domain that does well and where this host has no host id yet gets one,
// without anybody waiting.
//
// A monitor reports and acts on nothing. Each domain has its own, and its own
// I/O helper: one whose server is frozen is late alone.
//
// Source: lib/vdsm/storage/monitor.py.
package monitor

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
)

// Domain is what is watched. domain.Domain is one.
type Domain interface {
	// Known is the metadata as it was last read.
	Known() domainmd.Domain
	// Metadata reads it anew.
	Metadata(ctx context.Context) (domainmd.Metadata, error)
	// Check reads a block of it and returns how long that took.
	Check(ctx context.Context) (time.Duration, error)
	Space(ctx context.Context) (outofprocess.Space, error)
	CheckMaster(ctx context.Context) (mounted, valid bool, err error)
	Lock() clusterlock.ClusterLock
}

// Options configure Monitors. A zero time means the default.
type Options struct {
	Find     func(ctx context.Context, id string) (Domain, error)
	Interval time.Duration // between checks; irs:sd_health_check_delay, 10 s
	Refresh  time.Duration // after which metadata is read anew; irs:repo_stats_cache_refresh_timeout, 300 s
	Timeout  time.Duration // of a read of the path; Interval, when the next one is due
	// Changed is told when the first check of a domain has ended and whenever
	// it becomes valid or stops being so. It must not wait for storage. nil: nobody.
	Changed func(ctx context.Context, id string, valid bool)
	Log     *slog.Logger
}

// Monitors watch domains. Its methods may be called at once.
type Monitors struct {
	o   Options
	ctx context.Context // of all watching; ends with Close
	end context.CancelFunc

	mu    sync.Mutex
	byID  map[string]*watch
	watch sync.WaitGroup
}

// New returns Monitors that watch nothing. Close ends them.
func New(o Options) *Monitors {
	o.Interval = cmp.Or(o.Interval, 10*time.Second)
	o.Refresh = cmp.Or(o.Refresh, 300*time.Second)
	o.Timeout = cmp.Or(o.Timeout, o.Interval)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	m := &Monitors{o: o, byID: make(map[string]*watch)}
	m.ctx, m.end = context.WithCancel(context.Background())
	return m
}

// Start watches a domain, for the pool or for whoever else asked. One that is
// watched already goes on, with the host id it has; once it is the pool's it
// stays so.
func (m *Monitors) Start(ctx context.Context, id string, hostID int, pool bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	former := m.byID[id]
	if m.ctx.Err() != nil {
		return
	}
	if former != nil && !former.stopping {
		former.pool = former.pool || pool
		return
	}
	w := &watch{m: m, id: id, hostID: hostID, pool: pool, ended: make(chan struct{}), poke: make(chan struct{}, 1)}
	w.status.Checked = time.Now()
	w.status.Version = unknownVersion
	var watching context.Context
	watching, w.cancel = context.WithCancel(m.ctx)
	m.byID[id] = w
	m.o.Log.InfoContext(ctx, "monitoring a storage domain", "domain", id, "host_id", hostID, "pool", pool)
	m.watch.Go(func() {
		if former != nil {
			<-former.ended // its host id must be back before another is taken
		}
		w.run(watching)
	})
}

// Stop ends the watching of domains and gives their host ids back, all at the
// same time. It returns when that is done or ctx ends.
func (m *Monitors) Stop(ctx context.Context, ids ...string) {
	var stopped []*watch
	m.mu.Lock()
	for _, id := range ids {
		if w := m.byID[id]; w != nil && !w.stopping {
			w.stopping = true
			w.cancel()
			stopped = append(stopped, w)
		}
	}
	m.mu.Unlock()
	for _, w := range stopped {
		m.o.Log.InfoContext(ctx, "monitoring of a storage domain ends", "domain", w.id)
		select {
		case <-w.ended:
		case <-ctx.Done():
			return
		}
	}
}

// StopOther is Stop for a domain that was not started for the pool. One that
// was is [api.ErrStorageDomainIsMemberOfPool].
func (m *Monitors) StopOther(ctx context.Context, id string) error {
	m.mu.Lock()
	w := m.byID[id]
	pool := w != nil && !w.stopping && w.pool
	m.mu.Unlock()
	if pool {
		return api.ErrStorageDomainIsMemberOfPool.Of(id)
	}
	m.Stop(ctx, id)
	return nil
}

// Close ends all watching. Host ids are kept: VMs may hold leases, and the
// daemon that comes next finds them.
func (m *Monitors) Close() {
	m.end()
	m.watch.Wait()
}

// Watches reports whether a domain is watched.
func (m *Monitors) Watches(id string) bool { return m.find(id) != nil }

func (m *Monitors) find(id string) *watch {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w := m.byID[id]; w != nil && !w.stopping {
		return w
	}
	return nil
}

// Domains returns the ids of the watched domains, and whether each is the
// pool's.
func (m *Monitors) Domains() map[string]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	domains := make(map[string]bool, len(m.byID))
	for id, w := range m.byID {
		if !w.stopping {
			domains[id] = w.pool
		}
	}
	return domains
}

// Status returns what is known of a domain, false when it is not watched.
func (m *Monitors) Status(id string) (Status, bool) {
	w := m.find(id)
	if w == nil {
		return Status{}, false
	}
	return w.snapshot(), true
}

// HostStatus says how a host does in the lockspace of a watched domain, in the
// words of [clusterlock.ClusterLock].
func (m *Monitors) HostStatus(ctx context.Context, id string, hostID int) string {
	w := m.find(id)
	if w == nil {
		return clusterlock.Unavailable
	}
	d := w.known()
	if d == nil {
		return clusterlock.Unavailable
	}
	return d.Lock().HostStatus(ctx, hostID)
}

// code is the number of an error as managers see it.
func code(err error) int64 {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*api.Error](err); ok {
		return int64(e.Number)
	}
	if c, ok := errors.AsType[*api.Code](err); ok {
		return int64(c.Number)
	}
	return int64(api.ErrStorage.Number)
}
