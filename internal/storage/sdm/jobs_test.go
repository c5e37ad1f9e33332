// SPDX-License-Identifier: GPL-2.0-or-later

package sdm_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/storage/sdm"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

func (f *fixture) merge(t testing.TB, top, base sdm.Volume, bitmaps bool) (api.UUID, error) {
	t.Helper()
	id := newID()
	return id, f.Merge(t.Context(), id, sdm.Subchain{
		Domain: f.id, Image: base.ID.Image, Top: top.ID.Volume, Base: base.ID.Volume, BaseGeneration: base.Generation,
	}, bitmaps)
}

func TestMerge(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	bottom := f.volume(t, api.VolumeFormatRAW, nil)
	f.io(t, bottom, "write -P 1 0 256k")
	base := f.volume(t, api.VolumeFormatCOW, &bottom)
	f.io(t, base, "write -P 2 64k 64k")
	top := f.volume(t, api.VolumeFormatCOW, &base)
	bitmap := uuid.NewString()
	tool(t, "qemu-img", "bitmap", "--add", f.path(top), bitmap)
	f.io(t, top, "write -P 3 128k 64k")

	check := func(top, base sdm.Volume, code *api.Code) {
		t.Helper()
		id, err := f.merge(t, top, base, false)
		f.fails(t, id, err, code, "")
	}
	check(top, bottom, api.ErrWrongParentVolume)
	gone := top
	gone.ID.Volume = uuid.NewString()
	check(gone, base, api.ErrVolumeIsNotInChain)
	check(top, at(base, 3), api.ErrGenerationMismatch)

	id, err := f.merge(t, top, at(base, 0), true)
	f.done(t, id, err)
	f.io(t, base, "read -P 1 0 64k", "read -P 2 64k 64k", "read -P 3 128k 64k")
	f.io(t, bottom, "read -P 1 0 256k")
	if md := f.metadata(t, base); md.Generation != 1 || md.Legality != api.VolumeLegalityLEGAL {
		t.Errorf("the base is %+v", md)
	}
	if got := tool(t, "qemu-img", "info", f.path(base)); !contains(got, bitmap) {
		t.Errorf("the base has no bitmap: %s", got)
	}
	i := f.registry.Info("", nil)[id]
	if i.Progress == nil || *i.Progress != 100 || i.Description != "merge_subchain" {
		t.Errorf("%+v", i)
	}
	must(t, f.volumes.SetLegality(t.Context(), bottom.ID, api.VolumeLegalityILLEGAL))
	check(top, base, api.ErrprepareIllegalVolume)
	must(t, f.volumes.SetLegality(t.Context(), bottom.ID, api.VolumeLegalityLEGAL))
	must(t, f.volumes.SetShared(t.Context(), bottom.ID))
	check(base, bottom, api.ErrSharedVolumeNonWritable)
}

func TestBitmaps(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	base := f.volume(t, api.VolumeFormatCOW, nil)
	top := f.volume(t, api.VolumeFormatCOW, &base)
	raw := f.volume(t, api.VolumeFormatRAW, nil)
	bitmap, other := uuid.NewString(), uuid.NewString()
	has := func(v sdm.Volume, bitmap string) bool {
		return contains(tool(t, "qemu-img", "info", f.path(v)), bitmap)
	}
	id := newID()
	f.done(t, id, f.AddBitmap(t.Context(), id, at(base, 0), bitmap))
	if !has(base, bitmap) || f.metadata(t, base).Generation != 1 {
		t.Error("there is no bitmap")
	}
	id = newID()
	f.fails(t, id, f.AddBitmap(t.Context(), id, top, bitmap), api.ErrGeneral, "")
	id = newID()
	f.fails(t, id, f.AddBitmap(t.Context(), id, raw, bitmap), api.ErrGeneral, "")
	id = newID()
	f.fails(t, id, f.ClearBitmaps(t.Context(), id, raw), api.ErrStorageUnsupportedOperation, "")
	id = newID()
	f.done(t, id, f.RemoveBitmap(t.Context(), id, base, other)) // it need not be there
	id = newID()
	f.done(t, id, f.RemoveBitmap(t.Context(), id, at(base, 2), bitmap))
	if has(base, bitmap) {
		t.Error("it is not removed")
	}
	for _, name := range []string{bitmap, other} {
		id = newID()
		f.done(t, id, f.AddBitmap(t.Context(), id, top, name))
	}
	id = newID()
	f.done(t, id, f.ClearBitmaps(t.Context(), id, at(top, 2)))
	if has(top, bitmap) || has(top, other) || f.metadata(t, top).Generation != 3 {
		t.Error("they are not cleared")
	}
	for _, name := range []string{"", "--disable", "a\nb", strings.Repeat("a", 1024)} {
		if err := f.AddBitmap(t.Context(), newID(), base, name); !errors.Is(err, api.ErrInvalidParameterException) {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	must(t, f.volumes.SetShared(t.Context(), raw.ID))
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	base := f.volume(t, api.VolumeFormatRAW, nil)
	top := f.volume(t, api.VolumeFormatCOW, &base)
	shared, internal := api.VolumeRoleSHARED, api.VolumeRoleINTERNAL
	legal, illegal, fake := api.VolumeLegalityLEGAL, api.VolumeLegalityILLEGAL, api.VolumeLegality("FAKE")
	update := func(v sdm.Volume, a sdm.Attributes) (api.UUID, error) {
		id := newID()
		return id, f.Update(t.Context(), id, v, a)
	}
	id, err := update(at(top, 0), sdm.Attributes{Description: new("changed"), Generation: new(uint64(7))})
	f.done(t, id, err)
	if md := f.metadata(t, top); md.Description != "changed" || md.Generation != 7 {
		t.Errorf("%+v", md)
	}
	if i := f.registry.Info("", nil)[id]; i.Progress != nil {
		t.Errorf("its progress is %d", *i.Progress)
	}
	id, err = update(at(top, 7), sdm.Attributes{Legality: &illegal})
	f.done(t, id, err)
	if md := f.metadata(t, top); md.Legality != illegal || md.Generation != 8 {
		t.Errorf("%+v", md)
	}
	for _, c := range []struct {
		v    sdm.Volume
		a    sdm.Attributes
		want *api.Code
	}{
		{top, sdm.Attributes{Legality: &legal}, api.ErrGenerationMismatch},
		{at(top, 1), sdm.Attributes{Legality: &legal}, api.ErrGenerationMismatch},
		{at(top, 8), sdm.Attributes{Legality: &illegal}, api.ErrInvalidVolumeUpdate},
		{at(top, 8), sdm.Attributes{Role: &shared}, api.ErrInvalidVolumeUpdate},
		{at(base, 0), sdm.Attributes{Role: &shared}, api.ErrInvalidVolumeUpdate},
	} {
		id, err := update(c.v, c.a)
		f.fails(t, id, err, c.want, "")
	}
	for _, a := range []sdm.Attributes{{}, {Role: &internal}, {Legality: &fake}, {Generation: new(uint64(1000))}} {
		if _, err := update(at(top, 8), a); err == nil {
			t.Errorf("%+v is taken", a)
		}
	}
	alone := f.volume(t, api.VolumeFormatRAW, nil)
	id, err = update(at(alone, 0), sdm.Attributes{Role: &shared})
	f.done(t, id, err)
	if md := f.metadata(t, alone); md.Role != shared || md.Generation != 1 {
		t.Errorf("%+v", md)
	}
	id = newID()
	f.fails(t, id, f.copy(t, id, base, alone), api.ErrSharedVolumeNonWritable, "")
}

func TestAmend(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	v, raw := f.volume(t, api.VolumeFormatCOW, nil), f.volume(t, api.VolumeFormatRAW, nil)
	id := newID()
	f.done(t, id, f.Amend(t.Context(), id, at(v, 0), "0.10"))
	if got := tool(t, "qemu-img", "info", f.path(v)); !contains(got, "compat: 0.10") || f.metadata(t, v).Generation != 1 {
		t.Error(got)
	}
	id = newID()
	f.fails(t, id, f.Amend(t.Context(), id, raw, "1.1"), api.ErrGeneral,
		"General Exception: ('Cannot amend volume "+raw.ID.Volume+": volume is not COW format',)")
	for _, compat := range []string{"", "2.0", "1.1,size=1"} {
		if err := f.Amend(t.Context(), newID(), v, compat); err == nil {
			t.Errorf("%q is taken", compat)
		}
	}
}

func TestSparsify(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "virt-sparsify")
	f := newFixture(t, func(o *sdm.Options) { o.Sparsify = program })
	base := f.volume(t, api.VolumeFormatRAW, nil)
	top := f.volume(t, api.VolumeFormatCOW, &base)
	run := func(v sdm.Volume) (api.UUID, error) {
		id := newID()
		return id, f.SparsifyVolume(t.Context(), id, v)
	}
	id, err := run(top)
	f.fails(t, id, err, api.ErrGeneral, "") // it is not installed
	must(t, os.WriteFile(program, []byte("#!/bin/sh\necho \"$@\" > "+dir+"/args\n[ -e "+dir+"/fail ] && { echo no room >&2; exit 1; }\nexit 0\n"), 0o755))
	id, err = run(at(top, 0))
	f.done(t, id, err)
	args, err := os.ReadFile(filepath.Join(dir, "args"))
	must(t, err)
	if want := "-v -x --machine-readable --in-place " + f.path(top) + "\n"; string(args) != want || f.metadata(t, top).Generation != 1 {
		t.Errorf("%s, want %s", args, want)
	}
	must(t, os.WriteFile(filepath.Join(dir, "fail"), nil, 0o600))
	id, err = run(top)
	i := f.result(t, id, err)
	if i.Error == nil || !contains(i.Error.Message, "no room") {
		t.Errorf("%+v", i.Error)
	}
	if md := f.metadata(t, top); md.Legality != api.VolumeLegalityLEGAL || md.Generation != 1 {
		t.Errorf("%+v", md)
	}
	id, err = run(base)
	f.fails(t, id, err, api.ErrGeneral, "General Exception: ('Volume to be sparsified is not a leaf volume',)")
}

func TestBlockOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, start := range []func(context.Context, api.UUID, string) error{f.MoveDevice, f.ReduceDomain} {
		id := newID()
		f.fails(t, id, start(t.Context(), id, f.id), api.ErrStorageUnsupportedOperation,
			"Unsupported operation: \"reason=Storage domain does not support reduce operation, context={'sdUUID': '"+f.id+"', 'sdType': 'LOCALFS'}\"")
		if err := start(t.Context(), newID(), "x"); !errors.Is(err, api.ErrInvalidParameterException) {
			t.Error(err)
		}
	}
}
