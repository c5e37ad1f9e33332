// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
)

// Subchain is a volume, Top, that is to be merged into the one that it is based
// on, Base.
type Subchain struct{ Image, Top, Base string }

func (s Subchain) top() ID  { return ID{s.Image, s.Top} }
func (s Subchain) base() ID { return ID{s.Image, s.Base} }

// PrepareMerge makes the base fit to take in what is above it: as large as
// that, and without bitmaps that would not be complete. A job merges then, on
// any host. The caller holds the image exclusively, and the lease of the base.
func (v *Volumes) PrepareMerge(ctx context.Context, t Task, s Subchain) error {
	image, _, err := v.subchain(ctx, s)
	if err != nil {
		return err
	}
	top, _ := image.Volume(s.Top)
	base, _ := image.Volume(s.Base)
	if err := v.checkLayers(ctx, s.top(), top); err != nil {
		return err
	}
	if base.Format == api.VolumeFormatCOW {
		if err := v.pruneBitmaps(ctx, s); err != nil {
			return err
		}
	}
	switch {
	case top.Capacity <= base.Capacity:
		return nil
	case base.Format == api.VolumeFormatRAW:
		return v.ExtendSize(ctx, t, s.base(), int64(top.Capacity))
	}
	return v.Update(ctx, s.base(), func(md *volumemd.Volume) error {
		md.Capacity = top.Capacity
		return nil
	})
}

// pruneBitmaps removes the bitmaps of the base that are not complete above it:
// nobody can use them, and there may be no room to merge them.
func (v *Volumes) pruneBitmaps(ctx context.Context, s Subchain) error {
	look := qemuimg.InfoOptions{Format: qemuimg.QCOW2}
	above, err := v.o.QemuImg.Info(ctx, v.Path(s.top()), look)
	if err != nil {
		return err
	}
	below, err := v.o.QemuImg.Info(ctx, v.Path(s.base()), look)
	if err != nil {
		return err
	}
	for _, b := range below.Specific.Data.Bitmaps {
		complete := slices.ContainsFunc(above.Specific.Data.Bitmaps, func(a qemuimg.Bitmap) bool {
			return a.Name == b.Name && valid(a)
		})
		if complete {
			continue
		}
		if err := v.o.QemuImg.RemoveBitmap(ctx, v.Path(s.base()), b.Name); err != nil {
			return err
		}
	}
	return nil
}

// FinalizeMerge takes the top out of the chain after it was merged, and marks
// it as illegal: it is to be deleted then. Above it, what the data says is
// changed before what the metadata says; who was interrupted calls it again.
// The caller holds the image exclusively, and the lease of the base.
func (v *Volumes) FinalizeMerge(ctx context.Context, s Subchain) error {
	image, chain, err := v.subchain(ctx, s)
	if err != nil {
		return err
	}
	leaf, actual := ID{s.Image, chain[0]}, slices.DeleteFunc(slices.Clone(chain), func(id string) bool { return id == s.Top })
	children := image.Children(s.Top)
	if len(children) == 0 {
		return v.SyncChain(ctx, leaf, actual)
	}
	base, _ := image.Volume(s.Base)
	child := ID{s.Image, children[0]}
	if err := v.SetLegality(ctx, s.top(), api.VolumeLegalityILLEGAL); err != nil {
		return err
	}
	err = v.o.QemuImg.Rebase(ctx, qemuimg.Rebase{
		Image: v.Path(child), Format: qemuimg.QCOW2, Backing: s.Base, BackingFormat: format(base.Format), Unsafe: true,
	})
	if err != nil {
		if err := v.SetLegality(context.WithoutCancel(ctx), s.top(), api.VolumeLegalityLEGAL); err != nil {
			v.o.Log.ErrorContext(ctx, "a volume stays illegal, its merge cannot be repeated", "volume", s.Top, "err", err)
		}
		return err
	}
	return v.SyncChain(ctx, leaf, actual)
}

// subchain returns the image and its chain, leaf first, if both are in it and
// can be merged.
func (v *Volumes) subchain(ctx context.Context, s Subchain) (*Image, []string, error) {
	image, err := v.Image(ctx, s.Image)
	if err != nil {
		return nil, nil, err
	}
	leaf, err := image.Leaf()
	if err != nil {
		return nil, nil, err
	}
	chain, err := image.Chain(leaf)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range []string{s.Base, s.Top} {
		if !slices.Contains(chain, id) {
			// The names are the original's, in its order.
			return nil, nil, api.ErrVolumeIsNotInChain.OfText("sd_id=" + id + ", img_id=" + v.d.ID() + ", vol_id=" + s.Image)
		}
	}
	top, _ := image.Volume(s.Top) // they are in the chain, so they could be read
	base, _ := image.Volume(s.Base)
	switch {
	case top.Parent != s.Base:
		return nil, nil, api.ErrWrongParentVolume.OfText("vol_id=" + s.Base + ", parent_id=" + s.Top)
	case base.Role == api.VolumeRoleSHARED:
		return nil, nil, api.ErrSharedVolumeNonWritable.Of(s.Base)
	case top.Role == api.VolumeRoleSHARED:
		return nil, nil, api.ErrSharedVolumeNonWritable.Of(s.Top)
	}
	return image, chain, nil
}
