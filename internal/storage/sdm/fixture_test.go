// SPDX-License-Identifier: GPL-2.0-or-later

package sdm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/job"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/sdm"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
	"govdsm/internal/storage/volumemd"
)

func TestMain(m *testing.M) {
	outofprocess.ServeIfHelper()
	os.Exit(m.Run())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func tool(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v: %s", name, args, err, out)
	}
	return string(out)
}

// fixture is jobs on one domain in a local folder, whose volumes have leases
// that a test keeps.
type fixture struct {
	*sdm.Jobs
	id       string
	volumes  *volume.Volumes
	locks    *resource.Locks
	registry *job.Registry
	leases   *leases
	job      *jobLease

	mu    sync.Mutex
	ended map[api.UUID]chan struct{}
}

func newFixture(t testing.TB, change ...func(*sdm.Options)) *fixture {
	t.Helper()
	top := t.TempDir()
	io := outofprocess.New(outofprocess.Options{})
	t.Cleanup(func() { must(t, io.Close()) })
	folder, mount := filepath.Join(top, "data"), filepath.Join(top, "dc/mnt/_data")
	must(t, errors.Join(os.MkdirAll(folder, 0o755), os.MkdirAll(filepath.Dir(mount), 0o755), os.Symlink(folder, mount)))
	d, err := domain.NewRepository(domain.Options{Path: filepath.Join(top, "dc"), IO: io}).Create(t.Context(), domain.Spec{
		ID: uuid.NewString(), Name: "data", Type: domainmd.LocalFS, Class: domainmd.Data, Version: domainmd.Version5,
		RemotePath: folder, MountPoint: mount, MaxHosts: 250,
	})
	must(t, err)
	f := &fixture{id: d.ID(), locks: resource.New(time.Minute), leases: new(leases), ended: map[api.UUID]chan struct{}{}}
	qemuImg := qemuimg.New(qemuimg.Options{})
	f.volumes = volume.New(volume.Options{Domain: d, QemuImg: qemuImg, Leases: f.leases, Repository: filepath.Join(top, "dc"), Run: filepath.Join(top, "run")})
	f.registry = job.NewRegistry(job.Options{Log: slog.New(slog.DiscardHandler), Publish: func(i api.HostJobInfo) error {
		close(f.end(i.ID))
		return nil
	}})
	t.Cleanup(f.registry.Close)
	o := sdm.Options{
		Storage: f, Locks: f.locks, Registry: f.registry, QemuImg: qemuImg,
		HardwareID: func() string { return "this-host" },
	}
	for _, c := range change {
		c(&o)
	}
	f.Jobs = sdm.New(o)
	t.Cleanup(f.Close)
	return f
}

// end returns what is closed when a job has ended.
func (f *fixture) end(id api.UUID) chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended[id] == nil {
		f.ended[id] = make(chan struct{})
	}
	return f.ended[id]
}

// Domain, HostID and AcquireJobLease implement sdm.Storage.
func (f *fixture) Domain(_ context.Context, id string) (*sdm.Domain, error) {
	if id != f.id {
		return nil, api.ErrStorageDomainDoesNotExist.Of(id)
	}
	return &sdm.Domain{Volumes: f.volumes, Version: 5, Kind: "LOCALFS", Leases: f.leases}, nil
}

func (f *fixture) HostID() (int, error) { return 7, nil }

func (f *fixture) AcquireJobLease(context.Context, int, string, string) (sdm.JobLease, error) {
	if f.job == nil {
		return nil, api.ErrNoSuchLease.OfText("lease=")
	}
	return f.job, nil
}

// leases remembers which are held, and what was done with them.
type leases struct {
	mu   sync.Mutex
	log  []string
	busy error
}

func (l *leases) WriteLease(context.Context, clusterlock.Lease) error { return nil }

func (l *leases) Inspect(context.Context, clusterlock.Lease) (clusterlock.Owner, error) {
	return clusterlock.Owner{}, nil
}

func (l *leases) Acquire(_ context.Context, host int, lease clusterlock.Lease) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy != nil {
		return l.busy
	}
	l.log = append(l.log, fmt.Sprintf("+%d %s", host, lease.Name))
	return nil
}

func (l *leases) Release(ctx context.Context, lease clusterlock.Lease) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log = append(l.log, "-"+lease.Name)
	return ctx.Err()
}

// jobLease is an external lease.
type jobLease struct {
	record   map[string]any
	released bool
}

func (l *jobLease) Record(context.Context) (map[string]any, error) {
	var copied map[string]any // as JSON has it
	text, err := json.Marshal(l.record)
	return copied, errors.Join(err, json.Unmarshal(text, &copied))
}

func (l *jobLease) SetRecord(_ context.Context, record map[string]any) error {
	l.record = record
	return nil
}

func (l *jobLease) Release(context.Context) error {
	l.released = true
	return nil
}

// noTask is told how to undo what a test made.
type noTask struct{}

func (noTask) Rollback(context.Context, task.Recovery) error         { return nil }
func (noTask) ReplaceRollbacks(context.Context, task.Recovery) error { return nil }

const mib = 1 << 20

// volume makes a volume of 1 MiB, in a new image or upon a parent.
func (f *fixture) volume(t testing.TB, format api.VolumeFormat, parent *sdm.Volume, change ...func(*volume.Spec)) sdm.Volume {
	t.Helper()
	s := volume.Spec{
		ID: volume.ID{Image: uuid.NewString(), Volume: uuid.NewString()}, Capacity: mib, Format: format,
		Allocation: api.VolumeAllocationSPARSE, DiskType: "DATA",
	}
	if parent != nil {
		s.Image, s.Parent = parent.ID.Image, parent.ID
	}
	for _, c := range change {
		c(&s)
	}
	must(t, f.volumes.Create(t.Context(), noTask{}, s))
	return sdm.Volume{Domain: f.id, ID: s.ID}
}

func (f *fixture) path(v sdm.Volume) string { return f.volumes.Path(v.ID) }

func (f *fixture) format(t testing.TB, v sdm.Volume) string {
	t.Helper()
	if f.metadata(t, v).Format == api.VolumeFormatCOW {
		return "qcow2"
	}
	return "raw"
}

// io runs commands of qemu-io on a volume.
func (f *fixture) io(t testing.TB, v sdm.Volume, commands ...string) {
	t.Helper()
	args := []string{"-f", f.format(t, v)}
	for _, c := range commands {
		args = append(args, "-c", c)
	}
	tool(t, "qemu-io", append(args, f.path(v))...)
}

func (f *fixture) metadata(t testing.TB, v sdm.Volume) volumemd.Volume {
	t.Helper()
	md, err := f.volumes.Metadata(t.Context(), v.ID)
	must(t, err)
	return md
}

// result waits for the end of a job that was started, and returns what became
// of it. Nothing stays locked.
func (f *fixture) result(t testing.TB, id api.UUID, err error) api.HostJobInfo {
	t.Helper()
	must(t, err)
	select {
	case <-f.end(id):
	case <-time.After(time.Minute):
		t.Fatal("the job does not end")
	}
	if held := f.locks.Held(); len(held) > 0 {
		t.Errorf("after the job %v is locked", held)
	}
	f.leases.mu.Lock()
	defer f.leases.mu.Unlock()
	if slices.ContainsFunc(f.leases.log, func(s string) bool { return s[0] == '+' }) && len(f.leases.log)%2 != 0 {
		t.Errorf("after the job leases are held: %v", f.leases.log)
	}
	return f.registry.Info("", nil)[id]
}

// done is result for a job that is to succeed.
func (f *fixture) done(t testing.TB, id api.UUID, err error) {
	t.Helper()
	if i := f.result(t, id, err); i.Status != api.HostJobStatusDone {
		t.Fatalf("%s: %s, %+v", i.Description, i.Status, i.Error)
	}
}

// fails is result for a job that is to fail.
func (f *fixture) fails(t testing.TB, id api.UUID, err error, code *api.Code, text string) {
	t.Helper()
	i := f.result(t, id, err)
	if i.Status != api.HostJobStatusFailed || i.Error == nil || i.Error.Code != int64(code.Number) ||
		text != "" && i.Error.Message != text {
		t.Errorf("%s: %s, %+v; want %d %s", i.Description, i.Status, i.Error, code.Number, text)
	}
}

func newID() api.UUID { return api.UUID(uuid.NewString()) }

// at is the volume if it has a generation.
func at(v sdm.Volume, generation uint64) sdm.Volume {
	v.Generation = &generation
	return v
}
