// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
)

// Start is how a host becomes the manager of its pool.
type Start struct {
	PrevID   int64  // who was it, as the caller knows; told in the log if wrong
	PrevLver string // and the version of the lease then
	Version  *domainmd.Version
}

// StartSPM schedules the task that makes this host the manager of the pool.
func (p *Pools) StartSPM(ctx context.Context, id string, s Start) (string, error) {
	pool, err := p.Pool(id)
	if err != nil {
		return "", err
	}
	if err := pool.isFreeOrContends(); err != nil {
		return "", err
	}
	return p.o.Tasks.Schedule(ctx, task.Request{
		Verb: "spmStart", Tag: task.HSM, Locks: []resource.Lock{whole(id)},
		Work: func(ctx context.Context, _ *task.Task) error { return pool.start(ctx, p, s) },
	})
}

// isFreeOrContends lets a second start wait for the first one.
func (p *Pool) isFreeOrContends() error {
	if p.Role() == api.SpmRoleSPM {
		return api.ErrIsSpm.Of(p.id)
	}
	return nil
}

// start makes this host the manager.
func (p *Pool) start(ctx context.Context, pools *Pools, s Start) error {
	if pools.Connected() != p {
		return api.ErrStoragePoolUnknown.Of(p.id)
	}
	if err := p.isFree(); err != nil {
		return err
	}
	if err := p.watchDomains(ctx); err != nil {
		return err
	}
	master := p.Master()
	if _, err := master.Metadata(ctx); err != nil {
		return err
	}
	now, wanted := master.Known().Version, master.Known().Version
	if s.Version != nil {
		wanted = *s.Version
	}
	if now > wanted {
		return api.ErrCurrentVersionTooAdvanced.Says(fmt.Sprintf(
			"Current domain `%s` version is too advanced, expected `%d` and found `%d`: ''", master.ID(), wanted, now))
	}
	lver, id, err := p.store().SPM(ctx)
	if err != nil {
		return err
	}
	if int64(id) != s.PrevID || fmt.Sprint(lver) != s.PrevLver {
		p.o.Log.InfoContext(ctx, "another SPM was expected", "pool", p.id, "host", id, "version", lver,
			"expected host", s.PrevID, "expected version", s.PrevLver)
	}
	p.setRole(api.SpmRoleContend, false)
	if err := p.takeLease(ctx, master); err != nil {
		p.setRole(api.SpmRoleFree, false)
		return err
	}
	if err := p.take(ctx, master, lver+1, wanted); err != nil {
		p.o.Log.ErrorContext(ctx, "this host cannot manage the pool", "pool", p.id, "err", err)
		return errors.Join(err, p.stop(context.WithoutCancel(ctx), true))
	}
	p.o.Log.InfoContext(ctx, "this host manages the pool", "pool", p.id, "version", lver+1)
	return nil
}

func (p *Pool) takeLease(ctx context.Context, master *domain.Domain) error {
	lock, sdm := p.o.Lock(master)
	if err := lock.AcquireHostID(ctx, p.HostID(), true); err != nil {
		return err
	}
	return lock.Acquire(ctx, p.HostID(), sdm)
}

// take is what follows on having the lease.
func (p *Pool) take(ctx context.Context, master *domain.Domain, lver int64, version domainmd.Version) error {
	p.guard(master)
	if err := p.store().SetSPM(ctx, &lver, p.HostID()); err != nil {
		return err
	}
	if err := p.convertAll(ctx, version); err != nil {
		return err
	}
	if err := makeMasterTree(ctx, p.Master()); err != nil {
		return err
	}
	p.readyBackups(ctx)
	if err := context.Cause(ctx); err != nil {
		return err
	}
	p.setRole(api.SpmRoleSPM, true)
	// Last, since what tasks undo is a matter of the SPM.
	if err := p.o.Tasks.Recover(ctx, p.Tasks()); err != nil {
		p.o.Log.ErrorContext(ctx, "some tasks of the pool cannot be taken over", "pool", p.id, "err", err)
	}
	return nil
}

func (p *Pool) setRole(r Role, manages bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.role, p.manages = r, manages
}

// StopSPM ends the role of this host. Not having it is success.
func (p *Pools) StopSPM(ctx context.Context, id string) error {
	release, err := p.o.Locks.Acquire(ctx, whole(id))
	if err != nil {
		return err
	}
	defer release()
	pool, err := p.Pool(id)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if pool.Role() == api.SpmRoleFree {
		return nil
	}
	if err := pool.prepareStop(ctx); err != nil {
		return err
	}
	return pool.stop(ctx, false)
}

// stopPatience is how long a task may take to be undone: the time-outs of the
// I/O that it waits for, and of the I/O that undoes it.
const stopPatience = 150 * time.Second

// prepareStop stops the tasks of the pool and waits until they are undone:
// without the lease nothing may be written. If they do not end, the host is
// manager still.
func (p *Pool) prepareStop(ctx context.Context) error {
	p.setRole(p.Role(), false)
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	if err := p.o.Tasks.Unload(ctx, task.SPM); err != nil {
		p.setRole(p.Role(), true)
		return api.ErrSpmStop.Of("tasks of pool " + p.id + " do not end").Caused(err)
	}
	return nil
}

// stop gives the lease back. When that fails, nobody knows whether this host
// has it: it must end.
func (p *Pool) stop(ctx context.Context, force bool) error {
	if !force && p.Role() == api.SpmRoleFree {
		return nil
	}
	p.setRole(p.Role(), false)
	p.endGuard()
	if err := p.store().SetSPM(ctx, nil, none); err != nil {
		p.o.Log.ErrorContext(ctx, "the pool still names this host as its SPM", "pool", p.id, "err", err)
	}
	lock, sdm := p.o.Lock(p.Master())
	if err := lock.Release(ctx, sdm); err != nil {
		p.o.Lost(fmt.Errorf("giving back the lease of pool %s: %w", p.id, err))
		return err
	}
	p.setRole(api.SpmRoleFree, false)
	p.o.Log.InfoContext(ctx, "this host does not manage the pool any more", "pool", p.id)
	return nil
}

// Status tells who manages the pool.
func (p *Pool) Status(ctx context.Context) (api.SpmStatus, error) {
	lver, id, err := p.store().SPM(ctx)
	if err != nil {
		return api.SpmStatus{}, api.ErrStorageDomainMaster.Of("MD read error").Caused(err)
	}
	return api.SpmStatus{SPMID: int64(id), SPMStatus: p.Role(), SPMLver: api.Long(lver)}, nil
}

// guardBusy is how many times in a row the daemon may be too busy to tell of the
// lease. sp.py.
const guardBusy = 3

// guard ends the process when the lease is gone: another host may be SPM then.
func (p *Pool) guard(master *domain.Domain) {
	if p.o.Held == nil || !master.Shared() {
		return // its lock goes with the process, and not before
	}
	_, sdm := p.o.Lock(master)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	p.mu.Lock()
	p.unguard = func() { cancel(); <-ended }
	p.mu.Unlock()
	go func() {
		defer close(ended)
		if err := p.guardLease(ctx, master.ID(), sdm); err != nil {
			p.o.Lost(err)
		}
	}()
}

func (p *Pool) guardLease(ctx context.Context, id string, sdm clusterlock.Lease) error {
	tick := time.NewTicker(p.o.GuardEvery)
	defer tick.Stop()
	for busy := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		held, err := p.o.Held(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, syscall.EBUSY) && busy < guardBusy:
			busy++
		case err != nil:
			return fmt.Errorf("the lease of the SPM in domain %s: %w", id, err)
		case !slices.Contains(held[id], sdm):
			return fmt.Errorf("the lease of the SPM in domain %s is lost: %v", id, held[id])
		default:
			busy = 0
		}
	}
}

// endGuard ends the watchdog, if there is one.
func (p *Pool) endGuard() {
	p.mu.Lock()
	end := p.unguard
	p.unguard = nil
	p.mu.Unlock()
	if end != nil {
		end()
	}
}
