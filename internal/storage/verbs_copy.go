// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"

	"govdsm/api"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
	"govdsm/internal/storage/volumemd"
)

// copyVolume makes one volume of a chain: a template, mostly.
func (s *Storage) copyVolume(ctx context.Context, p *api.VolumeCopyParams) (api.UUID, error) {
	target := p.DstSDUUID
	if target == "" || target == volume.BlankID {
		target = p.StorageDomainID
	}
	if target == p.StorageDomainID && p.DstImgUUID == p.ImageID {
		return "", api.ErrInvalidParameterException.OfText("dstImgUUID=" + string(p.DstImgUUID))
	}
	if err := s.manages(p.StoragePoolID); err != nil {
		return "", err
	}
	from, err := s.volumes(ctx, p.StorageDomainID)
	if err != nil {
		return "", err
	}
	to, err := s.volumes(ctx, target)
	if err != nil {
		return "", err
	}
	if p.Discard {
		return "", noDiscard(target)
	}
	if err := from.Copyable(ctx, string(p.ImageID)); err != nil {
		return "", err
	}
	c := copyOf(p)
	locks := []resource.Lock{
		resource.Shared(resource.Storage, string(p.StorageDomainID)), resource.Shared(resource.Storage, string(target)),
	}
	id, err := s.pools.Schedule(ctx, string(p.StoragePoolID), "copyImage_"+c.To.Image, locks, func(ctx context.Context, t *task.Task) error {
		source := resource.Shared(resource.Images(string(p.StorageDomainID)), c.From.Image)
		return s.onImage(ctx, target, c.To.Image, func() error { return from.CopyTo(ctx, t, to, c) }, source)
	})
	return api.UUID(id), err
}

// copyOf leaves out what the manager does not know: kinds that are no kinds.
func copyOf(p *api.VolumeCopyParams) volume.Copy {
	c := volume.Copy{
		From: volumeID(p.ImageID, p.VolumeID), To: volumeID(p.DstImgUUID, p.DstVolUUID),
		Description: p.Desc, Force: p.Force,
	}
	c.Format, _ = volumemd.FormatOf(string(p.VolFormat))
	c.Allocation, _ = volumemd.AllocationOf(string(p.Preallocate))
	role, _ := volumemd.RoleOf(string(p.VolType))
	c.Shared = role == api.VolumeRoleSHARED
	return c
}
