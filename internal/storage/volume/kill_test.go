// SPDX-License-Identifier: GPL-2.0-or-later

package volume_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/storage/volume"
)

// operation is something that may be interrupted at any step.
type operation struct {
	// prepare makes what the operation needs, and returns the operation.
	prepare func(t *testing.T, f *fixture) func(context.Context, *volume.Volumes, *recorder) error
	// again says that it is asked for again after an interruption: there is
	// nothing that would undo it.
	again bool
}

func operations() map[string]operation {
	type run = func(context.Context, *volume.Volumes, *recorder) error
	create := func(spec func(t *testing.T, f *fixture) volume.Spec) operation {
		return operation{prepare: func(t *testing.T, f *fixture) run {
			s := spec(t, f)
			return func(ctx context.Context, v *volume.Volumes, r *recorder) error { return v.Create(ctx, r, s) }
		}}
	}
	return map[string]operation{
		"create raw": create(func(*testing.T, *fixture) volume.Spec { return raw() }),
		"create preallocated": create(func(*testing.T, *fixture) volume.Spec {
			s := raw()
			s.Allocation = api.VolumeAllocationPREALLOCATED
			return s
		}),
		"create qcow2": create(func(*testing.T, *fixture) volume.Spec {
			s := raw()
			s.Format = api.VolumeFormatCOW
			return s
		}),
		"first snapshot": create(func(t *testing.T, f *fixture) volume.Spec {
			base := f.create(t, raw())
			return upon(base, base.Image)
		}),
		"snapshot": create(func(t *testing.T, f *fixture) volume.Spec {
			chain := f.chain(t, 2)
			return upon(chain[1], chain[1].Image)
		}),
		"create from template": create(func(t *testing.T, f *fixture) volume.Spec {
			template := f.create(t, raw())
			must(t, f.SetShared(t.Context(), template))
			return upon(template, id())
		}),
		"extend": {prepare: func(t *testing.T, f *fixture) run {
			at := f.create(t, raw())
			return func(ctx context.Context, v *volume.Volumes, r *recorder) error {
				return v.ExtendSize(ctx, r, at, 2*mib)
			}
		}},
		"extend preallocated": {prepare: func(t *testing.T, f *fixture) run {
			s := raw()
			s.Allocation = api.VolumeAllocationPREALLOCATED
			at := f.create(t, s)
			return func(ctx context.Context, v *volume.Volumes, r *recorder) error {
				return v.ExtendSize(ctx, r, at, 2*mib)
			}
		}},
		"delete leaf": {again: true, prepare: func(t *testing.T, f *fixture) run {
			at := f.chain(t, 2)[1]
			return func(ctx context.Context, v *volume.Volumes, _ *recorder) error { return v.Delete(ctx, at, false) }
		}},
		"delete image": {again: true, prepare: func(t *testing.T, f *fixture) run {
			at := f.chain(t, 2)[1]
			return func(ctx context.Context, v *volume.Volumes, _ *recorder) error {
				if err := v.DeleteImage(ctx, at.Image); err != nil {
					return err
				}
				return v.PurgeImage(ctx, at.Image)
			}
		}},
		"describe template": {again: true, prepare: func(t *testing.T, f *fixture) run {
			template := f.create(t, raw())
			must(t, f.SetShared(t.Context(), template))
			f.create(t, upon(template, id()))
			return func(ctx context.Context, v *volume.Volumes, _ *recorder) error {
				return v.SetDescription(ctx, template, "changed")
			}
		}},
	}
}

// TestKilledAtEveryStep interrupts each operation at each of its steps: writes
// to the domain, runs of qemu-img, and what is kept of the task. Then the
// pool's next manager does what the task was told, the domain is opened anew,
// and nothing half-made is to be seen.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	points := 0
	for name, op := range operations() {
		for _, leases := range []bool{false, true} {
			points += killEverywhere(t, name, op, leases)
		}
	}
	t.Logf("%d points", points)
	if points < 200 {
		t.Errorf("only %d points", points)
	}
}

func killEverywhere(t *testing.T, name string, op operation, leases bool) int {
	f := newFixture(t)
	if leases {
		f = f.withLeases()
	}
	for steps := 0; ; steps++ {
		run := op.prepare(t, f)
		made := f.picture(t)
		v, r := f.withPower(steps)
		err := run(t.Context(), v, r)
		if err == nil {
			return steps
		}
		if !errors.Is(err, errPower) {
			t.Fatalf("%s, step %d: %v", name, steps, err)
		}
		f.rollBack(t, r)
		f.rollBack(t, r) // which may be interrupted, too
		must(t, f.domain.CollectGarbage(t.Context()))
		f.verify(t, name, steps, op.again)
		if after := f.picture(t); !op.again && !slices.Equal(after, made) && !strings.HasPrefix(name, "extend") {
			t.Errorf("%s, step %d: there was %q, there is %q", name, steps, made, after)
		}
		if op.again {
			if err := run(t.Context(), f.Volumes, new(recorder)); err != nil && !gone(err) {
				t.Errorf("%s, step %d, again: %v", name, steps, err)
			}
			must(t, f.domain.CollectGarbage(t.Context()))
			f.verify(t, name, steps, false)
		}
		must(t, os.RemoveAll(f.domain.Path("images")))
		must(t, os.Mkdir(f.domain.Path("images"), 0o755))
	}
}

// gone: what was to be deleted had been.
func gone(err error) bool {
	return errors.Is(err, api.ErrVolumeDoesNotExist) || errors.Is(err, api.ErrImageDoesNotExistInSD)
}

// picture lists all files of all images, and what their metadata says.
func (f *fixture) picture(t *testing.T) []string {
	t.Helper()
	var all []string
	must(t, filepath.WalkDir(f.domain.Path("images"), func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(name) == ".new" { // which the next write takes
			return err
		}
		line := filepath.Base(name)
		if filepath.Ext(name) == ".meta" {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			line += string(text)
		}
		all = append(all, line)
		return nil
	}))
	slices.Sort(all)
	return all
}

// verify checks that each image is whole: chains complete, their roles right,
// what data says and what metadata says the same, and nothing else there. With
// illegal, volumes may be about to be deleted.
func (f *fixture) verify(t *testing.T, name string, step int, illegal bool) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf(name+", step %d: "+format, append([]any{step}, args...)...)
	}
	images, err := f.domain.Images(t.Context())
	must(t, err)
	for _, id := range images {
		image, err := f.Image(t.Context(), id)
		if err != nil {
			fail("%v", err)
			continue
		}
		legal := image.Own()
		for _, volumeID := range image.Own() {
			md, err := image.Volume(volumeID)
			if err != nil {
				fail("%v", err)
			} else if md.Legality != api.VolumeLegalityLEGAL {
				if !illegal {
					fail("%s is illegal", volumeID)
				}
				legal = slices.DeleteFunc(legal, func(s string) bool { return s == volumeID })
			}
		}
		f.verifyImage(t, image, legal, fail)
		if illegal {
			continue
		}
		for _, file := range files(t, f, id) {
			if base, _, _ := strings.Cut(file, "."); !slices.Contains(image.Volumes(), base) {
				fail("garbage %s", file)
			}
		}
	}
}

func (f *fixture) verifyImage(t *testing.T, image *volume.Image, legal []string, fail func(string, ...any)) {
	for _, volumeID := range legal {
		if _, err := image.Chain(volumeID); err != nil {
			fail("%v", err)
		}
		md, _ := image.Volume(volumeID)
		at := volume.ID{Image: image.ID, Volume: volumeID}
		children := slices.DeleteFunc(image.Children(volumeID), func(s string) bool { return !slices.Contains(legal, s) })
		want := api.VolumeRoleLEAF
		if len(children) > 0 {
			want = api.VolumeRoleINTERNAL
		}
		if md.Role != want && md.Role != api.VolumeRoleSHARED && len(legal) == len(image.Own()) {
			fail("%s is %s with %d children", volumeID, md.Role, len(children))
		}
		data, err := os.ReadFile(f.Path(at))
		if err != nil {
			fail("%v", err)
			continue
		}
		size := uint64(len(data))
		if md.Format == api.VolumeFormatCOW {
			if len(data) < 32 || string(data[:4]) != "QFI\xfb" {
				fail("%s is no qcow2", volumeID)
				continue
			}
			size = binary.BigEndian.Uint64(data[24:])
		}
		if size != md.Capacity {
			fail("%s has %d bytes, and %d by its metadata", volumeID, size, md.Capacity)
		}
	}
}
