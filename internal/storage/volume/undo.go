// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"io/fs"

	"govdsm/api"
	"govdsm/internal/storage/domain"
)

// undoImage removes the folder of an image in which there is nothing.
func (v *Volumes) undoImage(ctx context.Context, id ID) error {
	err := v.dir.Remove(ctx, domain.ImageDir(id.Image))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if names, listErr := v.dir.ReadDir(ctx, domain.ImageDir(id.Image)); listErr == nil && len(names) > 0 {
		return nil // somebody uses it
	}
	return v.access(err)
}

// undoShare removes links to a template, the metadata first: without it the
// others are no volume. Where it does not lie twice it is the template itself;
// and the original tells this also where the link was there before, for a volume
// that is based on it.
func (v *Volumes) undoShare(ctx context.Context, id ID) error {
	image, err := v.Image(ctx, id.Image)
	switch {
	case errors.Is(err, api.ErrImageDoesNotExistInSD):
		return v.removeFiles(ctx, id)
	case err != nil:
		return err
	}
	md, err := image.Volume(id.Volume)
	if err == nil && md.Image == id.Image || len(image.Children(id.Volume)) > 0 {
		return nil
	}
	return v.removeFiles(ctx, id)
}

func (v *Volumes) removeFiles(ctx context.Context, id ID) error {
	for _, name := range []string{
		metaFile(id.Image, id.Volume), metaFile(id.Image, id.Volume) + newSuffix, dataFile(id.Image, id.Volume),
		leaseFile(id.Image, id.Volume),
	} {
		if err := v.dir.RemoveIfThere(ctx, name); err != nil {
			return v.access(err)
		}
	}
	return nil
}

// undoHalfBaked removes data without metadata.
func (v *Volumes) undoHalfBaked(ctx context.Context, id ID) error {
	there, err := v.dir.Exists(ctx, metaFile(id.Image, id.Volume))
	if err != nil || there {
		return v.access(err)
	}
	return v.removeFiles(ctx, id)
}

// undoMetadata removes the metadata that was the last to be written.
func (v *Volumes) undoMetadata(ctx context.Context, id ID) error {
	return v.access(v.dir.RemoveIfThere(ctx, metaFile(id.Image, id.Volume)))
}

// undoCreate removes a volume that was made, and its image if it was the first.
func (v *Volumes) undoCreate(ctx context.Context, id ID) error {
	image, err := v.Image(ctx, id.Image)
	if errors.Is(err, api.ErrImageDoesNotExistInSD) {
		return v.undoImage(ctx, id)
	}
	if err != nil {
		return err
	}
	if _, err := image.Volume(id.Volume); !errors.Is(err, api.ErrVolumeDoesNotExist) {
		if err := v.Delete(ctx, id, true); err != nil {
			return err
		}
	}
	image, err = v.Image(ctx, id.Image)
	switch {
	case errors.Is(err, api.ErrImageDoesNotExistInSD):
	case err != nil:
		return err
	case len(image.Own()) > 0:
		return nil
	default: // what is left are links to a template
		for _, template := range image.Volumes() {
			if err := v.removeFiles(ctx, ID{id.Image, template}); err != nil {
				return err
			}
		}
	}
	return v.undoImage(ctx, id)
}

// undoParent gives a volume the role that fits its children.
func (v *Volumes) undoParent(ctx context.Context, id ID) error {
	image, err := v.Image(ctx, id.Image)
	if errors.Is(err, api.ErrImageDoesNotExistInSD) {
		return nil
	}
	if err != nil {
		return err
	}
	return v.fitRole(ctx, image, id.Volume, "")
}

// fitRole makes a volume a leaf if it has no children but one that does not
// count, and an internal one otherwise.
func (v *Volumes) fitRole(ctx context.Context, image *Image, volume, except string) error {
	md, err := image.Volume(volume)
	if errors.Is(err, api.ErrVolumeDoesNotExist) {
		return nil
	}
	if err != nil || md.Role == api.VolumeRoleSHARED {
		return err
	}
	role := api.VolumeRoleLEAF
	for _, child := range image.Children(volume) {
		if child != except {
			role = api.VolumeRoleINTERNAL
		}
	}
	return v.setRole(ctx, ID{image.ID, volume}, role)
}
