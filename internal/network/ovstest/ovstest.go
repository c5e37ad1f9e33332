// SPDX-License-Identifier: GPL-2.0-or-later

// Package ovstest runs an Open vSwitch for a test: a database of its own, and
// ovs-vswitchd in the network that the test is in. Over the datapath "netdev"
// no kernel module is needed: internal ports are tap devices then.
package ovstest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Switch is a running Open vSwitch. It ends with its test.
type Switch struct {
	Socket string // of the database

	t        testing.TB
	dir      string
	server   *daemon
	vswitchd *daemon
	all      []*daemon
}

// daemon is a program that runs until it is killed.
type daemon struct {
	cmd   *exec.Cmd
	said  bytes.Buffer  // complete when ended is closed
	ended chan struct{} // closed when it is
}

// Start starts the database, empty, and ovs-vswitchd.
func Start(t testing.TB) *Switch {
	t.Helper()
	s := StartServer(t)
	s.StartVswitchd()
	return s
}

// StartServer starts the database alone.
func StartServer(t testing.TB) *Switch {
	t.Helper()
	for _, program := range []string{"ovsdb-server", "ovs-vswitchd", "ovsdb-tool", "ovs-vsctl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%v: hack/install-deps lab installs it", err)
		}
	}
	dir, err := os.MkdirTemp("", "ovs") // paths of sockets must be short
	if err != nil {
		t.Fatal(err)
	}
	s := &Switch{Socket: filepath.Join(dir, "db.sock"), t: t, dir: dir}
	t.Cleanup(s.end)
	s.run("ovsdb-tool", "create", filepath.Join(dir, "conf.db"), "/usr/share/openvswitch/vswitch.ovsschema")
	s.StartServerAgain()
	s.Vsctl("--no-wait", "init")
	return s
}

func (s *Switch) end() {
	s.kill(s.vswitchd)
	s.kill(s.server)
	os.RemoveAll(s.dir)
	for _, d := range s.all {
		for line := range strings.SplitSeq(d.said.String(), "\n") {
			if s.t.Failed() && line != "" && !strings.Contains(line, "|INFO|") {
				s.t.Log(line)
			}
		}
	}
}

// StartServerAgain starts the database after StopServer.
func (s *Switch) StartServerAgain() {
	s.t.Helper()
	s.server = s.start("ovsdb-server", filepath.Join(s.dir, "conf.db"), "--remote=punix:"+s.Socket,
		"--unixctl="+filepath.Join(s.dir, "server.ctl"))
	s.until("the database", func() bool { return listens(s.Socket) })
}

// StartVswitchd starts ovs-vswitchd.
func (s *Switch) StartVswitchd() {
	s.t.Helper()
	// Started too soon after the machine, version 3.1 has no thread for packets:
	// see fixture.OpenVSwitch.
	s.until("ten seconds after boot", func() bool {
		var info syscall.Sysinfo_t
		return syscall.Sysinfo(&info) == nil && info.Uptime > 10
	})
	s.vswitchd = s.start("ovs-vswitchd", "unix:"+s.Socket, "--unixctl="+filepath.Join(s.dir, "vswitchd.ctl"))
	s.until("ovs-vswitchd", func() bool { return listens(filepath.Join(s.dir, "vswitchd.ctl")) })
}

// listens reports whether a server accepts at the socket: its file is there a
// little before.
func listens(socket string) bool {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// StopVswitchd kills ovs-vswitchd.
func (s *Switch) StopVswitchd() { s.kill(s.vswitchd) }

// StopServer kills the database's server.
func (s *Switch) StopServer() {
	s.kill(s.server)
	os.Remove(s.Socket)
}

// Hang stops the server without ending it, until Resume.
func (s *Switch) Hang() { _ = s.server.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume ends Hang.
func (s *Switch) Resume() { _ = s.server.cmd.Process.Signal(syscall.SIGCONT) }

// Vsctl runs ovs-vsctl and returns what it prints.
func (s *Switch) Vsctl(args ...string) string {
	s.t.Helper()
	return s.run("ovs-vsctl", append([]string{"--timeout=60", "--db=unix:" + s.Socket}, args...)...)
}

func (s *Switch) env() []string {
	return append(os.Environ(), "OVS_RUNDIR="+s.dir, "OVS_LOGDIR="+s.dir, "OVS_DBDIR="+s.dir, "OVS_SYSCONFDIR="+s.dir)
}

func (s *Switch) run(program string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = s.env()
	var complaints bytes.Buffer // also of a slow machine
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s%s", program, strings.Join(args, " "), err, out, &complaints)
	}
	return string(out)
}

func (s *Switch) start(program string, args ...string) *daemon {
	s.t.Helper()
	d := &daemon{cmd: exec.Command(program, args...), ended: make(chan struct{})}
	d.cmd.Env = s.env()
	d.cmd.Stdout, d.cmd.Stderr = &d.said, &d.said
	// Should the test binary be killed, or panic, it goes too.
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		// The signal is sent when the thread that started the process ends.
		runtime.LockOSThread()
		err := d.cmd.Start()
		started <- err
		if err == nil {
			_ = d.cmd.Wait() // it is killed
			close(d.ended)
		}
	}()
	if err := <-started; err != nil {
		s.t.Fatal(err)
	}
	s.all = append(s.all, d)
	return d
}

func (s *Switch) kill(d *daemon) {
	if d == nil {
		return
	}
	_ = d.cmd.Process.Kill() // it may have been killed already
	<-d.ended
}

func (s *Switch) until(what string, done func() bool) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("%s is not there", what)
		}
	}
}
