// SPDX-License-Identifier: GPL-2.0-or-later

package sdm

import (
	"context"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volume"
)

// AddBitmap starts to add a bitmap of changed blocks to a volume. No volume of
// the chain may have one of that name.
func (j *Jobs) AddBitmap(ctx context.Context, id api.UUID, v Volume, bitmap string) error {
	return j.onBitmaps(ctx, id, "add_bitmap", v, bitmap, func(ctx context.Context, d *Domain, u *volume.InUse) error {
		if u.Metadata.Format != api.VolumeFormatCOW {
			return refusal("Cannot add bitmap %s to volume %s: volume is not in COW format", bitmap, v.ID.Volume)
		}
		for _, l := range u.Layers {
			there, err := j.bitmaps(ctx, l)
			if err != nil {
				return err
			}
			if _, taken := there[bitmap]; taken {
				return refusal("Cannot add bitmap %s to volume %s: Volume already contains the requested bitmap", bitmap, v.ID.Volume)
			}
		}
		return j.operation(ctx, d, v, staysLegal, func() error { return j.addBitmap(ctx, u.Path, bitmap, 0) })
	})
}

// RemoveBitmap starts to remove a bitmap from a volume. It need not be there.
func (j *Jobs) RemoveBitmap(ctx context.Context, id api.UUID, v Volume, bitmap string) error {
	return j.onBitmaps(ctx, id, "remove_bitmap", v, bitmap, func(ctx context.Context, d *Domain, u *volume.InUse) error {
		if u.Metadata.Format != api.VolumeFormatCOW {
			return refusal("Cannot remove bitmap %s from volume %s: volume is not in COW format", bitmap, v.ID.Volume)
		}
		return j.operation(ctx, d, v, staysLegal, func() error {
			there, err := j.bitmaps(ctx, u.Layers[0])
			if err != nil {
				return err
			}
			if _, is := there[bitmap]; !is {
				j.o.Log.WarnContext(ctx, "a bitmap to be removed is not there", "bitmap", bitmap, "volume", v.ID.Volume)
				return nil
			}
			return j.removeBitmap(ctx, u.Path, bitmap)
		})
	})
}

// ClearBitmaps starts to remove all bitmaps from a volume.
func (j *Jobs) ClearBitmaps(ctx context.Context, id api.UUID, v Volume) error {
	return j.onBitmaps(ctx, id, "clear_bitmaps", v, "", func(ctx context.Context, d *Domain, u *volume.InUse) error {
		switch {
		case u.Metadata.Format != api.VolumeFormatCOW:
			return unsupported("Volume is not in COW format", item("vol_uuid", v.ID.Volume))
		case u.Metadata.Role == api.VolumeRoleSHARED:
			return unsupported("Cannot remove bitmaps from shared volume", item("vol_uuid", v.ID.Volume))
		}
		return j.operation(ctx, d, v, staysLegal, func() error {
			there, err := j.bitmaps(ctx, u.Layers[0])
			if err != nil {
				return err
			}
			for name := range there {
				if err := j.removeBitmap(ctx, u.Path, name); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func (j *Jobs) onBitmaps(
	ctx context.Context, id api.UUID, description string, v Volume, bitmap string,
	f func(context.Context, *Domain, *volume.InUse) error,
) error {
	if err := v.check(); err != nil {
		return err
	}
	if description != "clear_bitmaps" && !validName(bitmap) {
		return api.ErrInvalidParameterException.OfText("bitmap=" + bitmap)
	}
	return j.start(ctx, id, description, func(ctx context.Context, _ *progress) error {
		return j.writing(ctx, v, func(d *Domain) error {
			u, err := d.Volumes.Use(ctx, v.ID, false)
			if err != nil {
				return err
			}
			return f(ctx, d, u)
		})
	})
}

// validName says whether qemu-img takes a name for one: not for an option, and
// not for longer than qcow2 has room for.
func validName(name string) bool {
	return name != "" && len(name) <= 1023 && name[0] != '-' &&
		!slices.ContainsFunc([]byte(name), func(c byte) bool { return c < ' ' || c == 0x7f })
}

// bitmaps returns those of one image, by name.
func (j *Jobs) bitmaps(ctx context.Context, l volume.Layer) (map[string]qemuimg.Bitmap, error) {
	all := map[string]qemuimg.Bitmap{}
	if l.Format != qemuimg.QCOW2 {
		return all, nil
	}
	info, err := j.o.QemuImg.Info(ctx, l.Path, qemuimg.InfoOptions{Format: l.Format})
	if err != nil {
		return nil, err
	}
	for _, b := range info.Specific.Data.Bitmaps {
		all[b.Name] = b
	}
	return all, nil
}

// valid says whether a bitmap holds all that changed.
func valid(b qemuimg.Bitmap) bool {
	return slices.Contains(b.Flags, "auto") && !slices.Contains(b.Flags, "in-use")
}

func (j *Jobs) addBitmap(ctx context.Context, path, name string, granularity int64) error {
	if err := j.o.QemuImg.AddBitmap(ctx, path, name, true, granularity); err != nil {
		return api.ErrAddBitmap.With("reason", "Failed to add bitmap: "+err.Error(), "bitmap", name, "dst_vol_path", path).Caused(err)
	}
	return nil
}

func (j *Jobs) removeBitmap(ctx context.Context, path, name string) error {
	if err := j.o.QemuImg.RemoveBitmap(ctx, path, name); err != nil {
		return api.ErrRemoveBitmap.With("reason", "Failed to remove bitmap: "+err.Error(), "bitmap", name, "vol_path", path).Caused(err)
	}
	return nil
}
