// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"govdsm/test/hosttest"
)

// Killing vdsmd touches no VM, and the next one knows them all.
func TestKilledAndBack(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	c := h.Dial(t)
	kept, paused, dies, down := h.Tiny(t), h.Tiny(t), h.Tiny(t), h.Tiny(t)
	for _, v := range []hosttest.VM{kept, paused, dies, down} {
		hosttest.CreateUp(t, c, v)
	}
	mustCall(t, c, "VM.pause", params(paused.ID), `{"vmList":{}}`)
	killQEMU(t, h, down)
	hosttest.ExpectDown(t, c, down.ID, 1, 2)
	before, err := hosttest.Stats(t.Context(), c, kept.ID)
	if err != nil {
		t.Fatal(err)
	}
	qemu := h.QEMU(kept.ID)

	h.Kill()
	killQEMU(t, h, dies)
	h.Run(t)
	c = h.Dial(t)
	events := hosttest.Listen(t, c)
	if now := h.QEMU(kept.ID); now != qemu {
		t.Errorf("QEMU was process %d and is %d", qemu, now)
	}
	after := hosttest.AwaitStatus(t, c, kept.ID, "Powering up", "Up")
	for _, name := range []string{"vmId", "vmName", "vmType", "hash", "acpiEnable"} {
		if after[name] != before[name] {
			t.Errorf("%s was %v and is %v", name, before[name], after[name])
		}
	}
	hosttest.Until(t, "statistics of the VM found again", func() error {
		stats, err := hosttest.Stats(t.Context(), c, kept.ID)
		if err == nil && stats["cpuUser"] == nil {
			err = fmt.Errorf("statistics: %v", stats)
		}
		return err
	})
	if stats := hosttest.AwaitStatus(t, c, paused.ID, "Paused"); stats["pauseCode"] != "NOERR" {
		t.Errorf("the paused one: %v", stats)
	}
	hosttest.ExpectDown(t, c, down.ID, 1, 2)
	stats := hosttest.AwaitStatus(t, c, dies.ID, "Down")
	if reason, _ := stats["exitReason"].(float64); stats["exitCode"] != 1.0 || reason == 0 || stats["exitMessage"] == "" {
		t.Errorf("the one that died meanwhile: %v", stats)
	}

	mustCall(t, c, "VM.cont", params(paused.ID), `{"vmList":{}}`)
	events.Await(t, paused.ID, "Powering up")
	killQEMU(t, h, kept)
	events.Await(t, kept.ID, "Down")
	hosttest.ExpectDown(t, c, kept.ID, 1, 2)
	for _, v := range []hosttest.VM{kept, paused, dies, down} {
		mustCall(t, c, "VM.destroy", params(v.ID), `true`)
	}
	h.Kill()
	h.Run(t)
	mustCall(t, h.Dial(t), "Host.getVMList", map[string]any{}, `[]`)
}

func killQEMU(t *testing.T, h *hosttest.Host, v hosttest.VM) {
	t.Helper()
	pid := h.QEMU(v.ID)
	if pid == 0 {
		t.Fatal("there is no QEMU to kill")
	}
	hosttest.KillProcess(t, pid)
}

// Killing supervdsmd costs what needs root, and nothing else.
func TestSupervdsmdKilled(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	c := h.Dial(t)
	v := h.Tiny(t)
	hosttest.CreateUp(t, c, v)
	qemu := h.QEMU(v.ID)
	var before, without, after map[string]any
	if err := c.Invoke(t.Context(), "Host.getHardwareInfo", map[string]any{}, &before); err != nil {
		t.Fatal(err)
	}
	h.KillDaemon(t, "supervdsmd")
	// An answer with what is known, or an error, but at once and no hang.
	ctx, cancel := context.WithTimeout(t.Context(), hosttest.Patience)
	defer cancel()
	if err := c.Invoke(ctx, "Host.getHardwareInfo", map[string]any{}, &without); err != nil && ctx.Err() != nil {
		t.Errorf("Host.getHardwareInfo without supervdsmd: %v", err)
	}
	for _, verb := range []string{"Host.getCapabilities", "Host.getStats", "Host.getAllVmStats"} {
		if _, err := c.Request(ctx, verb, map[string]any{}); err != nil {
			t.Errorf("%s without supervdsmd: %v", verb, err)
		}
	}
	h.Kill()
	h.Run(t)
	c = h.Dial(t)
	if err := c.Invoke(t.Context(), "Host.getHardwareInfo", map[string]any{}, &after); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, after) {
		t.Errorf("hardware was %v and is %v", before, after)
	}
	if now := h.QEMU(v.ID); now != qemu {
		t.Errorf("QEMU was process %d and is %d", qemu, now)
	}
}

// libvirtd dies: calls fail at once, the host says that it is not well, VMs
// run on; it comes back: everything is as before.
func TestLibvirtdKilled(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	c := h.Dial(t)
	events := hosttest.Listen(t, c)
	v, dies := h.Tiny(t), h.Tiny(t)
	hosttest.CreateUp(t, c, v)
	hosttest.CreateUp(t, c, dies)
	qemu := h.QEMU(v.ID)
	if status, body := h.Get(t, "/healthz"); status != 200 {
		t.Errorf("/healthz answers %d: %s", status, body)
	}

	h.KillDaemon(t, "libvirtd")
	hosttest.Until(t, "the loss to be noticed", func() error {
		status, body := h.Get(t, "/healthz")
		if status != 503 || !strings.Contains(body, "not connected") || h.Metric(t, "vdsm_libvirt_connected") != 0 {
			return fmt.Errorf("/healthz answers %d: %s", status, body)
		}
		return nil
	})
	for _, verb := range []string{"VM.pause", "VM.reset", "VM.destroy"} {
		began := time.Now()
		if _, err := c.Request(t.Context(), verb, params(v.ID)); err == nil {
			t.Errorf("%s without libvirt succeeded", verb)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s without libvirt took %v", verb, took)
		}
	}
	for _, verb := range []string{"Host.ping2", "Host.getVMList", "Host.getAllVmStats", "Host.getStats", "Host.getCapabilities"} {
		if _, err := c.Request(t.Context(), verb, map[string]any{}); err != nil {
			t.Errorf("%s without libvirt: %v", verb, err)
		}
	}
	if h.QEMU(v.ID) != qemu {
		t.Error("QEMU did not survive")
	}
	killQEMU(t, h, dies)

	h.StartLibvirt(t)
	awaitHealth(t, h)
	events.Await(t, dies.ID, "Down")
	hosttest.ExpectDown(t, c, dies.ID, 1, 2)
	hosttest.Until(t, "VM.pause", func() error {
		_, err := c.Request(t.Context(), "VM.pause", params(v.ID))
		return err
	})
	hosttest.AwaitStatus(t, c, v.ID, "Paused")
	mustCall(t, c, "VM.cont", params(v.ID), `{"vmList":{}}`)
	killQEMU(t, h, v)
	events.Await(t, v.ID, "Down")
}

// libvirtd dies in the middle of a start: the VM is up or Down in the end,
// never in between, and its id can be used again.
func TestLibvirtdKilledDuringCreate(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	c := h.Dial(t)
	v := h.Tiny(t)
	if _, err := hosttest.Create(t, c, v); err != nil {
		t.Fatal(err)
	}
	h.KillDaemon(t, "libvirtd")
	h.StartLibvirt(t)
	var stats map[string]any
	hosttest.Until(t, "the end of the start", func() (err error) {
		stats, err = hosttest.Stats(t.Context(), c, v.ID)
		if err == nil && stats["status"] == "WaitForLaunch" {
			err = fmt.Errorf("statistics: %v", stats)
		}
		return err
	})
	switch stats["status"] {
	case "Down":
		if stats["exitCode"] != 1.0 || h.QEMU(v.ID) != 0 {
			t.Errorf("statistics: %v; QEMU %d", stats, h.QEMU(v.ID))
		}
	default:
		if h.QEMU(v.ID) == 0 {
			t.Errorf("without QEMU: %v", stats)
		}
	}
	awaitHealth(t, h)
	mustCall(t, c, "VM.destroy", params(v.ID), `true`)
	hosttest.CreateUp(t, c, v)
}

func awaitHealth(t *testing.T, h *hosttest.Host) {
	t.Helper()
	hosttest.Until(t, "a healthy host", func() error {
		if status, body := h.Get(t, "/healthz"); status != 200 {
			return fmt.Errorf("/healthz answers %d: %s", status, body)
		}
		return nil
	})
}
