// SPDX-License-Identifier: GPL-2.0-or-later

package fence

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// mostOutput is kept of what an agent prints; the rest is read and dropped.
const mostOutput = 16 << 10

// grace is how long the pipes of a dead agent may stay open in the hands of a
// child that left the agent's process group.
const grace = 2 * time.Second

// run runs an agent to its end and returns what it printed, output before
// errors, and its exit code. The error says that it could not start, was
// killed by a signal, or took too long; then it is dead with all its group.
func (f *Fencer) run(ctx context.Context, program, input string) (string, int, error) {
	ctx, cancel := context.WithTimeout(ctx, f.options.Timeout)
	defer cancel()
	var stdout, stderr head
	cmd := exec.CommandContext(ctx, program)
	cmd.Stdin = strings.NewReader(input)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = grace
	err := cmd.Run()
	out := stdout.String() + stderr.String()
	exit, ended := errors.AsType[*exec.ExitError](err)
	if cmd.Process != nil { // what the agent left behind in its group ends with it
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	switch {
	case ctx.Err() != nil:
		return out, 0, fmt.Errorf("%s: killed: %w", program, ctx.Err())
	case ended && exit.Exited():
		return out, exit.ExitCode(), nil
	case cmd.ProcessState != nil && cmd.ProcessState.Exited():
		// It ended without reading its input, or left a child behind that
		// held its pipes. Its answer counts.
		return out, cmd.ProcessState.ExitCode(), nil
	default:
		return out, 0, err
	}
}

// head keeps the first part of what is written to it.
type head struct{ strings.Builder }

func (h *head) Write(p []byte) (int, error) {
	if room := mostOutput - h.Len(); room > 0 {
		h.Builder.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
