// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"fmt"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
)

// backend is where it is written which domains are members and who is SPM.
// Calls that change something are made by one at a time.
type backend interface {
	// SPM returns the version of the SPM's lease and its host id, -1 for none.
	SPM(ctx context.Context) (lver int64, id int, err error)
	SetSPM(ctx context.Context, lver *int64, id int) error
	Domains(ctx context.Context) ([]domainmd.PoolDomain, error)
	SetDomains(ctx context.Context, domains []domainmd.PoolDomain) error
	// MasterVersion is the version that a domain must have to be the master.
	MasterVersion(ctx context.Context, master *domain.Domain) (int64, error)
	// Demote makes a domain an ordinary one.
	Demote(ctx context.Context, d *domain.Domain) error
	// Switch hands what the old master keeps to the new one.
	Switch(ctx context.Context, from, to *domain.Domain, version int64) error
	Name(ctx context.Context) (string, error)
}

// none is how it is written that there is no SPM.
const none = -1

// inMemory is the backend of managers that give the members themselves.
type inMemory struct {
	pool    *Pool
	version int64
	domains []domainmd.PoolDomain
}

func (b *inMemory) SPM(ctx context.Context) (int64, int, error) {
	lock, lease := b.pool.o.Lock(b.pool.Master())
	owner, err := lock.Inspect(ctx, lease)
	if err != nil {
		return none, none, err
	}
	lver, id := int64(owner.Version), owner.HostID
	if lver == 0 {
		lver = none
	}
	if id == 0 {
		id = none
	}
	return lver, id, nil
}

func (b *inMemory) SetSPM(context.Context, *int64, int) error { return nil }

func (b *inMemory) Domains(context.Context) ([]domainmd.PoolDomain, error) {
	b.pool.mu.Lock()
	defer b.pool.mu.Unlock()
	return b.domains, nil
}

func (b *inMemory) SetDomains(_ context.Context, domains []domainmd.PoolDomain) error {
	b.pool.mu.Lock()
	defer b.pool.mu.Unlock()
	b.domains = domains
	return nil
}

func (b *inMemory) MasterVersion(context.Context, *domain.Domain) (int64, error) {
	b.pool.mu.Lock()
	defer b.pool.mu.Unlock()
	return b.version, nil
}

func (b *inMemory) Demote(ctx context.Context, d *domain.Domain) error {
	return d.Update(ctx, func(m *domainmd.Metadata) error {
		m.SetRole(domainmd.Regular)
		return nil
	})
}

func (b *inMemory) Switch(ctx context.Context, _, to *domain.Domain, version int64) error {
	err := to.Update(ctx, func(m *domainmd.Metadata) error {
		m.SetRole(domainmd.Master)
		return nil
	})
	if err == nil {
		b.pool.mu.Lock()
		defer b.pool.mu.Unlock()
		b.version = version
	}
	return err
}

func (b *inMemory) Name(context.Context) (string, error) { return "No Description", nil }

// onMaster is the backend of pools that are being made, and of old managers:
// everything is in the metadata of the master.
type onMaster struct{ pool *Pool }

func (b *onMaster) read(ctx context.Context, d *domain.Domain) (domainmd.Pool, error) {
	m, err := d.Metadata(ctx)
	if err != nil {
		return domainmd.Pool{}, err
	}
	return m.Pool()
}

func (b *onMaster) change(ctx context.Context, f func(*domainmd.Pool)) error {
	return b.pool.Master().Update(ctx, func(m *domainmd.Metadata) error {
		p, err := m.Pool()
		if err == nil {
			f(&p)
			m.SetPool(p)
		}
		return err
	})
}

func (b *onMaster) SPM(ctx context.Context) (int64, int, error) {
	p, err := b.read(ctx, b.pool.Master())
	return p.SPMLver, int(p.SPMID), err
}

func (b *onMaster) SetSPM(ctx context.Context, lver *int64, id int) error {
	return b.change(ctx, func(p *domainmd.Pool) {
		p.SPMID = int64(id)
		if lver != nil {
			p.SPMLver = *lver
		}
	})
}

func (b *onMaster) Domains(ctx context.Context) ([]domainmd.PoolDomain, error) {
	p, err := b.read(ctx, b.pool.Master())
	return p.Domains, err
}

func (b *onMaster) SetDomains(ctx context.Context, domains []domainmd.PoolDomain) error {
	return b.change(ctx, func(p *domainmd.Pool) { p.Domains = domains })
}

func (b *onMaster) MasterVersion(ctx context.Context, master *domain.Domain) (int64, error) {
	p, err := b.read(ctx, master)
	return p.MasterVersion, err
}

func (b *onMaster) Demote(ctx context.Context, d *domain.Domain) error {
	return d.Update(ctx, func(m *domainmd.Metadata) error {
		m.Set(domainmd.KeyMasterVersion, "0")
		m.SetRole(domainmd.Regular)
		return nil
	})
}

func (b *onMaster) Switch(ctx context.Context, from, to *domain.Domain, version int64) error {
	p, err := b.read(ctx, from)
	if err != nil {
		return err
	}
	p.MasterVersion = version
	return to.Update(ctx, func(m *domainmd.Metadata) error {
		m.SetPool(p)
		m.SetRole(domainmd.Master)
		return nil
	})
}

func (b *onMaster) Name(ctx context.Context) (string, error) {
	p, err := b.read(ctx, b.pool.Master())
	return p.Description, err
}

// wrongMaster is the error on which managers choose another master.
func wrongMaster(pool, domain string) *api.Error {
	return api.ErrStoragePoolWrongMaster.OfText(fmt.Sprintf("SD=%s, pool=%s", domain, pool))
}

// underLock calls f while this host holds the lease of a domain, and has its
// host id there, which stays when it was there before.
func (o *Options) underLock(ctx context.Context, d *domain.Domain, hostID int, f func() error) (err error) {
	lock, sdm := o.Lock(d)
	had := lock.HasHostID(ctx, hostID)
	if !had {
		if err := lock.AcquireHostID(ctx, hostID, true); err != nil {
			return err
		}
	}
	// What is watched keeps the host id: without it the leases of VMs go.
	if !had && !o.Monitor.Watches(d.ID()) {
		defer func() { err = firstOf(err, lock.ReleaseHostID(ctx, hostID, true, false)) }()
	}
	if err := lock.Acquire(ctx, hostID, sdm); err != nil {
		return err
	}
	defer func() { err = firstOf(err, lock.Release(ctx, sdm)) }()
	return f()
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

var (
	_ backend = (*inMemory)(nil)
	_ backend = (*onMaster)(nil)
)
