// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"
	"io"

	"govdsm/api"
	"govdsm/internal/rpc/httpserver"
	"govdsm/internal/storage"
)

// imagesOverHTTP are the images of storage for who asks over HTTP.
type imagesOverHTTP struct{ storage *storage.Storage }

func streamed(i httpserver.Image) storage.Streamed {
	return storage.Streamed{Pool: api.UUID(i.Pool), Domain: api.UUID(i.Domain), Image: api.UUID(i.Image), Volume: i.Volume}
}

// Receive implements httpserver.Images.
func (s imagesOverHTTP) Receive(ctx context.Context, i httpserver.Image, length int64, body io.Reader) (string, error) {
	task, err := s.storage.DownloadFromStream(ctx, streamed(i), length, body)
	return string(task), err
}

// Send implements httpserver.Images.
func (s imagesOverHTTP) Send(ctx context.Context, i httpserver.Image, length int64, to func(task string) io.Writer) error {
	return s.storage.UploadToStream(ctx, streamed(i), length, func(task api.UUID) io.Writer { return to(string(task)) })
}
