// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/storage/resource"
)

// Tags say who may see a task.
const (
	SPM = "spm" // of the pool's manager: persisted, and listed for managers
	HSM = "hsm" // of any host, in memory
	// Internal is work that no manager has asked for: it goes when it ends.
	Internal = "internal"
)

// Work is what a task does. What it returns is an error, or nothing when it has
// done all of it. When ctx ends, it is to stop at once and return; it is undone
// then, whatever it returns.
type Work func(ctx context.Context, t *Task) error

// Undo is a function of the original by which a step of a task is undone. It
// may have been called for the same step before, and the step may not have
// been carried out.
type Undo func(ctx context.Context, params []string) error

// Options configure a Manager. A zero member means the default.
type Options struct {
	Workers int // tasks that run at one time; irs:thread_pool_size, default 10
	Queue   int // tasks that wait; irs:max_tasks, default 500
	Locks   *resource.Locks
	Log     *slog.Logger
}

// Manager runs tasks, and keeps them until they are cleared. Its methods may be
// called at once.
type Manager struct {
	o       Options
	ctx     context.Context // of all tasks
	end     context.CancelFunc
	workers sync.WaitGroup
	again   []time.Duration // how long to wait before each further try to keep a success

	// beginning is held, shared, from a request's last look whether it may begin
	// until its task is among the tasks; see Unload.
	beginning sync.RWMutex

	mu      sync.Mutex
	undo    map[string]Undo
	tasks   map[string]*Task
	queue   []*Task // oldest first
	running int
	closed  bool
}

// NewManager returns a manager without tasks. Close ends it.
func NewManager(o Options) *Manager {
	o.Workers = cmp.Or(o.Workers, 10)
	o.Queue = cmp.Or(o.Queue, 500)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Locks == nil {
		o.Locks = resource.New(0)
	}
	m := &Manager{o: o, again: tries(), undo: make(map[string]Undo), tasks: make(map[string]*Task)}
	m.ctx, m.end = context.WithCancel(context.Background())
	return m
}

// Register names the function that undoes the steps which were pushed with
// module, object and function. Hosts that run the original push the same names.
func (m *Manager) Register(module, object, function string, undo Undo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.undo[module+"."+object+"."+function] = undo
}

// Request is what a task is made of.
type Request struct {
	Verb  string // "createVolume"
	Tag   string
	Locks []resource.Lock // held until the task ends
	// May is asked when the locks are held, which may take long, and an error
	// of it is the end: nothing was kept. nil: it may.
	May   func() error
	Store *Store // where it is kept; nil for memory only
	Place string // path of the store, which is written down too
	Work  Work
}

// Schedule waits for the locks and has the task run when a worker is free. A
// task that cannot be kept has not begun: [api.ErrTaskPersist]. Too many that
// wait are [api.ErrAddTask].
func (m *Manager) Schedule(ctx context.Context, r Request) (id string, err error) {
	release, err := m.o.Locks.Acquire(ctx, r.Locks...)
	if err != nil {
		return "", err
	}
	t := newTask(m, New(uuid.NewString(), r.Verb, r.Tag, r.Place), r.Store)
	t.work, t.locks, t.release = r.Work, r.Locks, release
	t.record.Jobs = []Job{{Name: r.Verb, Run: "govdsm " + r.Verb}}
	if r.May != nil {
		m.beginning.RLock()
		defer m.beginning.RUnlock()
		err = r.May()
	}
	if err == nil {
		err = m.begin(ctx, t)
	}
	if err != nil {
		release()
		return "", err
	}
	m.o.Log.InfoContext(ctx, "storage task scheduled", "task", t.id, "verb", r.Verb)
	return t.id, nil
}

// begin takes a task through the states in which its verb still waits.
func (m *Manager) begin(ctx context.Context, t *Task) error {
	t.ctx = context.WithoutCancel(ctx) // its log lines belong to the call
	if err := t.become(ctx, Preparing); err != nil {
		return err
	}
	// From here on nothing needs to be written before something happens that
	// can be undone: whoever finds the task as it is undoes nothing.
	t.step(Acquiring)
	t.step(Queued)
	if err := m.enqueue(t, t.run); err != nil {
		t.forget(ctx)
		return err
	}
	return nil
}

// enqueue has f called by a worker.
func (m *Manager) enqueue(t *Task, f func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || m.running >= m.o.Workers && len(m.queue) >= m.o.Queue {
		return api.ErrAddTask.Of()
	}
	t.turn = f
	m.tasks[t.id] = t
	if m.running < m.o.Workers {
		m.running++
		m.workers.Go(func() { m.serve(t) })
		return nil
	}
	m.queue = append(m.queue, t)
	return nil
}

// serve is a worker. It ends when nothing waits.
func (m *Manager) serve(t *Task) {
	for t != nil {
		t.turn()
		t = m.next()
	}
}

func (m *Manager) next() *Task {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.queue) == 0 {
		m.running--
		return nil
	}
	t := m.queue[0]
	m.queue = m.queue[1:]
	return t
}

// Task returns a task. None is [api.ErrUnknownTask].
func (m *Manager) Task(id string) (*Task, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.tasks[id]
	if !ok {
		return nil, api.ErrUnknownTask.Of(id)
	}
	return t, nil
}

// Tasks returns the tasks of a tag, or all for "", sorted by id.
func (m *Manager) Tasks(tag string) []*Task {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []*Task
	for _, t := range m.tasks {
		if tag == "" || t.tag == tag {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b *Task) int { return cmp.Compare(a.id, b.id) })
	return found
}

// Clear forgets a task that has ended; another one is [api.ErrTaskState].
func (m *Manager) Clear(ctx context.Context, id string) error {
	t, err := m.Task(id)
	if err != nil {
		return err
	}
	if state := t.State(); !state.Done() {
		return api.ErrTaskState.Of("can't clean in state " + string(state))
	}
	if t.store != nil {
		// Its end may be known and not yet be written down.
		t.saving.Lock()
		defer t.saving.Unlock()
		if err := t.store.Remove(ctx, id); err != nil {
			return api.ErrTaskClear.Of(id).Caused(err)
		}
	}
	m.drop(t)
	return nil
}

func (m *Manager) drop(t *Task) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tasks[t.id] == t {
		delete(m.tasks, t.id)
	}
}

// Unload stops the tasks of a tag, waits until they are undone, and forgets
// them; what is kept of them stays. When ctx ends before they have, those that
// have not are still there. Who calls it has seen to it that May of later ones
// fails: then there are none when it returns.
func (m *Manager) Unload(ctx context.Context, tag string) error {
	m.beginning.Lock() // waits for those that begin, as long as their I/O takes
	tasks := m.Tasks(tag)
	m.beginning.Unlock()
	for _, t := range tasks {
		t.Stop()
	}
	for _, t := range tasks {
		if err := t.Wait(ctx); err != nil {
			return err
		}
		m.drop(t)
	}
	return nil
}

// Close stops all tasks and waits until they are undone, but not longer than
// patience: what is kept of tasks is undone when the pool has a manager again.
func (m *Manager) Close(patience time.Duration) {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	for _, t := range m.Tasks("") {
		t.Stop()
	}
	ended := make(chan struct{})
	go func() { // ends with the last task, at the latest with the time-outs of its I/O
		m.workers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(patience):
		m.o.Log.Warn("storage tasks do not end and are left behind")
	}
	m.end()
}
