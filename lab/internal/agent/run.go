// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/lab/internal/wire"
)

const cgroups = "/sys/fs/cgroup/lab"

// run is a program on its way. It has a control group of its own, so that
// killing it also kills what it left running behind its back.
type run struct {
	cmd    *exec.Cmd
	cgroup string
	stdin  io.WriteCloser // nil without input

	mu     sync.Mutex
	ready  sync.Cond
	input  [][]byte // not yet fed; unbounded, as the port must never be held up
	closed bool
}

// startRun starts the program; its conversation ends when it has ended and its
// output has been sent.
func (s *server) startRun(id uint64, q *wire.Run) {
	r, err := s.newRun(id, q)
	if err == nil {
		err = r.start()
	}
	if err != nil {
		s.done(id, 127, err, 0)
		return
	}
	s.mu.Lock()
	s.runs[id] = r
	s.mu.Unlock()
	go s.waitFor(id, r, time.Now())
}

func (s *server) newRun(id uint64, q *wire.Run) (*run, error) {
	args, parent := q.Args, cgroups
	if q.Space != "" {
		sp, err := s.findSpace(q.Space)
		if err != nil {
			return nil, err
		}
		args, parent = sp.enter(q.Dir, args), sp.cgroup
	}
	if len(args) == 0 {
		return nil, errors.New("no program named")
	}
	r := &run{cgroup: filepath.Join(parent, fmt.Sprint(id))}
	r.ready.L = &r.mu
	if err := os.MkdirAll(r.cgroup, 0o755); err != nil {
		return nil, err
	}
	r.cmd = exec.Command(args[0], args[1:]...)
	r.cmd.Env = append(os.Environ(), q.Env...)
	if q.Space == "" {
		r.cmd.Dir = q.Dir
	}
	r.cmd.Stdout, r.cmd.Stderr = output{s, id, false}, output{s, id, true}
	if q.Input {
		in, err := r.cmd.StdinPipe()
		if err != nil {
			return nil, err
		}
		r.stdin = in
	}
	// A daemon keeps its starter's output open for ever; the starter has
	// still ended.
	r.cmd.WaitDelay = 200 * time.Millisecond
	return r, nil
}

// start starts the program inside its control group.
func (r *run) start() error {
	dir, err := os.Open(r.cgroup)
	if err != nil {
		return err
	}
	defer dir.Close()
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, UseCgroupFD: true, CgroupFD: int(dir.Fd())}
	if err := r.cmd.Start(); err != nil {
		return err
	}
	if r.stdin != nil {
		// Not left to the command, whose Wait would wait for more input.
		go func() {
			_, _ = io.Copy(r.stdin, r)
			_ = r.stdin.Close()
		}()
	}
	return nil
}

func (s *server) waitFor(id uint64, r *run, begin time.Time) {
	err := r.cmd.Wait()
	lasted := time.Since(begin)
	s.mu.Lock()
	delete(s.runs, id)
	s.mu.Unlock()
	r.feed(wire.Input{EOF: true})
	_ = os.Remove(r.cgroup) // stays as long as something runs in it
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	state := r.cmd.ProcessState
	code := state.ExitCode()
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		code = 128 + int(status.Signal())
	}
	if _, exited := errors.AsType[*exec.ExitError](err); exited {
		err = nil // told by the code
	}
	s.done(id, code, err, lasted)
}

// signal sends a signal to the program's process group; a negative number
// kills everything in its control group.
func (r *run) signal(number int) {
	if number < 0 {
		_ = os.WriteFile(filepath.Join(r.cgroup, "cgroup.kill"), []byte("1"), 0)
		return
	}
	_ = unix.Kill(-r.cmd.Process.Pid, unix.Signal(number))
}

func (r *run) feed(in wire.Input) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(in.Data) > 0 {
		r.input = append(r.input, in.Data)
	}
	r.closed = r.closed || in.EOF
	r.ready.Broadcast()
}

// Read gives the program its standard input.
func (r *run) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.input) == 0 {
		if r.closed {
			return 0, io.EOF
		}
		r.ready.Wait()
	}
	n := copy(p, r.input[0])
	if r.input[0] = r.input[0][n:]; len(r.input[0]) == 0 {
		r.input = r.input[1:]
	}
	return n, nil
}

// output is a writer that sends what it gets as replies.
type output struct {
	server *server
	id     uint64
	toErr  bool
}

func (o output) Write(p []byte) (int, error) {
	r := wire.Reply{ID: o.id, Out: p}
	if o.toErr {
		r.Out, r.Err = nil, p
	}
	if err := o.server.reply(r); err != nil {
		return 0, err
	}
	return len(p), nil
}
