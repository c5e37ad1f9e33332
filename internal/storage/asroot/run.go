// SPDX-License-Identifier: GPL-2.0-or-later

package asroot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// CommandError is the failure of a program that ran.
type CommandError struct {
	Program string
	Code    int    // its exit code; -1 when it was killed
	Text    string // what it said, the first 4 KiB
	Err     error
}

// Error returns what the program said.
func (e *CommandError) Error() string {
	return fmt.Sprintf("%s: %v: %s", e.Program, e.Err, e.Text)
}

// Unwrap returns the error of the run.
func (e *CommandError) Unwrap() error { return e.Err }

// mostText is how much of a program's words is kept, in bytes.
const mostText = 4 << 10

// grace is how long a program that was killed has to end, and one that has
// ended for its output.
const grace = 2 * time.Second

// run runs a program of the system to its end, or kills it and its children
// when ctx ends; if the kernel does not let it go, because a server has gone, it
// is waited for elsewhere. A nil who is root.
func run(ctx context.Context, args []string, who *syscall.Credential) error {
	failed := &CommandError{Program: args[0], Code: -1}
	if ctx.Err() != nil {
		failed.Err = context.Cause(ctx)
		return failed
	}
	var said bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = []string{mountPath, "LC_ALL=C"}
	cmd.Dir = "/"
	words := &limited{&said}
	cmd.Stdout, cmd.Stderr = words, words // one writer for both, so exec uses one goroutine
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: who}
	cmd.WaitDelay = grace
	if failed.Err = cmd.Start(); failed.Err != nil {
		return failed
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the program
	select {
	case failed.Err = <-ended:
	case <-ctx.Done():
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended just now
		select {
		case failed.Err = <-ended:
			if failed.Err != nil && !errors.Is(failed.Err, exec.ErrWaitDelay) {
				failed.Err = context.Cause(ctx)
			}
		case <-time.After(grace):
			failed.Err = fmt.Errorf("it hangs in the kernel: %w", context.Cause(ctx))
			return failed // what it says is still being written
		}
	}
	if failed.Err == nil || errors.Is(failed.Err, exec.ErrWaitDelay) { // a daemon that it started holds the output
		return nil
	}
	failed.Code, failed.Text = cmd.ProcessState.ExitCode(), strings.TrimSpace(said.String())
	return failed
}

// limited keeps the beginning of what is written.
type limited struct{ buf *bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	l.buf.Write(p[:min(len(p), max(0, mostText-l.buf.Len()))])
	return len(p), nil
}

// settle waits until udev has seen the mount, where there is udev: rules about
// it may change what the next one finds. It is no failure if it does not.
func settle(ctx context.Context) {
	if !exists("/run/udev/control") {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 6*time.Second)
	defer cancel()
	_ = run(ctx, []string{"udevadm", "settle", "--timeout=5"}, nil)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// underSystemd reports whether systemd runs the host.
func underSystemd() bool {
	_, err := exec.LookPath("systemd-run")
	return err == nil && exists("/run/systemd/system")
}
