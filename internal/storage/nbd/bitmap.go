// SPDX-License-Identifier: GPL-2.0-or-later

package nbd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
)

// layersWith returns the layers that have a bitmap. It must be valid in each,
// and without a hole from the top on: who relies on it would miss changes.
func (s *Servers) layersWith(ctx context.Context, layers []Layer, bitmap string) ([]Layer, error) {
	var with []Layer
	var missing string
	for _, l := range layers {
		if l.Format != qemuimg.QCOW2 {
			break
		}
		info, err := s.o.QemuImg.Info(ctx, l.Path, qemuimg.InfoOptions{Format: l.Format})
		if err != nil {
			return nil, err
		}
		bitmaps := info.Specific.Data.Bitmaps
		at := slices.IndexFunc(bitmaps, func(b qemuimg.Bitmap) bool { return b.Name == bitmap })
		switch {
		case at < 0:
			missing = l.Path
			continue
		case slices.Contains(bitmaps[at].Flags, "in-use"):
			return nil, invalidChain("Bitmap in use", bitmap, l.Path)
		case !slices.Contains(bitmaps[at].Flags, "auto"):
			return nil, invalidChain("Bitmap is disabled", bitmap, l.Path)
		case missing != "":
			return nil, invalidChain("Bitmap is missing in "+missing, bitmap, l.Path)
		}
		with = append(with, l)
	}
	if len(with) == 0 {
		return nil, api.ErrBitmapDoesNotExist.OfText(api.Repr(api.PyDict{
			{Key: "reason", Value: "Bitmap does not exist in " + layers[0].Path}, {Key: "bitmap", Value: bitmap},
		}))
	}
	return with, nil
}

func invalidChain(reason, bitmap, path string) error {
	return api.ErrInvalidBitmapChain.OfText(api.Repr(api.PyDict{
		{Key: "bitmap", Value: bitmap}, {Key: "filename", Value: path}, {Key: "reason", Value: reason},
	}))
}

// overlay makes an image upon a volume that has the bitmap of all layers.
func (s *Servers) overlay(ctx context.Context, id string, top Layer, bitmap string, with []Layer) (path string, err error) {
	path = s.overlayPath(id)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			s.removeOverlay(ctx, id)
		}
	}()
	// One that is there belongs to a start that was interrupted.
	if err := removeIfThere(path); err != nil {
		return "", err
	}
	err = s.o.QemuImg.Create(ctx, qemuimg.Create{
		Image: path, Format: qemuimg.QCOW2, Compat: "1.1", Backing: top.Path, BackingFormat: top.Format,
	})
	if err != nil {
		return "", err
	}
	if err := os.Chmod(path, 0o660); err != nil {
		return "", err
	}
	if err := s.o.QemuImg.AddBitmap(ctx, path, bitmap, true, 0); err != nil {
		return "", err
	}
	for _, l := range with {
		if err := s.o.QemuImg.MergeBitmap(ctx, l.Path, bitmap, l.Format, path, bitmap); err != nil {
			return "", err
		}
	}
	return path, nil
}

func (s *Servers) overlayPath(id string) string { return filepath.Join(s.o.Scratch, id, "overlay") }

// removeOverlay removes an overlay and its folder, unless others use that.
func (s *Servers) removeOverlay(ctx context.Context, id string) {
	path := s.overlayPath(id)
	if err := errors.Join(removeIfThere(path), removeIfThere(filepath.Dir(path))); err != nil {
		s.o.Log.WarnContext(ctx, "an overlay is left", "path", path, "err", err)
	}
}
