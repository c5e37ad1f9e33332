// SPDX-License-Identifier: GPL-2.0-or-later

package kvm

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A probe whose program is killed leaves no guest and no file behind.
func TestNothingOutlivesUs(t *testing.T) {
	if emulator := os.Getenv("GOVDSM_PROBE_WITH"); emulator != "" {
		boot(t.Context(), emulator, "kvm", time.Hour) // in the process below
		return
	}
	// An emulator that tells its process id and then gets nowhere.
	dir := t.TempDir()
	emulator, pidFile := filepath.Join(dir, "emulator"), filepath.Join(dir, "pid")
	script := "#!/bin/sh\necho $$ >" + pidFile + ".new; mv " + pidFile + ".new " + pidFile + "\nexec sleep 3600\n"
	if err := os.WriteFile(emulator, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	self := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNothingOutlivesUs$")
	temporary := t.TempDir()
	self.Env = append(os.Environ(), "GOVDSM_PROBE_WITH="+emulator, "TMPDIR="+temporary)
	if err := self.Start(); err != nil {
		t.Fatal(err)
	}
	await := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal(what)
			}
		}
	}
	pid := 0
	await("the guest does not start", func() bool {
		text, err := os.ReadFile(pidFile)
		if err != nil {
			return false
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil
	})
	if err := self.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = self.Wait() // it was killed
	await("the guest lives on", func() bool { return gone(pid) })
	left, err := os.ReadDir(temporary)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// gone reports whether a process has ended, reaped or not.
func gone(pid int) bool {
	f, err := os.Open("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return syscall.Kill(pid, 0) != nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if state, ok := strings.CutPrefix(lines.Text(), "State:"); ok {
			return strings.HasPrefix(strings.TrimSpace(state), "Z")
		}
	}
	return false
}
