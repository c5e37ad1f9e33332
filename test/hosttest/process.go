// SPDX-License-Identifier: GPL-2.0-or-later

package hosttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/internal/sandbox"
)

// Daemon returns the process id of a daemon beside vdsmd: "libvirtd" or
// "supervdsmd".
func (h *Host) Daemon(t testing.TB, name string) int {
	t.Helper()
	pid, err := h.daemon(name)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func (h *Host) daemon(name string) (int, error) {
	text, err := os.ReadFile(filepath.Join(h.Dir, "run", name+".process"))
	if err != nil {
		return 0, err
	}
	var p struct {
		PID int `json:"pid"`
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return 0, err
	}
	return p.PID, nil
}

// KillDaemon ends a daemon beside vdsmd as a power cut would.
func (h *Host) KillDaemon(t testing.TB, name string) {
	t.Helper()
	KillProcess(t, h.Daemon(t, name))
}

// StartLibvirt brings libvirtd back after it was killed, as systemd does on a
// real host.
func (h *Host) StartLibvirt(t testing.TB) {
	t.Helper()
	if _, err := sandbox.StartLibvirt(t.Context(), h.Dir, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
}

// KillProcess kills a process of a sandbox and waits until it is gone.
func KillProcess(t testing.TB, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("killing %d: %v", pid, err)
	}
	Until(t, fmt.Sprintf("the end of process %d", pid), func() error {
		if alive(pid) {
			return errors.New("it is still there")
		}
		return nil
	})
}

// alive reports whether more is left of a process than its exit code. One that
// was killed holds its locks until its last thread is gone, which may be after
// the first.
func alive(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false
	}
	return !bytes.Contains(status, []byte("\nState:\tZ")) || !bytes.Contains(status, []byte("\nThreads:\t1\n"))
}

// QEMU returns the process id of the VM's QEMU, 0 when there is none.
func (h *Host) QEMU(id string) int {
	for pid := range processes() {
		command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if bytes.Contains(command, []byte(id)) && bytes.HasPrefix(command, []byte("/usr/bin/qemu")) && alive(pid) {
			return pid
		}
	}
	return 0
}

func processes() map[int]bool {
	found := make(map[int]bool)
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			found[pid] = true
		}
	}
	return found
}

// Leftovers reports processes that have to do with the host, and mounts below
// its folder. After an orderly end there are none.
func (h *Host) Leftovers() error {
	var err error
	// A process that was just killed takes a moment to go.
	for deadline := time.Now().Add(Patience); ; time.Sleep(20 * time.Millisecond) {
		if err = h.leftovers(); err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

func (h *Host) leftovers() error {
	var errs []error
	for pid := range processes() {
		if pid == os.Getpid() || !alive(pid) {
			continue
		}
		command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		environment, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if bytes.Contains(command, []byte(h.Dir)) || bytes.Contains(environment, []byte(h.Dir)) {
			errs = append(errs, fmt.Errorf("process %d is left: %.300s", pid, bytes.ReplaceAll(command, []byte{0}, []byte{' '})))
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		errs = append(errs, err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, h.Dir+"/") {
			errs = append(errs, fmt.Errorf("a mount is left: %s", line))
		}
	}
	return errors.Join(errs...)
}
