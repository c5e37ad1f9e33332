// SPDX-License-Identifier: GPL-2.0-or-later

package sdm

import (
	"context"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volume"
	"govdsm/internal/storage/volumemd"
)

// Subchain is two volumes of an image, one based on the other.
type Subchain struct {
	Domain, Image  string
	Top, Base      string
	BaseGeneration *uint64
}

func (s Subchain) base() Volume {
	return Volume{s.Domain, volume.ID{Image: s.Image, Volume: s.Base}, s.BaseGeneration}
}

func (s Subchain) top() volume.ID { return volume.ID{Image: s.Image, Volume: s.Top} }

// Merge starts to write what the top volume holds into its base. The manager
// has prepared that before (the base is large enough) and finalizes it
// afterwards (the chain is without top).
func (j *Jobs) Merge(ctx context.Context, id api.UUID, s Subchain, bitmaps bool) error {
	if err := s.base().check(); err != nil {
		return err
	}
	if err := checkID("top_id", s.Top); err != nil {
		return err
	}
	return j.start(ctx, id, "merge_subchain", func(ctx context.Context, p *progress) error {
		return j.writing(ctx, s.base(), func(d *Domain) error {
			top, base, err := s.volumes(ctx, d)
			if err != nil {
				return err
			}
			u, err := d.Volumes.Use(ctx, s.top(), false)
			if err != nil {
				return err
			}
			return j.operation(ctx, d, s.base(), staysLegal, func() error {
				p.set(0)
				path := d.Volumes.Path(s.base().ID)
				if err := j.o.QemuImg.Commit(ctx, u.Path, format(top), path, p.set); err != nil {
					return err
				}
				if !bitmaps || format(base) != qemuimg.QCOW2 {
					return nil
				}
				return j.mergeBitmaps(ctx, u, len(u.Layers))
			})
		})
	})
}

// volumes returns the metadata of both, if they can be merged.
func (s Subchain) volumes(ctx context.Context, d *Domain) (top, base volumemd.Volume, err error) {
	img, err := d.Volumes.Image(ctx, s.Image)
	if err != nil {
		return top, base, err
	}
	leaf, err := img.Leaf()
	if err != nil {
		return top, base, err
	}
	chain, err := img.Chain(leaf)
	if err != nil {
		return top, base, err
	}
	for _, id := range []string{s.Base, s.Top} {
		if !slices.Contains(chain, id) {
			// The names are the original's, which has them in a wrong order.
			return top, base, api.ErrVolumeIsNotInChain.OfText("sd_id=" + id + ", img_id=" + s.Domain + ", vol_id=" + s.Image)
		}
	}
	if top, err = img.Volume(s.Top); err != nil {
		return top, base, err
	}
	if base, err = img.Volume(s.Base); err != nil {
		return top, base, err
	}
	switch {
	case top.Parent != s.Base:
		return top, base, api.ErrWrongParentVolume.OfText("vol_id=" + s.Base + ", parent_id=" + s.Top)
	case base.Role == api.VolumeRoleSHARED:
		return top, base, api.ErrSharedVolumeNonWritable.Of(s.Base)
	case top.Role == api.VolumeRoleSHARED:
		return top, base, api.ErrSharedVolumeNonWritable.Of(s.Top)
	}
	return top, base, nil
}

// mergeBitmaps adds what changed while top was written to the bitmaps of the
// base. One that the base has not is made there, unless what is below the base
// has it: then it has a hole, and nobody may rely on it.
func (j *Jobs) mergeBitmaps(ctx context.Context, top *volume.InUse, layers int) error {
	if layers < 2 {
		return nil
	}
	base := top.Layers[1]
	above, err := j.bitmaps(ctx, top.Layers[0])
	if err != nil {
		return err
	}
	have, err := j.bitmaps(ctx, base)
	if err != nil {
		return err
	}
	var below map[string]qemuimg.Bitmap
	if layers > 2 {
		if below, err = j.bitmaps(ctx, top.Layers[2]); err != nil {
			return err
		}
	}
	for name, b := range above {
		if !valid(b) {
			continue
		}
		if _, there := have[name]; !there {
			if _, hole := below[name]; hole {
				j.o.Log.WarnContext(ctx, "a bitmap has a hole and is not merged", "bitmap", name, "base", base.Path)
				continue
			}
			if err := j.addBitmap(ctx, base.Path, name, b.Granularity); err != nil {
				return err
			}
		}
		if err := j.o.QemuImg.MergeBitmap(ctx, top.Path, name, qemuimg.QCOW2, base.Path, name); err != nil {
			return api.ErrMergeBitmap.With("reason", "Failed to merge bitmap: "+err.Error(),
				"bitmap", name, "src_vol_path", top.Path, "dst_vol_path", base.Path).Caused(err)
		}
	}
	return nil
}

// format is that of a volume as qemu-img calls it.
func format(md volumemd.Volume) qemuimg.Format {
	if md.Format == api.VolumeFormatCOW {
		return qemuimg.QCOW2
	}
	return qemuimg.Raw
}
