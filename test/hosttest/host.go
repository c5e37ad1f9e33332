// SPDX-License-Identifier: GPL-2.0-or-later

// Package hosttest starts sandbox hosts for tests that cross pillars: the real
// programs, a real libvirtd and real QEMU below one temporary folder.
package hosttest

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"govdsm/client"
	"govdsm/internal/pki"
	"govdsm/internal/sandbox"
)

// Patience bounds every wait for something that should come: far more than it
// takes on a slow machine, so that only what never comes fails a test.
const Patience = 90 * time.Second

// Host is a sandbox host.
type Host struct {
	Dir     string
	Address string // host:port where vdsmd answers

	bin   string
	args  []string
	plain bool
	cmd   *exec.Cmd
	exit  chan error
	err   *tailBuffer // what vdsmd wrote to standard error
}

// Option changes how a host is started.
type Option func(*Host)

// Plain serves without TLS.
func Plain() Option {
	return func(h *Host) { h.plain = true; h.args = append(h.args, "--tls=false") }
}

// Dir uses a folder of the caller's, say because its name is special.
func Dir(dir string) Option { return func(h *Host) { h.Dir = dir } }

// Config writes drop-in configuration before the first start.
func Config(t testing.TB, text string) Option {
	return func(h *Host) {
		t.Helper()
		dir := filepath.Join(h.Dir, "etc", "vdsm", "vdsm.conf.d")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "50-test.conf"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Start brings up a host and ends it, with all that runs in it, when the test
// does.
func Start(t testing.TB, options ...Option) *Host {
	t.Helper()
	h := &Host{Dir: t.TempDir(), bin: Bin(t)}
	for _, o := range options {
		o(h)
	}
	t.Cleanup(func() {
		h.Kill()
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		if err := sandbox.Clean(ctx, h.Dir, slog.New(slog.DiscardHandler)); err != nil {
			t.Errorf("cleaning up the sandbox: %v", err)
		}
		if t.Failed() {
			t.Logf("vdsmd's standard error:\n%s\nlast lines of its log:\n%s", h.err, h.LogTail(60))
		}
	})
	h.Run(t)
	return h
}

// Run starts vdsmd, again after Kill or Stop, and waits until it is ready.
func (h *Host) Run(t testing.TB) {
	t.Helper()
	args := append([]string{"--sandbox", h.Dir, "--listen", "127.0.0.1:0"}, h.args...)
	h.cmd = exec.Command(filepath.Join(h.bin, "vdsmd"), args...)
	h.err = &tailBuffer{}
	h.cmd.Stderr = h.err
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h.exit = make(chan error, 1)
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewReader(stdout)
		line, _ := lines.ReadString('\n') // an end without the line shows below
		ready <- line
		_, _ = io.Copy(io.Discard, lines)
		h.exit <- h.cmd.Wait()
	}()
	select {
	case line := <-ready:
		address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
		if !ok {
			t.Fatalf("vdsmd printed %q, not ready; standard error:\n%s", line, h.err)
		}
		h.Address = address
	case <-time.After(Patience):
		t.Fatalf("vdsmd is not ready after %s; standard error:\n%s", Patience, h.err)
	}
}

// PID is the process id of vdsmd.
func (h *Host) PID() int { return h.cmd.Process.Pid }

// Kill ends vdsmd as a power cut would; everything else in the sandbox runs on.
func (h *Host) Kill() {
	if h.cmd == nil || h.exit == nil {
		return
	}
	_ = h.cmd.Process.Kill() // it may be gone already
	<-h.exit
	h.exit = nil
}

// Stop asks vdsmd to stop and returns how it exited.
func (h *Host) Stop(t testing.TB) error {
	t.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-h.exit:
		h.exit = nil
		return err
	case <-time.After(Patience):
		t.Fatalf("vdsmd does not stop; standard error:\n%s", h.err)
		return errors.New("unreachable")
	}
}

// TLS returns a caller's TLS configuration, nil on a plain host.
func (h *Host) TLS(t testing.TB) *tls.Config {
	t.Helper()
	if h.plain {
		return nil
	}
	source, err := pki.Open(pki.At(h.ClientPKI()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return source.Client()
}

// ClientPKI is the folder of an identity for callers.
func (h *Host) ClientPKI() string { return sandbox.Layout{Dir: h.Dir}.ClientPKI() }

// Dial connects a client that is closed when the test ends.
func (h *Host) Dial(t testing.TB) *client.Host {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	c, err := client.Dial(ctx, client.Options{Address: h.Address, TLS: h.TLS(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// Program returns a command of the programs' folder, ready to run.
func (h *Host) Program(ctx context.Context, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, filepath.Join(h.bin, name), args...)
}

// LogTail returns the last n lines of vdsmd's log.
func (h *Host) LogTail(n int) string {
	text, err := os.ReadFile(filepath.Join(h.Dir, "log", "vdsm", "vdsm.log"))
	if err != nil {
		return err.Error()
	}
	lines := strings.SplitAfter(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n-1):], "")
}

// tailBuffer keeps the end of what is written to it.
type tailBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *tailBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	const most = 16 << 10
	b.text = append(b.text, p...)
	b.text = b.text[max(0, len(b.text)-most):]
	return len(p), nil
}

func (b *tailBuffer) String() string {
	if b == nil {
		return ""
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}
