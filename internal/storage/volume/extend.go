// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"fmt"

	"govdsm/api"
	"govdsm/internal/storage/volumemd"
	"govdsm/internal/storage/volumesize"
)

// ExtendSize makes the disk in a raw volume larger, to capacity bytes rounded
// up to 4096. A sparse qcow2 volume grows by itself: nothing is done. The
// volume must be the base or the leaf of its image and no template, or it is
// [api.ErrVolumeNonWritable]; a smaller size is [api.ErrVolumeResizeValue].
//
// The caller holds the image exclusively.
func (v *Volumes) ExtendSize(ctx context.Context, t Task, id ID, capacity int64) error {
	capacity = volumesize.RoundUp(capacity, volumesize.Granularity)
	info, err := v.stat(ctx, id)
	if err != nil {
		return err
	}
	md, err := v.Metadata(ctx, id)
	switch {
	case err != nil:
		return err
	case md.Role == api.VolumeRoleSHARED:
		return api.ErrVolumeNonWritable.Of(id.Volume)
	case md.Format == api.VolumeFormatCOW && md.Allocation == api.VolumeAllocationSPARSE:
		return nil
	case md.Parent != BlankID && md.Role != api.VolumeRoleLEAF:
		return api.ErrVolumeNonWritable.Of(id.Volume)
	case capacity < info.Size:
		return api.ErrVolumeResizeValue.Of(capacity)
	case capacity == info.Size:
		return v.syncCapacity(ctx, id)
	}
	if err := t.Rollback(ctx, v.extendRollback(id)); err != nil {
		return err
	}
	name := dataFile(id.Image, id.Volume)
	if md.Allocation == api.VolumeAllocationPREALLOCATED {
		err = v.dir.Allocate(ctx, name, info.Size, capacity-info.Size, nil)
	} else {
		err = v.dir.Truncate(ctx, name, capacity)
	}
	if err != nil {
		return api.ErrVolumeExtending.OfText(fmt.Sprintf("%s: %v", id.Volume, err)).Caused(err)
	}
	return v.syncCapacity(ctx, id)
}

// syncCapacity makes the metadata of a raw volume tell how large it is: with
// that an extension is complete, or undone, whichever its data says.
func (v *Volumes) syncCapacity(ctx context.Context, id ID) error {
	info, err := v.stat(ctx, id)
	if err != nil {
		return err
	}
	return v.Update(ctx, id, func(md *volumemd.Volume) error {
		if md.Format == api.VolumeFormatRAW {
			md.Capacity = uint64(info.Size)
		}
		return nil
	})
}
