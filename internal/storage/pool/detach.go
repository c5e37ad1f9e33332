// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"errors"
	"fmt"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domainmd"
)

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
