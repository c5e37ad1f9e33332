// SPDX-License-Identifier: GPL-2.0-or-later

package volume_test

import (
	"errors"
	"os"
	"testing"

	"govdsm/api"
	"govdsm/internal/storage/volume"
)

func TestCopy(t *testing.T) {
	t.Parallel()
	f, other := newFixture(t), newFixture(t)
	chain := f.chain(t, 2)
	f.write(t, chain[1], "64k", "7")
	for _, c := range []volume.Copy{
		{Format: api.VolumeFormatRAW, Allocation: api.VolumeAllocationPREALLOCATED, Shared: true},
		{Format: api.VolumeFormatRAW, Allocation: api.VolumeAllocationSPARSE},
		{Shared: true},
	} {
		c.From, c.To, c.Description = chain[1], volume.ID{Image: id(), Volume: id()}, "copy"
		must(t, f.CopyTo(t.Context(), new(recorder), other.Volumes, c))
		info, err := other.Info(t.Context(), c.To)
		must(t, err)
		md := info.Metadata
		if md.Legality != api.VolumeLegalityLEGAL || (md.Role == api.VolumeRoleSHARED) != c.Shared || md.Parent != volume.BlankID ||
			md.Domain != other.domain.ID() || md.Capacity != mib || md.Description != "copy" {
			t.Errorf("%+v", md)
		}
		if stat, err := os.Stat(other.Path(c.To)); err != nil || stat.Mode() != 0o660 {
			t.Errorf("%v, %v", stat, err)
		}
		if md.Format == api.VolumeFormatCOW {
			other.reads(t, c.To, "64k", "7")
		} else if text, err := os.ReadFile(other.Path(c.To)); err != nil || text[64<<10] != 7 || len(text) != mib {
			t.Errorf("%d bytes, %v", len(text), err)
		}
		if err := f.CopyTo(t.Context(), new(recorder), other.Volumes, c); !errors.Is(err, api.ErrVolumeAlreadyExists) {
			t.Errorf("again: %v", err)
		}
		c.Force = true
		must(t, f.CopyTo(t.Context(), new(recorder), other.Volumes, c))
	}
	must(t, f.SetLegality(t.Context(), chain[0], api.VolumeLegalityILLEGAL))
	if err := f.Copyable(t.Context(), chain[0].Image); !errors.Is(err, api.ErrImageIsNotLegalChain) {
		t.Errorf("illegal: %v", err)
	}
}
