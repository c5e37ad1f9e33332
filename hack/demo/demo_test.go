// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// generous is more than anything here takes on a loaded machine.
const generous = 3 * time.Minute

// output is what a program prints, which can be waited for.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) await(t *testing.T, what string) {
	t.Helper()
	eventually(t, func() bool { return strings.Contains(o.String(), what) },
		func() string { return "no " + what + " in:\n" + o.String() })
}

func eventually(t *testing.T, holds func() bool, otherwise func() string) {
	t.Helper()
	for deadline := time.Now().Add(generous); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal(otherwise())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// demo starts the program on a folder of its own.
func demo(t *testing.T, args ...string) (dir string, cmd *exec.Cmd, out *output) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can run a private libvirtd")
	}
	for _, program := range []string{"libvirtd", "virsh", "busybox"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin, dir := t.TempDir(), t.TempDir()
	for _, name := range []string{"demo", "vdsmd", "supervdsmd"} {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	out = &output{}
	args = append([]string{"--bin", bin, "--dir", dir, "--every", "200ms"}, args...)
	cmd = exec.Command(filepath.Join(bin, "demo"), args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return dir, cmd, out
}

// mustBeGone fails unless every process with the folder in its command line
// ends.
func mustBeGone(t *testing.T, dir string) {
	t.Helper()
	var left string
	eventually(t, func() bool {
		left = ""
		procs, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, proc := range procs {
			if args, err := os.ReadFile(proc); err == nil && bytes.Contains(args, []byte(dir)) {
				left += strings.ReplaceAll(string(args), "\x00", " ") + "\n"
			}
		}
		return left == ""
	}, func() string { return "still there:\n" + left })
}

func TestOnce(t *testing.T) {
	t.Parallel()
	dir, cmd, out := demo(t, "--once")
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	for _, want := range []string{"the host answers at", "VM.create demo", "demo is up", "Up ", "guest: ", "vdsm-client --pki", "all gone"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	mustBeGone(t, dir)
	t.Log(out)
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	dir, cmd, out := demo(t)
	out.await(t, "guest: ")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	mustBeGone(t, dir)
}

func TestInterruptedWhileStarting(t *testing.T) {
	t.Parallel()
	dir, cmd, out := demo(t)
	out.await(t, "starting a host")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // either way of ending is right, leaving something is not
	mustBeGone(t, dir)
}

func TestKilled(t *testing.T) {
	t.Parallel()
	dir, cmd, out := demo(t)
	out.await(t, "VM.create")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	mustBeGone(t, dir)
}

func TestHostDies(t *testing.T) {
	t.Parallel()
	dir, cmd, out := demo(t)
	out.await(t, "Powering up")
	if err := syscall.Kill(vdsmdOf(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("no error")
	}
	if !strings.Contains(out.String(), "vdsmd ended: signal: killed") {
		t.Errorf("no word of it in:\n%s", out)
	}
	mustBeGone(t, dir)
}

// vdsmdOf returns the number of the vdsmd that runs on the folder.
func vdsmdOf(t *testing.T, dir string) int {
	t.Helper()
	procs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, proc := range procs {
		args, err := os.ReadFile(proc)
		if err == nil && bytes.Contains(args, []byte("vdsmd\x00--sandbox\x00"+dir+"\x00")) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(proc)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("no vdsmd runs")
	return 0
}

func TestLastLine(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "console")
	for text, want := range map[string]string{
		"": "", "half": "", "one\r\n": "one", "one\ntwo\nthr": "two", "one\n\n": "one",
		strings.Repeat("x", 5000) + "\nlast\n": "last",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := lastLine(file); got != want {
			t.Errorf("%.20q: %q, want %q", text, got, want)
		}
	}
	if got := lastLine("/no/such/file"); got != "" {
		t.Errorf("%q", got)
	}
}
