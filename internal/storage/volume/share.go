// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"govdsm/api"
)

// files returns the names of a volume's files in the order in which they are
// made: the metadata last.
func (v *Volumes) files(id ID) []string {
	files := []string{dataFile(id.Image, id.Volume)}
	if v.o.Leases != nil {
		files = append(files, leaseFile(id.Image, id.Volume))
	}
	return append(files, metaFile(id.Image, id.Volume))
}

// share links a template's volume into an image that is to be based on it.
func (v *Volumes) share(ctx context.Context, t Task, template ID, image string) error {
	if template.Image == image {
		return api.ErrVolumeOwnership.Of(template.Volume)
	}
	shared := ID{image, template.Volume}
	if err := t.Rollback(ctx, v.shareRollback(shared)); err != nil {
		return err
	}
	if err := v.link(ctx, template, shared); err != nil {
		return api.ErrCannotShareVolume.OfText(fmt.Sprintf("src=%s, dst=%s: %v", v.Path(template), v.Path(shared), err)).Caused(err)
	}
	return nil
}

// link makes the files of one volume those of another, whatever is there.
func (v *Volumes) link(ctx context.Context, from, to ID) error {
	old, made := v.files(from), v.files(to)
	for n := range old {
		if err := v.linkFile(ctx, old[n], made[n]); err != nil {
			return err
		}
	}
	return nil
}

// linkFile links to a name that may be taken: by a rename, so that it always
// leads somewhere.
func (v *Volumes) linkFile(ctx context.Context, from, to string) error {
	err := v.dir.Link(ctx, from, to)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	infos, err := v.dir.StatAll(ctx, []string{from, to})
	if err != nil {
		return err
	}
	if a, b := infos[from], infos[to]; a != nil && b != nil && a.Inode == b.Inode {
		return nil // rename(2) does nothing between links of one file
	}
	temporary := to + newSuffix
	if err := v.dir.RemoveIfThere(ctx, temporary); err != nil {
		return err
	}
	if err := v.dir.Link(ctx, from, temporary); err != nil {
		return err
	}
	return v.dir.Rename(ctx, temporary, to)
}

// Relink makes all links of a template's volume lead to what it is now: its
// metadata is another file since it was written.
func (v *Volumes) Relink(ctx context.Context, template ID) error {
	names, err := v.dir.Glob(ctx, metaFile("*", template.Volume))
	if err != nil {
		return v.access(err)
	}
	for _, name := range names {
		image := imageOf(name)
		if image == "" || image == template.Image {
			continue
		}
		if err := v.link(ctx, template, ID{image, template.Volume}); err != nil {
			return v.access(err)
		}
	}
	return nil
}
