// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// daemon is a program that the sandbox keeps running beside vdsmd. It is made
// to outlive us: a new run with the same folder takes it over.
type daemon struct {
	name   string   // "libvirtd"
	argv   []string // the program first, as an absolute path
	env    []string
	socket string // on which it answers, as we see it; at most maxSocketPath bytes
	hello  []byte // what it answers to, for one that accepts before it is ready
	log    string // gets what it prints
	note   string // remembers the process between our runs
}

// spawn runs its argument, which starts a process, where that process is to
// live.
type spawn func(start func() error) error

// ensure returns the running daemon: the one of an earlier run if it still
// answers, or a new one.
func (d daemon) ensure(ctx context.Context, log *slog.Logger, in spawn) (process, error) {
	p, err := loadProcess(d.note)
	switch {
	case err == nil && d.answers(ctx, 10*time.Second):
		log.InfoContext(ctx, "took over a running daemon", "daemon", d.name, "pid", p.PID)
		return p, nil
	case err == nil:
		log.WarnContext(ctx, "a daemon of an earlier run does not answer and is replaced", "daemon", d.name, "pid", p.PID)
		if err := p.end(ctx, 5*time.Second); err != nil {
			return process{}, err
		}
	case !errors.Is(err, errGone):
		return process{}, err
	}
	return d.start(ctx, in)
}

// start returns when the new process answers on its socket.
func (d daemon) start(ctx context.Context, in spawn) (process, error) {
	if err := os.Remove(d.socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return process{}, err
	}
	out, err := os.OpenFile(d.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return process{}, err
	}
	defer out.Close()
	cmd := exec.Command(d.argv[0], d.argv[1:]...) // no context: it outlives us
	cmd.Env, cmd.Dir = d.env, "/"
	cmd.Stdout, cmd.Stderr = out, out
	// A session of its own: Ctrl-C on our terminal is not meant for it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := in(cmd.Start); err != nil {
		return process{}, fmt.Errorf("start %s: %w", d.name, err)
	}
	// The goroutine ends with the daemon, which it waits for so that no
	// zombie is left if that is before our own end.
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	p, err := identify(cmd.Process.Pid)
	if errors.Is(err, errGone) {
		return process{}, d.endedAtOnce(<-ended)
	}
	if err != nil {
		return process{}, err
	}
	if err := errors.Join(p.save(d.note), d.await(ctx, ended)); err != nil {
		return process{}, errors.Join(err, p.end(ctx, time.Second))
	}
	return p, nil
}

// await waits until the daemon answers, and says what it printed if it ends
// instead.
func (d daemon) await(ctx context.Context, ended <-chan error) error {
	for !d.answers(ctx, time.Second) {
		select {
		case err := <-ended:
			return d.endedAtOnce(err)
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer on %s: %w; last lines of %s:\n%s",
				d.name, d.socket, context.Cause(ctx), d.log, tail(d.log))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func (d daemon) endedAtOnce(err error) error {
	return fmt.Errorf("%s ended at once (%v); last lines of %s:\n%s", d.name, err, d.log, tail(d.log))
}

// answers reports whether the daemon serves callers, within the limit.
func (d daemon) answers(ctx context.Context, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", d.socket)
	if err != nil {
		return false
	}
	defer conn.Close()
	if d.hello == nil {
		return true
	}
	if deadline, ok := ctx.Deadline(); ok && conn.SetDeadline(deadline) != nil {
		return false
	}
	if _, err := conn.Write(d.hello); err != nil {
		return false
	}
	_, err = conn.Read(make([]byte, 1))
	return err == nil
}

func tail(file string) string {
	const most = 2000
	f, err := os.Open(file)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err.Error()
	}
	text := make([]byte, most)
	n, _ := f.ReadAt(text, max(0, info.Size()-most)) // a short read is what there is
	return string(text[:n])
}

// findProgram looks below the usual folders for system programs, too: PATH
// may be that of an ordinary user.
func findProgram(names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
		for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/libexec"} {
			path := filepath.Join(dir, name)
			if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 && !info.IsDir() {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%s is not installed: hack/install-deps run installs it", names[0])
}
