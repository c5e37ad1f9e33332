// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"context"
	"errors"
	"fmt"

	"govdsm/api"
)

// rollBack calls the recoveries, the last one first, and ends the task.
func (t *Task) rollBack() {
	t.to(RAcquiring)
	t.to(Recovering)
	err := t.recoverAll()
	if err == nil {
		t.to(Recovered)
	} else {
		t.manager.o.Log.ErrorContext(t.ctx, "storage task cannot be undone", "task", t.id, "verb", t.Verb(), "err", err)
		t.to(RAborting)
		t.to(Failed)
	}
	t.end()
}

// recoverAll stops at the first recovery that fails: those below it rely on it.
// What is kept of the task still has all of them until it has ended.
func (t *Task) recoverAll() error {
	for {
		t.mu.Lock()
		left := t.record.Recoveries
		if len(left) == 0 {
			t.mu.Unlock()
			return nil
		}
		last := left[len(left)-1]
		t.record.Recoveries = left[:len(left)-1]
		t.mu.Unlock()
		undo, err := t.manager.recovery(last)
		if err == nil {
			err = undo(t.ctx, last.Params)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", last.Name, err)
		}
		t.manager.o.Log.InfoContext(t.ctx, "step of a storage task undone", "task", t.id, "step", last.Name)
	}
}

func (m *Manager) recovery(r Recovery) (Undo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := r.Module + "." + r.Object + "." + r.Function
	undo, ok := m.undo[name]
	if !ok {
		return nil, api.ErrTaskAborted.Says("there is no recovery " + name)
	}
	return undo, nil
}

// Revert undoes a task that has finished. One that has not ended is
// [api.ErrTaskNotFinished]; one that was undone already is [api.ErrTaskState].
func (t *Task) Revert(ctx context.Context) error {
	t.saving.Lock()
	t.mu.Lock()
	state := t.record.State
	_, err := state.Become(RAcquiring)
	switch {
	case !state.Done():
		err = api.ErrTaskNotFinished.Of("can't rollback in state " + string(state))
	case t.record.RecoveryPolicy == "none":
		t.mu.Unlock()
		t.saving.Unlock()
		return nil
	}
	if err == nil {
		// In this state nobody else reverts or clears it.
		t.record.State = RAcquiring
		t.done = make(chan struct{})
	}
	t.mu.Unlock()
	t.saving.Unlock()
	if err != nil {
		return err
	}
	release, err := t.manager.o.Locks.Acquire(ctx, t.locks...)
	if err != nil {
		t.mu.Lock()
		t.record.State = state
		t.mu.Unlock()
		t.release = func() {}
		t.end()
		return err
	}
	t.ctx, t.release = context.WithoutCancel(ctx), release
	t.rollBack()
	return nil
}

// Recover takes up the tasks that a store keeps: those that have not ended are
// undone, by the workers, since nobody goes on with what another process began.
// Folders that hold no task are told in the error; the others are recovered.
func (m *Manager) Recover(ctx context.Context, s *Store) error {
	records, err := s.LoadAll(ctx)
	all := []error{err}
	for _, r := range records {
		if _, known := m.Task(r.ID); known == nil {
			all = append(all, api.ErrAddTask.Of("Task id already in use: "+r.ID))
			continue
		}
		t := newTask(m, r, s)
		t.ctx = context.WithoutCancel(ctx)
		if r.State.Done() || r.State == WaitRecover {
			m.mu.Lock()
			m.tasks[t.id] = t
			m.mu.Unlock()
			close(t.done) // it waits for a person, if anything
			continue
		}
		r.Result = failure(api.ErrTaskAborted.Says("the process that ran the task has ended"))
		if err := m.enqueue(t, t.takeOver); err != nil {
			all = append(all, fmt.Errorf("task %s: %w", r.ID, err))
		}
	}
	return errors.Join(all...)
}

// takeOver undoes a task of which only what was kept is known.
func (t *Task) takeOver() {
	switch state := t.State(); {
	case state.CanAbort():
		t.to(Aborting)
	case state == RAborting:
		t.to(Failed)
		t.end()
		return
	case state == Recovering:
		t.mu.Lock()
		t.record.State = Aborting // from where it may begin again
		t.mu.Unlock()
	case state == Init, state == Unknown:
		t.mu.Lock()
		t.record.State = Aborting
		t.mu.Unlock()
	}
	t.rollBack()
}
