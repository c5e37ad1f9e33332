// SPDX-License-Identifier: GPL-2.0-or-later

package job

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"govdsm/api"
)

// Options configure a Registry.
type Options struct {
	// Keep is how long a job with Autodelete is kept after its end; below 0
	// it is kept for good. 0 means an hour.
	Keep time.Duration
	// Publish tells the world how a job ended.
	Publish func(api.HostJobInfo) error
	Log     *slog.Logger
}

// Registry holds the jobs. Its methods may be called at once.
type Registry struct {
	keep    time.Duration
	publish func(api.HostJobInfo) error
	log     *slog.Logger

	mu     sync.Mutex
	jobs   map[api.UUID]*Job
	timers map[*Job]*time.Timer
	closed bool
}

// NewRegistry returns a registry without jobs.
func NewRegistry(o Options) *Registry {
	if o.Keep == 0 {
		o.Keep = time.Hour
	}
	return &Registry{
		keep:    o.Keep,
		publish: o.Publish,
		log:     o.Log,
		jobs:    make(map[api.UUID]*Job),
		timers:  make(map[*Job]*time.Timer),
	}
}

// Close forgets to delete: no timer runs afterwards. Running jobs end by the
// context they were run with.
func (r *Registry) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, t := range r.timers {
		t.Stop()
	}
}

// Add adds a pending job. The error is ErrJobExists when the id is taken.
func (r *Registry) Add(s Spec) (*Job, error) {
	j := &Job{spec: s, registry: r, status: api.HostJobStatusPending}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.jobs[s.ID]; taken {
		return nil, api.ErrJobExists
	}
	r.jobs[s.ID] = j
	return j, nil
}

// Info returns the jobs of a type, "" for all types, whose id is in ids, or
// all when there are none.
func (r *Registry) Info(kind api.HostJobType, ids []api.UUID) api.HostJobInfoMap {
	infos := make(api.HostJobInfoMap)
	for _, j := range r.chosen(kind, ids) {
		infos[j.spec.ID] = j.Info()
	}
	return infos
}

func (r *Registry) chosen(kind api.HostJobType, ids []api.UUID) []*Job {
	wanted := make(map[api.UUID]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var jobs []*Job
	for id, j := range r.jobs {
		if (kind == "" || j.spec.Type == kind) && (len(ids) == 0 || wanted[id]) {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

func (r *Registry) find(id api.UUID) (*Job, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j, ok := r.jobs[id]; ok {
		return j, nil
	}
	return nil, api.ErrNoSuchJob
}

// Abort stops a job. Errors: ErrNoSuchJob, ErrJobNotActive for one that has
// ended, ErrAbortNotSupported.
func (r *Registry) Abort(ctx context.Context, id api.UUID) error {
	j, err := r.find(id)
	if err != nil {
		return err
	}
	ended, err := j.abort()
	if ended {
		r.ended(ctx, j)
	}
	return err
}

// Delete forgets a job that has ended. Errors: ErrNoSuchJob, ErrJobNotDone.
func (r *Registry) Delete(id api.UUID) error {
	j, err := r.find(id)
	if err != nil {
		return err
	}
	if j.active() {
		return api.ErrJobNotDone
	}
	r.forget(j)
	return nil
}

func (r *Registry) forget(j *Job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.timers[j]; t != nil {
		t.Stop()
		delete(r.timers, j)
	}
	if r.jobs[j.spec.ID] == j {
		delete(r.jobs, j.spec.ID)
	}
}

// ended publishes the job's end and sees to its deletion.
func (r *Registry) ended(ctx context.Context, j *Job) {
	if r.publish != nil {
		if err := r.publish(j.Info()); err != nil {
			r.log.ErrorContext(ctx, "job's end is not published", "job", j.spec.ID, "error", err)
		}
	}
	if !j.spec.Autodelete || r.keep < 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed && r.jobs[j.spec.ID] == j {
		r.timers[j] = time.AfterFunc(r.keep, func() { r.forget(j) })
	}
}
