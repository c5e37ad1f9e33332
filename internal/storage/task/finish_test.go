// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/outofprocess"
)

// slow is a folder that asks before it keeps the end of a task.
type slow struct {
	Dir
	asks chan chan error
}

func (d *slow) WriteFiles(ctx context.Context, folder string, files []outofprocess.NewFile) error {
	if err := d.ask(files); err != nil {
		return err
	}
	return d.Dir.WriteFiles(ctx, folder, files)
}

func (d *slow) MakeFolder(ctx context.Context, folder string, perm fs.FileMode, files []outofprocess.NewFile) error {
	if err := d.ask(files); err != nil {
		return err
	}
	return d.Dir.MakeFolder(ctx, folder, perm, files)
}

func (d *slow) ask(files []outofprocess.NewFile) error {
	if !slices.ContainsFunc(files, func(f outofprocess.NewFile) bool { return strings.HasSuffix(f.Name, ".result") }) {
		return nil
	}
	answer := make(chan error)
	d.asks <- answer
	return <-answer
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
