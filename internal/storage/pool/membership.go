// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"govdsm/api"
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
