// SPDX-License-Identifier: GPL-2.0-or-later

package sdm

import (
	"context"
	"fmt"

	"govdsm/api"
	"govdsm/internal/storage/volumemd"
)

// Attributes are what is to be changed of a volume; nil stays.
type Attributes struct {
	Legality    *api.VolumeLegality
	Description *string
	Generation  *uint64 // else the next one
	Role        *api.VolumeRole
}

// check refuses what no volume can become. The errors have no code, as in the
// original.
func (a Attributes) check() error {
	switch {
	case a == Attributes{}:
		return refusal("No attributes to update")
	case a.Role != nil && *a.Role != api.VolumeRoleSHARED:
		return refusal("Volume type not supported %s", *a.Role)
	case a.Legality != nil && *a.Legality != api.VolumeLegalityLEGAL && *a.Legality != api.VolumeLegalityILLEGAL:
		return refusal("Legality not supported %s", *a.Legality)
	}
	return checkGeneration(a.Generation)
}

// Update starts to change attributes of a volume, in one write. The volume must
// be of the given generation, which must be given.
func (j *Jobs) Update(ctx context.Context, id api.UUID, v Volume, a Attributes) error {
	if err := v.check(); err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	return j.start(ctx, id, "update_volume", func(ctx context.Context, _ *progress) error {
		return j.writing(ctx, v, func(d *Domain) error {
			return d.Volumes.Update(ctx, v.ID, func(md *volumemd.Volume) error { return a.apply(v, md) })
		})
	})
}

func (a Attributes) apply(v Volume, md *volumemd.Volume) error {
	if v.Generation == nil {
		return mismatch("None", md.Generation)
	}
	if err := v.fits(md.Generation); err != nil {
		return err
	}
	refuse := func(format string, values ...any) error {
		return api.ErrInvalidVolumeUpdate.OfText("vol_id=" + v.ID.Volume + ", reason=" + fmt.Sprintf(format, values...))
	}
	if a.Role != nil {
		if md.Role != api.VolumeRoleLEAF {
			return refuse("%s Volume cannot be updated to %s", md.Role, *a.Role)
		}
		if md.Parent != volumemd.NoParent {
			return refuse("Volume with parent %s cannot update to %s", md.Parent, *a.Role)
		}
		md.Role = *a.Role
	}
	if a.Legality != nil {
		if md.Legality == *a.Legality {
			return refuse("%s Volume cannot be updated to %s", md.Legality, *a.Legality)
		}
		md.Legality = *a.Legality
	}
	if a.Description != nil {
		md.Description = volumemd.CutDescription(*a.Description)
	}
	md.Generation = volumemd.NextGeneration(md.Generation)
	if a.Generation != nil {
		md.Generation = *a.Generation
	}
	return nil
}
