// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/internal/privileged"
)

// program is the daemon as it is shipped, built once.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "supervdsmd")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		if err := os.Chmod(dir, 0o755); err != nil {
			panic(err)
		}
		program = filepath.Join(dir, "supervdsmd")
		cmd := exec.Command("go", "build", "-buildvcs=false", "-o", program, ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			panic(string(out))
		}
		return m.Run()
	}())
}

type running struct {
	*exec.Cmd
	dir, socket, log string
	stderr           *bytes.Buffer
}

// start runs the daemon as a sandbox does and waits until it answers.
func start(t *testing.T, dir string, more ...string) *running {
	t.Helper()
	r := &running{dir: dir, socket: filepath.Join(dir, "run", "s.sock"), log: filepath.Join(dir, "log", "supervdsm.log")}
	r.stderr = new(bytes.Buffer)
	args := append([]string{"--socket", r.socket, "--log", r.log, "--allow-uid", strconv.Itoa(os.Getuid())}, more...)
	r.Cmd = exec.Command(program, args...)
	r.Stderr = r.stderr
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if r.ProcessState == nil {
			_ = r.Process.Kill()
			_ = r.Wait()
		}
	})
	c := privileged.NewClient(r.socket)
	defer c.Close()
	deadline := time.Now().Add(time.Minute)
	for {
		_, err := privileged.Call(t.Context(), c, privileged.Ping, nil)
		if err == nil {
			return r
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not answer: %v\n%s", err, r.stderr)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sv")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestItIsAStaticBinary(t *testing.T) {
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if libraries, err := f.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("it needs %v, %v", libraries, err)
	}
}

func TestServesAndStopsCleanly(t *testing.T) {
	r := start(t, folder(t))
	c := privileged.NewClient(r.socket)
	defer c.Close()
	if _, err := privileged.Call(t.Context(), c, privileged.HardwareInfo, nil); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(r.socket)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("socket: %v, %v", info.Mode(), err)
	}
	if err := r.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := r.Wait(); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
	if _, err := os.Stat(r.socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket stays: %v", err)
	}
	log, err := os.ReadFile(r.log)
	if err != nil || !strings.Contains(string(log), "op=hardware_info") || !strings.Contains(string(log), "has stopped") {
		t.Errorf("log: %s, %v", log, err)
	}
}

func TestOnlyOneServesASocketAndAKilledOneIsReplaced(t *testing.T) {
	dir := folder(t)
	first := start(t, dir)
	second := exec.Command(program, "--socket", first.socket, "--log", first.log, "--allow-uid", "0")
	if out, err := second.CombinedOutput(); err == nil || !strings.Contains(string(out), "runs already") {
		t.Errorf("the second one: %v, %s", err, out)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // killed
	start(t, dir)    // over the socket that the first one left
}

func TestTellsSystemdWhenItIsReady(t *testing.T) {
	dir := folder(t)
	path := filepath.Join(dir, "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	start(t, dir)
	if err := l.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := l.Read(b)
	if err != nil || string(b[:n]) != "READY=1" {
		t.Errorf("systemd hears %q, %v", b[:n], err)
	}
}

func TestInsistsOnRoot(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != int(syscall.EPERM) {
		t.Errorf("exit: %v, %s", err, out)
	}
}

func TestUnknownUserAndArgument(t *testing.T) {
	for _, args := range [][]string{{"--user", "nobody-of-this-name"}, {"extra"}, {"--unknown"}} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
		cancel()
		if err == nil || len(out) == 0 {
			t.Errorf("%q: %v, %s", args, err, out)
		}
	}
}

// TestLinksAreNotFollowed: the folders may belong to vdsm, whom root must not
// trust with the choice of files.
func TestLinksAreNotFollowed(t *testing.T) {
	for _, name := range []string{"supervdsmd.lock", "l"} {
		dir := folder(t)
		victim := filepath.Join(dir, "victim")
		if err := os.Symlink(victim, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, "--socket", filepath.Join(dir, "s"), "--log", filepath.Join(dir, "l"), "--allow-uid", "0")
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%s: it starts: %s", name, out)
		}
		if _, err := os.Lstat(victim); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the link was followed", name)
		}
	}
}
