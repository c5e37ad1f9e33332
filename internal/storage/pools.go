// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"cmp"
	"context"
	"time"

	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/pool"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
)

// closePatience is how long the end of the daemon waits for its tasks. What
// they leave behind is undone by the pool's next manager.
const closePatience = 10 * time.Second

// addPools builds what domains, pools and tasks need of each other.
func (s *Storage) addPools(o Options) {
	var held func(context.Context) (map[string][]clusterlock.Lease, error)
	if s.hosts.Sanlock != nil {
		held = s.hosts.Sanlock.Held
	}
	o.Tasks.Locks, o.Tasks.Log = s.locks, cmp.Or(o.Tasks.Log, s.log)
	s.tasks = task.NewManager(o.Tasks)
	s.pools = pool.New(pool.Options{
		Repository: o.Repository, Domains: s.domains, Locks: s.locks, Tasks: s.tasks,
		Lock:    (*domain.Domain).ClusterLock,
		Convert: s.convert,
		Monitor: watcher{s.monitors, s.domains},
		Held:    held, Lost: o.Lost, MaxDomains: o.MaxDomains, Log: s.log,
	})
}

// Tasks returns the tasks of this host, to register what undoes their steps.
func (s *Storage) Tasks() *task.Manager { return s.tasks }

// Schedule schedules work that only the manager of a pool may do, and returns
// the id of the task.
func (s *Storage) Schedule(ctx context.Context, pool, verb string, locks []resource.Lock, work task.Work) (string, error) {
	return s.pools.Schedule(ctx, pool, verb, locks, work)
}

// Holds reports whether a domain is a member of the pool that is connected.
func (s *Storage) Holds(ctx context.Context, domain string) (bool, error) {
	return s.pools.Holds(ctx, domain)
}
