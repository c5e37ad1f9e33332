// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"context"
	"fmt"
	"sync"

	"govdsm/api"
	"govdsm/internal/storage/resource"
)

// Task is a task of this host. Its methods may be called at once.
type Task struct {
	id, tag string
	manager *Manager
	store   *Store // nil: in memory only
	ctx     context.Context
	work    Work
	locks   []resource.Lock
	release func() // gives the locks back
	turn    func() // what the worker does

	saving sync.Mutex // one save at a time, in the order of the changes
	kept   *Record    // what is kept in root, under saving; nil when that is not known
	root   string

	mu      sync.Mutex
	record  *Record
	value   any           // of Return
	stopped bool          // by Stop
	cancel  func()        // ends the work; nil while there is none
	done    chan struct{} // closed when it has ended
}

func newTask(m *Manager, r *Record, s *Store) *Task {
	return &Task{
		id: r.ID, tag: r.Tag, manager: m, store: s, record: r,
		ctx: m.ctx, release: func() {}, done: make(chan struct{}),
	}
}

// ID returns the id that managers know.
func (t *Task) ID() string { return t.id }

// Verb returns the name of what began the task.
func (t *Task) Verb() string { return t.record.Name }

// State returns where the task is in its life.
func (t *Task) State() State {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.record.State
}

// Record returns a copy of what is kept of the task.
func (t *Task) Record() Record {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.copy()
}

func (t *Task) copy() Record {
	r := *t.record
	r.Jobs = append([]Job(nil), r.Jobs...)
	r.Recoveries = append([]Recovery(nil), r.Recoveries...)
	return r
}

// Status is the task as Task.getStatus tells it.
func (t *Task) Status() api.TaskStatus {
	r := t.Record()
	return r.Status()
}

// Info is the task as Task.getInfo tells it.
func (t *Task) Info() api.TaskInfo {
	r := t.Record()
	return r.Info()
}

// Details is the task as Host.getAllTasks tells it.
func (t *Task) Details() api.TaskDetails {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.record
	d := api.TaskDetails{
		ID: api.UUID(r.ID), Verb: r.Name, State: string(r.State),
		Code: int64(r.Result.Code), Message: r.Result.Message, Result: t.value, Tag: r.Tag,
	}
	if t.value == nil {
		d.Result = r.Result.Value
	}
	return d
}

// Wait waits until the task has ended, one way or another.
func (t *Task) Wait(ctx context.Context) error {
	t.mu.Lock()
	done := t.done
	t.mu.Unlock()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Return sets the result of the task, such as map[string]string{"uuid": id}.
func (t *Task) Return(value any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.value, t.record.Result.Value = value, api.Repr(value)
}

// Rollback writes down what undoes a step, before the step is carried out. The
// last one is called first. The step must not be carried out after an error.
func (t *Task) Rollback(ctx context.Context, undo Recovery) error {
	if err := undo.Check(); err != nil {
		return err
	}
	return t.change(ctx, func(r *Record) error {
		for _, other := range r.Recoveries {
			if other.Name == undo.Name {
				return fmt.Errorf("recovery %q is there already", undo.Name)
			}
		}
		r.Recoveries = append(r.Recoveries, undo)
		return nil
	})
}

// ReplaceRollbacks puts one recovery in place of all down to the one that is
// named [RollbackSentinel], that one included: what they were for has succeeded
// as a whole.
func (t *Task) ReplaceRollbacks(ctx context.Context, undo Recovery) error {
	if err := undo.Check(); err != nil {
		return err
	}
	return t.change(ctx, func(r *Record) error {
		for n := len(r.Recoveries); n > 0; n = len(r.Recoveries) {
			last := r.Recoveries[n-1]
			r.Recoveries = r.Recoveries[:n-1]
			if last.Name == RollbackSentinel {
				break
			}
		}
		r.Recoveries = append(r.Recoveries, undo)
		return nil
	})
}

// ClearRollbacks forgets all recoveries: from here on nothing is undone.
func (t *Task) ClearRollbacks(ctx context.Context) error {
	return t.change(ctx, func(r *Record) error {
		r.Recoveries = nil
		return nil
	})
}

// change saves the record with a change, and changes it then: what is told of a
// task is kept already.
func (t *Task) change(ctx context.Context, f func(*Record) error) error {
	t.saving.Lock()
	defer t.saving.Unlock()
	t.mu.Lock()
	changed := t.copy()
	t.mu.Unlock()
	if err := f(&changed); err != nil {
		return err
	}
	if t.store != nil {
		if err := t.keep(ctx, &changed); err != nil {
			return err
		}
	}
	return t.changed(f)
}

// keep has the store keep a state of the task. The caller holds saving. What is
// kept elsewhere, on a former master, is not known to be whole where it was
// copied to.
func (t *Task) keep(ctx context.Context, state *Record) error {
	for {
		root, last := t.store.dir.Root(), t.kept
		if root != t.root {
			last = nil
		}
		t.kept = nil // a save that fails may have changed something
		if err := t.store.Save(ctx, state, last); err != nil {
			return err
		}
		if t.store.dir.Root() == root {
			t.kept, t.root = state, root
			return nil
		}
	}
}

// changed changes the record in memory, of which other members may have become
// others meanwhile.
func (t *Task) changed(f func(*Record) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return f(t.record)
}

// becoming moves to a state.
func becoming(next State) func(*Record) error {
	return func(r *Record) error {
		state, err := r.State.Become(next)
		r.State = state
		return err
	}
}

// become saves the task in a state and moves there.
func (t *Task) become(ctx context.Context, next State) error { return t.change(ctx, becoming(next)) }

// to is become where the task goes on even if it cannot be saved: then what is
// kept of it is a former state, from which it is undone.
func (t *Task) to(next State) {
	if err := t.become(t.ctx, next); err != nil {
		t.manager.o.Log.WarnContext(t.ctx, "cannot keep the state of a storage task", "task", t.id, "state", next, "err", err)
		_ = t.changed(becoming(next)) // which allows it, or the error was that it does not
	}
}

// step moves to a state that need not be kept.
func (t *Task) step(next State) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.record.State, _ = t.record.State.Become(next)
}

func (t *Task) says(r Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.record.Result = r
}

// forget removes what is kept of a task that never began.
func (t *Task) forget(ctx context.Context) {
	if t.store == nil {
		return
	}
	if err := t.store.Remove(ctx, t.id); err != nil {
		t.manager.o.Log.WarnContext(ctx, "a storage task that did not begin is left behind", "task", t.id, "err", err)
	}
}

// Stop ends the work of the task and has it undone. A task that has ended, or
// is being undone, goes on as it is.
func (t *Task) Stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.record.State.CanAbort() {
		return
	}
	t.stopped = true
	if t.cancel != nil {
		t.cancel()
	}
}

// run is what a worker does with a task.
func (t *Task) run() {
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	t.step(Running) // kept with the first recovery: without one there is nothing to undo
	t.mu.Lock()
	t.cancel = cancel
	if t.stopped {
		cancel()
	}
	t.record.Result = Result{Message: "running job 1 of 1"}
	t.mu.Unlock()

	err := context.Cause(ctx)
	if err == nil {
		err = t.work(ctx, t)
	}
	if err == nil {
		err = t.keepSuccess(ctx)
	}
	if t.isStopped() {
		err = api.ErrTaskAborted.Says("shutting down").Caused(err)
	}
	if err == nil {
		t.finish()
		return
	}
	t.manager.o.Log.ErrorContext(t.ctx, "storage task failed", "task", t.id, "verb", t.Verb(), "err", err)
	t.says(failure(err))
	t.to(Aborting)
	t.rollBack()
}

func (t *Task) isStopped() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cancel = nil
	return t.stopped
}

// end gives back what the task holds and tells those who wait.
func (t *Task) end() {
	t.release()
	if t.tag == Internal {
		t.manager.drop(t)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.done)
}
