// SPDX-License-Identifier: GPL-2.0-or-later

// Package hosttest starts sandbox hosts for tests that cross pillars: the real
// programs, a real libvirtd and real QEMU below one temporary folder.
//
// It promises to leave nothing behind, and fails the test that does: no
// process, no mount. A package that uses it says in its TestMain
//
//	os.Exit(hosttest.Main(m))
package hosttest

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/client"
	"govdsm/internal/pki"
	"govdsm/internal/sandbox"
)

// Patience bounds every wait for something that should come: far more than it
// takes on a slow machine, so that only what never comes fails a test.
const Patience = 120 * time.Second

// Host is a sandbox host.
type Host struct {
	Dir     string
	Address string // host:port where vdsmd answers

	bin    string
	args   []string
	before []func(*Host) error // what is done before the first start
	plain  bool
	cmd    *exec.Cmd
	exit   chan error
	err    *tailBuffer // what vdsmd wrote to standard error
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
func Config(text string) Option {
	return func(h *Host) {
		h.before = append(h.before, func(h *Host) error {
			return h.write("etc/vdsm/vdsm.conf.d/50-test.conf", text, 0o644)
		})
	}
}

// Hook installs a shell script at a hook point before the first start.
func Hook(point, name, script string) Option {
	return func(h *Host) {
		h.before = append(h.before, func(h *Host) error {
			return h.write(filepath.Join("hooks", point, name), "#!/bin/sh\n"+script, 0o755)
		})
	}
}

// Prepare does something before the first start.
func Prepare(f func(*Host) error) Option {
	return func(h *Host) { h.before = append(h.before, f) }
}

// write makes a file of the sandbox, with the folders above it.
func (h *Host) write(name, text string, mode os.FileMode) error {
	file := filepath.Join(h.Dir, name)
	return errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), mode))
}

// Start brings up a host and ends it, with all that runs in it, when the test
// does.
func Start(t testing.TB, options ...Option) *Host {
	t.Helper()
	h := New(t, options...)
	h.Run(t)
	return h
}

// New makes the folder of a host that Run starts, and ends what runs in it when
// the test does.
func New(t testing.TB, options ...Option) *Host {
	t.Helper()
	h := &Host{Dir: t.TempDir(), bin: Bin(t)}
	for _, o := range options {
		o(h)
	}
	t.Cleanup(func() {
		if err := h.end(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(h.Story())
		}
	})
	if err := h.prepare(); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *Host) prepare() error {
	for _, f := range h.before {
		if err := f(h); err != nil {
			return err
		}
	}
	return nil
}

// end ends the host and reports what did not end well or was left behind.
func (h *Host) end() error {
	err := h.stop()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	// A vdsmd that was killed has left its host running.
	if cleaning := sandbox.Clean(ctx, h.Dir, slog.New(slog.DiscardHandler)); cleaning != nil {
		err = errors.Join(err, fmt.Errorf("cleaning up the sandbox: %w", cleaning))
	}
	if race := h.err.race(); race != "" {
		err = errors.Join(err, fmt.Errorf("vdsmd raced:\n%s", race))
	}
	return errors.Join(err, h.Leftovers())
}

// Story is what vdsmd has said, for the report of a failed test.
func (h *Host) Story() string {
	return fmt.Sprintf("vdsmd's standard error:\n%s\nlast lines of its log:\n%s", h.err, h.LogTail(60))
}

// Run starts vdsmd, again after Kill or Stop, and waits until it is ready.
func (h *Host) Run(t testing.TB) {
	t.Helper()
	if err := h.run(); err != nil {
		t.Fatal(err)
	}
}

func (h *Host) run() error {
	args := append([]string{"--sandbox", h.Dir, "--listen", "127.0.0.1:0"}, h.args...)
	h.cmd = exec.Command(filepath.Join(h.bin, "vdsmd"), args...)
	if h.err == nil {
		h.err = &tailBuffer{}
	}
	h.cmd.Stderr = h.err
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := h.cmd.Start(); err != nil {
		return err
	}
	exit, ready := make(chan error, 1), make(chan string, 1)
	h.exit = exit
	cmd := h.cmd
	go func() {
		lines := bufio.NewReader(stdout)
		line, _ := lines.ReadString('\n') // an end without the line shows below
		ready <- line
		_, _ = io.Copy(io.Discard, lines)
		exit <- cmd.Wait()
	}()
	select {
	case line := <-ready:
		address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
		if !ok {
			return fmt.Errorf("vdsmd printed %q, not ready; %s", line, h.Story())
		}
		h.Address = address
		return nil
	case <-time.After(Patience):
		return fmt.Errorf("vdsmd is not ready after %s; %s", Patience, h.Story())
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

// Stop asks vdsmd to stop, which must work.
func (h *Host) Stop(t testing.TB) {
	t.Helper()
	if err := h.stop(); err != nil {
		t.Fatalf("%v; %s", err, h.Story())
	}
}

func (h *Host) stop() error {
	if h.cmd == nil || h.exit == nil {
		return nil
	}
	_ = h.cmd.Process.Signal(syscall.SIGTERM) // it may have ended, which shows below
	select {
	case err := <-h.exit:
		h.exit = nil
		if err != nil {
			return fmt.Errorf("vdsmd ended with %w", err)
		}
		return nil
	case <-time.After(Patience):
		h.Kill()
		return errors.New("vdsmd does not stop")
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
