// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"govdsm/lab/internal/wire"
)

// Place is where commands run: a host itself, or a clean place in it.
type Place struct {
	host  *Host
	space string // the agent's name of it; empty for the host itself
}

// Command is a program to run.
type Command struct {
	Args  []string
	Env   []string      // "NAME=value", besides PATH, HOME, LANG and TERM
	Dir   string        // working folder; empty means /
	Stdin io.Reader     // nil means empty
	Limit time.Duration // it is killed when it takes longer; 0 means two minutes

	// Where the output goes while it comes; it is in the Result in any case.
	Stdout, Stderr io.Writer
}

// Result tells how a command ended.
type Result struct {
	Code           int // 128 + signal when a signal ended it
	Stdout, Stderr string
	Lasted         time.Duration // measured inside the host
}

// Do runs a command and waits for its end. A command that fails is no error:
// see Result.Code. It is an error when the command could not be started, did
// not end in time, or when the host died under it; the Result then holds what
// output there was. Whatever a command leaves running goes on.
func (p *Place) Do(ctx context.Context, c Command) (Result, error) {
	proc, err := p.begin(c)
	if err != nil {
		return Result{Code: -1}, err
	}
	return p.finish(ctx, c, proc)
}

// finish waits for the end of a command, but not for ever, and writes it down.
func (p *Place) finish(ctx context.Context, c Command, proc *process) (Result, error) {
	limit := c.Limit
	if limit == 0 {
		limit = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("did not end within %v", limit))
	defer cancel()
	d, err := proc.agent.end(ctx, proc.call)
	switch {
	case errors.Is(err, errGone):
		err = p.host.blame(fmt.Errorf("ended while running %q: %w", c.Args, err))
	case err != nil:
		proc.Kill()
		err = fmt.Errorf("lab: host %s: %q: %w", p.host.Name, c.Args, err)
	case d.Error != "":
		err = fmt.Errorf("lab: host %s: %q: %s", p.host.Name, c.Args, d.Error)
	}
	r := Result{Code: d.Code, Stdout: proc.stdout.String(), Stderr: proc.stderr.String(), Lasted: d.Lasted}
	if err != nil {
		r.Code = -1
	}
	p.host.note("%s$ %s\n%s%s→ %d after %.2f s %s", p.space, strings.Join(c.Args, " "),
		r.Stdout, r.Stderr, r.Code, r.Lasted.Seconds(), errorText(err))
	return r, err
}

// process is a program on its way.
type process struct {
	agent          *agent
	call           *call
	stdout, stderr record
}

// begin starts a command.
func (p *Place) begin(c Command) (*process, error) {
	a, err := p.host.talk()
	if err != nil {
		return nil, err
	}
	proc := &process{agent: a}
	output := func(r wire.Reply) {
		tee(&proc.stdout, c.Stdout, r.Out)
		tee(&proc.stderr, c.Stderr, r.Err)
	}
	run := &wire.Run{Args: c.Args, Env: c.Env, Dir: c.Dir, Space: p.space, Input: c.Stdin != nil}
	if proc.call, err = a.begin(wire.Request{Run: run}, output); err != nil {
		return nil, p.host.blame(err)
	}
	if c.Stdin != nil {
		go a.pour(proc.call.id, c.Stdin)
	}
	return proc, nil
}

func tee(keep *record, also io.Writer, b []byte) {
	_, _ = keep.Write(b)
	if also != nil && len(b) > 0 {
		_, _ = also.Write(b)
	}
}

// pour sends a program its standard input. It ends at the end of the input, or
// with the machine.
func (a *agent) pour(id uint64, from io.Reader) {
	buffer := make([]byte, 128<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-a.gone:
			return
		default:
		}
		a.send(wire.Request{ID: id, Input: &wire.Input{Data: bytes.Clone(buffer[:n]), EOF: err != nil}})
		if err != nil {
			return
		}
	}
}

// Signal sends a signal to the program and its process group.
func (proc *process) Signal(number int) {
	proc.agent.send(wire.Request{ID: proc.call.id, Signal: number})
}

// Kill kills the program and everything it has started, in whatever session.
func (proc *process) Kill() { proc.Signal(-1) }

// read returns a whole file.
func (p *Place) read(ctx context.Context, path string) ([]byte, error) {
	a, err := p.host.talk()
	if err != nil {
		return nil, err
	}
	var content bytes.Buffer
	err = a.ask(ctx, wire.Request{Get: path, Space: p.space}, func(r wire.Reply) { content.Write(r.Out) })
	return content.Bytes(), err
}

// write writes a whole file, and makes its folder.
func (p *Place) write(ctx context.Context, path string, content []byte, mode uint32) error {
	a, err := p.host.talk()
	if err != nil {
		return err
	}
	file := &wire.File{Path: path, Mode: mode, Data: content}
	return a.ask(ctx, wire.Request{Put: file, Space: p.space}, nil)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return "ERROR " + err.Error()
}
