// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"

	"govdsm/api"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/volume"
)

func (s *Storage) createVolume(ctx context.Context, p *api.VolumeCreateParams) (api.UUID, error) {
	if err := s.connected(p.StoragePoolID); err != nil {
		return "", err
	}
	spec, err := specOf(p)
	if err != nil {
		return "", err
	}
	v, err := s.volumes(ctx, p.StorageDomainID)
	if err != nil {
		return "", err
	}
	if err := v.Check(spec); err != nil {
		return "", err
	}
	return s.scheduleOn(ctx, p.StoragePoolID, p.StorageDomainID, "createVolume",
		func(ctx context.Context, t volume.Task, v *volume.Volumes) error {
			return s.create(ctx, t, p.StorageDomainID, v, spec)
		})
}

func specOf(p *api.VolumeCreateParams) (volume.Spec, error) {
	spec := volume.Spec{
		ID: volumeID(p.ImageID, p.VolumeID), Format: p.VolFormat, Allocation: p.Preallocate,
		DiskType: string(p.DiskType), Description: p.Desc, Sequence: uint64(p.Sequence), Illegal: !p.Legal,
		Parent: volumeID(p.SrcImgUUID, p.SrcVolUUID), AddBitmaps: p.AddBitmaps,
	}
	if p.Bitmap != nil {
		spec.Bitmap = string(*p.Bitmap)
	}
	if p.Sequence < 0 {
		return spec, api.ErrInvalidParameterException.OfText("sequence is negative")
	}
	var err error
	if spec.Capacity, err = bytes("size", p.Size); err != nil {
		return spec, err
	}
	if p.InitialSize != nil {
		n, err := bytes("initialSize", *p.InitialSize)
		if err != nil {
			return spec, err
		}
		spec.InitialSize = &n
	}
	return spec, nil
}

// create makes a volume with its image to itself. What it is based on stays
// there meanwhile, and is made a template if it can be one.
func (s *Storage) create(ctx context.Context, t volume.Task, domain api.UUID, v *volume.Volumes, spec volume.Spec) error {
	var locks []resource.Lock
	if spec.FromTemplate() {
		if err := s.makeTemplate(ctx, domain, v, spec.Parent); err != nil {
			return err
		}
		locks = append(locks, resource.Shared(resource.Images(string(domain)), spec.Parent.Image))
	}
	return s.onImage(ctx, domain, spec.Image, func() error { return v.Create(ctx, t, spec) }, locks...)
}

func (s *Storage) makeTemplate(ctx context.Context, domain api.UUID, v *volume.Volumes, id volume.ID) error {
	md, err := v.Metadata(ctx, id)
	switch {
	case err != nil:
		return err
	case md.Role == api.VolumeRoleSHARED:
		return nil
	case md.Parent != volume.BlankID:
		return api.ErrVolumeNonShareable.Of(id.Volume)
	}
	return s.onImage(ctx, domain, id.Image, func() error { return v.SetShared(ctx, id) })
}

func (s *Storage) deleteVolume(ctx context.Context, p *api.VolumeDeleteParams) (api.UUID, error) {
	return s.deleteVolumes(ctx, &api.ImageDeleteVolumesParams{
		ImageID: p.ImageID, StoragePoolID: p.StoragePoolID, StorageDomainID: p.StorageDomainID,
		VolumeList: []api.UUID{p.VolumeID}, PostZero: p.PostZero, Force: p.Force, Discard: p.Discard,
	})
}

func (s *Storage) deleteVolumes(ctx context.Context, p *api.ImageDeleteVolumesParams) (api.UUID, error) {
	if err := s.connected(p.StoragePoolID); err != nil {
		return "", err
	}
	return s.scheduleOn(ctx, p.StoragePoolID, p.StorageDomainID, "deleteVolume",
		func(ctx context.Context, _ volume.Task, v *volume.Volumes) error {
			if p.Discard {
				return noDiscard(p.StorageDomainID)
			}
			return s.onImage(ctx, p.StorageDomainID, string(p.ImageID), func() error {
				for _, id := range p.VolumeList {
					if err := v.Delete(ctx, volumeID(p.ImageID, id), p.Force); err != nil {
						return err
					}
				}
				return nil
			})
		})
}

func noDiscard(domain api.UUID) error {
	return api.ErrDiscardIsNotSupported.OfText("sdUUID=" + string(domain) + ", reason=file storage domain")
}

func (s *Storage) extendVolumeSize(ctx context.Context, p *api.VolumeExtendSizeParams) (api.UUID, error) {
	if err := s.connected(p.StoragePoolID); err != nil {
		return "", err
	}
	size, err := bytes("newSize", p.NewSize)
	if err != nil {
		return "", err
	}
	return s.scheduleOn(ctx, p.StoragePoolID, p.StorageDomainID, "extendVolumeSize",
		func(ctx context.Context, t volume.Task, v *volume.Volumes) error {
			return s.onImage(ctx, p.StorageDomainID, string(p.ImageID), func() error {
				return v.ExtendSize(ctx, t, volumeID(p.ImageID, p.VolumeID), size)
			})
		})
}
