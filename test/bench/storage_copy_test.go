// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/job"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/sdm"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
)

// BenchmarkStorageCopy compares the job SDM.copy_data of a sparse image of
// 1 GiB, of which a quarter holds data, with the qemu-img convert that it runs,
// in turns: the same flags, and behind all other work, as the job runs it.
func BenchmarkStorageCopy(b *testing.B) {
	copyVolumes(b, 1<<30, number(b, "BENCH_COPIES", 7)).report(b)
}

func copyVolumes(tb testing.TB, size int64, pairs int) figures {
	s := newCopying(tb)
	source := s.volume(tb, size)
	fillSparsely(tb, s.volumes.Path(source.ID), size)
	copied := s.volume(tb, size)
	bare := filepath.Join(tb.TempDir(), "bare")
	f := figures{}
	var ours, theirs []float64
	for i := range pairs + 1 {
		began := time.Now()
		s.copy(tb, source, copied)
		a := time.Since(began)
		began = time.Now()
		convert := exec.CommandContext(tb.Context(), "nice", "-n", "19", "ionice", "-c", "3", "qemu-img", "convert",
			"-p", "-t", "none", "-T", "none", "-f", "raw", "-O", "raw", s.volumes.Path(source.ID), bare)
		if out, err := convert.CombinedOutput(); err != nil {
			tb.Fatalf("%v: %s", err, out)
		}
		if i > 0 { // the first one finds caches empty
			ours, theirs = append(ours, ms(a)), append(theirs, ms(time.Since(began)))
		}
	}
	f.add("SDM.copy_data-ms", target{}, ours...)
	f.add("qemu-img-convert-ms", target{}, theirs...)
	f.add("copy-ratio", atMost(1.1), median(ours)/median(theirs))
	return f
}

// fillSparsely writes the first MiB of every four.
func fillSparsely(tb testing.TB, path string, size int64) {
	tb.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		tb.Fatal(err)
	}
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(i%251) + 1
	}
	for at := int64(0); at < size; at += 4 << 20 {
		if _, err := file.WriteAt(data, at); err != nil {
			tb.Fatal(err)
		}
	}
	if err := file.Sync(); err != nil {
		tb.Fatal(err)
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
}

// copying is jobs on a domain in a local folder.
type copying struct {
	jobs    *sdm.Jobs
	id      string
	volumes *volume.Volumes
	ended   chan api.HostJobInfo
}

func newCopying(tb testing.TB) *copying {
	tb.Helper()
	top := tb.TempDir()
	io := outofprocess.New(outofprocess.Options{})
	folder, mount := filepath.Join(top, "data"), filepath.Join(top, "dc/mnt/_data")
	for _, dir := range []string{folder, filepath.Dir(mount)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	if err := os.Symlink(folder, mount); err != nil {
		tb.Fatal(err)
	}
	d, err := domain.NewRepository(domain.Options{Path: filepath.Join(top, "dc"), IO: io}).Create(tb.Context(), domain.Spec{
		ID: uuid.NewString(), Name: "data", Type: domainmd.LocalFS, Class: domainmd.Data, Version: domainmd.Version5,
		RemotePath: folder, MountPoint: mount, MaxHosts: 250,
	})
	if err != nil {
		tb.Fatal(err)
	}
	c := &copying{id: d.ID(), ended: make(chan api.HostJobInfo, 1)}
	qemuImg := qemuimg.New(qemuimg.Options{})
	c.volumes = volume.New(volume.Options{Domain: d, QemuImg: qemuImg, Repository: filepath.Join(top, "dc"), Run: filepath.Join(top, "run")})
	registry := job.NewRegistry(job.Options{
		Log:     slog.New(slog.DiscardHandler),
		Publish: func(i api.HostJobInfo) error { c.ended <- i; return nil },
	})
	c.jobs = sdm.New(sdm.Options{Storage: c, Locks: resource.New(time.Minute), Registry: registry, QemuImg: qemuImg})
	tb.Cleanup(func() {
		c.jobs.Close()
		registry.Close()
		if err := io.Close(); err != nil {
			tb.Error(err)
		}
	})
	return c
}

// Domain, HostID and AcquireJobLease implement sdm.Storage.
func (c *copying) Domain(context.Context, string) (*sdm.Domain, error) {
	return &sdm.Domain{Volumes: c.volumes, Version: 5}, nil
}

func (c *copying) HostID() (int, error) { return 1, nil }

func (c *copying) AcquireJobLease(context.Context, int, string, string) (sdm.JobLease, error) {
	return nil, api.ErrNoSuchLease
}

// noTask is told how to undo what a benchmark made.
type noTask struct{}

func (noTask) Rollback(context.Context, task.Recovery) error         { return nil }
func (noTask) ReplaceRollbacks(context.Context, task.Recovery) error { return nil }

func (c *copying) volume(tb testing.TB, size int64) sdm.Volume {
	tb.Helper()
	s := volume.Spec{
		ID: volume.ID{Image: uuid.NewString(), Volume: uuid.NewString()}, Capacity: size,
		Format: api.VolumeFormatRAW, Allocation: api.VolumeAllocationSPARSE, DiskType: "DATA",
	}
	if err := c.volumes.Create(tb.Context(), noTask{}, s); err != nil {
		tb.Fatal(err)
	}
	return sdm.Volume{Domain: c.id, ID: s.ID}
}

func (c *copying) copy(tb testing.TB, source, target sdm.Volume) {
	tb.Helper()
	err := c.jobs.Copy(tb.Context(), api.UUID(uuid.NewString()), sdm.Endpoint{Volume: source}, sdm.Endpoint{Volume: target}, false)
	if err != nil {
		tb.Fatal(err)
	}
	if i := <-c.ended; i.Status != api.HostJobStatusDone {
		tb.Fatalf("%+v", i.Error)
	}
}
