// SPDX-License-Identifier: GPL-2.0-or-later

// Package sdm does the jobs on volumes that a manager starts on any host: to
// copy, merge, amend and sparsify, to change attributes and bitmaps.
//
// A job holds the image on this host and the lease of the volume that it
// writes against other hosts. It writes a new generation into the volume when
// all went well, and only then: a manager that has lost sight of a job sees by
// it whether the job was done. A volume that is being filled is illegal
// meanwhile.
//
// Jobs are in memory only. One that was killed has left an illegal volume, or
// an old generation, or both.
//
// Source: lib/vdsm/storage/sdm/*.py, sdm/api/*.py, merge.py, bitmaps.py.
package sdm

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"govdsm/api"
	"govdsm/internal/job"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/volume"
)

// Domain is a domain as jobs see it.
type Domain struct {
	Volumes *volume.Volumes
	Version int
	Kind    string // as errors call its type: NFS, LOCALFS
	Leases  Leases // nil in a domain whose volumes have none
}

// Leases are the leases of a domain. clusterlock.Sanlock has them.
type Leases interface {
	Acquire(ctx context.Context, hostID int, l clusterlock.Lease) error
	Release(ctx context.Context, l clusterlock.Lease) error
}

// JobLease is an external lease that this host holds, with the record of a job.
type JobLease interface {
	// Record returns the record, nil if there is none.
	Record(ctx context.Context) (map[string]any, error)
	SetRecord(ctx context.Context, record map[string]any) error
	Release(ctx context.Context) error
}

// Storage is what jobs need of the pillar.
type Storage interface {
	// Domain opens a domain.
	Domain(ctx context.Context, id string) (*Domain, error)
	// HostID is this host's in the pool that it is connected to.
	HostID() (int, error)
	// AcquireJobLease takes an external lease.
	AcquireJobLease(ctx context.Context, hostID int, domain, lease string) (JobLease, error)
}

// QemuImg is what is needed of qemu-img. qemuimg.Runner has it.
type QemuImg interface {
	Convert(ctx context.Context, o qemuimg.Convert, progress func(percent float64)) error
	Commit(ctx context.Context, top string, format qemuimg.Format, base string, progress func(percent float64)) error
	Amend(ctx context.Context, image, compat string) error
	Info(ctx context.Context, image string, o qemuimg.InfoOptions) (*qemuimg.Info, error)
	AddBitmap(ctx context.Context, image, name string, enabled bool, granularity int64) error
	RemoveBitmap(ctx context.Context, image, name string) error
	MergeBitmap(ctx context.Context, source, sourceBitmap string, format qemuimg.Format, target, targetBitmap string) error
}

// Options configure Jobs.
type Options struct {
	Storage  Storage
	Locks    *resource.Locks
	Registry *job.Registry
	QemuImg  QemuImg
	Sparsify string // the program; default /usr/bin/virt-sparsify
	// HardwareID is this host's, for records in leases.
	HardwareID func() string
	Log        *slog.Logger
}

// Jobs starts jobs and owns those that run.
type Jobs struct {
	o     Options
	slots chan struct{} // one for each job that may run

	ctx    context.Context // ends all jobs
	cancel context.CancelCauseFunc
	mu     sync.Mutex // a job is not added while it is being closed
	all    sync.WaitGroup
}

// atOnce is how many jobs run at the same time, as many as the original's pool
// of threads has. Others are pending.
const atOnce = 10

// New returns Jobs. They can be started at once; Close ends them.
func New(o Options) *Jobs {
	o.Sparsify = cmp.Or(o.Sparsify, "/usr/bin/virt-sparsify")
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	j := &Jobs{o: o, slots: make(chan struct{}, atOnce)}
	j.ctx, j.cancel = context.WithCancelCause(context.Background())
	return j
}

// Close stops all jobs and waits for their ends. Later ones are refused.
func (j *Jobs) Close() {
	j.mu.Lock()
	j.cancel(context.Canceled)
	j.mu.Unlock()
	j.all.Wait()
}

// progress is how far a job is.
type progress struct{ percent atomic.Int64 } // -1: not known

func (p *progress) set(percent float64) { p.percent.Store(int64(percent)) }

func (p *progress) get() (percent uint64, known bool) {
	n := p.percent.Load()
	return uint64(max(n, 0)), n >= 0
}

// start adds a job and runs it when it is its turn.
func (j *Jobs) start(ctx context.Context, id api.UUID, description string, run func(context.Context, *progress) error) error {
	p := new(progress)
	p.percent.Store(-1)
	spec := job.Spec{
		ID: id, Type: api.HostJobTypeStorage, Description: description, Autodelete: true, Progress: p.get,
		Run: func(ctx context.Context) error { return run(ctx, p) },
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ctx.Err() != nil {
		return context.Cause(j.ctx)
	}
	added, err := j.o.Registry.Add(spec)
	if err != nil {
		return err
	}
	// The job outlives the call, of which it keeps the flow id.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(j.ctx, cancel)
	j.all.Go(func() {
		defer cancel()
		defer stop()
		select {
		case j.slots <- struct{}{}:
			defer func() { <-j.slots }()
		case <-ctx.Done(): // it runs, and finds that out
		}
		added.Run(ctx)
	})
	return nil
}
