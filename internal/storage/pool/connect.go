// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"fmt"
	"os"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/resource"
)

// Connect connects the host to a pool, or refreshes what it knows of the pool
// when it is connected. Without members, those that the master keeps count.
func (p *Pools) Connect(ctx context.Context, id string, hostID int64, master string, version int64, members Members) error {
	if err := checkID("spUUID", id); err != nil {
		return err
	}
	list, err := members.list()
	if err != nil {
		return err
	}
	release, err := p.o.Locks.Acquire(ctx, connecting())
	if err != nil {
		return err
	}
	defer release()
	connected := p.Connected()
	if connected != nil && connected.id != id {
		return api.ErrCannotConnectMultiplePools.Of(connected.id)
	}
	lock := whole(id)
	if connected != nil {
		lock = resource.Shared(resource.Storage, id)
	}
	releasePool, err := p.o.Locks.Acquire(ctx, lock)
	if err != nil {
		return err
	}
	defer releasePool()
	if connected != nil {
		return connected.refresh(ctx, int(hostID), master, version, list, members != nil)
	}
	if err := checkHostID(hostID); err != nil {
		return err
	}
	joined := newPool(&p.o, id, int(hostID))
	if members != nil {
		joined.backend = &inMemory{joined, version, list}
	}
	if err := joined.rebuild(ctx, master, version); err != nil {
		joined.unwatch(ctx)
		joined.removeLinks(ctx)
		return err
	}
	p.set(joined)
	p.o.Log.InfoContext(ctx, "storage pool connected", "pool", id, "host", hostID, "master", master, "version", version)
	return nil
}

// refresh is Connect for the pool that is connected.
func (p *Pool) refresh(ctx context.Context, hostID int, master string, version int64, list []domainmd.PoolDomain, given bool) error {
	if hostID != p.HostID() {
		return api.ErrStoragePoolConnected.Of(fmt.Sprintf("hostId=%d, newHostId=%d", p.HostID(), hostID))
	}
	memory, inMemoryNow := p.store().(*inMemory)
	switch {
	case !given && inMemoryNow:
		return api.ErrStoragePoolConnected.Of("Cannot downgrade pool backend")
	case inMemoryNow:
		p.mu.Lock()
		memory.version, memory.domains = version, list
		p.mu.Unlock()
	case given:
		p.mu.Lock()
		p.backend = &inMemory{p, version, list}
		p.mu.Unlock()
	}
	return p.rebuild(ctx, master, version)
}

func (p *Pool) removeLinks(ctx context.Context) {
	if err := os.RemoveAll(p.links.dir); err != nil {
		p.o.Log.WarnContext(ctx, "links of the pool stay", "pool", p.id, "err", err)
	}
}

// Disconnect leaves a pool. One that is not connected is success; while the
// host manages the pool it is [api.ErrIsSpm].
func (p *Pools) Disconnect(ctx context.Context, id string) error {
	connected, err := p.Pool(id)
	if err != nil {
		p.o.Log.WarnContext(ctx, "storage pool is not connected", "pool", id)
		return nil
	}
	if err := connected.isFree(); err != nil {
		return err
	}
	release, err := p.o.Locks.Acquire(ctx, whole(id))
	if err != nil {
		return err
	}
	defer release()
	if connected, err = p.Pool(id); err != nil {
		return err
	}
	return p.leave(ctx, connected)
}

func (p *Pool) isFree() error {
	if p.Role() != api.SpmRoleFree {
		return api.ErrIsSpm.Of(p.id)
	}
	return nil
}

func (p *Pools) leave(ctx context.Context, connected *Pool) error {
	if err := connected.isFree(); err != nil {
		return err
	}
	connected.removeLinks(ctx)
	connected.unwatch(ctx)
	p.set(nil)
	p.o.Log.InfoContext(ctx, "storage pool disconnected", "pool", connected.id)
	return nil
}

// Destroy removes the pool that this host manages: its domains belong to none
// then.
func (p *Pools) Destroy(ctx context.Context, id string, hostID int64) error {
	connected, err := p.Pool(id)
	if err != nil {
		return err
	}
	if int64(connected.HostID()) != hostID {
		return api.ErrHostIdMismatch.Of(id)
	}
	members, err := connected.Domains(ctx)
	if err != nil {
		return err
	}
	locks := []resource.Lock{whole(id)}
	for _, m := range members {
		locks = append(locks, resource.Exclusive(resource.Storage, m.ID))
	}
	release, err := p.o.Locks.Acquire(ctx, locks...)
	if err != nil {
		return err
	}
	defer release()
	if err := connected.detachAll(ctx); err != nil {
		return err
	}
	return p.leave(ctx, connected)
}
