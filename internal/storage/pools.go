// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"cmp"
	"context"
	"time"

	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/pool"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
)

// closePatience is how long the end of the daemon waits for its tasks. What
// they leave behind is undone by the pool's next manager.
const closePatience = 10 * time.Second

// addPools builds what domains, pools and tasks need of each other.
func (s *Storage) addPools(o Options) {
	s.locks = resource.New(o.LockWait)
	o.Sanlock.OnLost, o.Sanlock.Log = o.Lost, cmp.Or(o.Sanlock.Log, s.log)
	s.leases = leases{clusterlock.NewHost(o.Sanlock), clusterlock.NewLocalHost()}
	s.domains = domain.NewRepository(domain.Options{
		Path: o.Repository, IO: s.io, InitializeLock: s.leases.initialize, Log: s.log,
	})
	o.Tasks.Locks, o.Tasks.Log = s.locks, cmp.Or(o.Tasks.Log, s.log)
	s.tasks = task.NewManager(o.Tasks)
	s.pools = pool.New(pool.Options{
		Repository: o.Repository, Domains: s.domains, Lock: s.leases.of, Locks: s.locks,
		Tasks: s.tasks, Held: s.leases.shared.Held, Lost: o.Lost, MaxDomains: o.MaxDomains, Log: s.log,
	})
}

// leases are how this host shares domains: with others through sanlock, and
// its own folders with other processes only.
type leases struct {
	shared *clusterlock.Host
	own    *clusterlock.LocalHost
}

// sdm is the name of the lease whose holder manages the pool, if the domain is
// the master, or changes the domain, if it is not yet a member.
const sdm = "SDM"

// of returns a domain's lock and the lease of its manager.
func (l leases) of(d *domain.Domain) (clusterlock.ClusterLock, clusterlock.Lease) {
	known := d.Known()
	lease := clusterlock.Lease{Name: sdm, Path: d.Path(domain.LeasesFile), Offset: known.Alignment}
	ids := d.Path(domain.IDsFile)
	if d.Shared() {
		return l.shared.Domain(d.ID(), ids, known.Alignment, known.BlockSize), lease
	}
	return l.own.Domain(d.ID(), ids, lease), lease
}

// initialize writes the lock of a domain that is made.
func (l leases) initialize(ctx context.Context, d domainmd.Domain, ids, leases string) error {
	lock := l.shared.Domain(d.ID, ids, d.Alignment, d.BlockSize)
	return lock.Init(ctx, clusterlock.Lease{Name: sdm, Path: leases, Offset: d.Alignment})
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
