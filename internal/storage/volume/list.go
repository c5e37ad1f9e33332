// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"govdsm/internal/storage/domain"
)

// Listed is a volume and the images it is in. That is one, but for a template:
// the first is the image it belongs to, the others are based on it.
type Listed struct {
	ID     string
	Images []string
}

// List returns the volumes of the domain, in no order: what has metadata in an
// image. It reads names only.
func (v *Volumes) List(ctx context.Context) ([]Listed, error) {
	folders, err := v.dir.ReadDirs(ctx, domain.ImagesDir, metaSuffix)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, v.access(err)
	}
	var list []Listed
	at := make(map[string]int, len(folders)) // in list, by volume
	shared := false
	for _, f := range folders {
		if !domain.IsID(f.Name) {
			continue // removed, or somebody else's
		}
		for _, name := range f.Names {
			volume := strings.TrimSuffix(name, metaSuffix)
			n, known := at[volume]
			switch {
			case known:
				list[n].Images = append(list[n].Images, f.Name)
				shared = true
			case domain.IsID(volume):
				at[volume] = len(list)
				list = append(list, Listed{volume, []string{f.Name}})
			}
		}
	}
	if !shared {
		return list, nil
	}
	return list, v.ownersFirst(ctx, list)
}

// ownersFirst puts the image first that each volume belongs to.
func (v *Volumes) ownersFirst(ctx context.Context, list []Listed) error {
	count := make(map[string]int) // of volumes, by image
	for _, l := range list {
		for _, image := range l.Images {
			count[image]++
		}
	}
	for _, l := range list {
		if len(l.Images) > 1 {
			slices.Sort(l.Images)
			if err := v.ownerFirst(ctx, l.ID, l.Images, count); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownerFirst puts the image first that a template belongs to: the one that
// holds nothing else. An image that is being made upon it does not either, for
// a moment; then the metadata tells.
func (v *Volumes) ownerFirst(ctx context.Context, volume string, images []string, count map[string]int) error {
	var alone []string
	for _, image := range images {
		if count[image] == 1 {
			alone = append(alone, image)
		}
	}
	var owner string
	switch len(alone) {
	case 0:
		return nil
	case 1:
		owner = alone[0]
	default:
		md, err := v.Metadata(ctx, ID{images[0], volume})
		if err != nil {
			return err
		}
		owner = md.Image
	}
	if at := slices.Index(images, owner); at > 0 {
		copy(images[1:at+1], images[:at])
		images[0] = owner
	}
	return nil
}

// In returns those of a list that are in an image, templates included.
func In(list []Listed, image string) []Listed {
	var in []Listed
	for _, l := range list {
		if slices.Contains(l.Images, image) {
			in = append(in, l)
		}
	}
	return in
}
