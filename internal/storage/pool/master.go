// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
)

// The folders of the master.
const (
	vmsDir   = domain.MasterDir + "/vms"
	tasksDir = domain.MasterDir + "/tasks"
)

// makeMasterTree makes the folders in which a master, or a backup domain, keeps
// what is no image.
func makeMasterTree(ctx context.Context, d *domain.Domain) error {
	for _, dir := range []string{vmsDir, tasksDir} {
		if err := d.Dir().MkdirAll(ctx, dir, 0o755); err != nil {
			return domain.Access(d.ID(), err)
		}
	}
	return nil
}

// readyBackups makes these folders in backup domains that are in use. What is
// wrong with one of them concerns nobody else.
func (p *Pool) readyBackups(ctx context.Context) {
	active, err := p.active(ctx)
	if err != nil {
		return
	}
	for _, id := range active {
		d, err := p.o.Domains.Domain(ctx, id)
		if err == nil && d.Known().Class == domainmd.Backup {
			err = makeMasterTree(ctx, d)
		}
		if err != nil {
			p.o.Log.WarnContext(ctx, "a domain may be no good as a backup domain", "domain", id, "err", err)
		}
	}
}

// Tasks returns where the tasks of the pool are kept: on whatever domain is the
// master at the time of each write.
func (p *Pool) Tasks() *task.Store { return task.NewStore(tasks{p}) }

// Place returns the path of that, as hosts of the pool know it.
func (p *Pool) Place() string { return filepath.Join(p.links.dir, masterLink, tasksDir) }

// tasks implements task.Dir.
type tasks struct{ p *Pool }

func (t tasks) dir() *outofprocess.Dir { return t.p.Master().Dir().Sub(tasksDir) }

func (t tasks) Root() string { return t.dir().Root() }

func (t tasks) ReadDir(ctx context.Context, name string) ([]string, error) {
	return t.dir().ReadDir(ctx, name)
}

func (t tasks) ReadFile(ctx context.Context, name string) ([]byte, error) {
	return t.dir().ReadFile(ctx, name)
}

func (t tasks) WriteFiles(ctx context.Context, folder string, files []outofprocess.NewFile) error {
	return t.dir().WriteFiles(ctx, folder, files)
}

func (t tasks) MakeFolder(ctx context.Context, folder string, perm fs.FileMode, files []outofprocess.NewFile) error {
	return t.dir().MakeFolder(ctx, folder, perm, files)
}

func (t tasks) Exists(ctx context.Context, name string) (bool, error) {
	return t.dir().Exists(ctx, name)
}

func (t tasks) Rename(ctx context.Context, from, to string) error {
	return t.dir().Rename(ctx, from, to)
}

func (t tasks) RemoveTree(ctx context.Context, name string) error {
	return t.dir().RemoveTree(ctx, name)
}

// SwitchMaster schedules the task that makes another member the master.
func (p *Pools) SwitchMaster(ctx context.Context, id, from, to string, version int64) (string, error) {
	locks := []resource.Lock{whole(id), resource.Exclusive(resource.Storage, from), resource.Exclusive(resource.Storage, to)}
	if from == to {
		return "", api.ErrInvalidParameterException.OfText("msdUUID=" + to)
	}
	return p.Schedule(ctx, id, "switchMaster", locks, func(ctx context.Context, _ *task.Task) error {
		pool, err := p.Pool(id)
		if err != nil {
			return err
		}
		return pool.migrate(ctx, from, to, version)
	})
}

// Schedule schedules work that only the manager of the pool may do. The task is
// kept on the master, and undone by the next manager if this host ends.
func (p *Pools) Schedule(ctx context.Context, id, verb string, locks []resource.Lock, work task.Work) (string, error) {
	pool, err := p.Pool(id)
	if err != nil {
		return "", err
	}
	if err := pool.Manages(); err != nil {
		return "", err
	}
	return p.o.Tasks.Schedule(ctx, task.Request{
		Verb: verb, Tag: task.SPM, Locks: locks, Store: pool.Tasks(), Place: pool.Place(), Work: work,
		May: pool.Manages, // another host may, when the locks have been waited for
	})
}

// migrate makes another member the master. Up to one write the old one is, and
// from it on the new one; both leases are held meanwhile.
func (p *Pool) migrate(ctx context.Context, from, to string, version int64) error {
	old, next, err := p.migratable(ctx, from, to, version)
	if err != nil {
		return err
	}
	lock, sdm := p.o.Lock(next)
	if err := lock.AcquireHostID(ctx, p.HostID(), true); err != nil {
		return err
	}
	if err := lock.Acquire(ctx, p.HostID(), sdm); err != nil {
		return err
	}
	after := context.WithoutCancel(ctx)
	err = p.moveMaster(ctx, old, next)
	if err == nil {
		err = p.store().Switch(after, old, next, version)
	}
	if err != nil {
		return errors.Join(err, p.store().Demote(after, next), lock.Release(after, sdm))
	}
	p.endGuard()
	p.mu.Lock()
	p.master = next
	p.mu.Unlock()
	p.guard(next)
	p.cleanOld(after, old)
	return p.links.domain(next, true)
}

// migratable returns the domains of a change of masters that may happen.
func (p *Pool) migratable(ctx context.Context, from, to string, version int64) (old, next *domain.Domain, err error) {
	old = p.Master()
	now, err := p.store().MasterVersion(ctx, old)
	if err != nil {
		return nil, nil, err
	}
	if version <= now || old.ID() != from {
		return nil, nil, wrongMaster(p.id, old.ID())
	}
	if from == to {
		return nil, nil, api.ErrInvalidParameterException.OfText("msdUUID=" + to)
	}
	members, err := p.Domains(ctx)
	if err != nil {
		return nil, nil, err
	}
	status, ok := domainmd.Pool{Domains: members}.Status(to)
	switch {
	case !ok:
		return nil, nil, notInPool(to, p.id)
	case status != domainmd.StatusActive:
		return nil, nil, api.ErrStorageDomainNotActive.Of(to)
	}
	if next, err = p.o.Domains.Domain(ctx, to); err != nil {
		return nil, nil, err
	}
	switch next.Known().Class {
	case domainmd.ISO:
		return nil, nil, api.ErrIsoCannotBeMasterDomain.Of(to)
	case domainmd.Backup:
		return nil, nil, api.ErrBackupCannotBeMasterDomain.Of(to)
	}
	next, err = p.convert(ctx, next, old.Known().Version)
	return old, next, err
}

// moveMaster copies what the old master keeps, in place of whatever a former
// time as the master has left.
func (p *Pool) moveMaster(ctx context.Context, old, next *domain.Domain) error {
	lease := old.Known().Lease
	if err := next.Update(ctx, func(m *domainmd.Metadata) error { m.SetLease(lease); return nil }); err != nil {
		return err
	}
	if err := makeMasterTree(ctx, next); err != nil {
		return err
	}
	for _, dir := range []string{vmsDir, tasksDir} {
		err := next.Dir().RemoveTree(ctx, dir)
		if err == nil {
			err = copyTree(ctx, old.Dir().Sub(dir), next.Dir().Sub(dir), next.Dir(), dir)
		}
		if err != nil {
			return api.ErrStorageDomainMasterCopy.Of(old.ID(), next.ID()).Caused(err)
		}
	}
	return nil
}

// copyTree copies a folder with its files, which are small.
func copyTree(ctx context.Context, from, to, top *outofprocess.Dir, name string) error {
	if err := top.MkdirAll(ctx, name, 0o755); err != nil {
		return err
	}
	names, err := from.ReadDir(ctx, ".")
	if err != nil {
		return err
	}
	for _, n := range names {
		info, err := from.Lstat(ctx, n)
		switch {
		case err != nil:
			return err
		case info.IsDir():
			err = copyTree(ctx, from.Sub(n), to.Sub(n), top, path.Join(name, n))
		case info.Mode.IsRegular():
			var data []byte
			if data, err = from.ReadFile(ctx, n); err == nil {
				err = to.WriteFile(ctx, n, data)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cleanOld makes the former master an ordinary domain. The pool has another one
// already, so what fails here is only told.
func (p *Pool) cleanOld(ctx context.Context, old *domain.Domain) {
	lock, sdm := p.o.Lock(old)
	err := p.store().Demote(ctx, old)
	for _, dir := range []string{vmsDir, tasksDir} {
		err = errors.Join(err, old.Dir().RemoveTree(ctx, dir))
	}
	if err = errors.Join(err, lock.Release(ctx, sdm)); err != nil {
		p.o.Log.ErrorContext(ctx, "the former master is not cleaned up", "pool", p.id, "domain", old.ID(), "err", err)
	}
}
