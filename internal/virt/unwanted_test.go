// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

// A VM that ended and is destroyed while libvirt is away is gone for managers,
// and its definition goes as soon as libvirt is back.
func TestDestroyedDuringOutage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "undefine")
	h, d := realHost(t, virt.Options{Unwanted: file})
	s := h.downDuringOutage(t, d)
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	private.restart(t)
	h.eventually(func() bool { return !h.defined(t, s.id) && gone(file) },
		func() string { return "the definition stays" })
}

// So it is when the daemon is restarted meanwhile: the VM is not listed again.
func TestDestroyedDuringOutageAndRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "undefine")
	d := connect(t, private.uri(t))
	first, stop := startHost(t, d, virt.Options{Unwanted: file})
	s := first.downDuringOutage(t, d)
	stop()
	private.restart(t)
	h, _ := startHost(t, d, virt.Options{Unwanted: file})
	h.refused("VM.getStats", vmID(s.id), api.ErrNoSuchVM)
	if h.defined(t, s.id) || !gone(file) {
		t.Error("the definition stays")
	}
}

// downDuringOutage destroys a VM that has ended, without libvirt.
func (h *host) downDuringOutage(t *testing.T, d *driver) sketch {
	t.Helper()
	s := h.launch(t)
	h.kill(s)
	h.await(s.id, "Down")
	private.kill(t)
	h.eventually(func() bool { return !d.client.Connected() },
		func() string { return "the loss of libvirtd is not noticed" })
	h.must("VM.destroy", vmID(s.id))
	h.refused("VM.getStats", vmID(s.id), api.ErrNoSuchVM)
	return s
}

// defined reports whether libvirt, which may be busy with its start, has the
// domain.
func (h *host) defined(t *testing.T, id string) bool {
	t.Helper()
	found, err := h.client.Find(t.Context(), id, "no such name")
	return err != nil || len(found) > 0
}

func gone(file string) bool {
	_, err := os.Stat(file)
	return os.IsNotExist(err)
}

// What was to be undefined and runs again, or is created again, is wanted.
func TestUnwantedAgain(t *testing.T) {
	t.Parallel()
	f := newFake()
	runs, off, again := newSketch(), newSketch(), newSketch()
	for _, s := range []sketch{runs, off} {
		if err := f.Define(t.Context(), s.xml()); err != nil {
			t.Fatal(err)
		}
	}
	f.setStatus(runs.id, libvirt.Status{State: libvirt.StateRunning})
	file := filepath.Join(t.TempDir(), "undefine")
	list := strings.Join([]string{runs.id, off.id, "rubbish", "../../etc/passwd", ""}, "\n")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	h := fakeHost(t, f, virt.Options{Unwanted: file})
	if st := h.stats(runs.id); st["status"] != "Powering up" {
		t.Errorf("the VM that runs again: %v", st)
	}
	h.refused("VM.getStats", vmID(off.id), api.ErrNoSuchVM)
	if f.defined(off.id) != "" || f.defined(runs.id) == "" || !gone(file) {
		t.Error("not what was unwanted is gone")
	}
	h.create(again.id, again.xml())
	h.awaitEvent(again.id, "Powering up")
	f.setStatus(again.id, libvirt.Status{State: libvirt.StateShutoff})
	h.vms.Handle(stopped(again.id))
	h.await(again.id, "Down")
	f.mu.Lock()
	f.onUndefine = func(string) error { return libvirt.ErrUnavailable }
	f.mu.Unlock()
	h.must("VM.destroy", vmID(again.id))
	if text, err := os.ReadFile(file); err != nil || string(text) != again.id+"\n" {
		t.Errorf("the file has %q, %v", text, err)
	}
	f.mu.Lock()
	f.onUndefine = nil
	f.mu.Unlock()
	h.create(again.id, again.xml())
	h.await(again.id, "Powering up")
	h.vms.Handle(libvirt.Connected{})
	if f.defined(again.id) == "" || !gone(file) {
		t.Error("the VM is undefined under its feet")
	}
}
