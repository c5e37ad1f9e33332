// SPDX-License-Identifier: GPL-2.0-or-later

package volume_test

import (
	"errors"
	"testing"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
)

// Hosts before 4.0 wrote names of backing files by the folder of the image, and
// once more by it for each merge of a running VM.
func TestBackingFilesOfOldHosts(t *testing.T) {
	t.Parallel()
	f, tool := newFixture(t), qemuimg.New(qemuimg.Options{})
	template := f.create(t, raw())
	must(t, f.SetShared(t.Context(), template))
	base := f.create(t, upon(template, id()))
	up := "../" + base.Image + "/"
	top := f.create(t, upon(base, base.Image))
	rebase := func(of volume.ID, format qemuimg.Format, backing string) {
		t.Helper()
		must(t, tool.Rebase(t.Context(), qemuimg.Rebase{
			Image: f.Path(of), Format: qemuimg.QCOW2, Backing: backing, BackingFormat: format, Unsafe: true,
		}))
	}
	rebase(base, qemuimg.Raw, up+template.Volume)
	rebase(top, qemuimg.QCOW2, up+up+up+base.Volume)

	prepared, err := f.Prepare(t.Context(), top, false)
	if err != nil || len(prepared.Volumes) != 3 {
		t.Fatalf("%+v, %v", prepared, err)
	}
	used, err := f.Use(t.Context(), top, false)
	if err != nil || len(used.Layers) != 3 || used.Layers[1].Path != f.Path(base) {
		t.Errorf("%+v, %v", used, err)
	}
	if _, err := f.QemuInfo(t.Context(), top); err != nil {
		t.Error(err)
	}
	if _, err := f.Measure(t.Context(), top, api.VolumeFormatCOW, true, ""); err != nil {
		t.Error(err)
	}
	must(t, tool.Commit(t.Context(), f.Path(top), qemuimg.QCOW2, f.Path(base), nil))

	for _, foreign := range []string{
		"../" + template.Image + "/" + template.Volume, up + "../" + template.Image + "/" + template.Volume, up, up + "..",
		"../" + template.Image + "/../" + base.Image + "/" + base.Volume,
	} {
		rebase(top, qemuimg.QCOW2, foreign)
		if _, err := f.Prepare(t.Context(), top, false); !errors.Is(err, api.ErrImageIsNotLegalChain) {
			t.Errorf("%s: %v", foreign, err)
		}
	}
}

// A template that is deleted by force, in one image, stays what it is for the
// images that are based on it: they have it still.
func TestForcedDeletionOfATemplateLeavesOthersTheirs(t *testing.T) {
	t.Parallel()
	f := newFixture(t).withLeases()
	template := f.create(t, raw())
	must(t, f.SetShared(t.Context(), template))
	disk := f.create(t, upon(template, id()))
	must(t, f.Delete(t.Context(), template, true))
	if prepared, err := f.Prepare(t.Context(), disk, false); err != nil || len(prepared.Volumes) != 2 {
		t.Errorf("%+v, %v", prepared, err)
	}
}

// The original tells how to undo the link to a template also where there was
// one before: what is based on it must not lose it.
func TestUndoingALinkThatOthersNeed(t *testing.T) {
	t.Parallel()
	f := newFixture(t).withLeases()
	template := f.create(t, raw())
	must(t, f.SetShared(t.Context(), template))
	disk := f.create(t, upon(template, id()))
	undo := task.Recovery{
		Name: "Share volume rollback", Module: "fileVolume", Object: "FileVolume", Function: "shareVolumeRollback",
		Params: []string{f.Path(volume.ID{Image: disk.Image, Volume: template.Volume})},
	}
	must(t, f.Undo(t.Context(), undo))
	if prepared, err := f.Prepare(t.Context(), disk, false); err != nil || len(prepared.Volumes) != 2 {
		t.Errorf("%+v, %v", prepared, err)
	}
}
