// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/volumemd"
)

// Image is an image as it was when it was read.
type Image struct {
	ID     string
	layers map[string]layer
}

// layer is a volume of an image, or why it cannot be read.
type layer struct {
	volumemd.Volume
	err error
}

// Image reads the metadata of all volumes of an image, at once. An image
// without volumes is [api.ErrImageDoesNotExistInSD].
func (v *Volumes) Image(ctx context.Context, image string) (*Image, error) {
	names, err := v.volumesIn(ctx, image)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, v.noImage(image)
	}
	files := make([]string, len(names))
	for n, name := range names {
		files[n] = metaFile(image, name)
	}
	read, err := v.dir.ReadFiles(ctx, files)
	if err != nil {
		return nil, v.access(err)
	}
	i := &Image{image, make(map[string]layer, len(names))}
	for n, file := range read {
		var l layer
		switch {
		case errors.Is(file.Err, fs.ErrNotExist):
			continue // removed meanwhile
		case file.Err != nil:
			l.err = api.ErrVolumeMetadataRead.OfText(fmt.Sprintf("%s: %v", names[n], file.Err)).Caused(file.Err)
		default:
			if l.Volume, err = volumemd.Parse(file.Data); err != nil {
				l.err = fmt.Errorf("metadata of volume %s: %w", names[n], err)
			}
		}
		i.layers[names[n]] = l
	}
	return i, nil
}

// volumesIn returns the ids of an image's volumes, those of templates included.
func (v *Volumes) volumesIn(ctx context.Context, image string) ([]string, error) {
	if !domain.IsID(image) {
		return nil, v.noImage(image)
	}
	names, err := v.dir.ReadDir(ctx, domain.ImageDir(image))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, v.access(err)
	}
	var volumes []string
	for _, name := range names {
		if id, ok := strings.CutSuffix(name, metaSuffix); ok && domain.IsID(id) {
			volumes = append(volumes, id)
		}
	}
	return volumes, nil
}

func (v *Volumes) noImage(image string) error {
	return api.ErrImageDoesNotExistInSD.OfText("image=" + image + ", domain=" + v.d.ID())
}

// Volumes returns the ids of the volumes, sorted, those of templates included.
func (i *Image) Volumes() []string {
	ids := make([]string, 0, len(i.layers))
	for id := range i.layers {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Own returns the ids of the volumes that belong to the image itself. What
// cannot be read is taken for its own.
func (i *Image) Own() []string {
	return slices.DeleteFunc(i.Volumes(), func(id string) bool {
		l := i.layers[id]
		return l.err == nil && l.Image != i.ID
	})
}

// Volume returns the metadata of a volume.
func (i *Image) Volume(id string) (volumemd.Volume, error) {
	l, ok := i.layers[id]
	if !ok {
		return volumemd.Volume{}, api.ErrVolumeDoesNotExist.Of(id)
	}
	return l.Volume, l.err
}

// Children returns the ids of the volumes that are based on one, sorted.
func (i *Image) Children(parent string) []string {
	return slices.DeleteFunc(i.Volumes(), func(id string) bool {
		l := i.layers[id]
		return l.err != nil || l.Parent != parent
	})
}

// Leaf returns the last volume of the image's chain. An image with none or
// several is [api.ErrImageIsNotLegalChain].
func (i *Image) Leaf() (string, error) {
	var leaves []string
	own := i.Own()
	for _, id := range own {
		l := i.layers[id]
		if l.err != nil {
			return "", l.err
		}
		if l.Role == api.VolumeRoleLEAF || l.Role == api.VolumeRoleSHARED && len(own) == 1 {
			leaves = append(leaves, id)
		}
	}
	if len(leaves) != 1 {
		return "", api.ErrImageIsNotLegalChain.Of(i.ID)
	}
	return leaves[0], nil
}

// Chain returns the ids of the volumes from leaf down to the base, that of a
// template included. A volume that is missing or its own ancestor, or whose
// metadata cannot be read, makes it [api.ErrImageIsNotLegalChain].
func (i *Image) Chain(leaf string) ([]string, error) {
	if _, ok := i.layers[leaf]; !ok {
		return nil, api.ErrVolumeDoesNotExist.Of(leaf)
	}
	var chain []string
	for id := leaf; id != BlankID; {
		l, ok := i.layers[id]
		if !ok {
			return nil, api.ErrImageIsNotLegalChain.Of(i.ID).Caused(fmt.Errorf("volume %s is missing", id))
		}
		if l.err != nil {
			return nil, api.ErrImageIsNotLegalChain.Of(i.ID).Caused(l.err)
		}
		if len(chain) >= len(i.layers) {
			return nil, api.ErrImageIsNotLegalChain.Of(i.ID).Caused(fmt.Errorf("volume %s is its own ancestor", id))
		}
		chain = append(chain, id)
		id = l.Parent
	}
	return chain, nil
}
