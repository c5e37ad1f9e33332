// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/resource"
)

func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func newManager(t *testing.T, o Options) *Manager {
	m := NewManager(o)
	t.Cleanup(func() { m.Close(time.Minute) })
	return m
}

func newDir(t *testing.T) *outofprocess.Dir {
	pool := outofprocess.New(outofprocess.Options{})
	t.Cleanup(func() { pool.Close() })
	return pool.Dir(t.TempDir())
}

// undoing says what to call to undo a step.
func undoing(step string) Recovery {
	return Recovery{Name: "undo " + step, Module: "fileVolume", Object: "FileVolume", Function: "undo", Params: []string{step}}
}

// journal notes what was done and undone.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines)
}

func (j *journal) undo(_ context.Context, params []string) error {
	j.note("undo " + strings.Join(params, ","))
	return nil
}

func status(t *testing.T, m *Manager, id string) api.TaskStatus {
	t.Helper()
	task, err := m.Task(id)
	must(t, err)
	must(t, task.Wait(patient(t)))
	return task.Status()
}

func TestTaskSucceeds(t *testing.T) {
	t.Parallel()
	dir, locks := newDir(t), resource.New(0)
	m := newManager(t, Options{Locks: locks})
	var during string
	id, err := m.Schedule(t.Context(), Request{
		Verb: "createVolume", Tag: SPM, Store: NewStore(dir), Place: dir.Root(),
		Locks: []resource.Lock{resource.Shared(resource.Storage, "sd")},
		Work: func(ctx context.Context, task *Task) error {
			during = task.Status().Message + " " + strings.Join(locks.Held(), " ")
			if err := task.Rollback(ctx, undoing("a")); err != nil {
				return err
			}
			task.Return(map[string]string{"uuid": "35bf992d"})
			return nil
		},
	})
	must(t, err)
	got := status(t, m, id)
	want := api.TaskStatus{TaskID: api.UUID(id), TaskState: "finished", TaskResult: "success", Message: "1 jobs completed successfully"}
	if got != want {
		t.Errorf("%+v", got)
	}
	if during != "running job 1 of 1 00_storage.sd (shared)" || len(locks.Held()) > 0 {
		t.Errorf("while it ran: %q; after: %q", during, locks.Held())
	}
	text, err := os.ReadFile(filepath.Join(dir.Root(), id, id+".result"))
	if want := "code = 0\nmessage = 1 jobs completed successfully\nresult = {'uuid': '35bf992d'}\n"; err != nil || string(text) != want {
		t.Errorf("kept %q, %v", text, err)
	}
	must(t, m.Clear(t.Context(), id))
	if left, err := os.ReadDir(dir.Root()); err != nil || len(left) > 0 {
		t.Errorf("left after clearing: %v, %v", left, err)
	}
	if _, err := m.Task(id); err == nil || err.Error() != "Task id unknown: ('"+id+"',)" {
		t.Errorf("a cleared task: %v", err)
	}
}

func TestTaskFailsAndIsUndone(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	m := newManager(t, Options{})
	var j journal
	m.Register("fileVolume", "FileVolume", "undo", j.undo)
	id, err := m.Schedule(t.Context(), Request{Verb: "createVolume", Tag: SPM, Store: NewStore(dir), Work: func(ctx context.Context, task *Task) error {
		for _, step := range []string{"a", "b"} {
			if err := task.Rollback(ctx, undoing(step)); err != nil {
				return err
			}
		}
		return fmt.Errorf("creating: %w", api.ErrVolumeAlreadyExists.Of("2f21a15b"))
	}})
	must(t, err)
	got := status(t, m, id)
	want := api.TaskStatus{
		TaskID: api.UUID(id), TaskState: "finished", TaskResult: "cleanSuccess", Code: 212,
		Message: "value=Volume already exists: ('2f21a15b',) abortedcode=212",
	}
	if got != want {
		t.Errorf("%+v", got)
	}
	if lines := j.all(); !slices.Equal(lines, []string{"undo b", "undo a"}) {
		t.Errorf("undone %q", lines)
	}
}

func TestTaskThatCannotBeUndone(t *testing.T) {
	t.Parallel()
	m := newManager(t, Options{})
	id, err := m.Schedule(t.Context(), Request{Verb: "x", Tag: SPM, Work: func(ctx context.Context, task *Task) error {
		if err := task.Rollback(ctx, undoing("a")); err != nil {
			return err
		}
		return errors.New("some fault")
	}})
	must(t, err)
	if got := status(t, m, id); got.TaskResult != "cleanFailure" || got.Code != 100 || got.Message != "value=some fault abortedcode=100" {
		t.Errorf("%+v", got)
	}
}

func TestReplaceRollbacks(t *testing.T) {
	t.Parallel()
	m := newManager(t, Options{})
	var j journal
	m.Register("fileVolume", "FileVolume", "undo", j.undo)
	sentinel := undoing("start")
	sentinel.Name = RollbackSentinel
	id, err := m.Schedule(t.Context(), Request{Verb: "x", Tag: SPM, Work: func(ctx context.Context, task *Task) error {
		return errors.Join(task.Rollback(ctx, undoing("image")), task.Rollback(ctx, sentinel),
			task.Rollback(ctx, undoing("data")), task.ReplaceRollbacks(ctx, undoing("volume")))
	}})
	must(t, err)
	if got := status(t, m, id); got.TaskResult != "success" {
		t.Errorf("%+v", got)
	}
	task, err := m.Task(id)
	must(t, err)
	must(t, task.Revert(t.Context()))
	if got := j.all(); !slices.Equal(got, []string{"undo volume", "undo image"}) {
		t.Errorf("undone %q", got)
	}
	if got := task.Status(); got.TaskResult != "cleanSuccess" {
		t.Errorf("%+v", got)
	}
	if err := task.Revert(t.Context()); !errors.Is(err, api.ErrTaskState) {
		t.Errorf("reverted twice: %v", err)
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	m := newManager(t, Options{Workers: 1, Queue: 1})
	began := make(chan struct{})
	waits := func(ctx context.Context, _ *Task) error {
		close(began)
		<-ctx.Done()
		return nil
	}
	running, err := m.Schedule(t.Context(), Request{Verb: "x", Tag: HSM, Work: waits})
	must(t, err)
	<-began
	waiting, err := m.Schedule(t.Context(), Request{Verb: "y", Tag: HSM, Work: func(context.Context, *Task) error { return errors.New("ran") }})
	must(t, err)
	dir := newDir(t)
	_, err = m.Schedule(t.Context(), Request{Verb: "z", Tag: SPM, Store: NewStore(dir), Work: waits})
	if !errors.Is(err, api.ErrAddTask) {
		t.Errorf("one too many: %v", err)
	}
	if left, _ := os.ReadDir(dir.Root()); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
	task, err := m.Task(running)
	must(t, err)
	if err := m.Clear(t.Context(), running); !errors.Is(err, api.ErrTaskState) {
		t.Errorf("clearing a running task: %v", err)
	}
	if err := task.Revert(t.Context()); !errors.Is(err, api.ErrTaskNotFinished) {
		t.Errorf("reverting a running task: %v", err)
	}
	second, err := m.Task(waiting)
	must(t, err)
	second.Stop()
	task.Stop()
	for _, id := range []string{running, waiting} {
		if got := status(t, m, id); got.TaskResult != "cleanSuccess" || got.Message != "value=shutting down abortedcode=411" {
			t.Errorf("%+v", got)
		}
	}
}

// mortal is a folder whose owner dies: after some calls nothing is done.
type mortal struct {
	Dir
	mu   sync.Mutex
	left int
	err  error
}

func (d *mortal) live() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left--; d.left < 0 {
		return d.err
	}
	return nil
}

func (d *mortal) WriteFiles(ctx context.Context, folder string, files []outofprocess.NewFile) error {
	for _, f := range files { // each is a write
		if err := d.live(); err != nil {
			return err
		}
		if err := d.Dir.WriteFiles(ctx, folder, []outofprocess.NewFile{f}); err != nil {
			return err
		}
	}
	return nil
}

func (d *mortal) MakeFolder(ctx context.Context, folder string, perm fs.FileMode, files []outofprocess.NewFile) error {
	for n := range files {
		if err := d.live(); err != nil {
			return errors.Join(err, d.Dir.MakeFolder(ctx, folder, perm, files[:n]))
		}
	}
	if err := d.live(); err != nil {
		return err
	}
	return d.Dir.MakeFolder(ctx, folder, perm, files)
}

func (d *mortal) Rename(ctx context.Context, from, to string) error {
	if err := d.live(); err != nil {
		return err
	}
	return d.Dir.Rename(ctx, from, to)
}

func (d *mortal) RemoveTree(ctx context.Context, name string) error {
	if err := d.live(); err != nil {
		return err
	}
	return d.Dir.RemoveTree(ctx, name)
}

// moving is the folder of the tasks while another domain becomes the master.
type moving struct{ Dir }

// The master changes while a task runs: what was written since its files were
// copied is not on the new one, but the next save puts all of it there.
func TestMasterChanges(t *testing.T) {
	t.Parallel()
	old, next := newDir(t), newDir(t)
	dir := &moving{Dir: old}
	m := newManager(t, Options{})
	id, err := m.Schedule(t.Context(), Request{Verb: "createVolume", Tag: SPM, Store: NewStore(dir), Work: func(ctx context.Context, task *Task) error {
		if err := task.Rollback(ctx, undoing("a")); err != nil {
			return err
		}
		if err := os.CopyFS(next.Root(), os.DirFS(old.Root())); err != nil {
			return err
		}
		if err := task.Rollback(ctx, undoing("b")); err != nil {
			return err
		}
		dir.Dir = next
		return task.Rollback(ctx, undoing("c"))
	}})
	must(t, err)
	status(t, m, id)
	r, err := NewStore(next).Load(t.Context(), id)
	if err != nil || len(r.Recoveries) != 3 || r.State != Finished {
		t.Errorf("%+v, %v", r, err)
	}
}

// The process ends at each write of a task in turn; the next one undoes all
// that was done, and only then.
func TestKilledAtEachWrite(t *testing.T) {
	t.Parallel()
	errKilled := errors.New("killed")
	for n := 0; ; n++ {
		dir := newDir(t)
		dying := &mortal{Dir: dir, left: n, err: errKilled}
		first := NewManager(Options{})
		first.again = nil
		var did journal
		id, err := first.Schedule(t.Context(), Request{Verb: "createVolume", Tag: SPM, Store: NewStore(dying), Work: func(ctx context.Context, task *Task) error {
			for _, step := range []string{"a", "b"} {
				if err := task.Rollback(ctx, undoing(step)); err != nil {
					return err
				}
				if err := dying.live(); err != nil { // the step itself
					return err
				}
				did.note(step)
			}
			return nil
		}})
		if err == nil {
			status(t, first, id)
		}
		first.Close(time.Minute)

		var undid journal
		second := newManager(t, Options{})
		second.Register("fileVolume", "FileVolume", "undo", undid.undo)
		must(t, second.Recover(t.Context(), NewStore(dir)))
		tasks := second.Tasks("")
		if len(tasks) > 1 {
			t.Fatalf("after %d writes: %d tasks", n, len(tasks))
		}
		finished := false
		for _, task := range tasks {
			got := status(t, second, task.ID())
			finished = got.TaskResult == "success"
			if !finished && got.TaskResult != "cleanSuccess" {
				t.Errorf("after %d writes: %+v", n, got)
			}
			must(t, second.Clear(t.Context(), task.ID()))
		}
		undone := undid.all()
		for _, step := range did.all() {
			if slices.Contains(undone, "undo "+step) == finished {
				t.Errorf("after %d writes: did %q, undid %q, finished: %v", n, did.all(), undone, finished)
			}
		}
		dying.mu.Lock()
		survived := dying.left >= 0
		dying.mu.Unlock()
		if survived {
			if !finished {
				t.Error("a task that nobody disturbed did not finish")
			}
			t.Logf("killed at %d writes", n)
			return
		}
	}
}

// On a full disk a task does not begin, or is undone.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	m := newManager(t, Options{})
	full := &mortal{Dir: dir, err: syscall.ENOSPC}
	_, err := m.Schedule(t.Context(), Request{Verb: "x", Tag: SPM, Store: NewStore(full), Work: func(context.Context, *Task) error {
		t.Error("it began")
		return nil
	}})
	if !errors.Is(err, api.ErrTaskPersist) || !errors.Is(err, syscall.ENOSPC) || len(m.Tasks("")) > 0 {
		t.Errorf("%v", err)
	}
	id, err := m.Schedule(t.Context(), Request{Verb: "x", Tag: SPM, Store: NewStore(dir), Work: func(ctx context.Context, task *Task) error {
		task.store = NewStore(full)
		if err := task.Rollback(ctx, undoing("a")); err != nil {
			return err
		}
		t.Error("the step was carried out")
		return nil
	}})
	must(t, err)
	m.Register("fileVolume", "FileVolume", "undo", new(journal).undo)
	if got := status(t, m, id); got.Code != int64(api.ErrTaskPersist.Number) || got.TaskResult != "cleanSuccess" {
		t.Errorf("%+v", got)
	}
}

// An end that cannot be kept is none: what was done is undone, since the pool's
// next manager would do that.
func TestEndNotKept(t *testing.T) {
	t.Parallel()
	dir, done := newDir(t), new(journal)
	m := newManager(t, Options{})
	m.Register("fileVolume", "FileVolume", "undo", done.undo)
	id, err := m.Schedule(t.Context(), Request{Verb: "x", Tag: SPM, Store: NewStore(dir), Work: func(ctx context.Context, task *Task) error {
		if err := task.Rollback(ctx, undoing("a")); err != nil {
			return err
		}
		task.store = NewStore(&mortal{Dir: dir, err: syscall.ENOSPC})
		return nil
	}})
	must(t, err)
	if got := status(t, m, id); got.Code != int64(api.ErrTaskPersist.Number) || got.TaskResult != "cleanSuccess" {
		t.Errorf("%+v", got)
	}
	if len(done.all()) != 1 {
		t.Errorf("undone: %q", done.all())
	}
}

func TestUnload(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	m := newManager(t, Options{})
	id, err := m.Schedule(t.Context(), Request{Verb: "x", Tag: SPM, Store: NewStore(dir), Work: func(ctx context.Context, _ *Task) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}})
	must(t, err)
	must(t, m.Unload(patient(t), SPM))
	if len(m.Tasks("")) > 0 {
		t.Error("it is still there")
	}
	must(t, m.Recover(t.Context(), NewStore(dir)))
	if got := status(t, m, id); got.TaskResult != "cleanSuccess" {
		t.Errorf("%+v", got)
	}
}
