// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"

	"govdsm/api"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
)

// Pools is what verbs on volumes need of the pool that this host is connected
// to.
type Pools interface {
	// Connected is api.ErrStoragePoolUnknown unless it is that one.
	Connected(pool string) error
	// Manages is Connected, and api.ErrSpmStatus unless this host is its SPM.
	Manages(pool string) error
	// Schedule has work done by a task, which holds the locks until it has
	// ended, and returns the task's id. It is refused as Manages does.
	Schedule(ctx context.Context, pool, verb string, locks []resource.Lock, work Work) (id string, err error)
}

// Work is what a task does.
type Work func(ctx context.Context, t volume.Task) error

// noPools is a host that is connected to none.
type noPools struct{}

// Connected implements Pools.
func (noPools) Connected(pool string) error { return api.ErrStoragePoolUnknown.Of(pool) }

// Manages implements Pools.
func (noPools) Manages(pool string) error { return api.ErrStoragePoolUnknown.Of(pool) }

// Schedule implements Pools.
func (noPools) Schedule(_ context.Context, pool, _ string, _ []resource.Lock, _ Work) (string, error) {
	return "", api.ErrStoragePoolUnknown.Of(pool)
}

// UndoVolume runs a recovery that a task pushed while it worked on volumes.
// One that is of something else is volume.ErrUndo.
func (s *Storage) UndoVolume(ctx context.Context, r task.Recovery) error {
	id, ok := volume.DomainOf(r)
	if !ok {
		return volume.ErrUndo
	}
	v, err := s.volumes(ctx, api.UUID(id))
	if err != nil {
		return err
	}
	return v.Undo(ctx, r)
}

// volumes returns those of a domain, which is opened if it is not.
func (s *Storage) volumes(ctx context.Context, id api.UUID) (*volume.Volumes, error) {
	d, err := s.domains.Domain(ctx, string(id))
	if err != nil {
		return nil, err
	}
	return volume.New(volume.Options{
		Domain: d, QemuImg: s.qemuImg, Leases: s.leases(d),
		Repository: s.repository, Run: s.run, Log: s.log,
	}), nil
}

// inDomain calls f with the volumes of a domain, which nobody removes meanwhile.
func (s *Storage) inDomain(ctx context.Context, id api.UUID, f func(*volume.Volumes) error, locks ...resource.Lock) error {
	v, err := s.volumes(ctx, id)
	if err != nil {
		return err
	}
	release, err := s.locks.Acquire(ctx, append(locks, resource.Shared(resource.Storage, string(id)))...)
	if err != nil {
		return err
	}
	defer release()
	return f(v)
}

// onImage calls f while nobody else works on an image. The domain is locked by
// who calls.
func (s *Storage) onImage(ctx context.Context, domain api.UUID, image string, f func() error, locks ...resource.Lock) error {
	release, err := s.locks.Acquire(ctx, append(locks, resource.Exclusive(resource.Images(string(domain)), image))...)
	if err != nil {
		return err
	}
	defer release()
	return f()
}

// scheduleOn schedules work on the volumes of a domain, which is shared with
// others meanwhile.
func (s *Storage) scheduleOn(
	ctx context.Context, pool, domain api.UUID, verb string, work func(context.Context, volume.Task, *volume.Volumes) error,
) (api.UUID, error) {
	v, err := s.volumes(ctx, domain)
	if err != nil {
		return "", err
	}
	locks := []resource.Lock{resource.Shared(resource.Storage, string(domain))}
	id, err := s.pools.Schedule(ctx, string(pool), verb, locks, func(ctx context.Context, t volume.Task) error {
		return work(ctx, t, v)
	})
	return api.UUID(id), err
}
