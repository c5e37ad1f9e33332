// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"govdsm/api"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
)

// journey is an image and two domains, from the first to the second.
type journey struct {
	image          string
	source, target api.UUID
	from, to       *volume.Volumes
	exclusive      bool // the image is removed from the source
}

// journey opens both domains of the pool.
func (s *Storage) journey(ctx context.Context, pool, source, target, image api.UUID) (*journey, error) {
	from, err := s.volumes(ctx, source)
	if err != nil {
		return nil, err
	}
	to, err := s.volumes(ctx, target)
	if err != nil {
		return nil, err
	}
	if source == target {
		return nil, api.ErrInvalidParameterException.OfText("srcDom=must be different from dstDom: " + string(target))
	}
	return &journey{image: string(image), source: source, target: target, from: from, to: to}, s.manages(pool)
}

// travel schedules work on an image in both domains, which are shared with
// others meanwhile; the image in the target is not.
func (s *Storage) travel(ctx context.Context, pool api.UUID, verb string, j *journey, work task.Work) (api.UUID, error) {
	domains := []resource.Lock{
		resource.Shared(resource.Storage, string(j.source)), resource.Shared(resource.Storage, string(j.target)),
	}
	id, err := s.pools.Schedule(ctx, string(pool), verb, domains, func(ctx context.Context, t *task.Task) error {
		locks, err := j.locks(ctx)
		if err != nil {
			return err
		}
		return s.onImage(ctx, j.target, j.image, func() error { return work(ctx, t) }, locks...)
	})
	return api.UUID(id), err
}

// locks are those of the image in the source and of its template in the target.
func (j *journey) locks(ctx context.Context) ([]resource.Lock, error) {
	lock := resource.Shared
	if j.exclusive {
		lock = resource.Exclusive
	}
	locks := []resource.Lock{lock(resource.Images(string(j.source)), j.image)}
	template, ok, err := j.from.Template(ctx, j.image)
	if err != nil || !ok {
		return locks, err
	}
	lock = resource.Shared
	if j.to.IsBackup() { // where a fake of it may be made
		lock = resource.Exclusive
	}
	return append(locks, lock(resource.Images(string(j.target)), template.Image)), nil
}

// moveImage copies an image to another domain, and removes it from its own if
// it is to be moved.
func (s *Storage) moveImage(ctx context.Context, p *api.ImageMoveParams) (api.UUID, error) {
	id, err := s.move(ctx, p)
	return id, own(err, api.ErrMoveImage, fmt.Sprintf("spUUID=%s, srcDomUUID=%s, dstDomUUID=%s, imgUUID=%s, op=%s, force=%t, postZero=%t, discard=%t",
		p.StoragePoolID, p.StorageDomainID, p.DstSDUUID, p.ImageID, p.Operation, p.Force, p.PostZero, p.Discard))
}

func (s *Storage) move(ctx context.Context, p *api.ImageMoveParams) (api.UUID, error) {
	j, err := s.journey(ctx, p.StoragePoolID, p.StorageDomainID, p.DstSDUUID, p.ImageID)
	if err != nil {
		return "", err
	}
	// Managers send numbers.
	switch operation := strings.ToUpper(string(p.Operation)); operation {
	case string(api.ImageMoveOperationCOPY), "1":
	case string(api.ImageMoveOperationMOVE), "2":
		j.exclusive = true
	default:
		return "", api.ErrMoveImage.Of(string(p.ImageID))
	}
	if p.Discard {
		return "", noDiscard(p.StorageDomainID)
	}
	if err := j.from.Movable(ctx, j.to, j.image); err != nil {
		return "", err
	}
	m := volume.Move{Image: j.image, Remove: j.exclusive, Force: p.Force}
	return s.travel(ctx, p.StoragePoolID, "moveImage_"+j.image, j, func(ctx context.Context, t *task.Task) error {
		return j.from.MoveTo(ctx, t, j.to, m)
	})
}

// cloneImageStructure makes the volumes of an image in another domain, to which
// a running VM begins to write what it writes to its disk.
func (s *Storage) cloneImageStructure(ctx context.Context, p *api.ImageCloneStructureParams) (api.UUID, error) {
	j, err := s.journey(ctx, p.StoragePoolID, p.StorageDomainID, p.DstSDUUID, p.ImageID)
	if err != nil {
		return "", err
	}
	return s.travel(ctx, p.StoragePoolID, "cloneImageStructure", j, func(ctx context.Context, t *task.Task) error {
		return j.from.CloneStructure(ctx, t, j.to, j.image, true)
	})
}

// syncImageData fills the volumes that cloneImageStructure made.
func (s *Storage) syncImageData(ctx context.Context, p *api.ImageSyncDataParams) (api.UUID, error) {
	j, err := s.journey(ctx, p.StoragePoolID, p.StorageDomainID, p.DstSDUUID, p.ImageID)
	if err != nil {
		return "", err
	}
	return s.travel(ctx, p.StoragePoolID, "syncImageData", j, func(ctx context.Context, _ *task.Task) error {
		return j.from.SyncData(ctx, j.to, j.image, string(p.SyncType))
	})
}
