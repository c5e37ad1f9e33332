// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/test/hosttest"
)

// The life of a sandbox host: ready, asked to stop, gone with its VMs, and
// back again from the same folder.
func TestStartAndStop(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	host, port, err := net.SplitHostPort(h.Address)
	if err != nil || host != "127.0.0.1" || port == "0" {
		t.Errorf("ready at %q", h.Address)
	}
	c := h.Dial(t)
	v := h.Tiny(t)
	hosttest.CreateUp(t, c, v)
	if h.QEMU(v.ID) == 0 {
		t.Error("no QEMU runs")
	}
	h.Stop(t)
	if err := h.Leftovers(); err != nil {
		t.Error(err)
	}
	h.Run(t)
	if _, err := h.Dial(t).Request(t.Context(), "Host.ping2", map[string]any{}); err != nil {
		t.Error(err)
	}
	h.Stop(t)
}

// Sockets have short names; the folder of a sandbox need not.
func TestLongFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("a long and spacious name ", 6))
	h := hosttest.Start(t, hosttest.Dir(dir))
	c := h.Dial(t)
	hosttest.CreateUp(t, c, h.Tiny(t))
}

func TestOneDaemonForAFolder(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	ctx, cancel := context.WithTimeout(t.Context(), hosttest.Patience)
	defer cancel()
	starts := strings.Count(h.Log(), "vdsmd starts")
	var stderr bytes.Buffer
	second := h.Program(ctx, "vdsmd", "--sandbox", h.Dir, "--listen", "127.0.0.1:0")
	second.Stderr = &stderr
	if out, err := second.Output(); err == nil || len(out) > 0 {
		t.Errorf("a second vdsmd printed %q and ended with %v", out, err)
	}
	if !strings.Contains(stderr.String(), h.Dir) {
		t.Errorf("standard error: %s", &stderr)
	}
	if now := strings.Count(h.Log(), "vdsmd starts"); now != starts {
		t.Error("the second one wrote into the log of the first")
	}
	if _, err := h.Dial(t).Request(t.Context(), "Host.ping2", map[string]any{}); err != nil {
		t.Errorf("the first one: %v", err)
	}
}

func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	h := hosttest.New(t)
	occupied, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer occupied.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--sandbox", h.Dir, "stray"},
		{"--sandbox", h.Dir, "--listen", "nonsense"},
		{"--sandbox", h.Dir, "--listen", "127.0.0.1:port"},
		{"--sandbox", h.Dir, "--listen", "127.0.0.1:99999"},
		{"--sandbox", h.Dir, "--tls=perhaps"},
		{"--sandbox", h.Dir, "--unknown"},
		{"--sandbox", file, "--listen", "127.0.0.1:0"},
		{"--sandbox", h.Dir, "--listen", occupied.Addr().String()},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), hosttest.Patience)
		var stderr bytes.Buffer
		cmd := h.Program(ctx, "vdsmd", args...)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err == nil || ctx.Err() != nil || len(out) > 0 || !strings.Contains(stderr.String(), "vdsmd: ") && !strings.Contains(stderr.String(), "Usage") {
			t.Errorf("%q: %v, stdout %q, stderr %q", args, err, out, &stderr)
		}
		cancel()
	}
	if err := h.Leftovers(); err != nil {
		t.Error(err)
	}
}

// Faults of the configuration are told with file and line, and do not keep the
// host down.
func TestConfigurationFaults(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Config("[vars]\nssl = maybe\nno_such_option = 1\n[nowhere]\nx = 1\nnot a line\n"))
	file := filepath.Join(h.Dir, "etc/vdsm/vdsm.conf.d/50-test.conf")
	log := h.Log()
	for _, line := range []int{2, 3, 5, 6} {
		if place := fmt.Sprintf("%s:%d", file, line); !strings.Contains(log, place) {
			t.Errorf("the log says nothing of %s:\n%s", place, log)
		}
	}
}
