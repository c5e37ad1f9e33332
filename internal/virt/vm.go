// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"govdsm/api"
	"govdsm/internal/virt/domxml"
)

// VM is one virtual machine: identity, state and the lock around it.
type VM struct {
	id       string
	name     string
	external atomic.Bool // the domain is not ours: nothing is written into it
	vms      *VMs        // what all VMs share
	log      *slog.Logger

	mu    sync.Mutex // guards state; nothing is called while it is held
	state state

	view     atomic.Pointer[view]    // what the domain's definition says
	figures  atomic.Pointer[figures] // of the last sample
	notes    notes                   // what is kept in the domain's metadata
	queue    line                    // events about this VM, in their order
	cpu      chan struct{}           // held while the guest's CPUs are stopped or resumed
	started  chan struct{}           // closed when the start is over, well or not
	cancel   context.CancelFunc      // ends the start
	powerOff signal                  // QEMU ended or the guest rebooted

	releasing sync.Mutex // held while resources are given back; taken before mu
	released  bool
	held      held // what is to be given back; only its holder's goroutine changes it
}

// newVM returns a VM that is not in the registry yet.
func (m *VMs) newVM(id, name string) *VM {
	v := &VM{
		id: id, name: name, vms: m,
		log:     m.log.With("vmId", id),
		cpu:     make(chan struct{}, 1),
		started: make(chan struct{}),
		cancel:  func() {},
	}
	v.notes.m = domxml.NewMetadata()
	v.state.stored = api.VmStatusWaitForLaunch
	v.view.Store(&view{})
	return v
}

// with runs f with the state locked.
func (v *VM) with(f func(*state)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f(&v.state)
}

// status returns the stored status.
func (v *VM) status() (s api.VmStatus) {
	v.with(func(st *state) { s = st.last() })
	return s
}

// shown returns the status as managers see it.
func (v *VM) shown() (s api.VmStatus) {
	v.with(func(st *state) { s = st.shown(time.Now()) })
	return s
}

// down reports whether the VM has ended.
func (v *VM) down() bool { return v.status() == api.VmStatusDown }

// running fails unless the VM has a QEMU to talk to.
func (v *VM) running() error {
	var stored api.VmStatus
	v.with(func(st *state) { stored = st.stored })
	if stored == api.VmStatusDown || stored == api.VmStatusWaitForLaunch {
		return api.ErrGeneral.Of("VM '" + v.id + "' was not defined yet or was undefined")
	}
	return nil
}

// signal tells all who wait now that something happened; it can happen again.
type signal struct {
	mu sync.Mutex
	ch chan struct{}
}

// wait returns a channel that is closed when it happens next.
func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

func (s *signal) fire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}

// line runs tasks one after the other, in a goroutine that exists only while
// there are any.
type line struct {
	mu    sync.Mutex
	tasks []func()
	busy  bool
}

// add appends a task; owner counts the goroutine.
func (l *line) add(owner *sync.WaitGroup, task func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tasks = append(l.tasks, task)
	if !l.busy {
		l.busy = true
		owner.Go(l.run)
	}
}

func (l *line) run() {
	for {
		l.mu.Lock()
		if len(l.tasks) == 0 {
			l.busy = false
			l.mu.Unlock()
			return
		}
		task := l.tasks[0]
		l.tasks = l.tasks[1:]
		l.mu.Unlock()
		task()
	}
}
