// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
)

// Role is what this host is in the pool.
type Role = api.SpmRole

// Pool is the pool that this host is connected to, or one that it makes. What
// changes it is called by one at a time: the caller holds its lock.
type Pool struct {
	o     *Options
	id    string
	links links

	mu      sync.Mutex
	hostID  int
	backend backend
	master  *domain.Domain
	role    Role
	manages bool     // role is SPM and it is not about to end
	unguard func()   // ends the watchdog of the lease
	watched []string // ids
}

func newPool(o *Options, id string, hostID int) *Pool {
	p := &Pool{o: o, id: id, hostID: hostID, links: linksOf(o.Repository, id), role: api.SpmRoleFree}
	p.backend = &onMaster{p}
	return p
}

// ID returns the pool's id.
func (p *Pool) ID() string { return p.id }

// HostID returns the number of this host in the pool.
func (p *Pool) HostID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hostID
}

// Master returns the master domain.
func (p *Pool) Master() *domain.Domain {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.master
}

// Role returns what this host is in the pool.
func (p *Pool) Role() Role {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.role
}

func (p *Pool) store() backend {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.backend
}

// Manages is [api.ErrSpmStatus] unless this host manages the pool.
func (p *Pool) Manages() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.manages {
		return api.ErrSpmStatus.Of(p.id)
	}
	return nil
}

// Domains returns the members, and how each stands to the pool.
func (p *Pool) Domains(ctx context.Context) ([]domainmd.PoolDomain, error) {
	return p.store().Domains(ctx)
}

// active returns the ids of the members in use.
func (p *Pool) active(ctx context.Context) ([]string, error) {
	members, err := p.Domains(ctx)
	var ids []string
	for _, m := range members {
		if m.Status == domainmd.StatusActive {
			ids = append(ids, m.ID)
		}
	}
	return ids, err
}

// setStatus changes how a domain stands to the pool; "" removes it.
func (p *Pool) setStatus(ctx context.Context, id string, s domainmd.Status) error {
	members, err := p.Domains(ctx)
	if err != nil {
		return err
	}
	changed := domainmd.Pool{Domains: members}
	if s == "" {
		changed.RemoveDomain(id)
	} else {
		changed.SetStatus(id, s)
	}
	return p.store().SetDomains(ctx, changed.Domains)
}

// setMaster makes a domain the master after it was checked: the domain says of
// itself that it is, of this pool, in this version.
func (p *Pool) setMaster(ctx context.Context, id string, version int64) error {
	d, err := p.o.Domains.Domain(ctx, id)
	if errors.Is(err, api.ErrStorageDomainDoesNotExist) {
		return api.ErrStoragePoolMasterNotFound.OfText(fmt.Sprintf("spUUID=%s, msdUUID=%s", p.id, id)).Caused(err)
	}
	if err != nil {
		return err
	}
	m, err := d.Metadata(ctx)
	if err != nil {
		return err
	}
	known, err := m.Domain()
	if err != nil {
		return err
	}
	expected, err := p.store().MasterVersion(ctx, d)
	if err != nil && known.Role.IsMaster() {
		return err
	}
	if !known.Role.IsMaster() || !slices.Contains(known.Pools, p.id) || expected != version {
		p.o.Log.ErrorContext(ctx, "domain is not the master of the pool", "pool", p.id, "domain", id,
			"role", known.Role, "pools", known.Pools, "version", expected, "wanted", version)
		return wrongMaster(p.id, id)
	}
	p.mu.Lock()
	p.master = d
	p.mu.Unlock()
	return nil
}

// linkPatience is how long connecting waits for domains other than the master:
// one whose server is frozen gets its link when it is back.
const linkPatience = 10 * time.Second

// rebuild makes the host's side of the pool what the members are: links, and
// who is watched.
func (p *Pool) rebuild(ctx context.Context, master string, version int64) error {
	if err := p.setMaster(ctx, master, version); err != nil {
		return err
	}
	if err := os.MkdirAll(p.links.dir, 0o755); err != nil {
		return err
	}
	active, err := p.active(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(active, master) {
		return wrongMaster(p.id, master)
	}
	if err := p.links.domain(p.Master(), true); err != nil {
		return err
	}
	wanted := make(map[string]bool)
	for _, id := range active {
		wanted[id] = true
	}
	p.linkAll(ctx, active)
	if err := p.links.keep(wanted); err != nil {
		p.o.Log.WarnContext(ctx, "old links of the pool stay", "pool", p.id, "err", err)
	}
	return p.watchDomains(ctx)
}

// linkAll makes the links of all domains that can be found by now.
func (p *Pool) linkAll(ctx context.Context, ids []string) {
	ctx, cancel := context.WithTimeout(ctx, linkPatience)
	defer cancel()
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			d, err := p.o.Domains.Domain(ctx, id)
			if err == nil {
				err = p.links.domain(d, false)
			}
			if err != nil {
				p.o.Log.WarnContext(ctx, "domain of the pool has no link", "pool", p.id, "domain", id, "err", err)
			}
		})
	}
	all.Wait()
}

// watchDomains has the members in use watched, and nobody else.
func (p *Pool) watchDomains(ctx context.Context) error {
	active, err := p.active(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	former := p.watched
	p.watched = active
	p.mu.Unlock()
	p.endWatching(ctx, slices.DeleteFunc(former, func(id string) bool { return slices.Contains(active, id) }))
	for _, id := range active {
		p.o.Monitor.Start(ctx, id, p.HostID())
	}
	return nil
}

// unwatch has nobody watched.
func (p *Pool) unwatch(ctx context.Context) {
	p.mu.Lock()
	former := p.watched
	p.watched = nil
	p.mu.Unlock()
	p.endWatching(ctx, former)
}

// endWatching ends it for all at the same time, and waits no longer than for
// links: giving a host id back hangs with the storage that it is on.
func (p *Pool) endWatching(ctx context.Context, ids []string) {
	ctx, cancel := context.WithTimeout(ctx, linkPatience)
	defer cancel()
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() { p.o.Monitor.Stop(ctx, id) })
	}
	all.Wait()
}

// domainRecovered makes the link of a domain that can be reached again, and one
// that was master before it was lost an ordinary domain.
func (p *Pool) domainRecovered(ctx context.Context, id string) error {
	active, err := p.active(ctx)
	if err != nil || !slices.Contains(active, id) {
		return err
	}
	d, err := p.o.Domains.Domain(ctx, id)
	if err != nil {
		return err
	}
	master := p.Master()
	if err := p.links.domain(d, d.ID() == master.ID()); err != nil {
		return err
	}
	if p.Manages() == nil && d.ID() != master.ID() && d.Known().Role.IsMaster() {
		return p.store().Demote(ctx, d)
	}
	return nil
}
