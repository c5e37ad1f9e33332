// SPDX-License-Identifier: GPL-2.0-or-later

package kvm

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// emulator writes a program that stands in for QEMU.
func emulator(t *testing.T, script string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "qemu")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

// The guest itself is sound: where KVM fails, it is not the guest's fault.
func TestGuestRunsUnderEmulation(t *testing.T) {
	t.Parallel()
	qemu, err := Emulator()
	if err != nil {
		t.Fatal(err)
	}
	if r := boot(t.Context(), qemu, "tcg", time.Minute); !r.Usable {
		t.Error(r.Reason)
	}
}

// The same guest for the other processor, where its emulator is installed.
func TestArmGuestRunsUnderEmulation(t *testing.T) {
	t.Parallel()
	qemu, err := exec.LookPath("qemu-system-aarch64")
	if err != nil {
		t.Skip("qemu-system-aarch64 is not installed")
	}
	file := filepath.Join(t.TempDir(), "guest")
	if err := os.WriteFile(file, armImage(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), qemu, "-accel", "tcg", "-M", "virt", "-cpu", "max", "-nodefaults",
		"-display", "none", "-no-reboot", "-m", "16", "-kernel", file).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, want string }{
		"fails":   {"echo could not access KVM >&2; exit 1", "could not access KVM"},
		"hangs":   {"exec sleep 60", "got nowhere"},
		"wrong":   {"exit 0", "exit status 0"},
		"crashes": {"kill -SEGV $$", "segmentation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit := time.Minute
			if name == "hangs" {
				limit = 100 * time.Millisecond
			}
			r := boot(t.Context(), emulator(t, c.script), "kvm", limit)
			if r.Usable || !strings.Contains(r.Reason, c.want) {
				t.Errorf("%+v, want a reason with %q", r, c.want)
			}
		})
	}
	if r := boot(t.Context(), "/no/such/qemu", "kvm", time.Minute); r.Usable || !strings.Contains(r.Reason, "no such file") {
		t.Errorf("%+v", r)
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "cache", "kvm")
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		t.Fatal(err)
	}
	id := strings.TrimSpace(string(boot))
	const none = "/no/such/qemu" // so that a new probe fails for sure
	for name, c := range map[string]struct {
		known memory
		reuse bool
	}{
		"good":              {memory{Result{Usable: true}, id, none, time.Now().Add(-1000 * time.Hour)}, true},
		"good, other boot":  {memory{Result{Usable: true}, "another", none, time.Now()}, false},
		"good, other qemu":  {memory{Result{Usable: true}, id, "another", time.Now()}, false},
		"bad, lately":       {memory{Result{Reason: "remembered"}, id, none, time.Now()}, true},
		"bad, a while ago":  {memory{Result{Reason: "remembered"}, id, none, time.Now().Add(-time.Hour)}, false},
		"bad, clock is off": {memory{Result{Reason: "remembered"}, id, none, time.Now().Add(time.Hour)}, false},
	} {
		if err := c.known.save(file); err != nil {
			t.Fatal(err)
		}
		got := Cached(t.Context(), none, file)
		if (got == c.known.Result) != c.reuse {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if err := os.WriteFile(file, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Cached(t.Context(), none, file); got.Usable {
		t.Errorf("%+v", got)
	}
	if known, ok := recall(file); !ok || known.Usable || known.Boot != id {
		t.Errorf("kept %+v", known)
	}
}

// Whatever this machine is, the answer comes in time and with a reason.
func TestThisMachine(t *testing.T) {
	t.Parallel()
	r := Probe(t.Context(), "")
	if r.Usable != (r.Reason == "") {
		t.Errorf("%+v", r)
	}
	t.Logf("%+v", r)
}
