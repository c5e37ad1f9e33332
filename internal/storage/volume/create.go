// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
	"govdsm/internal/storage/volumesize"
)

// Create makes a volume, and its image if there is none. How to undo each step
// is told to the task before it; who gets an error runs what was told.
//
// The caller holds the image exclusively, and that of a template shared.
func (v *Volumes) Create(ctx context.Context, t Task, s Spec) error {
	if err := v.Check(s); err != nil {
		return err
	}
	s = s.complete()
	s.Format, _ = volumemd.FormatOf(string(s.Format))
	s.Allocation, _ = volumemd.AllocationOf(string(s.Allocation))
	var parent *volumemd.Volume
	if s.hasParent() {
		md, err := v.parent(ctx, s)
		if err != nil {
			return err
		}
		parent = &md
	}
	if err := v.makeImage(ctx, t, s.Image); err != nil {
		return err
	}
	if s.FromTemplate() {
		if err := v.shareUnlessThere(ctx, t, s.Parent, s.Image); err != nil {
			return err
		}
	}
	if err := v.create(ctx, t, s, parent); err != nil {
		return creation(s.Volume, err)
	}
	return t.ReplaceRollbacks(ctx, v.createRollback(s.ID))
}

// creation gives an error a code, unless it has one.
func creation(volume string, err error) error {
	if _, ok := errors.AsType[*api.Error](err); ok {
		return err
	}
	return api.ErrVolumeCreation.OfText(fmt.Sprintf("Volume creation %s failed: %v", volume, err)).Caused(err)
}

// parent returns what the volume is to be based on, if it can be.
func (v *Volumes) parent(ctx context.Context, s Spec) (volumemd.Volume, error) {
	if _, err := v.stat(ctx, s.Parent); err != nil {
		return volumemd.Volume{}, err
	}
	md, err := v.Metadata(ctx, s.Parent)
	switch {
	case err != nil:
		return md, err
	case s.AddBitmaps && md.Format != api.VolumeFormatCOW:
		return md, unsupported("Cannot add bitmaps from parent volume with raw format",
			api.PyDict{{Key: "srcVolUUID", Value: s.Parent.Volume}})
	case md.Legality == api.VolumeLegalityILLEGAL:
		return md, api.ErrcreateIllegalVolumeSnapshot.Of(s.Parent.Volume)
	case s.FromTemplate() && md.Role != api.VolumeRoleSHARED:
		return md, api.ErrVolumeNonShareable.Of(s.Parent.Volume)
	case md.Capacity == 0:
		return md, api.ErrMetaDataValidation.OfText("capacity of " + s.Parent.Volume)
	case uint64(s.Capacity) < md.Capacity:
		// What lies beyond could not be reached any more.
		return md, api.ErrInvalidParameterException.OfText(fmt.Sprintf("capacity=%d", s.Capacity))
	}
	return md, nil
}

// makeImage makes the folder of an image that has no volume yet.
func (v *Volumes) makeImage(ctx context.Context, t Task, image string) error {
	there, err := v.dir.Exists(ctx, domain.ImageDir(image))
	if err != nil || there {
		return v.access(err)
	}
	if err := t.Rollback(ctx, v.imageRollback(image)); err != nil {
		return err
	}
	return v.access(v.dir.Mkdir(ctx, domain.ImageDir(image), 0o755))
}

// shareUnlessThere links a template into the image, unless an earlier volume
// of it is based on it already: then its recovery must not be told.
func (v *Volumes) shareUnlessThere(ctx context.Context, t Task, template ID, image string) error {
	linked, err := v.dir.Exists(ctx, metaFile(image, template.Volume))
	if err != nil {
		return v.access(err)
	}
	if linked {
		return v.access(v.link(ctx, template, ID{image, template.Volume}))
	}
	return v.share(ctx, t, template, image)
}

// create makes the files of a volume: data, lease, metadata.
func (v *Volumes) create(ctx context.Context, t Task, s Spec, parent *volumemd.Volume) error {
	if err := t.Rollback(ctx, v.sentinel(s.ID)); err != nil {
		return err
	}
	if err := v.claim(ctx, t, s.ID); err != nil {
		return err
	}
	var err error
	switch {
	case parent != nil:
		err = v.snapshot(ctx, t, s, *parent)
	case s.Format == api.VolumeFormatRAW:
		err = v.createRaw(ctx, s)
	default:
		err = v.createCOW(ctx, s)
	}
	if err != nil {
		return err
	}
	if s.Bitmap != "" {
		if err := v.o.QemuImg.AddBitmap(ctx, v.Path(s.ID), s.Bitmap, true, 0); err != nil {
			v.o.Log.ErrorContext(ctx, "a volume has no bitmap: the next backup is a full one", "volume", s.Volume, "err", err)
		}
	}
	// qemu-img may have changed them.
	if err := v.dir.Chmod(ctx, dataFile(s.Image, s.Volume), permissions); err != nil {
		return err
	}
	if err := v.makeLease(ctx, s.ID); err != nil {
		return err
	}
	return v.describe(ctx, t, s)
}

// claim makes the file of the data. One that is there is
// [api.ErrVolumeAlreadyExists], and nothing undoes it.
func (v *Volumes) claim(ctx context.Context, t Task, id ID) error {
	there, err := v.dir.Exists(ctx, dataFile(id.Image, id.Volume))
	if err != nil {
		return err
	}
	if there {
		return api.ErrVolumeAlreadyExists.Of(id.Volume)
	}
	if err := t.Rollback(ctx, v.halfBakedRollback(id)); err != nil {
		return err
	}
	return v.dir.Create(ctx, dataFile(id.Image, id.Volume), 0, permissions)
}

// MakeData makes the file of the data of a volume that has lost it, without
// anything in it.
func (v *Volumes) MakeData(ctx context.Context, id ID) error {
	err := v.dir.Create(ctx, dataFile(id.Image, id.Volume), 0, permissions)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return v.access(err)
}

func (v *Volumes) createRaw(ctx context.Context, s Spec) error {
	// Sparse in any case: what qemu-img does to allocate is slow on old NFS.
	o := qemuimg.Create{Image: v.Path(s.ID), Size: s.Capacity, Format: qemuimg.Raw}
	if err := v.o.QemuImg.Create(ctx, o); err != nil {
		return err
	}
	// It has written the first block.
	return v.preallocate(ctx, s, volumesize.Granularity)
}

func (v *Volumes) createCOW(ctx context.Context, s Spec) error {
	o := qemuimg.Create{Image: v.Path(s.ID), Size: s.Capacity, Format: qemuimg.QCOW2, Compat: v.compat()}
	if err := v.o.QemuImg.Create(ctx, o); err != nil {
		return err
	}
	if s.Allocation != api.VolumeAllocationPREALLOCATED {
		return nil
	}
	checked, err := v.o.QemuImg.Check(ctx, o.Image, qemuimg.QCOW2)
	if err != nil {
		return err
	}
	return v.preallocate(ctx, s, volumesize.RoundUp(checked.EndOffset, volumesize.Granularity))
}

// preallocate allocates what is behind offset, if the volume is to be so.
func (v *Volumes) preallocate(ctx context.Context, s Spec, offset int64) error {
	if s.Allocation != api.VolumeAllocationPREALLOCATED || s.Capacity <= offset {
		return nil
	}
	return v.dir.Allocate(ctx, dataFile(s.Image, s.Volume), offset, s.Capacity-offset, nil)
}

// compat is the version of qcow2 that all hosts of the domain read; "" is the
// configured one.
func (v *Volumes) compat() string {
	if v.d.Known().Version >= 4 {
		return "1.1"
	}
	return ""
}

// snapshot makes the data of a volume upon its parent, which lies in the same
// image now.
func (v *Volumes) snapshot(ctx context.Context, t Task, s Spec, parent volumemd.Volume) error {
	base := ID{s.Image, s.Parent.Volume}
	if parent.Role == api.VolumeRoleLEAF {
		if err := t.Rollback(ctx, v.parentRollback(base)); err != nil {
			return err
		}
		if err := v.setRole(ctx, base, api.VolumeRoleINTERNAL); err != nil {
			return err
		}
	}
	err := v.o.QemuImg.Create(ctx, qemuimg.Create{
		Image: v.Path(s.ID), Size: s.Capacity, Format: qemuimg.QCOW2, Compat: v.compat(),
		// The bare id: images are read from folders of other names, too.
		Backing: base.Volume, BackingFormat: format(parent.Format), Unsafe: true,
	})
	if err != nil {
		return api.ErrCannotCloneVolume.OfText(fmt.Sprintf("src=%s, dst=%s: %v", v.Path(base), v.Path(s.ID), err)).Caused(err)
	}
	if s.AddBitmaps {
		if err := v.copyBitmaps(ctx, base, s.ID); err != nil {
			v.o.Log.ErrorContext(ctx, "a snapshot has no bitmaps: the next backup is a full one", "volume", s.Volume, "err", err)
		}
	}
	return nil
}

// copyBitmaps makes the valid bitmaps of a volume, empty, in another one.
func (v *Volumes) copyBitmaps(ctx context.Context, from, to ID) error {
	info, err := v.o.QemuImg.Info(ctx, v.Path(from), qemuimg.InfoOptions{Format: qemuimg.QCOW2, Shared: true})
	if err != nil {
		return err
	}
	var failed []error
	for _, b := range info.Specific.Data.Bitmaps {
		if valid(b) {
			failed = append(failed, v.o.QemuImg.AddBitmap(ctx, v.Path(to), b.Name, true, b.Granularity))
		}
	}
	return errors.Join(failed...)
}

// makeLease makes the lease of a volume, in a domain that has leases.
func (v *Volumes) makeLease(ctx context.Context, id ID) error {
	lease, ok := v.Lease(id)
	if !ok {
		return nil
	}
	err := v.dir.Create(ctx, leaseFile(id.Image, id.Volume), 0, permissions)
	if err != nil && !errors.Is(err, fs.ErrExist) { // what is left of one is written over
		return err
	}
	if err := v.o.Leases.WriteLease(ctx, lease); err != nil {
		return err
	}
	return v.dir.Sync(ctx, leaseFile(id.Image, id.Volume)) // sanlock does not
}

// describe writes the metadata, with which the volume exists.
func (v *Volumes) describe(ctx context.Context, t Task, s Spec) error {
	if s.Format == api.VolumeFormatRAW {
		info, err := v.dir.Stat(ctx, dataFile(s.Image, s.Volume))
		if err != nil {
			return err
		}
		if info.Size < s.Capacity {
			return fmt.Errorf("it has %d bytes of %d", info.Size, s.Capacity)
		}
		s.Capacity = info.Size // what the guest will see
	}
	if err := t.Rollback(ctx, v.metadataRollback(s.ID)); err != nil {
		return err
	}
	md := volumemd.Volume{
		Domain: v.d.ID(), Image: s.Image, Parent: s.Parent.Volume, Capacity: uint64(s.Capacity),
		Format: s.Format, Allocation: s.Allocation, Role: api.VolumeRoleLEAF, DiskType: s.DiskType,
		Description: s.Description, Legality: api.VolumeLegalityLEGAL, CTime: v.o.Now().Unix(), Sequence: s.Sequence,
	}
	if s.Illegal {
		md.Legality = api.VolumeLegalityILLEGAL
	}
	return v.write(ctx, s.ID, md)
}
