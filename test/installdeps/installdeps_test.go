// SPDX-License-Identifier: GPL-2.0-or-later

// Package installdeps tests hack/install-deps on machines that are made up: a
// folder of stand-ins for the programs that a distribution has.
package installdeps

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// machine is a PATH. Programs that are not stand-ins are the real ones, from
// a list, so that a package manager of the real machine is never called.
type machine struct {
	t   *testing.T
	bin string
	log string // what the stand-ins were called with
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, bin: t.TempDir()}
	m.log = filepath.Join(t.TempDir(), "log")
	for _, name := range []string{
		"sh", "awk", "cat", "comm", "dirname", "env", "grep", "head", "ls", "mktemp", "rm", "sed", "sort", "tr", "xargs",
	} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(m.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	m.has("go", "echo go1.99")
	m.has("id", "echo 0")
	m.has("install", "")
	return m
}

// has adds a program that logs its call and runs the script.
func (m *machine) has(name, script string) {
	m.t.Helper()
	text := "#!/bin/sh\necho " + name + ` "$@" >>` + m.log + "\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(m.bin, name), []byte(text), 0o755); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) run(groups ...string) (string, error) {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), filepath.Join(m.bin, "sh"), append([]string{"../../hack/install-deps"}, groups...)...)
	cmd.Env = []string{"PATH=" + m.bin, "HOME=" + m.t.TempDir(), "TMPDIR=" + m.t.TempDir()}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (m *machine) calls() string {
	m.t.Helper()
	text, err := os.ReadFile(m.log)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.t.Fatal(err)
	}
	return string(text)
}

// debian makes the machine one where only gcc and what was installed since
// is there.
func (m *machine) debian() {
	state := m.t.TempDir() + "/installed"
	m.has("dpkg", "echo amd64")
	m.has("dpkg-query", "shift 3; for p; do if [ $p = gcc ] || [ -e "+state+" ]; then echo installed $p; fi; done")
	m.has("apt-get", "case \" $* \" in *' install '*) : >"+state+" ;; esac")
	m.has("apt-cache", "exit 0")
}

func mustContain(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("no %q in:\n%s", w, text)
		}
	}
}

func TestDebian(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.debian()
	out, err := m.run("build", "run")
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	mustContain(t, out, "install-deps: apt-get install", "busybox-static", "qemu-system-x86")
	mustContain(t, m.calls(), "apt-get update", "apt-get install -q -y --no-install-recommends busybox-static")
	if strings.Contains(out, " gcc ") {
		t.Error("gcc is there and is installed again")
	}
	before := strings.Count(m.calls(), "apt-get")
	out, err = m.run("build", "run")
	if err != nil || out != "" || strings.Count(m.calls(), "apt-get") != before {
		t.Errorf("the second time: %v, %q, calls:\n%s", err, out, m.calls())
	}
}

func TestThroughSudo(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.debian()
	m.has("id", "echo 1000")
	out, err := m.run("run")
	if err == nil {
		t.Error("installed without root")
	}
	mustContain(t, out, "takes root", "hack/install-deps run")
	m.has("sudo", `exec "$@"`)
	if out, err := m.run("run"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	mustContain(t, m.calls(), "sudo env DEBIAN_FRONTEND=noninteractive apt-get install")
}

func TestFedora(t *testing.T) {
	t.Parallel()
	for version, flag := range map[string]string{"dnf5 version 5.2": "--skip-unavailable", "4.14.0": "--setopt=strict=0"} {
		m := newMachine(t)
		m.has("rpm", `for last; do :; done; [ "$last" = gcc ]`)
		m.has("dnf", `[ "$1" != --version ] || echo `+version)
		out, err := m.run("build", "run")
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		mustContain(t, out, "install-deps: dnf install", "libvirt-daemon-driver-qemu", "not available here:")
		mustContain(t, m.calls(), "dnf install -y "+flag, "qemu-kvm")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	out, err := m.run("run")
	if err == nil {
		t.Error("no package manager, and no error")
	}
	mustContain(t, out, "neither apt-get nor dnf")
	m.debian()
	out, err = m.run("everything")
	if err == nil {
		t.Error("no such group, and no error")
	}
	mustContain(t, out, "no group everything")
	m.has("go", "echo go1.21.5")
	if out, err := m.run("build"); err != nil {
		t.Errorf("%v: %s", err, out)
	} else {
		mustContain(t, out, "this is Go 1.21.5")
	}
	m.has("go", "exit 127")
	out, err = m.run("build")
	if err == nil {
		t.Error("no Go, and no error")
	}
	mustContain(t, out, "https://go.dev/dl/")
}
