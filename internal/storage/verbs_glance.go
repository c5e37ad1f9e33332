// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"io"

	"govdsm/api"
	"govdsm/internal/storage/glance"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
)

// sharing is how an image is to travel, as managers tell it: the schema leaves
// method out.
type sharing struct {
	Method  string         `json:"method"`
	URL     string         `json:"url"`
	Headers map[string]any `json:"headers"` // text, mostly
}

func sharingOf(args api.ImageSharingMethodArgs) (glance.Image, error) {
	var how sharing
	if err := args.As(&how); err != nil {
		return glance.Image{}, api.ErrInvalidParameterException.OfText("methodArgs").Caused(err)
	}
	switch how.Method {
	case "http":
	case "":
		return glance.Image{}, api.ErrGeneral.Says("Sharing method not specified")
	default:
		return glance.Image{}, api.ErrGeneral.Says("Sharing method " + how.Method + " not found")
	}
	i := glance.Image{URL: how.URL, Headers: make(map[string]string, len(how.Headers))}
	for name, value := range how.Headers {
		i.Headers[name] = fmt.Sprint(value)
	}
	return i, nil
}

// uploadImage writes an image to a server.
func (s *Storage) uploadImage(ctx context.Context, p *api.ImageUploadParams) (api.UUID, error) {
	remote, err := sharingOf(p.MethodArgs)
	if err != nil {
		return "", err
	}
	i := Streamed{Pool: p.StoragePoolID, Domain: p.StorageDomainID, Image: p.ImageID, Volume: given(p.VolumeID)}
	return s.share(ctx, "uploadImage", i, resource.Shared,
		func(ctx context.Context, _ *task.Task, v *volume.Volumes, id volume.ID) error {
			return s.upload(ctx, v, id, remote)
		})
}

// downloadImage reads an image from a server.
func (s *Storage) downloadImage(ctx context.Context, p *api.ImageDownloadParams) (api.UUID, error) {
	remote, err := sharingOf(p.MethodArgs)
	if err != nil {
		return "", err
	}
	i := Streamed{Pool: p.StoragePoolID, Domain: p.StorageDomainID, Image: p.ImageID, Volume: given(p.VolumeID)}
	return s.share(ctx, "downloadImage", i, resource.Exclusive,
		func(ctx context.Context, t *task.Task, v *volume.Volumes, id volume.ID) (err error) {
			body, length, err := s.glance.Get(ctx, remote)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, body.Close()) }()
			return v.Replace(ctx, t, id, body, length)
		})
}

// share schedules work on an image that is one volume.
func (s *Storage) share(
	ctx context.Context, verb string, i Streamed, lock func(namespace, name string) resource.Lock,
	work func(context.Context, *task.Task, *volume.Volumes, volume.ID) error,
) (api.UUID, error) {
	if _, err := s.volumes(ctx, i.Domain); err != nil {
		return "", err
	}
	locks := []resource.Lock{resource.Shared(resource.Storage, string(i.Domain))}
	id, err := s.pools.Schedule(ctx, string(i.Pool), verb, locks, s.onSingle(i, lock, work))
	return api.UUID(id), err
}

// onSingle makes a task's work of work on the volume of an image.
func (s *Storage) onSingle(
	i Streamed, lock func(namespace, name string) resource.Lock,
	work func(context.Context, *task.Task, *volume.Volumes, volume.ID) error,
) task.Work {
	return func(ctx context.Context, t *task.Task) error {
		release, err := s.locks.Acquire(ctx, lock(resource.Images(string(i.Domain)), string(i.Image)))
		if err != nil {
			return err
		}
		defer release()
		v, id, err := s.find(ctx, i)
		if err != nil {
			return err
		}
		return work(ctx, t, v, id)
	}
}

// upload reads a volume and writes it to a server at the same time.
func (s *Storage) upload(ctx context.Context, v *volume.Volumes, id volume.ID, remote glance.Image) error {
	length, err := v.Readable(ctx, id, 0)
	if err != nil {
		return err
	}
	out, in := io.Pipe()
	read := make(chan error, 1)
	go func() { // ends when the volume has been read, or out is closed
		err := v.Read(ctx, id, in, length)
		in.CloseWithError(err) // nil is the end of the image
		read <- err
	}()
	err = s.glance.Put(ctx, remote, out, length)
	out.CloseWithError(io.ErrClosedPipe)
	if failed := <-read; err == nil || failed != nil && !errors.Is(failed, io.ErrClosedPipe) {
		err = failed // not what the server says to half an image
	}
	return err
}
