// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
)

// Copy says what volume to make of another one.
type Copy struct {
	From ID // with all that it is based on
	To   ID // a volume of an image that is not there, unless Force
	// Format and Allocation of the copy; "" for those of From.
	Format      api.VolumeFormat
	Allocation  api.VolumeAllocation
	Description string
	Shared      bool // make a template of it
	Force       bool // remove the image of that name first
}

// Copyable is [api.ErrImageIsNotLegalChain] for an image one of whose own
// volumes is not legal.
func (v *Volumes) Copyable(ctx context.Context, image string) error {
	i, err := v.Image(ctx, image)
	if err != nil {
		return err
	}
	for _, id := range i.Own() {
		if md, err := i.Volume(id); err != nil || md.Legality != api.VolumeLegalityLEGAL {
			return api.ErrImageIsNotLegalChain.Of(image).Caused(err)
		}
	}
	return nil
}

// CopyTo makes one volume, in another image of this or another domain, of a
// volume and all that it is based on. It is illegal until it is complete. The
// caller holds the new image exclusively, and the other one shared.
func (v *Volumes) CopyTo(ctx context.Context, t Task, to *Volumes, c Copy) error {
	source, err := v.Use(ctx, c.From, false)
	if err != nil {
		return err
	}
	md := source.Metadata
	spec := Spec{
		ID: c.To, Capacity: int64(md.Capacity), Format: md.Format, Allocation: md.Allocation,
		DiskType: md.DiskType, Description: c.Description, Illegal: true,
	}
	if c.Format != "" {
		spec.Format = c.Format
	}
	if c.Allocation != "" {
		spec.Allocation = c.Allocation
	}
	if err := to.makeRoom(ctx, c); err != nil {
		return err
	}
	if err := to.Create(ctx, t, spec); err != nil {
		return err
	}
	convert := qemuimg.Convert{
		Source: source.Path, SourceFormat: source.Format, Target: to.Path(c.To), TargetFormat: format(spec.Format),
	}
	// What qemu-img makes itself it knows to be zero; preallocated raw files are.
	if spec.Format == api.VolumeFormatRAW && spec.Allocation == api.VolumeAllocationPREALLOCATED {
		convert.NoCreate, convert.TargetIsZero = true, true
	}
	if spec.Format == api.VolumeFormatCOW {
		convert.Compat = to.compat()
	}
	if err := v.o.QemuImg.Convert(ctx, convert, nil); err != nil {
		return api.ErrCopyImage.OfText(fmt.Sprintf("src image=%s, dst image=%s: msg=%v", c.From.Image, c.To.Image, err)).Caused(err)
	}
	if err := to.dir.Chmod(ctx, dataFile(c.To.Image, c.To.Volume), permissions); err != nil {
		return to.access(err)
	}
	return to.Update(ctx, c.To, func(md *volumemd.Volume) error {
		md.Legality = api.VolumeLegalityLEGAL
		if c.Shared {
			md.Role = api.VolumeRoleSHARED
		}
		return nil
	})
}

// makeRoom removes an image that is to be replaced. One that is not legal is
// replaced in any case: it is what is left of a copy.
func (v *Volumes) makeRoom(ctx context.Context, c Copy) error {
	err := v.Copyable(ctx, c.To.Image)
	switch {
	case errors.Is(err, api.ErrImageDoesNotExistInSD):
		return nil
	case err == nil && !c.Force:
		return nil // creating the volume tells
	case err != nil && !errors.Is(err, api.ErrImageIsNotLegalChain):
		return err
	}
	if err := v.DeletableImage(ctx, c.To.Image); err != nil {
		return err
	}
	if err := v.DeleteImage(ctx, c.To.Image); err != nil {
		return err
	}
	return v.PurgeImage(ctx, c.To.Image)
}
