// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"encoding/json"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/test/hosttest"
)

// What a guest does itself, here with busybox in place of its usual program.
const (
	guestPowersOff = "rdinit=/bin/busybox -- poweroff -f"
	guestReboots   = "rdinit=/bin/busybox -- reboot -f"
)

func TestGuestPowersOff(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	events := hosttest.Listen(t, c)
	v := h.Guest(t, guestPowersOff)
	if _, err := hosttest.Create(t, c, v); err != nil {
		t.Fatal(err)
	}
	down := events.Await(t, v.ID, "Down")
	if down["exitReason"] != 7.0 {
		t.Errorf("event: %v", down)
	}
	hosttest.ExpectDown(t, c, v.ID, 0, 7)
}

func TestRebootEndsTheVM(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	v := h.Guest(t, guestReboots)
	if _, err := hosttest.Create(t, c, v); err != nil {
		t.Fatal(err)
	}
	mustCall(t, c, "VM.setDestroyOnReboot", params(v.ID), `true`)
	hosttest.ExpectDown(t, c, v.ID, 0, 13)
}

func TestResetEndsTheVM(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	events := hosttest.Listen(t, c)
	v := h.Tiny(t)
	hosttest.CreateUp(t, c, v)
	qemu := h.QEMU(v.ID)
	mustCall(t, c, "VM.reset", params(v.ID), `true`)
	events.Await(t, v.ID, "RebootInProgress")
	if now := h.QEMU(v.ID); now != qemu || now == 0 {
		t.Errorf("QEMU was %d and is %d", qemu, now)
	}
	mustCall(t, c, "VM.setDestroyOnReboot", params(v.ID), `true`)
	mustCall(t, c, "VM.reset", params(v.ID), `true`)
	hosttest.ExpectDown(t, c, v.ID, 0, 13)
}

// A guest without an agent is shut down by its power button.
func TestShutdownByACPI(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	v := h.Guest(t, "")
	begin, end := strings.Index(v.XML, "<channel"), strings.Index(v.XML, "</channel>")
	v.XML = v.XML[:begin] + v.XML[end+len("</channel>"):]
	hosttest.CreateUp(t, c, v)
	v.AwaitConsole(t, "MiB free") // it listens to its power button
	mustCall(t, c, "VM.shutdown", map[string]any{"vmID": v.ID, "delay": 1, "message": "good-bye", "timeout": 5}, `true`)
	if stats, err := hosttest.Stats(t.Context(), c, v.ID); err != nil || stats["status"] != "Powering down" && stats["status"] != "Down" {
		t.Errorf("statistics after VM.shutdown: %v, %v", stats, err)
	}
	// On a slow machine it may not listen yet: whoever pressed presses again.
	hosttest.Until(t, "Down", func() error {
		stats, err := hosttest.Stats(t.Context(), c, v.ID)
		if err != nil || stats["status"] == "Down" {
			return err
		}
		time.Sleep(5 * time.Second)
		_, err = c.Request(t.Context(), "VM.shutdown", map[string]any{"vmID": v.ID, "timeout": 5})
		return errors.Join(err, errors.New("the guest is still there"))
	})
	hosttest.ExpectDown(t, c, v.ID, 0, 6)
	v.AwaitConsole(t, "good-bye")
	for _, verb := range []string{"VM.shutdown", "VM.reset"} {
		_, err := c.Request(t.Context(), verb, params(v.ID))
		wantCode(t, verb+" of a VM that is down", err, 1)
	}
}

// A guest that does not listen is ended when that was allowed.
func TestForcedShutdown(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	v := h.Tiny(t)
	hosttest.CreateUp(t, c, v)
	mustCall(t, c, "VM.shutdown", map[string]any{"vmID": v.ID, "timeout": 1, "force": true}, `true`)
	hosttest.ExpectDown(t, c, v.ID, 0, 6)
}

func TestQEMUKilled(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	events := hosttest.Listen(t, c)
	v := h.Tiny(t)
	hosttest.CreateUp(t, c, v)
	if err := syscall.Kill(h.QEMU(v.ID), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	down := events.Await(t, v.ID, "Down")
	if down["exitCode"] != 1.0 || down["exitReason"] != 2.0 {
		t.Errorf("event: %v", down)
	}
	stats := hosttest.ExpectDown(t, c, v.ID, 1, 2)
	if stats["exitMessage"] != "Lost connection with qemu process" {
		t.Errorf("message: %v", stats["exitMessage"])
	}
	// It stays in the list until it is destroyed.
	checkLists(t, c, v.ID, "Down")
	mustCall(t, c, "VM.destroy", params(v.ID), `true`)
	_, err := c.Request(t.Context(), "VM.destroy", params(v.ID))
	wantCode(t, "the second VM.destroy", err, 1)
}

// What cannot start is Down with libvirt's words, and can be destroyed.
func TestCannotStart(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	v := h.Guest(t, "")
	v.XML = replace(t, v.XML, "<initrd>", "<initrd>/no/such/file")
	if _, err := hosttest.Create(t, c, v); err != nil {
		t.Fatal(err)
	}
	stats := hosttest.ExpectDown(t, c, v.ID, 1, 1)
	if text, _ := stats["exitMessage"].(string); text == "" {
		t.Errorf("statistics: %v", stats)
	}
	if raw, err := json.Marshal(stats["statusTime"]); err != nil || raw[0] != '"' {
		t.Errorf("statusTime: %s, %v", raw, err)
	}
	checkLists(t, c, v.ID, "Down")
	mustCall(t, c, "VM.destroy", params(v.ID), `true`)
}

// Destroying a VM that is just being started ends the start.
func TestDestroyDuringTheStart(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	for range 3 {
		v := h.Tiny(t)
		if _, err := hosttest.Create(t, c, v); err != nil {
			t.Fatal(err)
		}
		mustCall(t, c, "VM.destroy", params(v.ID), `true`)
		_, err := hosttest.Stats(t.Context(), c, v.ID)
		wantCode(t, "statistics", err, 1)
		if h.QEMU(v.ID) != 0 {
			t.Error("QEMU is left")
		}
	}
}
