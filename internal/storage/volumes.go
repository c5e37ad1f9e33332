// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
)

// connected is [api.ErrStoragePoolUnknown] unless this host is connected to a
// pool.
func (s *Storage) connected(id api.UUID) error {
	_, err := s.pools.Pool(string(id))
	return err
}

// manages is connected, and [api.ErrSpmStatus] unless this host is SPM.
func (s *Storage) manages(id api.UUID) error {
	p, err := s.pools.Pool(string(id))
	if err != nil {
		return err
	}
	return p.Manages()
}

// registerUndoings says how what tasks did to volumes is undone.
func (s *Storage) registerUndoings() {
	for _, r := range volume.Recoveries() {
		s.tasks.Register(r.Module, r.Object, r.Function, func(ctx context.Context, params []string) error {
			r := r
			r.Params = params
			return s.undo(ctx, r)
		})
	}
}

func (s *Storage) undo(ctx context.Context, r task.Recovery) error {
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

// volumeLeases returns the leases of a domain's volumes, nil where there are
// none.
func (s *Storage) volumeLeases(d *domain.Domain) volume.Leases {
	if leases := d.Leases(); leases != nil {
		return leases
	}
	return nil
}

// volumes returns those of a domain, which is opened if it is not.
func (s *Storage) volumes(ctx context.Context, id api.UUID) (*volume.Volumes, error) {
	d, err := s.domains.Domain(ctx, string(id))
	if err != nil {
		return nil, err
	}
	return volume.New(volume.Options{
		Domain: d, QemuImg: s.qemuImg, Leases: s.volumeLeases(d),
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
	id, err := s.pools.Schedule(ctx, string(pool), verb, locks, func(ctx context.Context, t *task.Task) error {
		return work(ctx, t, v)
	})
	return api.UUID(id), err
}
