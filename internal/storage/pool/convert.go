// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
)

// convert brings a domain to a format, if its own is older. It returns the
// domain as it is then.
func (p *Pool) convert(ctx context.Context, d *domain.Domain, to domainmd.Version) (*domain.Domain, error) {
	if d.Known().Version >= to {
		return d, nil
	}
	if p.o.Convert == nil {
		return d, domainmd.UnsupportedVersion(d.ID())
	}
	if err := p.o.Convert(ctx, d, to); err != nil {
		return d, err
	}
	_, err := d.Metadata(ctx)
	return d, err
}

// convertAll brings the master to a format, and then, without waiting for them,
// all other data domains in use.
func (p *Pool) convertAll(ctx context.Context, to domainmd.Version) error {
	if err := p.convertMaster(ctx, to); err != nil {
		return err
	}
	active, err := p.active(ctx)
	if err != nil {
		return err
	}
	for _, id := range active {
		if id != p.Master().ID() {
			if err := p.convertLater(ctx, id, to); err != nil {
				p.o.Log.WarnContext(ctx, "domain is not converted", "domain", id, "err", err)
			}
		}
	}
	return nil
}

// convertMaster waits for whoever works on the master, if it is to be converted.
func (p *Pool) convertMaster(ctx context.Context, to domainmd.Version) error {
	master := p.Master()
	if master.Known().Version >= to {
		return nil
	}
	release, err := p.o.Locks.Acquire(ctx, resource.Exclusive(resource.Storage, master.ID()))
	if err != nil {
		return err
	}
	defer release()
	_, err = p.convert(ctx, master, to)
	return err
}

// convertLater has a task convert a domain, if it needs to be.
func (p *Pool) convertLater(ctx context.Context, id string, to domainmd.Version) error {
	_, err := p.o.Tasks.Schedule(context.WithoutCancel(ctx), task.Request{
		Verb: "upgradeDomain", Tag: task.Internal,
		Work: func(ctx context.Context, _ *task.Task) error {
			d, err := p.o.Domains.Domain(ctx, id)
			if err != nil || d.Known().Class != domainmd.Data || d.Known().Version >= to {
				return err
			}
			release, err := p.o.Locks.Acquire(ctx, resource.Exclusive(resource.Storage, id))
			if err != nil {
				return err
			}
			defer release()
			if p.Role() == api.SpmRoleFree {
				return nil // not this host's business any more
			}
			_, err = p.convert(ctx, d, to)
			return err
		},
	})
	return err
}

// Upgrade brings the domains to a format.
func (p *Pools) Upgrade(ctx context.Context, id string, to domainmd.Version) error {
	release, err := p.o.Locks.Acquire(ctx, whole(id))
	if err != nil {
		return err
	}
	defer release()
	pool, err := p.Pool(id)
	if err != nil {
		return err
	}
	if pool.Manages() != nil {
		return api.ErrSpmStatus
	}
	return pool.convertAll(context.WithoutCancel(ctx), to)
}
