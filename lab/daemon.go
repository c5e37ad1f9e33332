// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"govdsm/lab/internal/wire"
)

// Daemon is a program that a test keeps running in a host.
type Daemon struct {
	name    string
	place   *Place
	process *process
	wanted  atomic.Bool // to end
	ended   chan struct{}
	result  wire.Done
	err     error
}

// Start starts a program that stays in the foreground, and stops it when the
// test ends. Its output becomes the artefact "<name>.log". If it ends before
// somebody stops it, the test fails.
func (p *Place) Start(t testing.TB, name string, args ...string) *Daemon {
	t.Helper()
	return p.StartCommand(t, name, Command{Args: args})
}

// StartCommand is Start with all that a Command can say, its limit excepted.
func (p *Place) StartCommand(t testing.TB, name string, c Command) *Daemon {
	t.Helper()
	log := p.host.daemonLog(name)
	c.Stdout, c.Stderr = log, log
	proc, err := p.begin(c)
	if err != nil {
		t.Fatal(err)
	}
	p.host.note("%s$ %s &", p.space, strings.Join(c.Args, " "))
	d := &Daemon{name: name, place: p, process: proc, ended: make(chan struct{})}
	go func() {
		d.result, d.err = proc.agent.end(context.Background(), proc.call)
		close(d.ended)
	}()
	t.Cleanup(func() {
		if why := d.early(); why != "" {
			t.Errorf("host %s: %s ended before it was stopped: %s\n%s", p.host.Name, name, why, log.tail(20))
		}
		d.stop(syscall.SIGTERM, 10*time.Second)
	})
	return d
}

// early tells how the daemon ended, if it ended unasked on a machine that is
// still there.
func (d *Daemon) early() string {
	select {
	case <-d.ended:
	default:
		return ""
	}
	switch {
	case d.wanted.Load() || d.err != nil:
		return ""
	case d.result.Error != "":
		return d.result.Error
	}
	return fmt.Sprintf("exit code %d after %.1f s", d.result.Code, d.result.Lasted.Seconds())
}

// Stop asks the daemon to end, and kills it with all it has started when it
// does not end within ten seconds.
func (d *Daemon) Stop(t testing.TB) {
	t.Helper()
	if !d.stop(syscall.SIGTERM, 10*time.Second) {
		t.Logf("host %s: %s had to be killed", d.place.host.Name, d.name)
	}
}

// Kill kills the daemon and all it has started.
func (d *Daemon) Kill() { d.stop(0, 0) }

func (d *Daemon) stop(s syscall.Signal, grace time.Duration) (willingly bool) {
	d.wanted.Store(true)
	if s != 0 {
		d.process.Signal(int(s))
		select {
		case <-d.ended:
			return true
		case <-time.After(grace):
		}
	}
	d.process.Kill()
	select {
	case <-d.ended:
	case <-time.After(30 * time.Second): // stuck in the kernel; it dies with the host
	}
	return false
}

// Signal sends a signal to the daemon, SIGSTOP for instance.
func (d *Daemon) Signal(s syscall.Signal) { d.process.Signal(int(s)) }

// Output returns what the daemon has said so far.
func (d *Daemon) Output() string { return d.process.stdout.String() + d.process.stderr.String() }

// daemonLog returns the record of the daemon with that name; one that is
// started again goes on in the same one.
func (h *Host) daemonLog(name string) *record {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.logs[name] == nil {
		h.logs[name] = new(record)
	}
	return h.logs[name]
}
