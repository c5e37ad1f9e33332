// SPDX-License-Identifier: GPL-2.0-or-later

// Package sanlocktest runs the real sanlock daemon for tests: without a
// watchdog, with a socket of its own, as a host with a name of its own. Two
// daemons on the same files are two hosts. One second of I/O timeout lets a
// host join a lockspace in three seconds.
package sanlocktest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// IOTimeout is for lockspaces in tests.
const IOTimeout = time.Second

// Daemon is a running daemon.
type Daemon struct {
	RunDir string
	cmd    *exec.Cmd
	ended  chan struct{}
	log    bytes.Buffer // complete when ended is closed
}

// Start runs a daemon under a host's name until the test ends.
func Start(t testing.TB, host string) *Daemon {
	t.Helper()
	program, err := exec.LookPath("sanlock")
	if err != nil {
		program = "/usr/sbin/sanlock" // not in everybody's PATH
	}
	// Not t.TempDir: its name can be longer than an address of a socket.
	dir, err := os.MkdirTemp("", "sanlock")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })

	d := &Daemon{RunDir: dir, ended: make(chan struct{})}
	d.cmd = exec.Command(program, "daemon", "-D", "-w", "0", "-h", "0", "-l", "0", "-U", "root", "-G", "root", "-e", host)
	d.cmd.Env = append(os.Environ(), "SANLOCK_RUN_DIR="+dir, "SANLOCK_PRIVILEGED=0")
	d.cmd.Stderr = &d.log
	// Should the test binary be killed, or panic, the daemon goes too.
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		// The signal is sent when the thread that started the process ends.
		runtime.LockOSThread()
		err := d.cmd.Start()
		started <- err
		if err == nil {
			_ = d.cmd.Wait() // how it ends says nothing: the tests kill it
			close(d.ended)
		}
	}()
	if err := <-started; err != nil {
		t.Fatalf("sanlock: %v", err)
	}
	t.Cleanup(func() {
		d.Kill()
		if t.Failed() {
			t.Logf("sanlock of %s:\n%s", host, d.log.String())
		}
	})
	d.await(t)
	return d
}

func (d *Daemon) await(t testing.TB) {
	t.Helper()
	timeout := time.After(time.Minute)
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		// Its file is there a little before it listens.
		if conn, err := net.Dial("unix", filepath.Join(d.RunDir, "sanlock.sock")); err == nil {
			conn.Close()
			return
		}
		select {
		case <-d.ended:
			t.Fatalf("sanlock ended:\n%s", d.log.String())
		case <-timeout:
			t.Fatal("sanlock does not listen after a minute")
		case <-tick.C:
		}
	}
}

// Kill ends the daemon as a crash does.
func (d *Daemon) Kill() {
	d.cmd.Process.Kill()
	<-d.ended
}

// Freeze stops the daemon where it is, as a host does that has no time for it.
// The returned function has it go on.
func (d *Daemon) Freeze(t testing.TB) (thaw func()) {
	t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := d.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
}

// Files makes empty files of a size in a folder that goes with the test, and
// returns their paths.
func Files(t testing.TB, size int64, names ...string) []string {
	t.Helper()
	dir := t.TempDir()
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = filepath.Join(dir, name)
		if err := os.WriteFile(paths[i], nil, 0o660); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(paths[i], size); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}
