// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/internal/virt"
)

// The tests of this file run guests under QEMU's emulator.

// runs are the statuses of a guest that runs: the first for its first minute,
// which may be over on a slow machine.
var runs = []string{"Powering up", "Up"}

// realHost is a pillar on the private libvirtd.
func realHost(t *testing.T, o virt.Options) (*host, *driver) {
	t.Helper()
	d := connect(t, private.uri(t))
	h, _ := startHost(t, d, o)
	return h, d
}

// launch starts a guest and waits for its QEMU only.
func (h *host) launch(t *testing.T) sketch {
	t.Helper()
	s, _ := realSketch(t, needGuest(t))
	h.create(s.id, s.xml())
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_ = h.client.Destroy(ctx, s.id, false) // gone already where the test went well
		_ = h.client.Undefine(ctx, s.id)
	})
	h.awaitEvent(s.id, "Powering up")
	return s
}

// boot starts a guest and waits until it says that it is up.
func (h *host) boot(t *testing.T) sketch {
	t.Helper()
	s := h.launch(t)
	h.awaitConsole(consoleOf(s))
	return s
}

func (h *host) awaitConsole(file string) {
	h.t.Helper()
	h.eventually(func() bool {
		text, _ := os.ReadFile(file)
		return strings.Contains(string(text), "guest is up")
	}, func() string {
		text, err := os.ReadFile(file)
		return "the guest does not come up: " + string(text) + errorText(err)
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestRealLife(t *testing.T) {
	h, _ := realHost(t, virt.Options{SampleInterval: 200 * time.Millisecond})
	s := h.boot(t)

	h.eventually(func() bool { return h.stats(s.id)["cpuActual"] == true },
		func() string { return "no processor figures come" })
	st := h.stats(s.id)
	for _, name := range []string{"balloonInfo", "vcpuCount", "hash", "displayInfo"} {
		if st[name] == nil {
			t.Errorf("statistics lack %s: %v", name, st)
		}
	}
	if display := st["displayInfo"].([]any)[0].(object); display["ipAddress"] != "127.0.0.1" || display["port"] == "-1" {
		t.Errorf("display %v", display)
	}
	checkBalloon(t, h, s.id)
	checkScreenshot(t, h, s.id)
	checkTicket(t, h, s.id)
	h.must("VM.pause", vmID(s.id))
	h.await(s.id, "Paused")
	h.must("VM.cont", vmID(s.id))
	h.await(s.id, runs...)
	h.must("VM.reset", vmID(s.id))
	h.await(s.id, "RebootInProgress")
	h.must("VM.destroy", vmID(s.id))
	if down := h.awaitEvent(s.id, "Down"); down["exitReason"] != 6.0 || down["exitCode"] != 0.0 {
		t.Errorf("event of the end: %v", down)
	}
	if pids := processes("qemu", s.id); len(pids) > 0 {
		t.Errorf("QEMU still runs as %v", pids)
	}
}

// The guest agent does not answer, the power button does.
func TestShutdownByACPI(t *testing.T) {
	h, _ := realHost(t, virt.Options{})
	s := h.boot(t)
	t.Cleanup(func() {
		if t.Failed() {
			text, err := os.ReadFile(consoleOf(s))
			t.Logf("console: %s %v", text, err)
		}
	})
	h.must("VM.shutdown", object{"vmID": s.id, "delay": 1, "message": "bye", "timeout": 100})
	if got := h.stats(s.id)["status"]; got != "Powering down" && got != "Down" {
		t.Errorf("status %v after the request", got)
	}
	down := h.awaitEvent(s.id, "Down")
	if down["exitReason"] != 6.0 || down["exitCode"] != 0.0 {
		t.Errorf("event of the end: %v", down)
	}
	h.must("VM.destroy", vmID(s.id))
}

func TestQEMUKilled(t *testing.T) {
	h, _ := realHost(t, virt.Options{})
	s := h.launch(t)
	h.kill(s)
	down := h.awaitEvent(s.id, "Down")
	if down["exitReason"] != 2.0 || down["exitCode"] != 1.0 || down["exitMessage"] != "Lost connection with qemu process" {
		t.Errorf("event of the end: %v", down)
	}
	h.must("VM.destroy", vmID(s.id))
}

// kill ends the guest's QEMU as a crash does.
func (h *host) kill(s sketch) {
	h.t.Helper()
	pids := processes("qemu", s.id)
	if len(pids) != 1 {
		h.t.Fatalf("QEMU runs as %v", pids)
	}
	if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil {
		h.t.Fatal(err)
	}
}

// A guest that was told to end at its reboot does.
func TestDestroyOnReboot(t *testing.T) {
	h, _ := realHost(t, virt.Options{})
	s, _ := realSketch(t, needGuest(t))
	s.kernel = strings.Replace(s.kernel, "quiet", "quiet reboot_once", 1)
	h.create(s.id, s.xml())
	h.must("VM.setDestroyOnReboot", vmID(s.id))
	down := h.awaitEvent(s.id, "Down")
	if down["exitReason"] != 13.0 || down["exitMessage"] != "Down as a part of the reboot process" {
		t.Errorf("event of the end: %v", down)
	}
	if got := h.events.statuses(t, s.id); !slices.Contains(got, "RebootInProgress") {
		t.Errorf("events %v", got)
	}
	h.must("VM.destroy", vmID(s.id))
}
