// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

// A VM is not in the way of an unrelated domain, and the other way round.
func TestDomainInTheWay(t *testing.T) {
	t.Parallel()
	d := mockDriver(t)
	// No event comes: of a domain that was heard of, VM.create says that it is
	// there already.
	h, _ := startHost(t, &driver{client: d.client}, virt.Options{})
	other := newSketch()
	other.plain = true
	leave(t, d, other)
	before := xmlOfDomain(t, d, other.id)

	same := newSketch()
	same.id = other.id
	h.create(same.id, same.xml())
	st := h.await(same.id, "Down")
	if st["exitReason"] != 1.0 || !strings.Contains(st["exitMessage"].(string), "running already") {
		t.Errorf("statistics %v", st)
	}
	h.must("VM.destroy", vmID(same.id))
	if status, err := d.client.State(t.Context(), other.id); err != nil || status.Off() {
		t.Errorf("the other domain is %+v, %v", status, err)
	}
	if after := xmlOfDomain(t, d, other.id); after != before {
		t.Errorf("the other domain was written to: %s", after)
	}
}

// What an earlier life of the VM left is cleared away.
func TestStaleDomain(t *testing.T) {
	t.Parallel()
	d := mockDriver(t)
	h, _ := startHost(t, d, virt.Options{})
	stale, s := newSketch(), newSketch()
	s.name = stale.name
	if err := d.client.Define(t.Context(), stale.xml()); err != nil {
		t.Fatal(err)
	}
	h.create(s.id, s.xml())
	h.awaitEvent(s.id, "Powering up")
	if _, err := d.client.XML(t.Context(), stale.id); !errors.Is(err, libvirt.NoDomain) {
		t.Errorf("the stale domain: %v", err)
	}
}

// No more than four VMs start at once, and VM.create does not wait for them.
func TestStartsAreLimited(t *testing.T) {
	t.Parallel()
	f := newFake()
	var mu sync.Mutex
	running, most := 0, 0
	release := make(chan struct{})
	f.onCreate = func(context.Context, string) error {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		<-release
		mu.Lock()
		running--
		mu.Unlock()
		return nil
	}
	h := fakeHost(t, f, virt.Options{})
	var all []sketch
	for range 10 {
		s := newSketch()
		h.create(s.id, s.xml())
		all = append(all, s)
	}
	h.eventually(func() bool { mu.Lock(); defer mu.Unlock(); return running == 4 },
		func() string { return "four starts do not come" })
	close(release)
	for _, s := range all {
		h.awaitEvent(s.id, "Powering up")
	}
	if most != 4 {
		t.Errorf("%d starts at once", most)
	}
}

// A VM that is destroyed while it starts is gone when the reply comes.
func TestDestroyDuringStart(t *testing.T) {
	t.Parallel()
	f := newFake()
	starting := make(chan struct{})
	f.onCreate = func(ctx context.Context, _ string) error {
		close(starting)
		<-ctx.Done()
		return ctx.Err()
	}
	h := fakeHost(t, f, virt.Options{})
	s := newSketch()
	h.create(s.id, s.xml())
	<-starting
	h.must("VM.destroy", vmID(s.id))
	down := h.awaitEvent(s.id, "Down")
	if down["exitReason"] != 10.0 || down["exitCode"] != 0.0 || down["exitMessage"] != "VM destroyed during the startup" {
		t.Errorf("event %v", down)
	}
	if got := h.events.statuses(t, s.id); !slices.Equal(got, []string{"Down"}) {
		t.Errorf("events %v", got)
	}
	if f.defined(s.id) != "" {
		t.Error("the domain is still defined")
	}
}

// Force is used only where libvirt says that nothing else does.
func TestDestroyFails(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		code  libvirt.Code
		force bool
	}{
		"failed":  {libvirt.OperationFailed, true},
		"system":  {libvirt.SystemError, true},
		"timeout": {libvirt.OperationTimeout, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			h := fakeHost(t, f, virt.Options{})
			s := newSketch()
			h.create(s.id, s.xml())
			h.awaitEvent(s.id, "Powering up")
			attempts, forced := 0, false
			f.mu.Lock()
			f.onDestroy = func(_ string, graceful bool) error {
				if !graceful {
					forced = true
					return nil
				}
				attempts++
				return &libvirt.Error{Code: c.code, Message: "no"}
			}
			f.mu.Unlock()
			params := object{"vmID": s.id, "gracefulAttempts": 3}
			if c.force {
				h.must("VM.destroy", params)
			} else {
				h.refused("VM.destroy", params, api.ErrVMDestroyFailed)
				h.await(s.id, "Powering down")
				f.mu.Lock()
				f.onDestroy = nil
				f.mu.Unlock()
				h.must("VM.destroy", params)
			}
			if attempts != 3 || forced != c.force {
				t.Errorf("%d gentle attempts, forced %v", attempts, forced)
			}
		})
	}
}

// libvirt's words come through to the manager.
func TestStartFails(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.onCreate = func(context.Context, string) error {
		return fmt.Errorf("start the domain: %w",
			&libvirt.Error{Code: 38, Message: "unsupported configuration: machine 'x'"})
	}
	h := fakeHost(t, f, virt.Options{})
	s := newSketch()
	h.create(s.id, s.xml())
	down := h.awaitEvent(s.id, "Down")
	if down["exitReason"] != 1.0 || down["exitCode"] != 1.0 || down["exitMessage"] != "unsupported configuration: machine 'x'" {
		t.Errorf("event %v", down)
	}
	f.mu.Lock()
	f.onCreate = nil
	f.mu.Unlock()
	h.refused("VM.create", object{"vmID": s.id, "vmParams": object{"xml": s.xml()}}, api.ErrVMExists)
	h.must("VM.destroy", vmID(s.id))
	h.create(s.id, s.xml())
	h.await(s.id, "Powering up")
}

// A start that failed is not told of before its QEMU is certainly gone: a
// manager would start the VM a second time.
func TestOrphanOfFailedStart(t *testing.T) {
	t.Parallel()
	f := newFake()
	s := newSketch()
	var mu sync.Mutex
	answers := 0
	f.onState = func(context.Context, string) error { // of a libvirt that is away for a while
		mu.Lock()
		defer mu.Unlock()
		if answers++; answers < 3 {
			return libvirt.ErrUnavailable
		}
		return nil
	}
	f.mu.Lock()
	f.onCreate = func(context.Context, string) error { return libvirt.ErrUnavailable }
	f.mu.Unlock()
	h := fakeHost(t, f, virt.Options{CommandTimeout: time.Millisecond})
	ended := false
	f.mu.Lock()
	f.onDestroy = func(string, bool) error {
		mu.Lock()
		defer mu.Unlock()
		if answers++; answers < 6 {
			return libvirt.ErrUnavailable
		}
		if got := h.stats(s.id)["status"]; got != "WaitForLaunch" {
			t.Errorf("status %v before the QEMU is ended", got)
		}
		ended = true
		return nil
	}
	f.mu.Unlock()
	h.create(s.id, s.xml())
	h.await(s.id, "Down")
	if mu.Lock(); !ended {
		t.Error("the orphan is left alone")
	}
	mu.Unlock()
}

// A VM whose start is in doubt can be destroyed as soon as libvirt is back.
func TestDestroyInDoubt(t *testing.T) {
	t.Parallel()
	f := newFake()
	away := func(context.Context, string) error { return libvirt.ErrUnavailable }
	starting := make(chan struct{})
	f.mu.Lock()
	f.onState = away
	f.mu.Unlock()
	f.mu.Lock()
	f.onCreate = func(context.Context, string) error { close(starting); return libvirt.ErrUnavailable }
	f.mu.Unlock()
	f.mu.Lock()
	f.onDestroy = func(string, bool) error { return libvirt.ErrUnavailable }
	f.mu.Unlock()
	h := fakeHost(t, f, virt.Options{})
	s := newSketch()
	h.create(s.id, s.xml())
	<-starting
	h.refused("VM.destroy", vmID(s.id), api.ErrVMDestroyFailed)
	if got := h.stats(s.id)["status"]; got != "WaitForLaunch" {
		t.Errorf("status %v of a VM that may run", got)
	}
	f.mu.Lock()
	f.onState, f.onDestroy = nil, nil
	f.mu.Unlock()
	h.must("VM.destroy", vmID(s.id))
}

// While libvirt hangs, what is read from memory is answered.
func TestReadsWhileLibvirtHangs(t *testing.T) {
	t.Parallel()
	f := newFake()
	h := fakeHost(t, f, virt.Options{CommandTimeout: time.Hour})
	s := newSketch()
	h.create(s.id, s.xml())
	h.awaitEvent(s.id, "Powering up")
	hang := func(ctx context.Context, _ string) error { <-ctx.Done(); return libvirt.ErrTimeout }
	f.mu.Lock()
	f.onState, f.onXML = hang, hang
	f.mu.Unlock()
	h.vms.Handle(libvirt.Lifecycle{VM: s.id, Change: libvirt.Suspended})
	h.stats(s.id)
	h.must("Host.getVMList", object{})
	h.must("Host.getAllVmStats", object{})
	h.must("Host.dumpxmls", object{"vmList": []string{s.id}})
}

// A shutdown takes every step, the forced one last.
func TestForcedShutdown(t *testing.T) {
	t.Parallel()
	f := newFake()
	h := fakeHost(t, f, virt.Options{})
	s := newSketch()
	h.create(s.id, s.xml())
	h.awaitEvent(s.id, "Powering up")
	h.must("VM.shutdown", object{"vmID": s.id, "delay": 0, "message": "", "timeout": 0, "force": true})
	h.awaitEvent(s.id, "Down")
	f.mu.Lock()
	calls := strings.Join(f.calls, ", ")
	f.mu.Unlock()
	contains(t, calls, "Shutdown 0, ", "Shutdown 1, ", "Destroy true")
	if st := h.stats(s.id); st["exitReason"] != 6.0 {
		t.Errorf("statistics %v", st)
	}
}

// A forced reboot resets the guest and leaves it running.
func TestForcedReboot(t *testing.T) {
	t.Parallel()
	f := newFake()
	h := fakeHost(t, f, virt.Options{})
	s := newSketch()
	h.create(s.id, s.xml())
	h.awaitEvent(s.id, "Powering up")
	h.must("VM.shutdown", object{"vmID": s.id, "reboot": true, "timeout": 0, "force": true})
	h.eventually(func() bool { f.mu.Lock(); defer f.mu.Unlock(); return slices.Contains(f.calls, "Reset") },
		func() string { return "no reset" })
	h.await(s.id, "RebootInProgress")
}
