// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"io"

	"govdsm/api"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
)

// Streamed names an image that is read or written from its first byte on, as
// managers do with what they keep of VMs. It must be one volume.
type Streamed struct {
	Pool, Domain, Image api.UUID
	Volume              string // "" for the only one
}

// find returns the volume, and the volumes of its domain.
func (s *Storage) find(ctx context.Context, i Streamed) (*volume.Volumes, volume.ID, error) {
	v, err := s.volumes(ctx, i.Domain)
	if err != nil {
		return nil, volume.ID{}, err
	}
	if err := s.manages(i.Pool); err != nil {
		return nil, volume.ID{}, err
	}
	id, err := v.Single(ctx, string(i.Image), i.Volume)
	return v, id, err
}

// DownloadFromStream schedules a task that makes length bytes of body what is in
// an image, and returns its id when body is no longer read; whether it has
// succeeded the task tells. An error means there is no task. When body ends too
// soon the image stays as it is.
func (s *Storage) DownloadFromStream(ctx context.Context, i Streamed, length int64, body io.Reader) (api.UUID, error) {
	v, id, err := s.find(ctx, i)
	if err == nil {
		err = v.Replaceable(ctx, id, length)
	}
	if err != nil {
		return "", err
	}
	return s.stream(ctx, "downloadImageFromStream", i, resource.Exclusive, nil,
		func(ctx context.Context, t *task.Task, v *volume.Volumes, id volume.ID) error {
			return v.Replace(ctx, t, id, body, length)
		})
}

// UploadToStream schedules a task that writes the first length bytes of an image
// to what to returns; that is called with the task's id before it begins. It
// returns when nothing is written any more. An error before to was called means
// that there is no task.
func (s *Storage) UploadToStream(ctx context.Context, i Streamed, length int64, to func(task api.UUID) io.Writer) error {
	v, id, err := s.find(ctx, i)
	if err == nil {
		_, err = v.Readable(ctx, id, length)
	}
	if err != nil {
		return err
	}
	var w io.Writer
	var failure error
	_, err = s.stream(ctx, "uploadImageToStream", i, resource.Shared,
		func(task api.UUID) { w = to(task) },
		func(ctx context.Context, _ *task.Task, v *volume.Volumes, id volume.ID) error {
			failure = v.Read(ctx, id, w, length)
			return failure
		})
	if err != nil {
		return err
	}
	return failure
}

// stream runs work on an image as a task, and waits until it is done, or will
// never be. Before it begins begin is called.
func (s *Storage) stream(
	ctx context.Context, verb string, i Streamed, lock func(namespace, name string) resource.Lock, begin func(task api.UUID),
	work func(context.Context, *task.Task, *volume.Volumes, volume.ID) error,
) (api.UUID, error) {
	may := make(chan struct{})
	worked, done := context.WithCancel(context.Background())
	defer done()
	locks := []resource.Lock{resource.Shared(resource.Storage, string(i.Domain))}
	onSingle := s.onSingle(i, lock, work)
	id, err := s.pools.Schedule(ctx, string(i.Pool), verb, locks, func(ctx context.Context, t *task.Task) error {
		defer done()
		select {
		case <-may:
			return onSingle(ctx, t)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	if err != nil {
		return "", err
	}
	scheduled, err := s.tasks.Task(id)
	if err != nil { // it was stopped and cleared just now
		return "", err
	}
	if begin != nil {
		begin(api.UUID(id))
	}
	close(may)
	_ = scheduled.Wait(worked) // whichever ends first
	return api.UUID(id), nil
}
