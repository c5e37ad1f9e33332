// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/resource"
)

// managed calls f with the pool and the domains locked, if this host manages
// the pool. The domain is read before, so that one whose server is frozen costs
// those who wait for the pool nothing.
func (p *Pools) managed(ctx context.Context, id, dom string, f func(context.Context, *Pool) error) error {
	pool, err := p.Pool(id)
	if err != nil {
		return err
	}
	if pool.Manages() != nil {
		return api.ErrSpmStatus
	}
	if d, err := p.o.Domains.Domain(ctx, dom); err == nil {
		if _, err := d.Metadata(ctx); err != nil {
			return err
		}
	}
	release, err := p.o.Locks.Acquire(ctx, whole(id), resource.Exclusive(resource.Storage, dom))
	if err != nil {
		return err
	}
	defer release()
	if pool, err = p.Pool(id); err != nil {
		return err
	}
	if pool.Manages() != nil {
		return api.ErrSpmStatus
	}
	// What has begun is not left half done because nobody waits for the answer.
	return f(context.WithoutCancel(ctx), pool)
}

// owned is an error unless a domain is a member by what the pool and the domain
// say, which is read anew.
func (p *Pool) owned(ctx context.Context, d *domain.Domain) (domainmd.Status, error) {
	status, err := p.member(ctx, d.ID())
	if err != nil {
		return "", err
	}
	m, err := d.Metadata(ctx)
	if err != nil {
		return "", err
	}
	known, err := m.Domain()
	if err == nil && !slices.Contains(known.Pools, p.id) {
		err = notInPool(d.ID(), p.id)
	}
	return status, err
}

// member is an error unless a domain is a member by what the pool says.
func (p *Pool) member(ctx context.Context, id string) (domainmd.Status, error) {
	members, err := p.Domains(ctx)
	if err != nil {
		return "", err
	}
	status, ok := domainmd.Pool{Domains: members}.Status(id)
	if !ok {
		return "", api.ErrStorageDomainNotMemberOfPool.OfText(fmt.Sprintf("pool=%s, domain=%s", p.id, id))
	}
	return status, nil
}

func notInPool(domain, pool string) error {
	return api.ErrStorageDomainNotInPool.OfText(fmt.Sprintf("domain=%s, pool=%s", domain, pool))
}

// Attach makes a domain a member. One that is a member is success.
func (p *Pools) Attach(ctx context.Context, id, dom string) error {
	return p.managed(ctx, id, dom, func(ctx context.Context, pool *Pool) error { return pool.attach(ctx, dom) })
}

func (p *Pool) attach(ctx context.Context, id string) error {
	members, err := p.Domains(ctx)
	if err != nil {
		return err
	}
	if len(members) >= p.o.MaxDomains {
		return api.ErrTooManyDomainsInStoragePool.Of()
	}
	d, err := p.o.Domains.Domain(ctx, id)
	if err != nil {
		return err
	}
	_, err = p.owned(ctx, d)
	switch {
	case err == nil:
		p.o.Log.WarnContext(ctx, "domain is attached already", "pool", p.id, "domain", id)
		return nil
	case !errors.Is(err, api.ErrStorageDomainNotInPool) && !errors.Is(err, api.ErrStorageDomainNotMemberOfPool):
		return err
	}
	return p.o.underLock(ctx, d, p.HostID(), func() error {
		if known, master := d.Known(), p.Master().Known(); known.Class == domainmd.Data && known.Version > master.Version {
			return mixed(known, master)
		}
		err := p.join(ctx, d)
		if err == nil {
			err = p.setStatus(ctx, id, domainmd.StatusAttached)
		}
		if err == nil {
			err = p.links.domain(d, false)
		}
		return err
	})
}

// Activate has all hosts use a member. One that is in use is success.
func (p *Pools) Activate(ctx context.Context, id, dom string) error {
	return p.managed(ctx, id, dom, func(ctx context.Context, pool *Pool) error { return pool.activate(ctx, dom) })
}

func (p *Pool) activate(ctx context.Context, id string) error {
	d, err := p.o.Domains.Domain(ctx, id)
	if err != nil {
		return err
	}
	status, err := p.owned(ctx, d)
	if err != nil || status == domainmd.StatusActive {
		return err
	}
	if err := p.links.domain(d, false); err != nil {
		return err
	}
	if err := p.store().Demote(ctx, d); err != nil {
		return err
	}
	if d.Known().Class == domainmd.Data {
		if d, err = p.convert(ctx, d, p.Master().Known().Version); err != nil {
			return err
		}
	}
	if d.Known().Class == domainmd.Backup {
		if err := makeMasterTree(ctx, d); err != nil {
			return err
		}
	}
	if err := p.setStatus(ctx, id, domainmd.StatusActive); err != nil {
		return err
	}
	return p.watchDomains(ctx)
}

// Deactivate takes a member out of use. The master hands its role to newMaster,
// which then has the version; without one it stays what it is, and managers
// rely on that being no error.
func (p *Pools) Deactivate(ctx context.Context, id, dom, newMaster string, version int64) error {
	return p.managed(ctx, id, dom, func(ctx context.Context, pool *Pool) error {
		return pool.deactivate(ctx, dom, newMaster, version)
	})
}

func (p *Pool) deactivate(ctx context.Context, id, newMaster string, version int64) error {
	if _, err := p.member(ctx, id); err != nil {
		return err
	}
	hasNew := newMaster != "" && newMaster != Blank
	if _, err := p.o.Domains.Domain(ctx, id); err != nil {
		p.o.Log.WarnContext(ctx, "a domain that cannot be reached is deactivated", "pool", p.id, "domain", id, "err", err)
		if hasNew {
			return api.ErrStorageDomainAccess.Of(id).Caused(err)
		}
	} else if p.Master().ID() == id {
		if !hasNew {
			return nil
		}
		if err := p.migrate(ctx, id, newMaster, version); err != nil {
			return err
		}
	}
	if err := p.setStatus(ctx, id, domainmd.StatusAttached); err != nil {
		return err
	}
	return p.watchDomains(ctx)
}

// Detach ends the membership of a domain that is not in use.
func (p *Pools) Detach(ctx context.Context, id, dom string) error {
	return p.managed(ctx, id, dom, func(ctx context.Context, pool *Pool) error { return pool.detach(ctx, dom) })
}

func (p *Pool) detach(ctx context.Context, id string) error {
	d, err := p.o.Domains.Domain(ctx, id)
	if err != nil {
		return err
	}
	status, err := p.member(ctx, id)
	if err != nil {
		return err
	}
	if status != domainmd.StatusAttached {
		return api.ErrStorageDomainIllegalState.OfText(fmt.Sprintf(
			"sdUUID=%s, expected state=%s, actual state=%s", id, domainmd.StatusAttached, status))
	}
	if _, err := p.owned(ctx, d); err != nil && !errors.Is(err, api.ErrStorageDomainNotInPool) {
		return err
	}
	if p.Master().ID() == id {
		return api.ErrCannotDetachMasterStorageDomain.Of(id)
	}
	parting := func() error { return p.part(ctx, d) }
	if d.Known().Class == domainmd.ISO { // which other pools may have too
		err = p.o.underLock(ctx, d, p.HostID(), parting)
	} else {
		err = parting()
	}
	if err != nil {
		return err
	}
	return p.forget(ctx, id)
}

// forget removes a domain from what the pool says.
func (p *Pool) forget(ctx context.Context, id string) error {
	if err := p.setStatus(ctx, id, ""); err != nil {
		return err
	}
	if err := p.links.remove(id); err != nil {
		p.o.Log.WarnContext(ctx, "link of a domain stays", "pool", p.id, "domain", id, "err", err)
	}
	return p.watchDomains(ctx)
}

// ForcedDetach ends the membership of a domain without asking the domain. For
// the blank pool it ends all memberships that the domain itself tells of.
func (p *Pools) ForcedDetach(ctx context.Context, id, dom string) error {
	if id == Blank {
		return p.clearPools(context.WithoutCancel(ctx), dom)
	}
	pool, err := p.Pool(id)
	if err != nil {
		return err
	}
	release, err := p.o.Locks.Acquire(ctx, whole(id))
	if err != nil {
		return err
	}
	defer release()
	if dom == pool.Master().ID() {
		return api.ErrCannotDetachMasterStorageDomain.Of(dom)
	}
	if pool.Manages() != nil {
		return api.ErrSpmStatus
	}
	if _, err := pool.member(ctx, dom); errors.Is(err, api.ErrStorageDomainNotMemberOfPool) {
		return nil
	}
	return pool.forget(context.WithoutCancel(ctx), dom)
}

func (p *Pools) clearPools(ctx context.Context, dom string) error {
	d, err := p.o.Domains.Domain(ctx, dom)
	if err != nil {
		return err
	}
	hostID := clusterlock.ReservedHostID
	if c := p.Connected(); c != nil {
		hostID = c.HostID()
	}
	return p.o.underLock(ctx, d, hostID, func() error {
		return d.Update(ctx, func(m *domainmd.Metadata) error {
			if known, err := m.Domain(); err != nil || len(known.Pools) == 0 {
				return err
			}
			m.SetRole(domainmd.Regular)
			m.SetPools(nil)
			return nil
		})
	})
}

// detachAll ends the membership of all domains, the master's last, and then
// the role of this host.
func (p *Pool) detachAll(ctx context.Context) error {
	if p.Manages() != nil {
		return api.ErrSpmStatus
	}
	ctx = context.WithoutCancel(ctx)
	members, err := p.Domains(ctx)
	if err != nil {
		return err
	}
	master := p.Master()
	for _, m := range members {
		if m.ID != master.ID() {
			if err := p.detach(ctx, m.ID); err != nil {
				return err
			}
		}
	}
	// The domain may go while this host still has the lease; without it no
	// more is written.
	if err := p.prepareStop(ctx); err != nil {
		return err
	}
	if err := p.part(ctx, master); err != nil {
		return err
	}
	if err := p.stop(ctx, true); err != nil {
		return err
	}
	return p.forget(ctx, master.ID())
}
