// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
)

// UpgradeFrom0 gives the volumes of a domain of format 0 what they have in
// format 3: permissions by which leases alone say who may write, a lease of
// their own, and metadata that tells their real size. A volume that cannot be
// read stays as it is and is logged. It may be called again. Leases are those
// of the new format; the caller keeps everybody else off the domain.
// Source: formatconverter.py, v3DomainConverter.
func (v *Volumes) UpgradeFrom0(ctx context.Context) error {
	list, err := v.List(ctx)
	if err != nil {
		return err
	}
	for _, l := range list {
		own := ID{l.Images[0], l.ID}
		if err := v.upgradeFiles(ctx, own, l.Images[1:]); err != nil {
			return err
		}
		if err := v.upgradeSize(ctx, own); err != nil {
			v.o.Log.ErrorContext(ctx, "the size of a volume is not known, its metadata stays as it is", "volume", l.ID, "err", err)
		}
	}
	return nil
}

func (v *Volumes) upgradeFiles(ctx context.Context, own ID, users []string) error {
	there, err := v.there(ctx, own)
	if err != nil {
		return err
	}
	if !there {
		v.o.Log.ErrorContext(ctx, "a volume has no data", "volume", own.Volume, "image", own.Image)
		return nil
	}
	if err := v.dir.Chmod(ctx, dataFile(own.Image, own.Volume), permissions); err != nil {
		return v.access(err)
	}
	if err := v.makeLease(ctx, own); err != nil {
		return v.access(err)
	}
	for _, image := range users { // of a template
		if !domain.IsID(image) {
			continue
		}
		if err := v.link(ctx, own, ID{image, own.Volume}); err != nil {
			return v.access(err)
		}
	}
	return nil
}

// upgradeSize makes the metadata tell how large the disk is, in which old hosts
// erred either way.
func (v *Volumes) upgradeSize(ctx context.Context, id ID) error {
	md, err := v.Metadata(ctx, id)
	if err != nil {
		return err
	}
	header, err := v.header(ctx, id, md)
	if err != nil {
		return err
	}
	size, err := v.virtualSize(ctx, id, qemuimg.Layer{Name: id.Volume, Header: header})
	if err != nil {
		return err
	}
	if size == 0 {
		return errors.New("it is empty")
	}
	return v.Update(ctx, id, func(md *volumemd.Volume) error {
		md.Capacity = size
		if md.Legality == "" {
			md.Legality = api.VolumeLegalityLEGAL
		}
		return nil
	})
}
