// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"errors"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/volume"
)

func (s *Storage) bindImages(t *dispatch.Table) {
	dispatch.Bind(t, api.StorageDomainGetVolumes, s.domainVolumes)
	dispatch.Bind(t, api.ImageGetVolumes, s.imageVolumes)
	dispatch.Bind(t, api.ImagePrepare, s.prepareImage)
	dispatch.Bind(t, api.ImageTeardown, s.teardownImage)
	dispatch.Bind(t, api.ImageReconcileVolumeChain, s.reconcileVolumeChain)
	dispatch.Bind(t, api.ImageDelete, s.deleteImage)
	dispatch.Bind(t, api.ImageDeleteVolumes, s.deleteVolumes)
	dispatch.Bind(t, api.ImageMove, s.moveImage)
	dispatch.Bind(t, api.ImageCloneStructure, s.cloneImageStructure)
	dispatch.Bind(t, api.ImageSyncData, s.syncImageData)
}

func (s *Storage) domainVolumes(ctx context.Context, p *api.StorageDomainGetVolumesParams) ([]api.UUID, error) {
	ids := []api.UUID{}
	err := s.inDomain(ctx, p.StorageDomainID, func(v *volume.Volumes) error {
		list, err := v.List(ctx)
		if p.ImageID != volume.BlankID {
			list = volume.In(list, string(p.ImageID))
		}
		for _, l := range list {
			ids = append(ids, api.UUID(l.ID))
		}
		return err
	})
	return ids, err
}

func (s *Storage) imageVolumes(ctx context.Context, p *api.ImageGetVolumesParams) ([]api.UUID, error) {
	return s.domainVolumes(ctx, &api.StorageDomainGetVolumesParams{
		StorageDomainID: p.StorageDomainID, StoragePoolID: p.StoragePoolID, ImageID: p.ImageID,
	})
}

func (s *Storage) prepareImage(ctx context.Context, p *api.ImagePrepareParams) (r api.PreparedImageInfo, err error) {
	prepared, err := s.prepare(ctx, p)
	if err != nil {
		return r, err
	}
	return api.PreparedImageInfo{Path: s.preparedPath(string(p.StoragePoolID), prepared)}, nil
}

func (s *Storage) prepare(ctx context.Context, p *api.ImagePrepareParams) (*volume.Prepared, error) {
	if p.StoragePoolID != volume.BlankID {
		if err := s.connected(p.StoragePoolID); err != nil {
			return nil, err
		}
	}
	var prepared *volume.Prepared
	err := s.inDomain(ctx, p.StorageDomainID, func(v *volume.Volumes) (err error) {
		prepared, err = v.Prepare(ctx, volumeID(p.ImageID, p.VolumeID), p.AllowIllegal)
		return err
	})
	return prepared, err
}

// preparedPath is the path by which an image is used: that in the domain by a
// host of its pool, else the one by the link.
func (s *Storage) preparedPath(pool string, p *volume.Prepared) string {
	if pool == volume.BlankID {
		return p.RunPath
	}
	return p.Path
}

func (s *Storage) teardownImage(ctx context.Context, p *api.ImageTeardownParams) (api.Nothing, error) {
	return api.Nothing{}, s.inDomain(ctx, p.StorageDomainID, func(v *volume.Volumes) error {
		return v.Teardown(string(p.ImageID))
	})
}

func (s *Storage) reconcileVolumeChain(ctx context.Context, p *api.ImageReconcileVolumeChainParams) ([]api.UUID, error) {
	var chain []api.UUID
	_, err := s.change(ctx, p.StoragePoolID, p.StorageDomainID, p.ImageID, func(v *volume.Volumes) error {
		ids, err := v.Reconcile(ctx, volumeID(p.ImageID, p.LeafVolID))
		for _, id := range ids {
			chain = append(chain, api.UUID(id))
		}
		return err
	})
	return chain, err
}

// deleteImage makes an image stop to exist before it answers. A task frees what
// it took; without one, whoever opens the domain does.
func (s *Storage) deleteImage(ctx context.Context, p *api.ImageDeleteParams) (api.UUID, error) {
	if err := s.connected(p.StoragePoolID); err != nil {
		return "", err
	}
	image := string(p.ImageID)
	// The same image may be in two domains while it is moved.
	one := resource.Exclusive(resource.Storage, image+"_"+string(p.StorageDomainID))
	err := s.inDomain(ctx, p.StorageDomainID, func(v *volume.Volumes) error {
		return s.onImage(ctx, p.StorageDomainID, image, func() error {
			if err := v.DeletableImage(ctx, image); err != nil {
				return err
			}
			if p.Discard {
				return noDiscard(p.StorageDomainID)
			}
			if err := s.manages(p.StoragePoolID); err != nil {
				return err
			}
			return v.DeleteImage(ctx, image)
		})
	}, one)
	if err != nil {
		return "", err
	}
	verb := "purgeImage_"
	if p.PostZero {
		verb = "zeroImage_"
	}
	return s.scheduleOn(ctx, p.StoragePoolID, p.StorageDomainID, verb+image,
		func(ctx context.Context, _ volume.Task, v *volume.Volumes) error { return v.PurgeImage(ctx, image) })
}

// Prepare makes an image usable for a VM, and returns its path and all volumes
// of the image.
func (s *Storage) Prepare(ctx context.Context, pool, domain, image, leaf string) (path string, p *volume.Prepared, err error) {
	p, err = s.prepare(ctx, &api.ImagePrepareParams{
		StoragePoolID: api.UUID(pool), StorageDomainID: api.UUID(domain), ImageID: api.UUID(image), VolumeID: api.UUID(leaf),
	})
	if err != nil {
		return "", nil, err
	}
	return s.preparedPath(pool, p), p, nil
}

// Teardown takes back what Prepare did. An image in a domain that is gone has
// nothing left.
func (s *Storage) Teardown(ctx context.Context, domain, image string) error {
	_, err := s.teardownImage(ctx, &api.ImageTeardownParams{StorageDomainID: api.UUID(domain), ImageID: api.UUID(image)})
	if errors.Is(err, api.ErrStorageDomainDoesNotExist) {
		return nil
	}
	return err
}
