// SPDX-License-Identifier: GPL-2.0-or-later

package qemuimg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Error is a failed run of qemu-img.
type Error struct {
	Args   []string
	Code   int    // its exit code; -1 when it was killed or did not start
	Stderr string // what it said, the first 64 KiB
	Err    error
}

// Error returns what qemu-img said, or how it ended.
func (e *Error) Error() string {
	return fmt.Sprintf("Command %q failed with rc=%d: %s", e.Args, e.Code, cmpText(e.Stderr, e.Err))
}

// Unwrap returns how it ended.
func (e *Error) Unwrap() error { return e.Err }

func cmpText(said string, err error) string {
	if said != "" || err == nil {
		return said
	}
	return err.Error()
}

var (
	// ErrOutput says that qemu-img said something that cannot be understood,
	// or too much.
	ErrOutput = errors.New("qemu-img returned invalid output")
	// ErrStuck says that qemu-img was killed and has not ended: its storage
	// does not answer.
	ErrStuck = errors.New("qemu-img hangs in the kernel")
)

const (
	mostOutput = 64 << 20 // the map of a fragmented image is long
	mostErrors = 64 << 10
	// grace is how long a process that was killed has to end.
	grace = 5 * time.Second
)

// argv returns the whole command line.
func (r *Runner) argv(c *command) []string {
	argv := append([]string{r.o.Program}, c.args...)
	if c.limited {
		// The parser of images is not hardened: it can be made to allocate
		// and to compute without end. Limits as in the original.
		argv = append([]string{r.o.Prlimit, "--cpu=30", "--as=" + strconv.Itoa(1<<30)}, argv...)
	}
	return argv
}

// run runs a command to its end and returns its output.
func (r *Runner) run(ctx context.Context, c *command) ([]byte, error) {
	argv := r.argv(c)
	out := &output{most: mostOutput, progress: c.progress}
	said := &output{most: mostErrors}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	cmd.Stdout, cmd.Stderr = out, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = grace
	if err := ctx.Err(); err != nil {
		return nil, &Error{Args: argv, Code: -1, Err: context.Cause(ctx)}
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, &Error{Args: argv, Code: -1, Err: err}
	}
	if c.background {
		yield(cmd.Process.Pid)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the process
	err := await(ctx, cmd.Process.Pid, ended)
	r.o.Log.DebugContext(ctx, "qemu-img", "args", argv, "dir", c.dir, "took", time.Since(began), "err", err)
	if errors.Is(err, ErrStuck) { // which still writes
		return nil, &Error{Args: argv, Code: -1, Err: err}
	}
	if err == nil && out.over {
		err = fmt.Errorf("%w: more than %d bytes", ErrOutput, mostOutput)
	}
	if err != nil {
		return out.buf.Bytes(), &Error{
			Args: argv, Code: cmd.ProcessState.ExitCode(), Err: err,
			Stderr: strings.TrimSpace(said.buf.String()),
		}
	}
	if said.buf.Len() > 0 {
		r.o.Log.WarnContext(ctx, "qemu-img warns", "args", argv, "stderr", said.buf.String())
	}
	return out.buf.Bytes(), nil
}

// await waits for the end of a process, and kills its group when ctx ends.
func await(ctx context.Context, pid int, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	_ = syscall.Kill(-pid, syscall.SIGKILL) // it may have ended just now
	select {
	case <-ended:
		return context.Cause(ctx)
	case <-time.After(grace):
		return fmt.Errorf("%w: %w", ErrStuck, context.Cause(ctx))
	}
}

// yield puts a process behind all others, as the original does with nice and
// ionice. It may have ended already, and a host may not have the scheduler.
func yield(pid int) {
	const idleClass = 3 << 13 // IOPRIO_CLASS_IDLE, see ioprio_set(2)
	_ = unix.Setpriority(unix.PRIO_PROCESS, pid, 19)
	_, _, _ = unix.Syscall(unix.SYS_IOPRIO_SET, 1, uintptr(pid), idleClass)
}

// output keeps the beginning of what is written, or reads progress from it.
type output struct {
	buf      bytes.Buffer
	most     int
	over     bool
	progress func(percent float64)
}

func (o *output) Write(p []byte) (int, error) {
	room := o.most - o.buf.Len()
	o.over = o.over || len(p) > room
	o.buf.Write(p[:min(len(p), room)])
	if o.progress != nil {
		o.readProgress()
	}
	return len(p), nil
}

// readProgress tells of the last "    (12.34/100%)\r" and forgets it.
func (o *output) readProgress() {
	b := o.buf.Bytes()
	end := bytes.LastIndexByte(b, '\r')
	if end < 0 {
		return
	}
	start := bytes.LastIndexByte(b[:end], '\r') + 1
	text := strings.TrimSpace(string(b[start:end]))
	o.buf.Next(end + 1)
	text, ok := strings.CutPrefix(text, "(")
	if text, ok2 := strings.CutSuffix(text, "/100%)"); ok && ok2 {
		if percent, err := strconv.ParseFloat(text, 64); err == nil {
			o.progress(percent)
		}
	}
}
