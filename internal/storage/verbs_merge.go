// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"errors"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/volume"
)

func (s *Storage) bindMerge(t *dispatch.Table) {
	dispatch.Bind(t, api.StoragePoolPrepareMerge, s.prepareMerge)
	dispatch.Bind(t, api.StoragePoolFinalizeMerge, s.finalizeMerge)
	dispatch.Bind(t, api.StoragePoolReduceVolume, s.reduceVolume)
}

func (s *Storage) prepareMerge(ctx context.Context, p *api.StoragePoolPrepareMergeParams) (api.UUID, error) {
	return s.scheduleMerge(ctx, p.StoragePoolID, p.SubchainInfo, "prepareMerge", (*volume.Volumes).PrepareMerge)
}

func (s *Storage) finalizeMerge(ctx context.Context, p *api.StoragePoolFinalizeMergeParams) (api.UUID, error) {
	return s.scheduleMerge(ctx, p.StoragePoolID, p.SubchainInfo, "finalizeMerge",
		func(v *volume.Volumes, ctx context.Context, _ volume.Task, sub volume.Subchain) error {
			return v.FinalizeMerge(ctx, sub)
		})
}

// scheduleMerge schedules one half of a merge, which needs the image and the
// lease of the base.
func (s *Storage) scheduleMerge(
	ctx context.Context, pool api.UUID, i api.SubchainInfo, verb string,
	work func(*volume.Volumes, context.Context, volume.Task, volume.Subchain) error,
) (api.UUID, error) {
	if err := s.manages(pool); err != nil {
		return "", err
	}
	for name, id := range map[string]api.UUID{"sd_id": i.SDID, "img_id": i.ImgID, "top_id": i.TopID, "base_id": i.BaseID} {
		if !domain.IsID(string(id)) {
			return "", api.ErrInvalidParameterException.OfText(name + "=" + string(id))
		}
	}
	sub := volume.Subchain{Image: string(i.ImgID), Top: string(i.TopID), Base: string(i.BaseID)}
	base := volumeID(i.ImgID, i.BaseID)
	return s.scheduleOn(ctx, pool, i.SDID, verb, func(ctx context.Context, t volume.Task, v *volume.Volumes) error {
		return s.onImage(ctx, i.SDID, sub.Image, func() error {
			return s.leased(ctx, pool, i.SDID, v, base, func() error { return work(v, ctx, t, sub) })
		}, resource.Exclusive(resource.VolumeLeases(string(i.SDID)), sub.Base))
	})
}

// leaseReturn is how long giving a lease back may take when the task was
// stopped.
const leaseReturn = time.Minute

// leased calls f while this host has the lease of a volume, in a domain where
// volumes have one.
func (s *Storage) leased(ctx context.Context, pool, dom api.UUID, v *volume.Volumes, id volume.ID, f func() error) (err error) {
	lease, ok := v.Lease(id)
	if !ok {
		return f()
	}
	d, err := s.domains.Domain(ctx, string(dom))
	if err != nil {
		return err
	}
	p, err := s.pools.Pool(string(pool))
	if err != nil {
		return err
	}
	lock := d.Lock()
	if err := lock.Acquire(ctx, p.HostID(), lease); err != nil {
		return err
	}
	defer func() {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseReturn)
		defer cancel()
		if failed := lock.Release(after, lease); failed != nil {
			err = errors.Join(err, failed)
		}
	}()
	return f()
}

// reduceVolume has nothing to do on files, which are as large as what is in them.
func (s *Storage) reduceVolume(ctx context.Context, p *api.StoragePoolReduceVolumeParams) (api.UUID, error) {
	return s.scheduleOn(ctx, p.StoragePoolID, p.StorageDomainID, "reduceVolume",
		func(ctx context.Context, _ volume.Task, v *volume.Volumes) error {
			_, err := v.Size(ctx, volumeID(p.ImageID, p.VolumeID))
			return err
		})
}
