// SPDX-License-Identifier: GPL-2.0-or-later

package volume_test

import (
	"errors"
	"os/exec"
	"slices"
	"testing"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volume"
	"govdsm/internal/storage/volumemd"
)

// write puts a byte into the guest's view of a volume.
func (f *fixture) write(t *testing.T, at volume.ID, offset, pattern string) {
	t.Helper()
	out, err := exec.Command("qemu-io", "-c", "write -P "+pattern+" "+offset+" 4k", f.Path(at)).CombinedOutput()
	if err != nil {
		t.Fatalf("qemu-io: %v: %s", err, out)
	}
}

func (f *fixture) reads(t *testing.T, at volume.ID, offset, pattern string) {
	t.Helper()
	out, err := exec.Command("qemu-io", "-r", "-c", "read -P "+pattern+" "+offset+" 4k", f.Path(at)).CombinedOutput()
	if err != nil {
		t.Errorf("%s at %s: %v: %s", at.Volume, offset, err, out)
	}
}

// TestColdMerge merges an internal volume, then the leaf, as managers do.
func TestColdMerge(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	base := f.create(t, func() volume.Spec { s := raw(); s.Format = api.VolumeFormatCOW; return s }())
	bigger := func(parent volume.ID) volume.Spec {
		s := upon(parent, parent.Image)
		s.Capacity = 2 * mib
		return s
	}
	top := f.create(t, bigger(base))
	leaf := f.create(t, bigger(top))
	f.write(t, base, "0", "1")
	f.write(t, top, "64k", "2")
	f.write(t, leaf, "128k", "3")
	runner := qemuimg.New(qemuimg.Options{})
	merge := func(sub volume.Subchain) {
		t.Helper()
		must(t, f.PrepareMerge(t.Context(), new(recorder), sub))
		must(t, runner.Commit(t.Context(), f.Path(volume.ID{Image: sub.Image, Volume: sub.Top}), qemuimg.QCOW2,
			f.Path(volume.ID{Image: sub.Image, Volume: sub.Base}), nil))
		must(t, f.FinalizeMerge(t.Context(), sub))
		if md, err := f.Metadata(t.Context(), volume.ID{Image: sub.Image, Volume: sub.Top}); err != nil || md.Legality != api.VolumeLegalityILLEGAL {
			t.Errorf("merged: %+v, %v", md, err)
		}
		must(t, f.Delete(t.Context(), volume.ID{Image: sub.Image, Volume: sub.Top}, true))
	}
	if err := f.PrepareMerge(t.Context(), new(recorder), volume.Subchain{Image: base.Image, Top: leaf.Volume, Base: base.Volume}); !errors.Is(err, api.ErrWrongParentVolume) {
		t.Errorf("not its parent: %v", err)
	}
	if err := f.PrepareMerge(t.Context(), new(recorder), volume.Subchain{Image: base.Image, Top: id(), Base: base.Volume}); !errors.Is(err, api.ErrVolumeIsNotInChain) {
		t.Errorf("not in the chain: %v", err)
	}
	merge(volume.Subchain{Image: base.Image, Top: top.Volume, Base: base.Volume})
	if md, err := f.Metadata(t.Context(), leaf); err != nil || md.Parent != base.Volume || md.Role != api.VolumeRoleLEAF {
		t.Errorf("above the merged: %+v, %v", md, err)
	}
	_, err := f.Prepare(t.Context(), leaf, false)
	must(t, err)
	for at, pattern := range map[string]string{"0": "1", "64k": "2", "128k": "3"} {
		f.reads(t, leaf, at, pattern)
	}
	merge(volume.Subchain{Image: base.Image, Top: leaf.Volume, Base: base.Volume})
	if md, err := f.Metadata(t.Context(), base); err != nil || md.Role != api.VolumeRoleLEAF || md.Capacity != 2*mib {
		t.Errorf("the base: %+v, %v", md, err)
	}
	for at, pattern := range map[string]string{"0": "1", "64k": "2", "128k": "3"} {
		f.reads(t, base, at, pattern)
	}
}

// TestReconcile is what is found after merges of running VMs were interrupted.
func TestReconcile(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	chain := f.chain(t, 3)
	want := []string{chain[0].Volume, chain[1].Volume, chain[2].Volume}
	if got, err := f.Reconcile(t.Context(), chain[2]); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	// The middle is gone from the data, and not from the metadata.
	must(t, qemuimg.New(qemuimg.Options{}).Rebase(t.Context(), qemuimg.Rebase{
		Image: f.Path(chain[2]), Format: qemuimg.QCOW2, Backing: chain[0].Volume, BackingFormat: qemuimg.Raw, Unsafe: true,
	}))
	if got, err := f.Reconcile(t.Context(), chain[2]); err != nil || !slices.Equal(got, []string{want[0], want[2]}) {
		t.Errorf("%q, %v", got, err)
	}
	if md, err := f.Metadata(t.Context(), chain[2]); err != nil || md.Parent != chain[0].Volume {
		t.Errorf("%+v, %v", md, err)
	}
	// The leaf was being merged.
	must(t, f.SetLegality(t.Context(), chain[2], api.VolumeLegalityILLEGAL))
	if got, err := f.Reconcile(t.Context(), chain[2]); err != nil || !slices.Equal(got, want[:1]) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestChainsOf100(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	chain := f.chain(t, 100)
	image, err := f.Image(t.Context(), chain[0].Image)
	must(t, err)
	if ids, err := image.Chain(chain[99].Volume); err != nil || len(ids) != 100 {
		t.Errorf("%d, %v", len(ids), err)
	}
	p, err := f.Prepare(t.Context(), chain[99], false)
	if err != nil || len(p.Volumes) != 100 {
		t.Errorf("%v", err)
	}
	must(t, f.Update(t.Context(), chain[0], func(md *volumemd.Volume) error { md.Parent = chain[99].Volume; return nil }))
	if image, err = f.Image(t.Context(), chain[0].Image); err != nil {
		t.Fatal(err)
	}
	if _, err := image.Chain(chain[99].Volume); !errors.Is(err, api.ErrImageIsNotLegalChain) {
		t.Errorf("a circle: %v", err)
	}
}
