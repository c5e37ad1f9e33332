// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"path"
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
	names, err := v.dir.Glob(ctx, path.Join(domain.ImageDir("*"), "*"+metaSuffix))
	if err != nil {
		return nil, v.access(err)
	}
	images := make(map[string][]string, len(names)) // by volume
	count := make(map[string]int, len(names))       // of volumes, by image
	for _, name := range names {
		image, volume := path.Base(path.Dir(name)), strings.TrimSuffix(path.Base(name), metaSuffix)
		if !domain.IsID(image) || !domain.IsID(volume) {
			continue // removed, or somebody else's
		}
		images[volume] = append(images[volume], image)
		count[image]++
	}
	list := make([]Listed, 0, len(images))
	for volume, in := range images {
		if len(in) > 1 {
			if err := v.ownerFirst(ctx, volume, in, count); err != nil {
				return nil, err
			}
		}
		list = append(list, Listed{volume, in})
	}
	slices.SortFunc(list, func(a, b Listed) int { return strings.Compare(a.ID, b.ID) })
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
