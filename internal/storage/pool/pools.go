// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
)

// Pools is the pool that this host is connected to, if any. Its methods may be
// called at once.
type Pools struct {
	o Options

	mu   sync.Mutex
	pool *Pool
}

// New returns a host that is connected to no pool.
func New(o Options) *Pools {
	p := &Pools{o: o}
	p.o.MaxDomains = cmp.Or(o.MaxDomains, 100)
	p.o.GuardEvery = cmp.Or(p.o.GuardEvery, 20*time.Second)
	p.o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if p.o.Monitor == nil {
		p.o.Monitor = &unwatched{o: &p.o, id: make(map[string]int)}
	}
	if p.o.Lost == nil {
		p.o.Lost = func(err error) { panic(err) } // to go on would be worse
	}
	return p
}

// Connected returns the pool that the host is connected to, nil for none.
func (p *Pools) Connected() *Pool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pool
}

// Pool returns the pool of an id. Another one than that which is connected is
// [api.ErrStoragePoolUnknown].
func (p *Pools) Pool(id string) (*Pool, error) {
	if c := p.Connected(); c != nil && c.id == id {
		return c, nil
	}
	return nil, api.ErrStoragePoolUnknown.Of(id)
}

// Holds reports whether a domain is a member of the pool that is connected.
func (p *Pools) Holds(ctx context.Context, domain string) (bool, error) {
	c := p.Connected()
	if c == nil {
		return false, nil
	}
	members, err := c.Domains(ctx)
	return slices.ContainsFunc(members, func(m domainmd.PoolDomain) bool { return m.ID == domain }), err
}

// Members returns the domains of the pool that is connected.
func (p *Pools) Members(ctx context.Context, id string) ([]string, error) {
	pool, err := p.Pool(id)
	if err != nil {
		return nil, err
	}
	members, err := pool.Domains(ctx)
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.ID
	}
	return ids, err
}

// Managed is nil when this host manages a pool, and else says that it does not.
func (p *Pools) Managed(_ context.Context, id string) error {
	pool, err := p.Pool(id)
	if err != nil {
		return err
	}
	return pool.Manages()
}

// DomainChanged is for whoever watches domains: one that is valid again gets
// what it missed. It waits for nothing.
func (p *Pools) DomainChanged(ctx context.Context, domain string, valid bool) {
	c := p.Connected()
	if c == nil || !valid {
		return
	}
	_, err := p.o.Tasks.Schedule(context.WithoutCancel(ctx), task.Request{
		Verb: "domainRecovered", Tag: task.Internal,
		Work: func(ctx context.Context, _ *task.Task) error {
			release, err := p.o.Locks.Acquire(ctx, resource.Shared(resource.Storage, c.id), resource.Exclusive(resource.Storage, domain))
			if err != nil {
				return err
			}
			defer release()
			if p.Connected() != c {
				return nil
			}
			return c.domainRecovered(ctx, domain)
		},
	})
	if err != nil {
		p.o.Log.WarnContext(ctx, "a domain that is back may lack its link", "domain", domain, "err", err)
	}
}

func (p *Pools) set(pool *Pool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pool = pool
}

// Members are the domains of a pool with their statuses, as a manager gives
// them.
type Members map[string]string

// list returns the members in an order that does not change.
func (m Members) list() ([]domainmd.PoolDomain, error) {
	var list []domainmd.PoolDomain
	for _, id := range slices.Sorted(maps.Keys(m)) {
		status, err := domainmd.ParseStatus(m[id])
		if err != nil {
			return nil, err
		}
		if err := checkID("sdUUID", id); err != nil {
			return nil, err
		}
		list = append(list, domainmd.PoolDomain{ID: id, Status: status})
	}
	return list, nil
}

func checkID(name, id string) error {
	if _, err := uuid.Parse(id); err != nil || len(id) != len(Blank) {
		return api.ErrInvalidParameterException.OfText(name + "=" + id)
	}
	return nil
}

func checkHostID(id int64) error {
	if id < 1 || id > clusterlock.MaxHosts {
		return api.ErrInvalidParameterException.OfText("hostID=" + strconv.FormatInt(id, 10))
	}
	return nil
}

// whole is the lock of a pool that everything waits for which changes it.
func whole(pool string) resource.Lock { return resource.Exclusive(resource.Storage, pool) }

// connecting is the lock of what connects and disconnects.
func connecting() resource.Lock { return resource.Exclusive(resource.Storage, "HSM_DomainMonitorLock") }

// Close ends what this host does as the manager of its pool, without giving
// the lease back to anybody who could take it while something still runs.
func (p *Pools) Close() {
	if c := p.Connected(); c != nil {
		c.endGuard()
	}
}
