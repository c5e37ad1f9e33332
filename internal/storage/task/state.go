// SPDX-License-Identifier: GPL-2.0-or-later

// Package task runs storage tasks: work that a manager starts, asks about and
// clears. A task that fails, or is stopped, is undone step by step; what undoes
// a step is written to the master domain before the step is carried out, so
// that after the end of the process, this host or the pool's next manager can
// undo it. That one may run the original, so the files are the original's to
// the byte. Nobody goes on with what another process began.
//
// Source: task.py, taskManager.py.
package task

import (
	"slices"

	"govdsm/api"
)

// State is where a task is in its life.
type State string

// The states. Those from racquiring to raborting belong to recovery: running
// in reverse what was pushed while the task ran.
const (
	Unknown     State = "unknown"
	Init        State = "init"
	Preparing   State = "preparing" // the verb runs
	Blocked     State = "blocked"
	Acquiring   State = "acquiring" // waits for resources
	Queued      State = "queued"    // waits for a worker
	Running     State = "running"
	Finished    State = "finished"
	Aborting    State = "aborting"
	WaitRecover State = "waitrecover"
	RAcquiring  State = "racquiring"
	Recovering  State = "recovering"
	RAborting   State = "raborting"
	Recovered   State = "recovered"
	Failed      State = "failed"
)

// rule is what holds for a state.
type rule struct {
	from   []State // states it may come after
	state  api.TaskState
	result api.TaskResult
}

func rules() map[State]rule {
	const running, cleaning = api.TaskStateRunning, api.TaskStateCleaning
	return map[State]rule{
		Unknown:     {nil, api.TaskStateUnknown, ""},
		Init:        {nil, api.TaskStateInit, ""},
		Preparing:   {[]State{Init, Blocked}, running, ""},
		Blocked:     {[]State{Preparing}, running, ""},
		Acquiring:   {[]State{Preparing, Acquiring}, running, ""},
		Queued:      {[]State{Acquiring, Running}, running, ""},
		Running:     {[]State{Queued}, running, ""},
		Finished:    {[]State{Running, Preparing}, api.TaskStateFinished, api.TaskResultSuccess},
		Aborting:    {[]State{Preparing, Blocked, Acquiring, Queued, Running}, api.TaskStateAborting, ""},
		WaitRecover: {[]State{Aborting}, cleaning, ""},
		RAcquiring:  {[]State{Aborting, Finished, RAcquiring, WaitRecover}, cleaning, ""},
		Recovering:  {[]State{RAcquiring}, cleaning, ""},
		RAborting:   {[]State{RAcquiring, Recovering, WaitRecover}, api.TaskStateAborting, ""},
		Recovered:   {[]State{Recovering}, api.TaskStateFinished, api.TaskResultCleanSuccess},
		Failed:      {[]State{Recovering, Aborting, RAborting}, api.TaskStateFinished, api.TaskResultCleanFailure},
	}
}

// ParseState returns the state of a name, Unknown when there is none.
func ParseState(name string) State {
	if _, ok := rules()[State(name)]; ok {
		return State(name)
	}
	return Unknown
}

// Done reports whether the task has ended, one way or another.
func (s State) Done() bool { return s == Finished || s == Recovered || s == Failed }

// CanAbort reports whether the task can be stopped.
func (s State) CanAbort() bool { return s.CanBecome(Aborting) }

// CanBecome reports whether next may follow.
func (s State) CanBecome(next State) bool { return slices.Contains(rules()[next].from, s) }

// Become returns next, or api.ErrTaskState when it may not follow.
func (s State) Become(next State) (State, error) {
	if !s.CanBecome(next) {
		return s, api.ErrTaskState.OfText("from " + string(s) + " to " + string(next))
	}
	return next, nil
}

// Report returns how managers are told of the state.
func (s State) Report() (api.TaskState, api.TaskResult) {
	r := rules()[ParseState(string(s))]
	return r.state, r.result
}
