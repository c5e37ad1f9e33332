// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"govdsm/internal/sandbox"
)

const (
	startLimit = 2 * time.Minute
	stopLimit  = time.Minute
)

// agent is a vdsmd that runs a host of its own.
type agent struct {
	dir     string
	address string // host:port
	cmd     *exec.Cmd
	exited  chan error // gets one value
}

// startAgent returns when the host answers calls.
func startAgent(ctx context.Context, bin, dir string) (*agent, error) {
	a := &agent{dir: dir, exited: make(chan error, 1)}
	a.cmd = exec.Command(filepath.Join(bin, "vdsmd"), "--sandbox", dir, "--listen", "127.0.0.1:0")
	// A file, not a pipe: vdsmd must be able to end in good order after us.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	stderr, err := os.Create(a.errors())
	if err != nil {
		return nil, err
	}
	defer stderr.Close()
	a.cmd.Stderr = stderr
	// A group of its own, since Ctrl-C is for us to handle; and an end in good
	// order even when we are killed.
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	stdout, err := a.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := a.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w (make build makes it)", err)
	}
	first := make(chan string, 1)
	go func() {
		out := bufio.NewReader(stdout)
		line, _ := out.ReadString('\n') // without a line the process has ended
		first <- line
		_, _ = io.Copy(io.Discard, out)
		a.exited <- a.cmd.Wait()
	}()
	select {
	case line := <-first:
		address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
		if !ok {
			err = fmt.Errorf("vdsmd does not start:\n%s", a.said())
		}
		a.address = address
	case <-ctx.Done():
		err = errors.New("interrupted")
	case <-time.After(startLimit):
		err = fmt.Errorf("vdsmd is not ready after %v:\n%s", startLimit, a.said())
	}
	if err != nil {
		return nil, errors.Join(err, a.stop())
	}
	return a, nil
}

// stop ends vdsmd, which ends its host. If it cannot any more, the host is
// ended without it.
func (a *agent) stop() error {
	_ = a.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-a.exited:
	case <-time.After(stopLimit):
		_ = a.cmd.Process.Kill()
		<-a.exited
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	return sandbox.Clean(ctx, a.dir, slog.New(slog.DiscardHandler))
}

// errors is the file with what vdsmd has to say before it has a log.
func (a *agent) errors() string { return filepath.Join(a.dir, "vdsmd.err") }

// said returns the end of it.
func (a *agent) said() string { return string(tail(a.errors())) }

func (a *agent) pki() string { return sandbox.Layout{Dir: a.dir}.ClientPKI() }

func (a *agent) port() string {
	_, port, err := net.SplitHostPort(a.address)
	if err != nil {
		return a.address
	}
	return port
}

// lastLine returns the last line that the guest has finished on its console.
func lastLine(file string) string {
	text := string(tail(file))
	text = text[:strings.LastIndexByte(text, '\n')+1] // the rest is being written
	text = strings.TrimRight(text, "\r\n")
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

// tail returns the end of a file, or nothing if it cannot be read.
func tail(file string) []byte {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	end := make([]byte, 4<<10)
	n, _ := f.ReadAt(end, max(0, info.Size()-int64(len(end)))) // short is what there is
	return end[:n]
}
