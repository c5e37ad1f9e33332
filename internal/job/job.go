// SPDX-License-Identifier: GPL-2.0-or-later

// Package job keeps the host's jobs: long operations that a manager starts with
// a verb that returns at once, and then follows by id, by polling Host.getJobs
// and by the event |jobs|status|. Jobs live in memory only; a manager that
// misses one after a restart looks at what the job was to do.
package job

import (
	"context"
	"errors"
	"sync"

	"govdsm/api"
)

// Spec describes a job to be added.
type Spec struct {
	ID          api.UUID // chosen by the manager
	Type        api.HostJobType
	Description string
	// Autodelete makes the job forgotten a while after its end.
	Autodelete bool
	// Progress returns the percentage done, if that is known yet; nil for jobs
	// that cannot tell. It is called while others wait for the list of jobs: it
	// must not block.
	Progress func() (percent uint64, known bool)
	// Run does the work. Its context ends when the job is aborted; it shall
	// then return soon.
	Run func(context.Context) error
	// Unstoppable jobs refuse to be aborted once they run.
	Unstoppable bool
}

// Job is one operation. Its methods may be called at once.
type Job struct {
	spec     Spec
	registry *Registry

	mu     sync.Mutex // never held while calling out
	status api.HostJobStatus
	err    *api.ErrorInfo
	cancel context.CancelFunc // while running
}

// Info returns the job as a client sees it.
func (j *Job) Info() api.HostJobInfo {
	j.mu.Lock()
	info := api.HostJobInfo{
		ID:          j.spec.ID,
		Status:      j.status,
		Description: j.spec.Description,
		JobType:     j.spec.Type,
		Error:       j.err,
	}
	j.mu.Unlock()
	if j.spec.Progress != nil {
		if percent, known := j.spec.Progress(); known {
			info.Progress = new(percent)
		}
	}
	return info
}

// active reports whether the job has yet to end by itself. A job that is being
// aborted is not: it may be forgotten.
func (j *Job) active() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.status == api.HostJobStatusPending || j.status == api.HostJobStatusRunning
}

// Run carries the job out in the caller's goroutine and publishes how it ended.
// A job that was aborted before does nothing. Run must be called once.
func (j *Job) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !j.begin(cancel) {
		return
	}
	log := j.registry.log
	err := j.spec.Run(ctx)
	status := j.end(err)
	if status == api.HostJobStatusFailed {
		log.ErrorContext(ctx, "job failed", "job", j.spec.ID, "description", j.spec.Description, "error", err)
	} else {
		log.InfoContext(ctx, "job ended", "job", j.spec.ID, "status", status)
	}
	j.registry.ended(ctx, j)
}

func (j *Job) begin(cancel context.CancelFunc) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.status != api.HostJobStatusPending {
		return false
	}
	j.status, j.cancel = api.HostJobStatusRunning, cancel
	return true
}

// end settles the status. A job that was being aborted is aborted unless it
// came to its end all the same.
func (j *Job) end(err error) api.HostJobStatus {
	j.mu.Lock()
	defer j.mu.Unlock()
	aborting := j.status == api.HostJobStatusAborting
	switch {
	case err == nil:
		j.status = api.HostJobStatusDone
	case aborting:
		j.status = api.HostJobStatusAborted
	default:
		j.status = api.HostJobStatusFailed
	}
	if err != nil && !(aborting && errors.Is(err, context.Canceled)) {
		j.err = errorInfo(err)
	}
	j.cancel = nil
	return j.status
}

// errorInfo finds the code in an error; one without is a general exception.
func errorInfo(err error) *api.ErrorInfo {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return &api.ErrorInfo{Code: int64(e.Number), Message: e.Error()}
	}
	if c, ok := errors.AsType[*api.Code](err); ok {
		return &api.ErrorInfo{Code: int64(c.Number), Message: c.Error()}
	}
	return &api.ErrorInfo{Code: int64(api.ErrGeneral.Number), Message: api.ErrGeneral.Of(err.Error()).Error()}
}

// abort stops the job. A pending one is aborted at once; a running one is told
// to stop, again if it was told before.
func (j *Job) abort() (ended bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch j.status {
	case api.HostJobStatusPending:
		j.status = api.HostJobStatusAborted
		return true, nil
	case api.HostJobStatusRunning, api.HostJobStatusAborting:
		if j.spec.Unstoppable {
			return false, api.ErrAbortNotSupported
		}
		j.status = api.HostJobStatusAborting
		j.cancel()
		return false, nil
	default:
		return false, api.ErrJobNotActive
	}
}
