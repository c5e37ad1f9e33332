// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"govdsm/internal/sandbox"
)

// private is a libvirtd of the tests' own, started when the first test needs
// it. It runs in a mount namespace and leaves nothing outside its folder.
var private = &privateLibvirt{}

type privateLibvirt struct {
	mu      sync.Mutex
	dir     string
	libvirt *sandbox.Libvirt
	err     error
}

// uri starts the libvirtd if need be. The test is skipped where there can be
// none.
func (p *privateLibvirt) uri(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can run a private libvirtd")
	}
	for _, tool := range []string{"libvirtd", "qemu-system-x86_64"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatal(err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.libvirt == nil && p.err == nil {
		p.err = p.start()
	}
	if p.err != nil {
		t.Fatal(p.err)
	}
	return p.libvirt.URI
}

// start starts libvirtd, or starts it again in the same place.
func (p *privateLibvirt) start() (err error) {
	if p.dir == "" {
		if p.dir, err = os.MkdirTemp("", "govdsm-virt-"); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p.libvirt, err = sandbox.StartLibvirt(ctx, p.dir, slog.New(slog.DiscardHandler))
	return err
}

// kill ends libvirtd as a crash does; its guests live on.
func (p *privateLibvirt) kill(t *testing.T) {
	t.Helper()
	pid := p.pid(t)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); syscall.Kill(pid, 0) == nil && !zombie(pid); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("libvirtd %d does not die", pid)
		}
	}
}

// restart starts libvirtd again.
func (p *privateLibvirt) restart(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
}

// pid is our libvirtd's, as the sandbox has noted it: looked for by its command
// line there are more, for every child looks like it until it becomes QEMU.
func (p *privateLibvirt) pid(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, "run", "libvirtd.process"))
	if err != nil {
		t.Fatal(err)
	}
	var note struct {
		PID int `json:"pid"`
	}
	if err := json.Unmarshal(text, &note); err != nil {
		t.Fatal(err)
	}
	return note.PID
}

// processes returns the processes whose command line has all the parts.
func processes(parts ...string) (pids []int) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
next:
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		cmdline, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if err != nil {
			continue
		}
		for _, part := range parts {
			if !strings.Contains(string(cmdline), part) {
				continue next
			}
		}
		pids = append(pids, pid)
	}
	return pids
}

// zombie reports whether nothing is left of a process but its exit code. One
// that was killed holds its locks until its last thread is gone, which may be
// after the first.
func zombie(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return errors.Is(err, os.ErrNotExist) ||
		strings.Contains(string(status), "\nState:\tZ") && strings.Contains(string(status), "\nThreads:\t1\n")
}

// stop ends libvirtd and everything it runs, and removes its folder.
func (p *privateLibvirt) stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.libvirt == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return errors.Join(p.libvirt.Stop(ctx), os.RemoveAll(p.dir))
}
