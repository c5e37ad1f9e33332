// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"testing"
)

// Task is a command that goes on while the test does something else.
type Task struct {
	place   *Place
	command Command
	process *process
	done    chan struct{}
	result  Result
	err     error
}

// Begin starts a command that will end by itself; see Start for daemons. It is
// killed when the test ends before it does, or when its time limit is over.
func (p *Place) Begin(t testing.TB, c Command) *Task {
	t.Helper()
	proc, err := p.begin(c)
	if err != nil {
		t.Fatal(err)
	}
	task := &Task{place: p, command: c, process: proc, done: make(chan struct{})}
	ctx, cancel := patience(t)
	go func() {
		defer close(task.done)
		defer cancel()
		task.result, task.err = p.finish(ctx, c, proc)
	}()
	t.Cleanup(func() {
		cancel()
		<-task.done
	})
	return task
}

// Ended tells whether the command has ended.
func (task *Task) Ended() bool {
	select {
	case <-task.done:
		return true
	default:
		return false
	}
}

// Output returns what the command has said so far, standard error last.
func (task *Task) Output() string {
	return task.process.stdout.String() + task.process.stderr.String()
}

// Wait waits for the end of the command.
func (task *Task) Wait(t testing.TB) Result {
	t.Helper()
	<-task.done
	if task.err != nil {
		t.Fatalf("%v\n%s", task.err, task.Output())
	}
	return task.result
}
