// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/volumemd"
)

// Delete removes a volume. Unless forced, a template is
// [api.ErrCannotDeleteSharedVolume] and a volume on which others are based
// [api.ErrVolumeImageHasChildren].
//
// It is illegal before anything is lost, and its metadata is the last to go:
// who was interrupted calls it again. The caller holds the image exclusively.
func (v *Volumes) Delete(ctx context.Context, id ID, force bool) error {
	if err := id.check(); err != nil {
		return err
	}
	image, err := v.Image(ctx, id.Image)
	if errors.Is(err, api.ErrImageDoesNotExistInSD) {
		return api.ErrVolumeDoesNotExist.Of(id.Volume).Caused(err)
	}
	if err != nil {
		return err
	}
	md, err := image.Volume(id.Volume)
	if errors.Is(err, api.ErrVolumeDoesNotExist) {
		return err
	}
	if err == nil && md.Image != id.Image {
		// A link to a template, which goes with the image.
		return api.ErrCannotDeleteSharedVolume.OfText(fmt.Sprintf("img %s vol %s", id.Image, id.Volume))
	}
	broken := err != nil // an earlier deletion may have done that: no reason to keep it
	if !force {
		if !broken && md.Role == api.VolumeRoleSHARED {
			return api.ErrCannotDeleteSharedVolume.OfText(fmt.Sprintf("img %s vol %s", id.Image, id.Volume))
		}
		if len(image.Children(id.Volume)) > 0 {
			return api.ErrVolumeImageHasChildren.Of(id.Volume)
		}
	}
	if !broken {
		if err := v.retire(ctx, image, id, md); err != nil {
			return cannotDelete(id, err)
		}
	}
	meta := metaFile(id.Image, id.Volume)
	for _, name := range []string{dataFile(id.Image, id.Volume), leaseFile(id.Image, id.Volume), meta + newSuffix, meta} {
		if err := v.dir.RemoveIfThere(ctx, name); err != nil {
			return cannotDelete(id, err)
		}
	}
	return nil
}

// retire marks a volume that is to be removed, and makes its parent what it
// will be.
func (v *Volumes) retire(ctx context.Context, image *Image, id ID, md volumemd.Volume) error {
	if md.Legality != api.VolumeLegalityILLEGAL {
		md.Legality = api.VolumeLegalityILLEGAL
		// Only here: images that are based on a template keep theirs.
		if err := v.write(ctx, id, md); err != nil {
			return err
		}
	}
	if md.Parent == BlankID {
		return nil
	}
	err := v.fitRole(ctx, image, md.Parent, id.Volume)
	if errors.Is(err, api.ErrVolumeMetadataWrite) {
		return err // a full disk: who asks again has it done
	}
	if err != nil {
		// A parent that cannot be read does not keep its child.
		v.o.Log.WarnContext(ctx, "the parent of a deleted volume keeps its role", "volume", md.Parent, "err", err)
	}
	return nil
}

func cannotDelete(id ID, err error) error {
	return api.ErrCannotDeleteVolume.OfText(fmt.Sprintf("%s: %v", id.Volume, err)).Caused(err)
}

// DeletableImage says whether an image can be removed: one that is not there is
// [api.ErrImageDoesNotExistInSD], a template that others are based on
// [api.ErrCannotDeleteSharedVolume].
func (v *Volumes) DeletableImage(ctx context.Context, image string) error {
	if !domain.IsID(image) {
		return v.noImage(image)
	}
	list, err := v.List(ctx)
	if err != nil {
		return err
	}
	in := In(list, image)
	if len(in) == 0 {
		return v.noImage(image)
	}
	for _, l := range in {
		if len(l.Images) > 1 && l.Images[0] == image {
			return api.ErrCannotDeleteSharedVolume.OfText(fmt.Sprintf("Cannot delete shared image %s. volImgs: %s", image, l.ID))
		}
	}
	return nil
}

// DeleteImage makes an image stop to exist, by one rename. PurgeImage, or the
// next who opens the domain, removes what was in it.
func (v *Volumes) DeleteImage(ctx context.Context, image string) error {
	if !domain.IsID(image) {
		return v.noImage(image)
	}
	err := v.dir.Rename(ctx, domain.ImageDir(image), domain.RemovedImageDir(image))
	if errors.Is(err, fs.ErrNotExist) {
		return v.noImage(image)
	}
	if errors.Is(err, fs.ErrExist) {
		// One of that name was being removed already.
		if err = v.PurgeImage(ctx, image); err == nil {
			err = v.dir.Rename(ctx, domain.ImageDir(image), domain.RemovedImageDir(image))
		}
	}
	return imageDelete(image, err)
}

// PurgeImage frees the room of an image that was deleted.
func (v *Volumes) PurgeImage(ctx context.Context, image string) error {
	if !domain.IsID(image) {
		return v.noImage(image)
	}
	return imageDelete(image, v.dir.RemoveTree(ctx, domain.RemovedImageDir(image)))
}

func imageDelete(image string, err error) error {
	if err == nil {
		return nil
	}
	return api.ErrImageDelete.OfText(fmt.Sprintf("%s %v", image, err)).Caused(err)
}
