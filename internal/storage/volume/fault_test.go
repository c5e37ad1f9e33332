// SPDX-License-Identifier: GPL-2.0-or-later

package volume_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
	"govdsm/internal/storage/volumemd"
)

func TestRefusedSpecs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	base := f.create(t, raw())
	illegal := f.create(t, raw())
	must(t, f.SetLegality(t.Context(), illegal, api.VolumeLegalityILLEGAL))
	snapshot := func(change func(*volume.Spec)) volume.Spec {
		s := upon(base, base.Image)
		change(&s)
		return s
	}
	plain := func(change func(*volume.Spec)) volume.Spec {
		s := raw()
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		spec volume.Spec
		want error
	}{
		"image":            {plain(func(s *volume.Spec) { s.Image = "../../etc" }), api.ErrInvalidParameterException},
		"volume":           {plain(func(s *volume.Spec) { s.Volume = "passwd" }), api.ErrInvalidParameterException},
		"removed":          {plain(func(s *volume.Spec) { s.Image = "_remove_me_" + s.Image }), api.ErrInvalidParameterException},
		"upper case":       {plain(func(s *volume.Spec) { s.Volume = strings.ToUpper(s.Volume) }), api.ErrInvalidParameterException},
		"parent":           {plain(func(s *volume.Spec) { s.Parent.Volume, s.Format = "x/y", "COW" }), api.ErrInvalidParameterException},
		"no size":          {plain(func(s *volume.Spec) { s.Capacity = 0 }), api.ErrInvalidParameterException},
		"format":           {plain(func(s *volume.Spec) { s.Format = "9" }), api.ErrIncorrectFormat},
		"raw snapshot":     {snapshot(func(s *volume.Spec) { s.Format = "RAW" }), api.ErrIncorrectFormat},
		"allocation":       {plain(func(s *volume.Spec) { s.Allocation = "THICK" }), api.ErrIncorrectType},
		"disk type":        {plain(func(s *volume.Spec) { s.DiskType = "FOO" }), api.ErrInvalidParameterException},
		"initial size":     {plain(func(s *volume.Spec) { s.InitialSize = new(int64(1)) }), api.ErrInvalidParameterException},
		"smaller":          {snapshot(func(s *volume.Spec) { s.Capacity = 4096 }), api.ErrInvalidParameterException},
		"no parent":        {snapshot(func(s *volume.Spec) { s.Parent.Volume = id() }), api.ErrVolumeDoesNotExist},
		"illegal parent":   {upon(illegal, illegal.Image), api.ErrcreateIllegalVolumeSnapshot},
		"bitmaps of raw":   {snapshot(func(s *volume.Spec) { s.AddBitmaps = true }), api.ErrStorageUnsupportedOperation},
		"bitmap in raw":    {plain(func(s *volume.Spec) { s.Bitmap = id() }), api.ErrStorageUnsupportedOperation},
		"bitmaps of none":  {plain(func(s *volume.Spec) { s.AddBitmaps = true }), api.ErrStorageUnsupportedOperation},
		"line in metadata": {plain(func(s *volume.Spec) { s.DiskType = "DATA\nLEGALITY=LEGAL" }), api.ErrInvalidParameterException},
		"there":            {func() volume.Spec { s := raw(); s.ID = base; return s }(), api.ErrVolumeAlreadyExists},
	} {
		r := new(recorder)
		if err := f.Create(t.Context(), r, c.spec); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		f.rollBack(t, r)
	}
	if list, err := f.List(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("left: %v, %v", list, err)
	}
	if entries, err := os.ReadDir(f.domain.Path("images")); err != nil || len(entries) != 2 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

func TestBitmaps(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := raw()
	s.Format, s.Bitmap = api.VolumeFormatCOW, id()
	f.create(t, s)
	snapshot := upon(s.ID, s.Image)
	snapshot.AddBitmaps = true
	f.create(t, snapshot)
	for _, at := range []volume.ID{s.ID, snapshot.ID} {
		info, err := f.QemuInfo(t.Context(), at)
		must(t, err)
		if b := info.Specific.Data.Bitmaps; len(b) != 1 || b[0].Name != s.Bitmap || !slices.Contains(b[0].Flags, "auto") {
			t.Errorf("%+v", b)
		}
	}
}

// TestForeignChains: whatever an image claims to need outside its folder is
// neither opened nor given to a VM.
func TestForeignChains(t *testing.T) {
	t.Parallel()
	runner := qemuimg.New(qemuimg.Options{})
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, make([]byte, mib), 0o644))
	for _, backing := range []string{secret, "../../../secret", "nbd://localhost/x", `json:{"driver":"file","filename":"/etc/shadow"}`, id()} {
		f := newFixture(t)
		s := raw()
		s.Format = api.VolumeFormatCOW
		at := f.create(t, s)
		must(t, runner.Create(t.Context(), qemuimg.Create{
			Image: f.Path(at), Size: mib, Format: qemuimg.QCOW2, Compat: "1.1", Backing: backing, BackingFormat: qemuimg.Raw, Unsafe: true,
		}))
		if _, err := f.Prepare(t.Context(), at, true); !errors.Is(err, api.ErrImageIsNotLegalChain) {
			t.Errorf("%s: prepared: %v", backing, err)
		}
		if _, err := f.Measure(t.Context(), at, api.VolumeFormatRAW, true, ""); !errors.Is(err, api.ErrImageIsNotLegalChain) {
			t.Errorf("%s: measured: %v", backing, err)
		}
		if err := f.Verify(t.Context(), at); !errors.Is(err, api.ErrImageVerification) {
			t.Errorf("%s: verified: %v", backing, err)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	chain := f.chain(t, 2)
	for _, at := range chain {
		must(t, f.Verify(t.Context(), at))
	}
	for name, spoil := range map[string]func(*volumemd.Volume){
		"size":   func(md *volumemd.Volume) { md.Capacity -= 4096 },
		"format": func(md *volumemd.Volume) { md.Format = api.VolumeFormatRAW },
		"parent": func(md *volumemd.Volume) { md.Parent = id() },
	} {
		at := f.chain(t, 2)[1]
		must(t, f.Update(t.Context(), at, func(md *volumemd.Volume) error { spoil(md); return nil }))
		if err := f.Verify(t.Context(), at); !errors.Is(err, api.ErrImageVerification) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPlantedLinks: links that somebody put into the domain lead nowhere.
func TestPlantedLinks(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	outside := t.TempDir()
	victim := filepath.Join(outside, "victim")
	must(t, os.WriteFile(victim, []byte("untouched"), 0o600))

	s := raw()
	must(t, os.Symlink(outside, f.domain.Path("images/"+s.Image)))
	if err := f.Create(t.Context(), new(recorder), s); err == nil {
		t.Error("made in a folder that leads out")
	}
	at := f.create(t, raw())
	must(t, os.Remove(f.Path(at)))
	must(t, os.Symlink(victim, f.Path(at)))
	if _, err := f.Prepare(t.Context(), at, true); err == nil {
		t.Error("prepared a link that leads out")
	}
	if err := f.ExtendSize(t.Context(), new(recorder), at, 2*mib); err == nil {
		t.Error("extended through a link that leads out")
	}
	must(t, os.Remove(f.file(at, ".meta")))
	must(t, os.Symlink(victim, f.file(at, ".meta")))
	if _, err := f.Metadata(t.Context(), at); err == nil {
		t.Error("read metadata through a link that leads out")
	}
	must(t, f.DeleteImage(t.Context(), at.Image))
	must(t, f.PurgeImage(t.Context(), at.Image))
	if text, err := os.ReadFile(victim); err != nil || string(text) != "untouched" {
		t.Errorf("outside: %q, %v", text, err)
	}
}

func TestDamagedVolumes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	chain := f.chain(t, 3)
	must(t, os.WriteFile(f.file(chain[1], ".meta"), []byte("garbage\x00\xff\n"), 0o644))
	info, err := f.Info(t.Context(), chain[1])
	if err != nil || !errors.Is(info.Broken, api.ErrInvalidMetadata) {
		t.Errorf("%+v, %v", info, err)
	}
	image, err := f.Image(t.Context(), chain[0].Image)
	must(t, err)
	if _, err := image.Chain(chain[2].Volume); !errors.Is(err, api.ErrImageIsNotLegalChain) {
		t.Errorf("a chain with a hole: %v", err)
	}
	must(t, f.Delete(t.Context(), chain[1], true)) // what is broken can be deleted
	must(t, os.Remove(f.Path(chain[0])))
	if _, err := f.Info(t.Context(), chain[0]); !errors.Is(err, api.ErrVolumeDoesNotExist) {
		t.Errorf("without data: %v", err)
	}
	if _, err := f.Prepare(t.Context(), chain[2], false); !errors.Is(err, api.ErrImageIsNotLegalChain) && !errors.Is(err, api.ErrVolumeDoesNotExist) {
		t.Errorf("without its base: %v", err)
	}
	must(t, os.WriteFile(f.domain.Path("images/"+chain[0].Image+"/foreign.meta"), []byte("x"), 0o644))
	must(t, os.WriteFile(f.domain.Path("images/foreign"), []byte("x"), 0o644))
	if list, err := f.List(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("listed %v, %v", list, err)
	}
}

// TestRoom runs into the end of a small file system.
func TestRoom(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can mount")
	}
	top := t.TempDir()
	if err := unix.Mount("govdsm-test", top, "tmpfs", 0, "size=4m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(top, unix.MNT_DETACH)) })
	f := newFixtureIn(t, top)
	at := f.create(t, raw())
	s := raw()
	s.Allocation, s.Capacity = api.VolumeAllocationPREALLOCATED, 16*mib
	r := new(recorder)
	if err := f.Create(t.Context(), r, s); !errors.Is(err, syscall.ENOSPC) || !errors.Is(err, api.ErrVolumeCreation) {
		t.Errorf("%v", err)
	}
	f.rollBack(t, r)
	f.verify(t, "full disk", 0, false)
	must(t, os.WriteFile(filepath.Join(top, "fill"), make([]byte, 1), 0o600))
	for n := 0; ; n++ {
		if err := os.WriteFile(filepath.Join(top, fmt.Sprint("fill", n)), make([]byte, 4096), 0o600); err != nil {
			break
		}
	}
	if err := f.SetDescription(t.Context(), at, "no room"); !errors.Is(err, syscall.ENOSPC) || !errors.Is(err, api.ErrVolumeMetadataWrite) {
		t.Errorf("%v", err)
	}
	must(t, unix.Mount("", top, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	r = new(recorder)
	if err := f.Create(t.Context(), r, raw()); !errors.Is(err, syscall.EROFS) {
		t.Errorf("read-only: %v", err)
	}
	if err := f.Delete(t.Context(), at, false); !errors.Is(err, syscall.EROFS) {
		t.Errorf("read-only: %v", err)
	}
	if md, err := f.Metadata(t.Context(), at); err != nil || md.Description != "" || md.Legality != api.VolumeLegalityLEGAL {
		t.Errorf("%+v, %v", md, err)
	}
}

// TestForeignRecoveries: recoveries come from storage, which others write.
func TestForeignRecoveries(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	at := f.create(t, raw())
	sd := f.domain.ID()
	for name, r := range map[string]task.Recovery{
		"unknown":      {Function: "rm", Params: []string{sd, at.Image, at.Volume}},
		"none":         {Function: "halfbakedVolumeRollback"},
		"other domain": {Function: "createVolumeRollback", Params: []string{"/dc", id(), at.Image, at.Volume, "/x"}},
		"no volume":    {Function: "createVolumeRollback", Params: []string{"/dc", sd}},
		"a path":       {Function: "createVolumeMetadataRollback", Params: []string{"/etc/passwd"}},
		"leads out":    {Function: "shareVolumeRollback", Params: []string{"/x/" + sd + "/images/../../etc"}},
	} {
		if err := f.Undo(t.Context(), r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// Elsewhere the domain is mounted elsewhere.
	must(t, f.Undo(t.Context(), task.Recovery{
		Function: "createVolumeRollback", Name: "x",
		Params: []string{"/rhev/data-center/" + id(), sd, at.Image, at.Volume, "/rhev/data-center/x/" + sd + "/images/" + at.Image},
	}))
	if _, err := f.Info(t.Context(), at); !errors.Is(err, api.ErrImagePath) {
		t.Errorf("undone: %v", err)
	}
}

var _ volume.Dir = (*outofprocess.Dir)(nil)
