// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

var startingUp = libvirt.Status{State: libvirt.StatePaused, Reason: libvirt.PausedStartingUp}

// A domain that libvirt takes for starting up, and that has no QEMU, is ended
// once nobody can be at work on it, even if libvirt cannot.
func TestStartForgotten(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.onCreate = func(_ context.Context, id string) error {
		f.setStatus(id, startingUp)
		return libvirt.ErrUnavailable
	}
	f.onDestroy = func(string, bool) error {
		return &libvirt.Error{Code: libvirt.OperationTimeout, Message: "cannot acquire state change lock"}
	}
	h := fakeHost(t, f, virt.Options{StartGrace: time.Millisecond})
	lost, alive := newSketch(), newSketch()
	end := looksLikeQEMU(t, alive.id)
	h.create(alive.id, alive.xml())
	h.create(lost.id, lost.xml())
	if st := h.await(lost.id, "Down"); st["exitCode"] != 1.0 {
		t.Errorf("statistics: %v", st)
	}
	if got := h.stats(alive.id)["status"]; got != "WaitForLaunch" {
		t.Errorf("the VM with a process is %v", got)
	}
	end()
	h.await(alive.id, "Down")
	h.must("VM.destroy", vmID(lost.id))
	h.must("VM.destroy", vmID(alive.id))
}

// looksLikeQEMU runs a process that has the VM's id where QEMU has it.
func looksLikeQEMU(t *testing.T, id string) (end func()) {
	t.Helper()
	cmd := exec.Command("cat", "--", "-", "-uuid", id)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end = func() {
		_ = stdin.Close()
		_ = cmd.Wait() // there are no such files
	}
	t.Cleanup(end)
	return end
}

// A start that outlives the daemon is followed by the next one to its end.
func TestRecoveryDuringStart(t *testing.T) {
	t.Parallel()
	f := newFake()
	works, fails, lost, destroyed := newSketch(), newSketch(), newSketch(), newSketch()
	for _, s := range []sketch{works, fails, lost, destroyed} {
		if err := f.Define(t.Context(), s.xml()); err != nil {
			t.Fatal(err)
		}
		f.setStatus(s.id, startingUp)
	}
	defer looksLikeQEMU(t, works.id)()
	defer looksLikeQEMU(t, fails.id)()
	defer looksLikeQEMU(t, destroyed.id)()
	h := fakeHost(t, f, virt.Options{StartGrace: time.Millisecond})
	if st := h.stats(works.id); st["status"] != "WaitForLaunch" {
		t.Errorf("a VM that is starting: %v", st)
	}
	h.must("VM.destroy", vmID(destroyed.id))
	f.setStatus(works.id, libvirt.Status{State: libvirt.StateRunning})
	f.setStatus(fails.id, libvirt.Status{State: libvirt.StateShutoff})
	h.await(works.id, "Powering up")
	for _, s := range []sketch{fails, lost} {
		if st := h.await(s.id, "Down"); st["exitCode"] != 1.0 || st["exitMessage"] != "the start was interrupted" {
			t.Errorf("statistics: %v", st)
		}
	}
}

// The real libvirtd is killed between the note of a start and the start of
// QEMU.

// forgetsStart kills libvirtd so that it leaves such a domain.
type forgetsStart struct {
	*libvirt.Client
	t *testing.T
}

func (f forgetsStart) Create(ctx context.Context, id string, flags uint32) error {
	if err := f.Client.Create(ctx, id, flags); err != nil {
		return err
	}
	forgetStart(f.t, id)
	return libvirt.ErrUnavailable
}

// forgetStart makes libvirt believe of a domain that runs that it is about to.
func forgetStart(t *testing.T, id string) {
	t.Helper()
	private.kill(t)
	for _, pid := range processes("qemu", id) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(private.dir, "run/libvirt/qemu/vm-"+id[:8]+".xml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("notes of the start: %v, %v", files, err)
	}
	note, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	state := regexp.MustCompile(`<domstatus state='\w+' reason='[\w ]+' pid='\d+'>`)
	half := state.ReplaceAll(note, []byte("<domstatus state='paused' reason='starting up' pid='0'>"))
	if err := os.WriteFile(files[0], half, 0o600); err != nil {
		t.Fatal(err)
	}
	private.restart(t)
}

func TestStartForgottenByLibvirt(t *testing.T) {
	g := needGuestAndLibvirt(t)
	d := connect(t, private.uri(t))
	h, _ := startHost(t, d, virt.Options{Libvirt: forgetsStart{d.client, t}})
	s, _ := realSketch(t, g)
	h.create(s.id, s.xml())
	st := h.await(s.id, "Down")
	if st["exitCode"] != 1.0 || st["exitMessage"] == "" {
		t.Errorf("statistics: %v", st)
	}
	if status, err := d.client.State(t.Context(), s.id); err != nil || !status.Off() {
		t.Errorf("libvirt has it as %+v, %v", status, err)
	}
	h.must("VM.destroy", vmID(s.id))
}
