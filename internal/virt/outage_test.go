// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

// Killing libvirtd costs verbs an error and VMs nothing.
func TestLibvirtdKilled(t *testing.T) {
	h, d := realHost(t, virt.Options{SampleInterval: 200 * time.Millisecond})
	s := h.launch(t)
	private.kill(t)
	h.eventually(func() bool { return !d.client.Connected() },
		func() string { return "the loss of libvirtd is not noticed" })
	began := time.Now()
	h.refused("VM.pause", vmID(s.id), api.ErrGeneral)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("the error took %v", took)
	}
	if got := h.stats(s.id)["status"]; got != runs[0] && got != runs[1] {
		t.Errorf("status without libvirtd: %v", got)
	}
	private.restart(t)
	h.eventually(d.client.Connected, func() string { return "no connection to the new libvirtd" })
	h.must("VM.pause", vmID(s.id))
	h.must("VM.cont", vmID(s.id))
	h.kill(s)
	if down := h.awaitEvent(s.id, "Down"); down["exitReason"] != 2.0 {
		t.Errorf("event of the end: %v", down)
	}
	h.must("VM.destroy", vmID(s.id))
}

// A libvirtd that is there but silent is given up, and found again when it
// speaks.
func TestLibvirtdHangs(t *testing.T) {
	h, d := realHost(t, virt.Options{})
	s := h.launch(t)
	pid := private.pid(t)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	awake := sync.OnceFunc(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	defer awake()
	h.refused("VM.pause", vmID(s.id), api.ErrGeneral) // ends with the connection
	h.stats(s.id)
	h.eventually(func() bool { return !d.client.Connected() },
		func() string { return "the silence of libvirtd is not noticed" })
	awake()
	h.eventually(d.client.Connected, func() string { return "libvirtd is not found again" })
	h.must("VM.pause", vmID(s.id))
	h.await(s.id, "Paused")
	h.must("VM.destroy", vmID(s.id))
}

// A QEMU that ends while libvirtd is away is noticed when it is back.
func TestQEMUKilledDuringOutage(t *testing.T) {
	h, d := realHost(t, virt.Options{})
	s := h.launch(t)
	private.kill(t)
	h.kill(s)
	h.eventually(func() bool { return !d.client.Connected() },
		func() string { return "the loss of libvirtd is not noticed" })
	private.restart(t)
	down := h.awaitEvent(s.id, "Down")
	if down["exitCode"] != 1.0 {
		t.Errorf("event of the end: %v", down)
	}
	h.must("VM.destroy", vmID(s.id))
}

// killsLibvirtd kills libvirtd while it starts a domain.
type killsLibvirtd struct {
	*libvirt.Client
	t     *testing.T
	after time.Duration
	done  chan struct{}
}

func (k killsLibvirtd) Create(ctx context.Context, id string, flags uint32) error {
	select {
	case <-k.done:
		return k.Client.Create(ctx, id, flags)
	default:
	}
	go func() {
		defer close(k.done)
		time.Sleep(k.after) // at different places of the start
		private.kill(k.t)
		private.restart(k.t)
	}()
	err := k.Client.Create(ctx, id, flags)
	<-k.done
	return err
}

// Whenever libvirtd dies in a start, the VM ends up either running or Down with
// a reason, and what libvirt has is what we say.
func TestLibvirtdKilledDuringCreate(t *testing.T) {
	g := needGuestAndLibvirt(t)
	for _, after := range []time.Duration{0, 30 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			d := connect(t, private.uri(t))
			k := killsLibvirtd{d.client, t, after, make(chan struct{})}
			h, _ := startHost(t, d, virt.Options{Libvirt: k, SampleInterval: 500 * time.Millisecond})
			s, _ := realSketch(t, g)
			h.create(s.id, s.xml())
			st := h.await(s.id, "Down", "Powering up", "Up", "Paused")
			off := func() bool {
				status, err := d.client.State(t.Context(), s.id)
				return errors.Is(err, libvirt.NoDomain) || err == nil && status.Off()
			}
			if st["status"] == "Down" && (!off() || len(processes("qemu", s.id)) > 0) {
				t.Errorf("the VM is Down and runs as %v", processes("qemu", s.id))
			}
			// libvirt may still end what it first said to run.
			h.eventually(func() bool {
				st = h.stats(s.id)
				return (st["status"] == "Down") == off() && (len(processes("qemu", s.id)) == 0) == off()
			}, func() string {
				status, err := d.client.State(t.Context(), s.id)
				return fmt.Sprintf("we say %v, libvirt %+v (%v), processes %v", st["status"], status, err, processes("qemu", s.id))
			})
			t.Logf("VM is %v: %v", st["status"], st["exitMessage"])
			h.must("VM.destroy", vmID(s.id))
			if pids := processes("qemu", s.id); len(pids) > 0 {
				t.Errorf("QEMU still runs as %v", pids)
			}
			// The next start finds nothing in its way. libvirtd is busy with its own
			// start still, and may be lost once more.
			h.create(s.id, s.xml())
			h.await(s.id, "Powering up", "Up", "Down")
			h.eventually(func() bool {
				_, err := h.call("VM.destroy", vmID(s.id))
				return err == nil || errors.Is(err, api.ErrNoSuchVM)
			}, func() string { return "the VM cannot be destroyed" })
		})
	}
}

func needGuestAndLibvirt(t *testing.T) guest {
	t.Helper()
	private.uri(t)
	return needGuest(t)
}

// A pillar that comes back finds its VMs again, with identity, age and events.
func TestRealRecovery(t *testing.T) {
	d := connect(t, private.uri(t))
	first, stop := startHost(t, d, virt.Options{})
	lives, dies, paused := first.launch(t), first.launch(t), first.launch(t)
	first.must("VM.pause", vmID(paused.id))
	before := xmlOf(first, lives.id)
	stop()

	first.kill(dies)
	first.eventually(func() bool {
		s, err := d.client.State(t.Context(), dies.id)
		return err == nil && s.Off()
	}, func() string { return "libvirt does not notice the end" })

	h, _ := startHost(t, d, virt.Options{SampleInterval: 200 * time.Millisecond})
	if st := h.await(lives.id, runs...); st["vmName"] != lives.name || st["hash"] == nil {
		t.Errorf("statistics of the VM that lives: %v", st)
	}
	if st := h.stats(dies.id); st["status"] != "Down" || st["exitCode"] != 1.0 || st["exitMessage"] == "" {
		t.Errorf("statistics of the VM that died: %v", st)
	}
	if st := h.stats(paused.id); st["status"] != "Paused" || st["pauseCode"] != "NOERR" {
		t.Errorf("statistics of the paused VM: %v", st)
	}
	if after := xmlOf(h, lives.id); startTime(t, after) != startTime(t, before) {
		t.Errorf("start time %s became %s", startTime(t, before), startTime(t, after))
	}
	h.must("VM.cont", vmID(paused.id))
	h.kill(lives)
	h.awaitEvent(lives.id, "Down")
	for _, s := range []sketch{lives, dies, paused} {
		h.must("VM.destroy", vmID(s.id))
	}
}

func xmlOf(h *host, id string) string {
	return string(h.must("Host.dumpxmls", object{"vmList": []string{id}}))
}

func startTime(t *testing.T, xml string) string {
	t.Helper()
	_, rest, ok := strings.Cut(xml, "startTime")
	if !ok {
		t.Fatalf("no start time in %s", xml)
	}
	text, _, _ := strings.Cut(rest, "/")
	return text
}
