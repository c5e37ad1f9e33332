// SPDX-License-Identifier: GPL-2.0-or-later

package volume_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"govdsm/api"
	"govdsm/internal/storage/volume"
)

func TestCreateRaw(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := raw()
	s.Capacity, s.Description, s.Sequence = mib-1, `{"DiskAlias":"flow"}`, 1
	r := new(recorder)
	must(t, f.Create(t.Context(), r, s))
	info, err := f.Info(t.Context(), s.ID)
	must(t, err)
	md := info.Metadata
	if md.Capacity != mib || md.Role != api.VolumeRoleLEAF || md.Legality != api.VolumeLegalityLEGAL ||
		md.Parent != volume.BlankID || md.Description != s.Description || md.Sequence != 1 || md.Generation != 0 {
		t.Errorf("%+v", md)
	}
	if info.Size != (volume.Size{Apparent: mib, True: 4096}) {
		t.Errorf("size %+v", info.Size)
	}
	if stat, err := os.Stat(f.Path(s.ID)); err != nil || stat.Mode() != 0o660 {
		t.Errorf("%v, %v", stat.Mode(), err)
	}
	if names := files(t, f, s.Image); !slices.Equal(names, []string{s.Volume, s.Volume + ".meta"}) {
		t.Errorf("in the image: %q", names)
	}
	if len(r.recoveries) != 2 || r.recoveries[0].Function != "create_image_rollback" || r.recoveries[1].Function != "createVolumeRollback" {
		t.Errorf("%+v", r.recoveries)
	}
	f.rollBack(t, r)
	if names, _ := os.ReadDir(f.domain.Path("images")); len(names) > 0 {
		t.Errorf("rolled back: %v", names)
	}
}

// files returns the names in an image.
func files(t testing.TB, f *fixture, image string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(f.domain.Path("images/" + image))
	must(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestCreatePreallocated(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := raw()
	s.Allocation = api.VolumeAllocationPREALLOCATED
	size, err := f.Size(t.Context(), f.create(t, s))
	if err != nil || size.Apparent != mib || size.True < mib {
		t.Errorf("raw: %+v, %v", size, err)
	}
	s = raw()
	s.Format, s.Allocation = "4", "1"
	size, err = f.Size(t.Context(), f.create(t, s))
	if err != nil || size.True < mib-128<<10 { // its tables have holes
		t.Errorf("qcow2: %+v, %v", size, err)
	}
}

func TestSnapshotsAndDeletion(t *testing.T) {
	t.Parallel()
	f := newFixture(t).withLeases()
	chain := f.chain(t, 3)
	image, err := f.Image(t.Context(), chain[0].Image)
	must(t, err)
	ids, err := image.Chain(chain[2].Volume)
	if err != nil || !slices.Equal(ids, []string{chain[2].Volume, chain[1].Volume, chain[0].Volume}) {
		t.Errorf("chain %q, %v", ids, err)
	}
	if leaf, err := image.Leaf(); err != nil || leaf != chain[2].Volume {
		t.Errorf("leaf %s, %v", leaf, err)
	}
	info, err := f.QemuInfo(t.Context(), chain[2])
	if err != nil || info.Backing != chain[1].Volume || info.BackingFormat != "qcow2" || info.Specific.Data.Compat != "1.1" {
		t.Errorf("%+v, %v", info, err)
	}
	if err := f.Delete(t.Context(), chain[1], false); !errors.Is(err, api.ErrVolumeImageHasChildren) {
		t.Errorf("an internal volume: %v", err)
	}
	for n := 2; n > 0; n-- {
		must(t, f.Delete(t.Context(), chain[n], false))
		md, err := f.Metadata(t.Context(), chain[n-1])
		if err != nil || md.Role != api.VolumeRoleLEAF || md.Legality != api.VolumeLegalityLEGAL {
			t.Errorf("below the deleted: %+v, %v", md, err)
		}
	}
	if err := f.Delete(t.Context(), chain[2], false); !errors.Is(err, api.ErrVolumeDoesNotExist) {
		t.Errorf("deleted: %v", err)
	}
	if names := files(t, f, chain[0].Image); len(names) != 3 {
		t.Errorf("left: %q", names)
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	f := newFixture(t).withLeases()
	template := f.create(t, raw())
	disk := upon(template, id())
	if err := f.Create(t.Context(), new(recorder), disk); !errors.Is(err, api.ErrVolumeNonShareable) {
		t.Errorf("a template that is none: %v", err)
	}
	must(t, f.SetShared(t.Context(), template))
	f.create(t, disk)
	f.create(t, upon(disk.ID, disk.Image))
	list, err := f.List(t.Context())
	must(t, err)
	in := volume.In(list, template.Image)
	if len(list) != 3 || len(in) != 1 || !slices.Equal(in[0].Images, []string{template.Image, disk.Image}) {
		t.Errorf("listed %v", list)
	}
	linked := volume.ID{Image: disk.Image, Volume: template.Volume}
	for _, at := range []volume.ID{template, linked} {
		must(t, f.SetDescription(t.Context(), at, "by "+at.Image))
		for _, suffix := range []string{"", ".meta", ".lease"} {
			a, err := os.Stat(f.file(template, suffix))
			must(t, err)
			b, err := os.Stat(f.file(linked, suffix))
			must(t, err)
			if !os.SameFile(a, b) {
				t.Errorf("changed at %s: %q is not linked", at.Image, suffix)
			}
		}
		if md, err := f.Metadata(t.Context(), linked); err != nil || md.Description != "by "+at.Image {
			t.Errorf("%+v, %v", md, err)
		}
	}
	if err := f.DeletableImage(t.Context(), template.Image); !errors.Is(err, api.ErrCannotDeleteSharedVolume) {
		t.Errorf("a template in use: %v", err)
	}
	for _, at := range []volume.ID{template, linked} {
		if err := f.Delete(t.Context(), at, false); !errors.Is(err, api.ErrCannotDeleteSharedVolume) {
			t.Errorf("a volume of a template: %v", err)
		}
	}
	must(t, f.DeletableImage(t.Context(), disk.Image))
	must(t, f.DeleteImage(t.Context(), disk.Image))
	must(t, f.DeletableImage(t.Context(), template.Image))
	must(t, f.PurgeImage(t.Context(), disk.Image))
	if _, err := f.Info(t.Context(), template); err != nil {
		t.Error(err)
	}
}

func TestSecondCreationHarmsNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	template := f.create(t, raw())
	must(t, f.SetShared(t.Context(), template))
	s := upon(template, id())
	f.create(t, s)
	r := new(recorder)
	if err := f.Create(t.Context(), r, s); !errors.Is(err, api.ErrVolumeAlreadyExists) {
		t.Errorf("%v", err)
	}
	f.rollBack(t, r)
	if _, err := f.Prepare(t.Context(), s.ID, false); err != nil {
		t.Errorf("the volume that was there: %v", err)
	}
}

func TestExtend(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, allocation := range []api.VolumeAllocation{api.VolumeAllocationSPARSE, api.VolumeAllocationPREALLOCATED} {
		s := raw()
		s.Allocation = allocation
		f.create(t, s)
		must(t, f.ExtendSize(t.Context(), new(recorder), s.ID, 2*mib-5))
		info, err := f.Info(t.Context(), s.ID)
		if err != nil || info.Size.Apparent != 2*mib || info.Metadata.Capacity != 2*mib {
			t.Errorf("%s: %+v, %v", allocation, info, err)
		}
		if allocation == api.VolumeAllocationPREALLOCATED && info.Size.True < 2*mib {
			t.Errorf("allocated: %d", info.Size.True)
		}
		if err := f.ExtendSize(t.Context(), new(recorder), s.ID, mib); !errors.Is(err, api.ErrVolumeResizeValue) {
			t.Errorf("shrunk: %v", err)
		}
		must(t, f.SetShared(t.Context(), s.ID))
		if err := f.ExtendSize(t.Context(), new(recorder), s.ID, 4*mib); !errors.Is(err, api.ErrVolumeNonWritable) {
			t.Errorf("a template: %v", err)
		}
	}
}

func TestPrepare(t *testing.T) {
	t.Parallel()
	f := newFixture(t).withLeases()
	chain := f.chain(t, 2)
	leaf := chain[1]
	must(t, os.Chmod(f.Path(leaf), 0o600))
	for range 2 {
		p, err := f.Prepare(t.Context(), leaf, false)
		must(t, err)
		if p.Path != f.Path(leaf) || p.RunPath != filepath.Join(f.run, f.domain.ID(), leaf.Image, leaf.Volume) || len(p.Volumes) != 2 {
			t.Errorf("%+v", p)
		}
		if l := p.Leaf(leaf.Volume).Lease; l == nil || l.Path != f.file(leaf, ".lease") || l.Name != leaf.Volume || l.Offset != 0 {
			t.Errorf("lease %+v", l)
		}
		a, err := os.Stat(p.RunPath)
		must(t, err)
		if a.Mode() != 0o660 {
			t.Errorf("mode %v", a.Mode())
		}
	}
	if _, err := f.Prepare(t.Context(), volume.ID{Image: leaf.Image, Volume: id()}, false); !errors.Is(err, api.ErrVolumeDoesNotExist) {
		t.Errorf("unknown: %v", err)
	}
	must(t, f.SetLegality(t.Context(), chain[0], api.VolumeLegalityILLEGAL))
	if _, err := f.Prepare(t.Context(), leaf, false); !errors.Is(err, api.ErrprepareIllegalVolume) {
		t.Errorf("illegal: %v", err)
	}
	_, err := f.Prepare(t.Context(), leaf, true)
	must(t, err)
	for range 2 {
		must(t, f.Teardown(leaf.Image))
	}
	if _, err := os.Lstat(filepath.Join(f.run, f.domain.ID(), leaf.Image)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("torn down: %v", err)
	}
}
