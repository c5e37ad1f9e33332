// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"context"
	"errors"
	"fmt"
	"time"

	"govdsm/api"
)

// tries are how long to wait before each further try to keep a success: half a
// minute in all, in which storage that was busy answers again.
func tries() []time.Duration {
	var all []time.Duration
	for wait := 100 * time.Millisecond; wait < 20*time.Second; wait *= 2 {
		all = append(all, wait)
	}
	return all
}

// success is the result of a task that has done all of it.
const success = "1 jobs completed successfully"

// keepSuccess writes down that a task has succeeded, before anybody is told: a
// manager that was told relies on what was done, and whoever finds the task
// unfinished undoes it. After an error nobody was, and it is undone here.
func (t *Task) keepSuccess(ctx context.Context) error {
	if t.store == nil {
		return nil
	}
	err := t.saveFinished(ctx)
	for _, wait := range t.manager.again {
		if err == nil {
			return nil
		}
		t.manager.o.Log.WarnContext(t.ctx, "cannot keep the success of a storage task", "task", t.id, "err", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
		err = t.saveFinished(ctx)
	}
	return err
}

func (t *Task) saveFinished(ctx context.Context) error {
	t.saving.Lock()
	defer t.saving.Unlock()
	snapshot := t.Record()
	snapshot.State, snapshot.Result.Code, snapshot.Result.Message = Finished, 0, success
	return t.keep(ctx, &snapshot)
}

// finish ends a task that has succeeded.
func (t *Task) finish() {
	t.mu.Lock()
	t.record.State, t.record.Result.Code, t.record.Result.Message = Finished, 0, success
	t.mu.Unlock()
	t.end()
}

// failure is how an error is told: the original wraps it, and the text shows.
func failure(err error) Result {
	code, text := 100, err.Error()
	if known, ok := errors.AsType[*api.Error](err); ok {
		code, text = known.Number, known.Error()
	} else if bare, ok := errors.AsType[*api.Code](err); ok {
		code, text = bare.Number, bare.Error()
	}
	return Result{Code: code, Message: fmt.Sprintf("value=%s abortedcode=%d", text, code)}
}
