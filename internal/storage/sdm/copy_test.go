// SPDX-License-Identifier: GPL-2.0-or-later

package sdm_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/sdm"
	"govdsm/internal/storage/volume"
)

func ends(source, target sdm.Volume) (a, b sdm.Endpoint) {
	return sdm.Endpoint{Volume: source}, sdm.Endpoint{Volume: target}
}

func (f *fixture) copy(t testing.TB, id api.UUID, source, target sdm.Volume) error {
	t.Helper()
	a, b := ends(source, target)
	return f.Copy(t.Context(), id, a, b, false)
}

func TestCopy(t *testing.T) {
	t.Parallel()
	for _, from := range []api.VolumeFormat{api.VolumeFormatRAW, api.VolumeFormatCOW} {
		for _, to := range []api.VolumeFormat{api.VolumeFormatRAW, api.VolumeFormatCOW} {
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				t.Parallel()
				f := newFixture(t)
				base := f.volume(t, from, nil)
				f.io(t, base, "write -P 1 0 128k")
				top := f.volume(t, api.VolumeFormatCOW, &base)
				f.io(t, top, "write -P 2 64k 64k")
				target := f.volume(t, to, nil)

				id := newID()
				f.fails(t, id, f.copy(t, id, top, at(target, 5)), api.ErrGenerationMismatch,
					"The provided generation does not match the actual generation: 'requested=5, actual=0'")
				if i := f.registry.Info("", nil)[id]; i.Progress != nil {
					t.Errorf("a copy that did not begin is at %d %%", *i.Progress)
				}
				if md := f.metadata(t, target); md.Legality != api.VolumeLegalityLEGAL || md.Generation != 0 {
					t.Errorf("after that the volume is %+v", md)
				}
				id = newID()
				f.done(t, id, f.copy(t, id, top, at(target, 0)))
				f.io(t, target, "read -P 1 0 64k", "read -P 2 64k 64k", "read -P 0 128k 64k")
				if md := f.metadata(t, target); md.Legality != api.VolumeLegalityLEGAL || md.Generation != 1 {
					t.Errorf("the volume is %+v", md)
				}
				i := f.registry.Info("", nil)[id]
				if i.Progress == nil || *i.Progress != 100 || i.Description != "copy_data" || i.JobType != api.HostJobTypeStorage {
					t.Errorf("%+v", i)
				}
				if err := f.copy(t, id, top, target); !errors.Is(err, api.ErrJobExists) {
					t.Errorf("the same job again: %v", err)
				}
				want := []string{"+7 " + target.ID.Volume, "-" + target.ID.Volume}
				if got := f.leases.log[2:]; !slices.Equal(got, want) {
					t.Errorf("leases: %v", f.leases.log)
				}
			})
		}
	}
}

// TestCopyOfALayer copies only what a layer holds, to one that is based on the
// same.
func TestCopyOfALayer(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	base := f.volume(t, api.VolumeFormatRAW, nil)
	f.io(t, base, "write -P 1 0 128k")
	top := f.volume(t, api.VolumeFormatCOW, &base)
	f.io(t, top, "write -P 2 64k 64k")
	target := f.volume(t, api.VolumeFormatCOW, &base)
	id := newID()
	f.done(t, id, f.copy(t, id, top, target))
	f.io(t, target, "read -P 1 0 64k", "read -P 2 64k 64k")
	if got := tool(t, "qemu-img", "info", f.path(target)); !contains(got, "backing file: "+base.ID.Volume) {
		t.Error(got)
	}
}

// slow is qemu-img that does not end until it is stopped.
type slow struct {
	sdm.QemuImg
	began chan struct{}
}

func (s slow) Convert(ctx context.Context, _ qemuimg.Convert, progress func(float64)) error {
	progress(40.5)
	close(s.began)
	<-ctx.Done()
	return context.Cause(ctx)
}

// TestStopped leaves what tells the manager that the copy is not complete.
func TestStopped(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*fixture, api.UUID) error{
		"aborted": func(f *fixture, id api.UUID) error { return f.registry.Abort(context.Background(), id) },
		"closed":  func(f *fixture, _ api.UUID) error { f.Close(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := make(chan struct{})
			f := newFixture(t, func(o *sdm.Options) { o.QemuImg = slow{o.QemuImg, began} })
			a, b := f.volume(t, api.VolumeFormatRAW, nil), f.volume(t, api.VolumeFormatRAW, nil)
			id := newID()
			must(t, f.copy(t, id, a, b))
			<-began
			i := f.registry.Info("", nil)[id]
			if i.Status != api.HostJobStatusRunning || i.Progress == nil || *i.Progress != 40 {
				t.Errorf("while it runs it is %+v", i)
			}
			if md := f.metadata(t, b); md.Legality != api.VolumeLegalityILLEGAL || md.Generation != 0 {
				t.Errorf("while it is written it is %+v", md)
			}
			must(t, stop(f, id))
			i = f.result(t, id, nil)
			if name == "aborted" && (i.Status != api.HostJobStatusAborted || i.Error != nil) {
				t.Errorf("%+v", i)
			}
			if md := f.metadata(t, b); md.Legality != api.VolumeLegalityILLEGAL || md.Generation != 0 {
				t.Errorf("what is left is %+v", md)
			}
			if name == "closed" {
				if err := f.copy(t, newID(), a, b); err == nil {
					t.Error("a closed daemon starts jobs")
				}
			}
		})
	}
}

func TestCopyRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	good := f.volume(t, api.VolumeFormatRAW, nil)
	for name, v := range map[string]sdm.Volume{
		"no domain":  {Domain: "", ID: good.ID},
		"a path":     {Domain: f.id, ID: volume.ID{Image: "../../etc", Volume: good.ID.Volume}},
		"generation": at(good, 1000),
	} {
		for _, ends := range [][2]sdm.Volume{{v, good}, {good, v}} {
			if err := f.copy(t, newID(), ends[0], ends[1]); !errors.Is(err, api.ErrInvalidParameterException) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	id := newID()
	f.fails(t, id, f.copy(t, id, good, sdm.Volume{Domain: uuid.NewString(), ID: good.ID}), api.ErrStorageDomainDoesNotExist, "")
	gone := sdm.Volume{Domain: f.id, ID: volume.ID{Image: good.ID.Image, Volume: uuid.NewString()}}
	id = newID()
	f.fails(t, id, f.copy(t, id, good, gone), api.ErrVolumeDoesNotExist, "")
	target := f.volume(t, api.VolumeFormatCOW, nil)
	id = newID()
	f.fails(t, id, f.copy(t, id, gone, target), api.ErrVolumeDoesNotExist, "")
	a, b := ends(good, target)
	id = newID()
	f.fails(t, id, f.Copy(t.Context(), id, a, b, true), api.ErrStorageUnsupportedOperation, "")
	if md := f.metadata(t, target); md.Legality != api.VolumeLegalityLEGAL || md.Generation != 0 {
		t.Errorf("after all that the target is %+v", md)
	}
	must(t, f.volumes.SetLegality(t.Context(), good.ID, api.VolumeLegalityILLEGAL))
	id = newID()
	f.fails(t, id, f.copy(t, id, good, target), api.ErrprepareIllegalVolume, "")
	f.leases.busy = api.ErrAcquireLockFailure.Of()
	id = newID()
	f.fails(t, id, f.copy(t, id, good, target), api.ErrAcquireLockFailure, "")
}

// TestForeignBacking: an upload can name any file as what it is based on.
func TestForeignBacking(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, make([]byte, mib), 0o600))
	a, b := f.volume(t, api.VolumeFormatCOW, nil), f.volume(t, api.VolumeFormatRAW, nil)
	tool(t, "qemu-img", "rebase", "-u", "-f", "qcow2", "-b", secret, "-F", "raw", f.path(a))
	id := newID()
	f.fails(t, id, f.copy(t, id, a, b), api.ErrImageIsNotLegalChain, "")
	if md := f.metadata(t, b); md.Legality != api.VolumeLegalityLEGAL {
		t.Error("the target was touched")
	}
}

func TestExternal(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	source := f.volume(t, api.VolumeFormatCOW, nil)
	f.io(t, source, "write -P 3 0 64k")
	path := filepath.Join(t.TempDir(), "target")
	tool(t, "qemu-img", "create", "-f", "raw", path, "1M")
	id := newID()
	target := sdm.Endpoint{External: &sdm.Target{
		URL: path, Format: qemuimg.Raw, Exists: true, Zero: true, Domain: f.id, Lease: uuid.NewString(), Generation: new(uint64(999)),
	}}
	run := func(id api.UUID) error { return f.Copy(t.Context(), id, sdm.Endpoint{Volume: source}, target, false) }
	record := func(changes ...any) *jobLease {
		r := map[string]any{"type": "JOB", "job_id": string(id), "job_status": "PENDING", "generation": 999, "created": 5}
		for i := 0; i < len(changes); i += 2 {
			r[changes[i].(string)] = changes[i+1]
		}
		return &jobLease{record: r}
	}
	for code, lease := range map[*api.Code]*jobLease{
		api.ErrNoSuchLease:                 nil,
		api.ErrJobStatusMismatch:           record("job_status", "FENCED"),
		api.ErrGenerationMismatch:          record("generation", 1),
		api.ErrStorageUnsupportedOperation: record("job_id", "x"),
	} {
		f.job = lease
		f.fails(t, id, run(id), code, "")
		must(t, f.registry.Delete(id))
		f.mu.Lock()
		delete(f.ended, id)
		f.mu.Unlock()
	}
	f.job = record()
	f.done(t, id, run(id))
	tool(t, "qemu-io", "-f", "raw", "-c", "read -P 3 0 64k", "-c", "read -P 0 64k 64k", path)
	r := f.job.record
	if !f.job.released || r["job_status"] != "SUCCEEDED" || r["generation"] != uint64(0) ||
		r["host_hardware_id"] != "this-host" || r["created"] != 5.0 {
		t.Errorf("the lease is %+v", f.job)
	}

	id = newID()
	f.job = record()
	target.External.URL = filepath.Join(t.TempDir(), "gone", "gone")
	f.fails(t, id, run(id), api.ErrGeneral, "")
	if r := f.job.record; !f.job.released || r["job_status"] != "FAILED" || r["generation"] != 999.0 {
		t.Errorf("the lease is %+v", f.job)
	}
	for _, hostile := range []string{"", "--help", "a\x00b"} {
		target.External.URL = hostile
		if err := run(newID()); !errors.Is(err, api.ErrInvalidParameterException) {
			t.Errorf("%q: %v", hostile, err)
		}
	}
}
