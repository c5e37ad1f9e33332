// SPDX-License-Identifier: GPL-2.0-or-later

// Package work runs tasks with a bound on everything: how many run, how many
// wait, and how long one may hold a worker.
//
// A task that exceeds its time cannot be stopped, since it may hang in the
// kernel or in a library. It is set aside: it runs on, another takes its place,
// and the log tells of it again and again until it ends. How many may be set
// aside is bounded too; beyond that, stuck tasks keep their workers.
package work

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// ErrFull is the error of submitting to an executor whose queue is full.
var ErrFull = errors.New("too many tasks")

// ErrStopped is the error of submitting to an executor that has been stopped.
var ErrStopped = errors.New("executor is stopped")

// Options configure an Executor. A zero field means the default.
type Options struct {
	Name    string        // in logs
	Workers int           // tasks that run at one time; default 8
	Queue   int           // tasks that wait; default 80
	Limit   time.Duration // a task that runs longer is set aside and reported each further Limit; default 60 s
	Aside   int           // tasks set aside at one time; default twice Workers
	Log     *slog.Logger
}

// Stats are counts for metrics.
type Stats struct {
	Running  int // holding a worker
	Waiting  int
	Aside    int
	Refused  uint64
	Finished uint64
}

// Executor runs tasks. Its methods may be called at once.
type Executor struct {
	options Options
	wait    sync.WaitGroup // running tasks, those set aside included

	mu       sync.Mutex
	queue    []*task // those waiting, from head on
	head     int
	running  int
	aside    int
	refused  uint64
	finished uint64
	launched uint64
	stopped  bool
}

type task struct {
	ctx    context.Context
	name   string
	do     func()
	start  time.Time
	timer  *time.Timer
	label  string // of the goroutine that runs it
	aside  bool   // written by its timer alone, under mu
	finish bool
}

// New returns an executor without tasks.
func New(o Options) *Executor {
	if o.Workers <= 0 {
		o.Workers = 8
	}
	if o.Queue <= 0 {
		o.Queue = 80
	}
	if o.Limit <= 0 {
		o.Limit = time.Minute
	}
	if o.Aside <= 0 {
		o.Aside = 2 * o.Workers
	}
	return &Executor{options: o}
}

// Submit has do run soon. It never waits: the error is ErrFull or ErrStopped.
// The context and the name are for the log alone; what ends do is up to do.
func (e *Executor) Submit(ctx context.Context, name string, do func()) error {
	t := &task{ctx: ctx, name: name, do: do}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.stopped:
		return ErrStopped
	case e.running < e.options.Workers:
		e.launch(t)
	case len(e.queue)-e.head >= e.options.Queue:
		e.refused++
		return ErrFull
	default:
		e.queue = append(e.queue, t)
	}
	return nil
}

// launch requires mu and a free worker.
func (e *Executor) launch(t *task) {
	e.running++
	e.wait.Go(func() { e.work(t) })
}

// work runs a task, and then those that wait, until there are none or the
// task that has just ended had been set aside.
func (e *Executor) work(t *task) {
	for t != nil {
		e.run(t)
		t = e.next(t)
	}
}

func (e *Executor) run(t *task) {
	e.mu.Lock()
	e.launched++
	t.label = e.options.Name + " " + strconv.FormatUint(e.launched, 10)
	t.start = time.Now()
	t.timer = time.AfterFunc(e.options.Limit, func() { e.overdue(t) })
	e.mu.Unlock()
	markGoroutine(t.label)
	defer func() {
		if p := recover(); p != nil {
			e.options.Log.ErrorContext(t.ctx, "task panicked", "executor", e.options.Name,
				"task", t.name, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	t.do()
}

// next accounts for the end of a task and returns the one to run after it.
func (e *Executor) next(done *task) *task {
	e.mu.Lock()
	defer e.mu.Unlock()
	done.finish = true
	done.timer.Stop()
	e.finished++
	if done.aside {
		e.aside--
		e.options.Log.WarnContext(done.ctx, "task that was set aside has ended",
			"executor", e.options.Name, "task", done.name, "after", time.Since(done.start))
		return nil
	}
	if t := e.pop(); t != nil {
		return t
	}
	e.running--
	return nil
}

// pop requires mu.
func (e *Executor) pop() *task {
	if e.head == len(e.queue) {
		return nil
	}
	t := e.queue[e.head]
	e.queue[e.head] = nil
	if e.head++; e.head == len(e.queue) {
		e.queue, e.head = e.queue[:0], 0
	} else if e.head >= e.options.Queue {
		n := copy(e.queue, e.queue[e.head:])
		clear(e.queue[n:])
		e.queue, e.head = e.queue[:n], 0
	}
	return t
}

// overdue sets a task aside that has run for too long, and reports it again
// each time the limit has passed once more.
func (e *Executor) overdue(t *task) {
	if !e.setAside(t) {
		return
	}
	e.options.Log.WarnContext(t.ctx, "task is stuck", "executor", e.options.Name, "task", t.name,
		"age", time.Since(t.start).Round(time.Second), "setAside", t.aside, "at", stackOf(t.label))
}

// setAside gives the worker of an overdue task to another one, where that is
// allowed. It reports false for a task that has ended meanwhile.
func (e *Executor) setAside(t *task) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if t.finish {
		return false
	}
	t.timer.Reset(e.options.Limit)
	if !t.aside && e.aside < e.options.Aside && !e.stopped {
		t.aside = true
		e.aside++
		e.running--
		if waiting := e.pop(); waiting != nil {
			e.launch(waiting)
		}
	}
	return true
}

// Stats returns the current counts.
func (e *Executor) Stats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	return Stats{
		Running:  e.running,
		Waiting:  len(e.queue) - e.head,
		Aside:    e.aside,
		Refused:  e.refused,
		Finished: e.finished,
	}
}

// Queue returns how many tasks may wait.
func (e *Executor) Queue() int { return e.options.Queue }

// Stop drops the tasks that wait, takes no more, and returns when all running
// ones have ended or ctx is done; then the error says how many are left.
func (e *Executor) Stop(ctx context.Context) error {
	e.mu.Lock()
	e.stopped = true
	e.queue, e.head = nil, 0
	e.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		e.wait.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		s := e.Stats()
		return &StuckError{Tasks: s.Running + s.Aside}
	}
}
