// SPDX-License-Identifier: GPL-2.0-or-later

package sdm

import (
	"context"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
)

// Copy starts a copy of the data of one volume, with what it is based on, into
// another one. What the target is based on must hold the same as what the
// source is based on: only what differs is copied.
func (j *Jobs) Copy(ctx context.Context, id api.UUID, source, target Endpoint, bitmaps bool) error {
	if err := source.check(); err != nil {
		return err
	}
	if err := target.check(); err != nil {
		return err
	}
	return j.start(ctx, id, "copy_data", func(ctx context.Context, p *progress) error {
		return j.filling(ctx, id, source, target, func(to image, fill func(func() error) error) error {
			return j.reading(ctx, source, target, func(from image) error {
				if bitmaps && (from.format == qemuimg.Raw || to.format == qemuimg.Raw) {
					return unsupported("Cannot copy bitmaps from/to volumes with raw format",
						item("src_vol", from.path), item("dst_vol", to.path))
				}
				return fill(func() error {
					p.set(0)
					return j.o.QemuImg.Convert(ctx, conversion(from, to, bitmaps), p.set)
				})
			})
		})
	})
}

// filling calls f with an image to write, and with what marks it as being
// written around the work itself.
func (j *Jobs) filling(
	ctx context.Context, id api.UUID, source, target Endpoint, f func(image, func(func() error) error) error,
) error {
	locks := source.sourceLocks(target)
	if t := target.External; t != nil {
		release, err := j.o.Locks.Acquire(ctx, locks...)
		if err != nil {
			return err
		}
		defer release()
		return j.recorded(ctx, t, func(lease JobLease) error {
			return f(t.image(), func(work func() error) error { return j.underRecord(ctx, id, t, lease, work) })
		})
	}
	return j.writing(ctx, target.Volume, func(d *Domain) error {
		u, err := target.use(ctx, d, true)
		if err != nil {
			return err
		}
		return f(targetOf(d, u), func(work func() error) error {
			return j.operation(ctx, d, target.Volume, isFilled, func() error {
				err := work()
				if err != nil {
					// qemu-img removes what it cannot complete; the volume is there
					// to be filled again.
					released(ctx, &err, func(ctx context.Context) error { return d.Volumes.MakeData(ctx, target.ID) })
				}
				return err
			})
		})
	}, locks...)
}

func conversion(from, to image, bitmaps bool) qemuimg.Convert {
	c := qemuimg.Convert{
		Source: from.path, Target: to.path, SourceFormat: from.format, TargetFormat: to.format,
		Compat: to.compat, NoCreate: to.exists, TargetIsZero: to.zero, UnorderedWrites: to.unordered, Bitmaps: bitmaps,
	}
	if to.parent != nil {
		c.Backing, c.BackingFormat = to.parent.Name, to.parent.Format
	}
	return c
}
