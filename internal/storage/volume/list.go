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

// List returns the volumes of the domain, sorted by id: what has metadata in
// an image. It reads names only.
func (v *Volumes) List(ctx context.Context) ([]Listed, error) {
	folders, err := v.dir.ReadDirs(ctx, domain.ImagesDir, metaSuffix)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, v.access(err)
	}
	var found []ID
	count := make(map[string]int, len(folders)) // of volumes, by image
	for _, f := range folders {
		if !domain.IsID(f.Name) {
			continue // removed, or somebody else's
		}
		for _, name := range f.Names {
			if volume := strings.TrimSuffix(name, metaSuffix); domain.IsID(volume) {
				found = append(found, ID{f.Name, volume})
				count[f.Name]++
			}
		}
	}
	slices.SortFunc(found, func(a, b ID) int {
		if order := strings.Compare(a.Volume, b.Volume); order != 0 {
			return order
		}
		return strings.Compare(a.Image, b.Image)
	})
	images := make([]string, len(found))
	list := make([]Listed, 0, len(found))
	for n, id := range found {
		images[n] = id.Image
		if last := len(list) - 1; last >= 0 && list[last].ID == id.Volume {
			list[last].Images = images[n-len(list[last].Images) : n+1 : n+1]
		} else {
			list = append(list, Listed{id.Volume, images[n : n+1 : n+1]})
		}
	}
	for _, l := range list {
		if len(l.Images) > 1 {
			if err := v.ownerFirst(ctx, l.ID, l.Images, count); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
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
