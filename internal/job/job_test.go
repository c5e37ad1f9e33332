// SPDX-License-Identifier: GPL-2.0-or-later

package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"govdsm/api"
	"govdsm/internal/job"
)

// registry returns a registry and the list of what it publishes.
func registry(t *testing.T) (*job.Registry, *[]api.HostJobInfo) {
	t.Helper()
	var mu sync.Mutex
	var published []api.HostJobInfo
	r := job.NewRegistry(job.Options{
		Log: slog.New(slog.DiscardHandler),
		Publish: func(i api.HostJobInfo) error {
			mu.Lock()
			defer mu.Unlock()
			published = append(published, i)
			return nil
		},
	})
	t.Cleanup(r.Close)
	return r, &published
}

func add(t *testing.T, r *job.Registry, s job.Spec) *job.Job {
	t.Helper()
	if s.ID == "" {
		s.ID = "1"
	}
	j, err := r.Add(s)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestLife(t *testing.T) {
	t.Parallel()
	r, published := registry(t)
	var j *job.Job
	j = add(t, r, job.Spec{
		Type: api.HostJobTypeStorage, Description: "copy_data",
		Progress: func() (uint64, bool) { return 40, true },
		Run: func(context.Context) error {
			if s := j.Info().Status; s != api.HostJobStatusRunning {
				t.Errorf("while it runs it is %s", s)
			}
			if err := r.Delete("1"); !errors.Is(err, api.ErrJobNotDone) {
				t.Errorf("deleting it while it runs: %v", err)
			}
			return nil
		},
	})
	if s := j.Info().Status; s != api.HostJobStatusPending {
		t.Errorf("before it runs it is %s", s)
	}
	j.Run(t.Context())
	text, _ := json.Marshal(r.Info("", nil))
	want := `{"1":{"progress":40,"id":"1","status":"done","description":"copy_data","job_type":"storage"}}`
	if string(text) != want {
		t.Errorf("%s, want %s", text, want)
	}
	if len(*published) != 1 || (*published)[0].Status != api.HostJobStatusDone {
		t.Errorf("published %+v", *published)
	}
	if err := r.Delete("1"); err != nil || len(r.Info("", nil)) != 0 {
		t.Errorf("deleted: %v, %v", err, r.Info("", nil))
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]api.ErrorInfo{
		fmt.Errorf("copying: %w", api.ErrNoSuchVM.With("vmId", "x")): {Code: 1, Message: "Virtual machine does not exist: {'vmId': 'x'}"},
		fmt.Errorf("copying: %w", api.ErrResourceUnavailable):        {Code: 40, Message: "Resource unavailable"},
		errors.New("it broke"): {Code: 100, Message: "General Exception: ('it broke',)"},
	} {
		r, published := registry(t)
		j := add(t, r, job.Spec{Run: func(context.Context) error { return err }})
		j.Run(t.Context())
		got := j.Info()
		if got.Status != api.HostJobStatusFailed || got.Error == nil || *got.Error != want {
			t.Errorf("%v: %s, %+v", err, got.Status, got.Error)
		}
		if len(*published) != 1 {
			t.Errorf("%v: published %+v", err, *published)
		}
	}
}

func TestAbort(t *testing.T) {
	t.Parallel()
	r, published := registry(t)
	started := make(chan struct{})
	j := add(t, r, job.Spec{Run: func(ctx context.Context) error {
		close(started)
		<-ctx.Done()
		return ctx.Err()
	}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		j.Run(context.Background())
	}()
	<-started
	for range 2 { // the second one is told to stop again
		if err := r.Abort(t.Context(), "1"); err != nil {
			t.Error(err)
		}
	}
	<-done
	if got := j.Info(); got.Status != api.HostJobStatusAborted || got.Error != nil {
		t.Errorf("%+v", got)
	}
	if err := r.Abort(t.Context(), "1"); !errors.Is(err, api.ErrJobNotActive) {
		t.Errorf("aborting it again: %v", err)
	}
	if len(*published) != 1 {
		t.Errorf("published %+v", *published)
	}
}

func TestAbortedBeforeItRan(t *testing.T) {
	t.Parallel()
	r, published := registry(t)
	j := add(t, r, job.Spec{Run: func(context.Context) error {
		t.Error("it ran")
		return nil
	}})
	if err := r.Abort(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	j.Run(t.Context())
	if j.Info().Status != api.HostJobStatusAborted || len(*published) != 1 {
		t.Errorf("%+v, published %v", j.Info(), *published)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	r, _ := registry(t)
	started, let := make(chan struct{}), make(chan struct{})
	j := add(t, r, job.Spec{Unstoppable: true, Run: func(context.Context) error {
		close(started)
		<-let
		return nil
	}})
	if _, err := r.Add(job.Spec{ID: "1"}); !errors.Is(err, api.ErrJobExists) {
		t.Errorf("adding it twice: %v", err)
	}
	if err := r.Abort(t.Context(), "2"); !errors.Is(err, api.ErrNoSuchJob) {
		t.Errorf("aborting another: %v", err)
	}
	if err := r.Delete("2"); !errors.Is(err, api.ErrNoSuchJob) {
		t.Errorf("deleting another: %v", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		j.Run(context.Background())
	}()
	<-started
	if err := r.Abort(t.Context(), "1"); !errors.Is(err, api.ErrAbortNotSupported) {
		t.Errorf("aborting the unstoppable: %v", err)
	}
	close(let)
	<-done
}

func TestChoice(t *testing.T) {
	t.Parallel()
	r, _ := registry(t)
	add(t, r, job.Spec{ID: "1", Type: api.HostJobTypeStorage})
	add(t, r, job.Spec{ID: "2", Type: api.HostJobTypeVirt})
	add(t, r, job.Spec{ID: "3", Type: api.HostJobTypeVirt})
	for _, c := range []struct {
		kind api.HostJobType
		ids  []api.UUID
		want int
	}{{"", nil, 3}, {"virt", nil, 2}, {"virt", []api.UUID{"1", "2"}, 1}, {"", []api.UUID{"1", "9"}, 1}, {"v2v", nil, 0}} {
		if got := r.Info(c.kind, c.ids); len(got) != c.want {
			t.Errorf("%q %v: %v", c.kind, c.ids, got)
		}
	}
}

func TestAutodelete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, _ := registry(t)
		nothing := func(context.Context) error { return nil }
		add(t, r, job.Spec{ID: "kept", Run: nothing}).Run(t.Context())
		add(t, r, job.Spec{ID: "gone", Run: nothing, Autodelete: true}).Run(t.Context())
		time.Sleep(time.Hour - time.Second)
		if len(r.Info("", nil)) != 2 {
			t.Error("forgotten too early")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := r.Info("", nil); len(got) != 1 || got["kept"].ID != "kept" {
			t.Errorf("%v", got)
		}
	})
}
