// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
)

// Move says what to copy to another domain.
type Move struct {
	Image  string
	Remove bool // the image here, when it is there
	Force  bool // remove an image of that id there first
}

// MoveTask is the task of a move.
type MoveTask interface {
	Task
	// ClearRollbacks forgets all recoveries: from here on nothing is undone.
	ClearRollbacks(ctx context.Context) error
}

// MoveTo copies an image with all its volumes to another domain, and removes it
// here if that is asked for. Up to one write the copy is illegal; from it on
// nothing is undone, and the one here can go. One that then cannot be removed
// is no failure: the image is where it is wanted.
//
// The caller holds the image there exclusively, and here shared, or exclusively
// to remove it; and there the template that it is based on.
func (v *Volumes) MoveTo(ctx context.Context, t MoveTask, to *Volumes, m Move) error {
	replaced, err := to.makeWay(ctx, m)
	if err != nil {
		return err
	}
	if err := v.CloneStructure(ctx, t, to, m.Image, false); err != nil {
		return err
	}
	i, err := v.Image(ctx, m.Image)
	if err != nil {
		return err
	}
	own, err := i.ownChain()
	if err != nil {
		return err
	}
	if err := v.fill(ctx, to, i, own, true); err != nil {
		return err
	}
	leaf := own[len(own)-1]
	if replaced {
		if err := to.Relink(ctx, ID{m.Image, leaf}); err != nil {
			return err
		}
	}
	if err := t.ClearRollbacks(ctx); err != nil {
		return err
	}
	if !m.Remove {
		return nil
	}
	err = v.DeleteImage(ctx, m.Image)
	if err == nil {
		err = v.PurgeImage(ctx, m.Image)
	}
	if err != nil {
		v.o.Log.ErrorContext(ctx, "an image was moved and is still where it was", "image", m.Image, "domain", v.d.ID(), "err", err)
	}
	return nil
}

// makeWay removes an image that is to be replaced, even one that others are
// based on: they keep their links, and get new ones. What is not legal is
// replaced in any case.
func (v *Volumes) makeWay(ctx context.Context, m Move) (replaced bool, err error) {
	err = v.Copyable(ctx, m.Image)
	switch {
	case errors.Is(err, api.ErrImageDoesNotExistInSD):
		return false, nil
	case err == nil && !m.Force:
		return false, nil // creating the volumes tells
	case err != nil && !errors.Is(err, api.ErrImageIsNotLegalChain):
		return false, err
	}
	if err := v.DeleteImage(ctx, m.Image); err != nil {
		return false, err
	}
	return true, v.PurgeImage(ctx, m.Image)
}

// Which volumes SyncData fills.
const (
	SyncAll      = "ALL"
	SyncInternal = "INTERNAL" // all but the last, which a VM writes meanwhile
	SyncLeaf     = "LEAF"
)

// SyncData fills the volumes of an image that CloneStructure made in another
// domain. While they are filled the last of them is illegal. The last volume
// of the image may be another one there unless it is to be filled, too; other
// differences are [api.ErrDestImageAction].
//
// The caller holds the image shared here and exclusively there.
func (v *Volumes) SyncData(ctx context.Context, to *Volumes, image, which string) error {
	i, err := v.Image(ctx, image)
	if err != nil {
		return err
	}
	from, err := i.ownChain()
	if err != nil {
		return err
	}
	target, err := to.Image(ctx, image)
	if err != nil {
		return err
	}
	made, err := target.ownChain()
	if err != nil {
		return err
	}
	switch which {
	case SyncAll:
	case SyncInternal:
		from, made = from[:len(from)-1], made[:len(made)-1]
	case SyncLeaf:
		from, made = from[len(from)-1:], made[len(made)-1:]
	default:
		return api.ErrMiscNotImplemented.Of()
	}
	if !slices.Equal(from, made) {
		return api.ErrDestImageAction.OfText(fmt.Sprintf("image=%s, dest domain=%s: msg=", image, to.d.ID())).
			Caused(fmt.Errorf("its volumes are %q, those of the source %q", made, from))
	}
	if len(from) == 0 {
		return nil
	}
	last := ID{image, from[len(from)-1]}
	if err := to.SetLegality(ctx, last, api.VolumeLegalityILLEGAL); err != nil {
		return err
	}
	return v.fill(ctx, to, i, from, false)
}

// fill copies what is in volumes of an image to those of the same ids in another
// domain, base first, and makes these what those are. The last one becomes
// legal when all are. Fresh ones have never been written.
func (v *Volumes) fill(ctx context.Context, to *Volumes, i *Image, ids []string, fresh bool) error {
	for n, id := range ids {
		if err := v.copyData(ctx, to, ID{i.ID, id}, fresh); err != nil {
			return err
		}
		md, err := i.Volume(id)
		if err != nil {
			return err
		}
		if err := to.filled(ctx, ID{i.ID, id}, md.Role, n == len(ids)-1); err != nil {
			return err
		}
	}
	return nil
}

// copyData copies what is in one volume: only what differs from what it is
// based on, which is in both domains.
func (v *Volumes) copyData(ctx context.Context, to *Volumes, id ID, fresh bool) error {
	source, err := v.Use(ctx, id, false)
	if err != nil {
		return err
	}
	target, err := to.Use(ctx, id, true)
	if err != nil {
		return err
	}
	c := qemuimg.Convert{
		Source: source.Path, SourceFormat: source.Format, Target: target.Path, TargetFormat: target.Format,
		Compat: to.compat(), TargetIsZero: fresh,
	}
	if source.Format != format(source.Metadata.Format) {
		c.TargetFormat = source.Format // the configuration of a suspended VM
	}
	// What qemu-img makes itself it knows to be zero, and need not fill.
	if target.Metadata.Format == api.VolumeFormatRAW {
		c.NoCreate = target.Metadata.Allocation != api.VolumeAllocationSPARSE
	} else {
		c.NoCreate = target.Parent != nil
	}
	if target.Parent != nil {
		c.Backing, c.BackingFormat = target.Parent.Name, target.Parent.Format
	}
	if err := v.o.QemuImg.Convert(ctx, c, nil); err != nil {
		return api.ErrCopyImage.OfText(fmt.Sprintf("image=%s, src domain=%s, dst domain=%s: msg=%v",
			id.Image, v.d.ID(), to.d.ID(), err)).Caused(err)
	}
	return to.access(to.dir.Chmod(ctx, dataFile(id.Image, id.Volume), permissions))
}

// filled makes the metadata of a volume fit what was copied into it.
func (v *Volumes) filled(ctx context.Context, id ID, role api.VolumeRole, legal bool) error {
	info, err := v.stat(ctx, id)
	if err != nil {
		return err
	}
	return v.Update(ctx, id, func(md *volumemd.Volume) error {
		if role != api.VolumeRoleLEAF {
			md.Role = role
		}
		if md.Format == api.VolumeFormatRAW {
			md.Capacity = uint64(info.Size) // qemu-img does not round it
		}
		if legal {
			md.Legality = api.VolumeLegalityLEGAL
		}
		return nil
	})
}
