// SPDX-License-Identifier: GPL-2.0-or-later

package sdm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/volume"
	"govdsm/internal/storage/volumemd"
)

// Volume names a volume, and its generation if it must have a certain one.
type Volume struct {
	Domain     string
	ID         volume.ID
	Generation *uint64
}

// check refuses what cannot be a volume before a job is made of it.
func (v Volume) check() error {
	for _, id := range []struct{ name, value string }{
		{"sd_id", v.Domain}, {"img_id", v.ID.Image}, {"vol_id", v.ID.Volume},
	} {
		if err := checkID(id.name, id.value); err != nil {
			return err
		}
	}
	return checkGeneration(v.Generation)
}

func checkID(name, value string) error {
	if !domain.IsID(value) {
		return api.ErrInvalidParameterException.OfText(name + "=" + value)
	}
	return nil
}

// maxGeneration is the last one; 0 follows.
const maxGeneration = 999

func checkGeneration(g *uint64) error {
	if g != nil && *g > maxGeneration {
		return api.ErrInvalidParameterException.OfText(fmt.Sprintf("generation=%d", *g))
	}
	return nil
}

// releaseTime is how long giving a lease back may take when the job was
// stopped.
const releaseTime = time.Minute

// released joins the error of giving something back, with a context that lives
// whatever became of the job.
func released(ctx context.Context, err *error, release func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	if failed := release(ctx); failed != nil {
		*err = errors.Join(*err, failed)
	}
}

// writing calls f while this host, and nobody else, may write a volume.
func (j *Jobs) writing(ctx context.Context, v Volume, f func(*Domain) error, more ...resource.Lock) (err error) {
	d, err := j.o.Storage.Domain(ctx, v.Domain)
	if err != nil {
		return err
	}
	locks := append(more,
		resource.Shared(resource.Storage, v.Domain),
		resource.Exclusive(resource.Images(v.Domain), v.ID.Image))
	if d.Leases != nil {
		locks = append(locks, resource.Exclusive(resource.VolumeLeases(v.Domain), v.ID.Volume))
	}
	release, err := j.o.Locks.Acquire(ctx, locks...)
	if err != nil {
		return err
	}
	defer release()
	lease, has := d.Volumes.Lease(v.ID)
	if d.Leases == nil || !has {
		return f(d)
	}
	return j.leased(ctx, d.Leases, lease, func() error { return f(d) })
}

// leased calls f while this host has a lease.
func (j *Jobs) leased(ctx context.Context, leases Leases, l clusterlock.Lease, f func() error) (err error) {
	host, err := j.o.Storage.HostID()
	if err != nil {
		return err
	}
	if err := leases.Acquire(ctx, host, l); err != nil {
		return err
	}
	defer released(ctx, &err, func(ctx context.Context) error { return leases.Release(ctx, l) })
	return f()
}

// whether a volume is fit for use while a job works on it.
const (
	staysLegal = false
	isFilled   = true
)

// operation calls f on a volume of the generation that is wanted, and writes
// the next one when that went well. A volume that is filled is illegal until
// then: both change with one write.
func (j *Jobs) operation(ctx context.Context, d *Domain, v Volume, filled bool, f func() error) error {
	md, err := d.Volumes.Metadata(ctx, v.ID)
	if err != nil {
		return err
	}
	if md.Role == api.VolumeRoleSHARED {
		return api.ErrSharedVolumeNonWritable.Of(v.ID.Volume)
	}
	if err := v.fits(md.Generation); err != nil {
		return err
	}
	if filled {
		err := d.Volumes.Update(ctx, v.ID, func(md *volumemd.Volume) error {
			md.Legality = api.VolumeLegalityILLEGAL
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := f(); err != nil {
		return err
	}
	return d.Volumes.Update(ctx, v.ID, func(now *volumemd.Volume) error {
		if filled {
			now.Legality = api.VolumeLegalityLEGAL
		}
		now.Generation = volumemd.NextGeneration(md.Generation)
		return nil
	})
}

// fits is [api.ErrGenerationMismatch] when another generation is wanted.
func (v Volume) fits(actual uint64) error {
	if v.Generation != nil && *v.Generation != actual {
		return mismatch(*v.Generation, actual)
	}
	return nil
}

func mismatch(requested, actual any) error {
	return api.ErrGenerationMismatch.OfText(fmt.Sprintf("requested=%v, actual=%v", requested, actual))
}

func unsupported(reason string, context ...api.PyItem) error {
	return api.ErrStorageUnsupportedOperation.OfText("reason=" + reason + ", context=" + api.Repr(api.PyDict(context)))
}

// refusal is an error in the original's words, which has no code of its own
// there.
func refusal(format string, values ...any) error {
	return api.ErrGeneral.Of(fmt.Sprintf(format, values...))
}
