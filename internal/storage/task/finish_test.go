// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"context"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"govdsm/api"
)

// slow is a folder that asks before it keeps the end of a task.
type slow struct {
	Dir
	asks chan chan error
}

func (d *slow) WriteFile(ctx context.Context, name string, data []byte) error {
	if strings.HasSuffix(name, ".result") {
		answer := make(chan error)
		d.asks <- answer
		if err := <-answer; err != nil {
			return err
		}
	}
	return d.Dir.WriteFile(ctx, name, data)
}

// Nobody is told that a task has succeeded before that is kept: whoever finds
// the task unfinished undoes what the manager by then relies on.
func TestSuccessIsKeptBeforeItIsTold(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	at := &slow{dir, make(chan chan error)}
	m := newManager(t, Options{})
	m.again = []time.Duration{0}
	var did journal
	m.Register("fileVolume", "FileVolume", "undo", did.undo)
	schedule := func() string {
		id, err := m.Schedule(t.Context(), Request{Verb: "createVolume", Tag: SPM, Store: NewStore(at), Work: func(ctx context.Context, task *Task) error {
			return task.Rollback(ctx, undoing("a"))
		}})
		must(t, err)
		return id
	}
	id := schedule()
	answer := <-at.asks
	if task, _ := m.Task(id); task.State() != Running || task.Status().TaskState != "running" {
		t.Errorf("told before it is kept: %+v", task.Status())
	}
	answer <- syscall.EAGAIN // it is tried again
	answer = <-at.asks
	answer <- nil
	if got := status(t, m, id); got.TaskResult != "success" {
		t.Errorf("%+v", got)
	}
	if kept, err := NewStore(dir).Load(t.Context(), id); err != nil || kept.State != Finished {
		t.Errorf("kept: %+v, %v", kept, err)
	}
	if undone := did.all(); len(undone) > 0 {
		t.Errorf("undone: %q", undone)
	}

	id = schedule() // this one cannot be kept at all
	var refusing sync.WaitGroup
	refusing.Go(func() {
		for range 2 {
			answer := <-at.asks
			answer <- syscall.EIO
		}
	})
	if got := status(t, m, id); got.TaskResult != "cleanSuccess" || got.Code != int64(api.ErrTaskPersist.Number) {
		t.Errorf("%+v", got)
	}
	refusing.Wait()
	if undone := did.all(); len(undone) != 1 {
		t.Errorf("undone: %q", undone)
	}
}
