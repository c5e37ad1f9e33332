// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"fmt"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/resource"
)

// mostDescription is how long a pool's name may be, in characters.
const mostDescription = 50

// LeaseNumbers are kept for hosts that are older than sanlock.
type LeaseNumbers struct{ Renewal, LeaseTime, IOTimeout, Retries int64 }

func (l LeaseNumbers) write(m *domainmd.Metadata) {
	m.SetPoolLease(int(l.Renewal), int(l.LeaseTime), int(l.IOTimeout), int(l.Retries))
}

// Create makes a pool of domains that belong to none. The host is not connected
// to it then.
func (p *Pools) Create(ctx context.Context, id, name, master string, version int64, ids []string, lease LeaseNumbers) error {
	if err := checkID("spUUID", id); err != nil {
		return err
	}
	if !slices.Contains(ids, master) {
		return api.ErrInvalidParameterException.OfText("masterDom=" + master)
	}
	if len([]rune(name)) > mostDescription {
		return api.ErrStoragePoolDescriptionTooLong.Of()
	}
	locks := []resource.Lock{whole(id)}
	for _, d := range ids {
		locks = append(locks, resource.Exclusive(resource.Storage, d))
	}
	release, err := p.o.Locks.Acquire(ctx, locks...)
	if err != nil {
		return err
	}
	defer release()
	domains, err := p.attachable(ctx, ids, master)
	if err != nil {
		return err
	}
	pool := newPool(&p.o, id, clusterlock.ReservedHostID)
	pool.master = domains[slices.IndexFunc(domains, func(d *domain.Domain) bool { return d.ID() == master })]
	err = p.o.underLock(ctx, pool.master, clusterlock.ReservedHostID, func() error {
		return pool.form(ctx, name, version, domains, lease)
	})
	if err != nil {
		return err
	}
	p.o.Log.InfoContext(ctx, "storage pool created", "pool", id, "master", master, "domains", ids)
	return nil
}

// attachable returns domains that can all become members of one new pool.
func (p *Pools) attachable(ctx context.Context, ids []string, master string) ([]*domain.Domain, error) {
	var domains []*domain.Domain
	versions := make(map[string]domainmd.Domain)
	for _, id := range ids {
		d, err := p.o.Domains.Domain(ctx, id)
		var m domainmd.Metadata
		if err == nil {
			m, err = d.Metadata(ctx)
		}
		var known domainmd.Domain
		if err == nil {
			known, err = m.Domain()
		}
		if err != nil {
			return nil, api.ErrStorageDomainAccess.Of(id).Caused(err)
		}
		if known.Class != domainmd.ISO && len(known.Pools) > 0 {
			return nil, attached(id, known.Pools[0])
		}
		versions[id] = known
		domains = append(domains, d)
	}
	for _, id := range ids {
		if v := versions[id]; v.Class == domainmd.Data && v.Version != versions[master].Version {
			return nil, mixed(v, versions[master])
		}
	}
	return domains, nil
}

func attached(domain, pool string) error {
	return api.ErrStorageDomainAlreadyAttached.OfText(fmt.Sprintf("domain=%s, pool=%s", domain, pool))
}

func mixed(d, master domainmd.Domain) error {
	return api.ErrMixedSDVersion.Says(fmt.Sprintf("Domain `%s` version (%d) is different from msd %s version (%d): ''",
		d.ID, d.Version, master.ID, master.Version))
}

// form writes the pool to its domains: first to the master, which is a member
// with that one write.
func (p *Pool) form(ctx context.Context, name string, version int64, domains []*domain.Domain, lease LeaseNumbers) error {
	err := p.initMaster(ctx, p.master, domainmd.NewPool(name, p.master.ID(), version), lease)
	if err != nil {
		return err
	}
	for _, d := range domains {
		if err == nil && d.ID() != p.master.ID() {
			if err = p.o.underLock(ctx, d, p.hostID, func() error { return p.join(ctx, d) }); err == nil {
				err = p.setStatus(ctx, d.ID(), domainmd.StatusAttached)
			}
		}
	}
	if err == nil {
		return nil
	}
	for _, d := range domains {
		if undo := p.part(ctx, d); undo != nil {
			p.o.Log.ErrorContext(ctx, "domain stays in a pool that was not created", "pool", p.id, "domain", d.ID(), "err", undo)
		}
	}
	return err
}

// initMaster makes a domain the master of the pool, in one transaction.
func (p *Pool) initMaster(ctx context.Context, d *domain.Domain, what domainmd.Pool, lease LeaseNumbers) error {
	return d.Update(ctx, func(m *domainmd.Metadata) error {
		known, err := m.Domain()
		if err != nil {
			return err
		}
		if len(known.Pools) > 1 || len(known.Pools) == 1 && known.Pools[0] != p.id {
			return attached(d.ID(), known.Pools[0])
		}
		lease.write(m)
		m.SetPool(what)
		m.SetPools([]string{p.id})
		m.SetRole(domainmd.Master)
		return nil
	})
}

// join writes into a domain that it is a member.
func (p *Pool) join(ctx context.Context, d *domain.Domain) error {
	return d.Update(ctx, func(m *domainmd.Metadata) error {
		known, err := m.Domain()
		if err != nil || slices.Contains(known.Pools, p.id) {
			return err
		}
		if len(known.Pools) > 0 && known.Class != domainmd.ISO {
			return attached(d.ID(), known.Pools[0])
		}
		m.SetPools(append(known.Pools, p.id))
		return nil
	})
}

// part writes into a domain that it is no member, and not the master.
func (p *Pool) part(ctx context.Context, d *domain.Domain) error {
	return d.Update(ctx, func(m *domainmd.Metadata) error {
		known, err := m.Domain()
		if err != nil || !slices.Contains(known.Pools, p.id) {
			return err
		}
		m.SetRole(domainmd.Regular)
		m.SetPools(slices.DeleteFunc(known.Pools, func(id string) bool { return id == p.id }))
		return nil
	})
}

// ReconstructMaster makes a domain the master in place of one that is lost. The
// pool must not be connected here.
func (p *Pools) ReconstructMaster(ctx context.Context, id string, hostID int64, name, master string, version int64, members Members, lease LeaseNumbers) error {
	if _, err := p.Pool(id); err == nil {
		return api.ErrStoragePoolConnected.Of(id)
	}
	if err := firstOf(checkID("spUUID", id), checkID("masterDom", master)); err != nil {
		return err
	}
	if err := checkHostID(hostID); err != nil {
		return err
	}
	list, err := members.list()
	if err != nil {
		return err
	}
	if _, ok := members[master]; !ok {
		return api.ErrInvalidParameterException.OfText("masterDomain=" + master)
	}
	release, err := p.o.Locks.Acquire(ctx, whole(id))
	if err != nil {
		return err
	}
	defer release()
	d, err := p.o.Domains.Domain(ctx, master)
	if err != nil {
		return err
	}
	pool := newPool(&p.o, id, int(hostID))
	lock, sdm := p.o.Lock(d)
	if err := lock.AcquireHostID(ctx, int(hostID), true); err != nil {
		return err
	}
	if err := lock.Acquire(ctx, int(hostID), sdm); err != nil {
		return err
	}
	what := domainmd.NewPool(name, master, version)
	what.Domains = list
	err = pool.initMaster(ctx, d, what, lease)
	err = firstOf(err, lock.Release(ctx, sdm))
	if err == nil {
		err = pool.setMaster(ctx, master, version)
	}
	return err
}
