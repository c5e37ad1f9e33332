// SPDX-License-Identifier: GPL-2.0-or-later

package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// maxOutput is how much of what a script prints on standard error is kept, in
// bytes.
const maxOutput = 64 << 10

// outputDelay is how long the output of a script that has ended may be held
// open by children it left behind.
const outputDelay = 2 * time.Second

// failure is how a script failed; err is nil when it did not.
type failure struct {
	script string
	code   int // exit code; -1 when the script was killed or could not start
	stderr []byte
	err    error
}

// text returns what the client is told: what the script said, or else what we
// know.
func (f failure) text() []byte {
	if len(f.stderr) > 0 || f.code > 0 {
		return f.stderr
	}
	return []byte(f.err.Error())
}

// runScript runs one script to its end or to its deadline.
func (r *Runner) runScript(ctx context.Context, script string, env []string) failure {
	ctx, cancel := context.WithTimeoutCause(ctx, r.opt.Timeout,
		fmt.Errorf("killed after %v", r.opt.Timeout))
	defer cancel()

	var stderr bounded
	cmd := exec.CommandContext(ctx, script)
	cmd.Env = env
	cmd.Stdout = &bounded{full: true} // read so that the script cannot block on it
	cmd.Stderr = &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = outputDelay

	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // the script ended well; a child of its own goes on
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	f := failure{script: script, stderr: stderr.buf.Bytes(), err: err}
	if err != nil {
		f.code = cmd.ProcessState.ExitCode() // -1 also when there is no state
	}
	r.report(ctx, f)
	return f
}

// report logs what a script said; one that ended well and said nothing is not
// worth a line.
func (r *Runner) report(ctx context.Context, f failure) {
	switch {
	case f.err != nil && f.code > 2:
		r.opt.Log.WarnContext(ctx, "hook ended with an unexpected code", "script", f.script, "rc", f.code, "err", string(f.stderr))
	case f.err != nil || len(f.stderr) > 0:
		r.opt.Log.InfoContext(ctx, "hook", "script", f.script, "rc", f.code, "err", string(f.stderr))
	default:
		r.opt.Log.DebugContext(ctx, "hook", "script", f.script, "rc", 0)
	}
}

// bounded keeps the beginning of what is written and takes the rest without
// error, so that the writer never blocks or breaks.
type bounded struct {
	buf  bytes.Buffer
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := maxOutput - b.buf.Len(); !b.full {
		b.buf.Write(p[:min(len(p), room)])
		b.full = len(p) >= room
	}
	return len(p), nil
}

// bytesRepr writes bytes as Python's repr does, which is how the original puts
// a script's words into the error text.
func bytesRepr(p []byte) string {
	quote := byte('\'')
	if bytes.IndexByte(p, '\'') >= 0 && bytes.IndexByte(p, '"') < 0 {
		quote = '"'
	}
	out := []byte{'b', quote}
	for _, c := range p {
		switch {
		case c == quote || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < 0x20 || c >= 0x7f:
			out = fmt.Appendf(out, `\x%02x`, c)
		default:
			out = append(out, c)
		}
	}
	return string(append(out, quote))
}
