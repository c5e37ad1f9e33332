// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/pki"
	"govdsm/internal/sandbox"
)

// generous is more than anything here takes on a loaded machine.
const generous = 3 * time.Minute

func needHost(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a mount namespace")
	}
	for _, program := range []string{"libvirtd", "virsh", "qemu-system-x86_64"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatal(err)
		}
	}
}

// binDir holds a supervdsmd: this test binary.
func binDir(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "supervdsmd")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func options(t *testing.T, dir string) sandbox.Options {
	t.Helper()
	return sandbox.Options{Dir: dir, BinDir: binDir(t), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

func start(t *testing.T, dir string) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(t.Context(), options(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), generous)
	defer cancel()
	if err := s.Stop(ctx); err != nil && !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

func virsh(t *testing.T, uri string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), generous)
	defer cancel()
	cmd := exec.CommandContext(ctx, "virsh", append([]string{"-q", "-c", uri}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("virsh %v: %v: %s", args, err, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// createVM runs a VM that has nothing to boot from, and waits for nothing.
func createVM(t *testing.T, uri, name string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "vm.xml")
	xml := fmt.Sprintf(`<domain type='qemu'><name>%s</name><memory unit='MiB'>16</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator><memballoon model='none'/>
<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel></devices></domain>`, name)
	if err := os.WriteFile(file, []byte(xml), 0o644); err != nil {
		t.Fatal(err)
	}
	virsh(t, uri, "create", file, "--paused")
}

// traces are the processes that have the folder's name in their command line
// or see it at /run/libvirt; found apart from the code under test.
func traces(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, proc := range entries {
		if proc == fmt.Sprintf("/proc/%d", os.Getpid()) {
			continue
		}
		args, _ := os.ReadFile(proc + "/cmdline")
		mounts, _ := os.ReadFile(proc + "/mountinfo")
		if bytes.Contains(args, []byte(dir)) || bytes.Contains(mounts, []byte(dir+"/run/libvirt /run/libvirt")) {
			found = append(found, proc+": "+strings.ReplaceAll(string(args), "\x00", " "))
		}
	}
	return found
}

func mounts(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/thread-self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mustBeGone(t *testing.T, dir string) {
	t.Helper()
	deadline := time.Now().Add(generous)
	for {
		left := traces(t, dir)
		if len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("still there:\n%s", strings.Join(left, "\n"))
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if strings.Contains(mounts(t), dir) {
		t.Error("a mount of the sandbox is left outside")
	}
}

func TestStartStopLeavesNothing(t *testing.T) {
	needHost(t)
	t.Parallel()
	dir := t.TempDir()
	before := mounts(t)
	s := start(t, dir)
	if during := mounts(t); during != before {
		t.Errorf("mounts outside changed:\n%s\nto\n%s", before, during)
	}
	createVM(t, s.Libvirt.URI, "one")
	if got := virsh(t, s.Libvirt.URI, "list", "--name"); got != "one" {
		t.Errorf("VMs: %q", got)
	}
	if len(traces(t, dir)) < 3 {
		t.Errorf("want libvirtd, supervdsmd and QEMU, got %v", traces(t, dir))
	}
	if _, err := pki.Open(s.Client, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
	stop(t, s)
	mustBeGone(t, dir)
	for _, log := range []string{"libvirt/qemu/one.log", "vdsm/supervdsmd.out"} {
		if _, err := os.Stat(filepath.Join(dir, "log", log)); err != nil {
			t.Errorf("the log is gone: %v", err)
		}
	}
}

// What libvirt learns about QEMU is there when the next sandbox starts.
func TestCapabilitiesAreHandedOn(t *testing.T) {
	needHost(t)
	t.Parallel()
	cache := t.TempDir()
	begin := func() *sandbox.Sandbox {
		t.Helper()
		o := options(t, t.TempDir())
		o.Cache = cache
		s, err := sandbox.Start(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop(t, s) })
		return s
	}
	known := func(s *sandbox.Sandbox) int {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(s.Dir, "cache", "libvirt", "qemu", "capabilities", "*.xml"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	first := begin()
	virsh(t, first.Libvirt.URI, "domcapabilities", "--virttype", "qemu")
	learned := known(first)
	stop(t, first)
	if got := known(begin()); learned == 0 || got != learned {
		t.Errorf("%d learned, %d handed on", learned, got)
	}
}

func TestTwoSideBySideWithLongNames(t *testing.T) {
	needHost(t)
	t.Parallel()
	long := filepath.Join(t.TempDir(), strings.Repeat("long/", 60))
	a, b := start(t, filepath.Join(long, "a")), start(t, filepath.Join(long, "b"))
	createVM(t, a.Libvirt.URI, "same")
	createVM(t, b.Libvirt.URI, "same")
	stop(t, a)
	mustBeGone(t, a.Dir)
	if got := virsh(t, b.Libvirt.URI, "list", "--name"); got != "same" {
		t.Errorf("VMs of the other sandbox: %q", got)
	}
	link := filepath.Dir(filepath.Dir(filepath.Dir(b.Privileged)))
	stop(t, b)
	mustBeGone(t, b.Dir)
	if _, err := os.Lstat(filepath.Dir(link)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the short name is left: %v", err)
	}
}

func TestOneOwner(t *testing.T) {
	needHost(t)
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	if _, err := sandbox.Start(t.Context(), options(t, dir)); !errors.Is(err, sandbox.ErrInUse) {
		t.Errorf("a second start: %v", err)
	}
	virsh(t, s.Libvirt.URI, "version") // and it did no harm
}

func TestTakenOverAfterKill(t *testing.T) {
	needHost(t)
	t.Parallel()
	dir := t.TempDir()
	o := startOwner(t, dir)
	uri := o.uri
	createVM(t, uri, "survivor")
	o.kill()
	old := notes(t, dir)
	s := start(t, dir)
	if s.Libvirt.URI != uri {
		t.Errorf("URI %s became %s", uri, s.Libvirt.URI)
	}
	if now := notes(t, dir); now != old {
		t.Errorf("daemons were started again:\n%s\n%s", old, now)
	}
	if got := virsh(t, uri, "list", "--name"); got != "survivor" {
		t.Errorf("VMs: %q", got)
	}
	stop(t, s)
	mustBeGone(t, dir)
}

func notes(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	for _, name := range []string{"libvirtd", "supervdsmd"} {
		text, err := os.ReadFile(filepath.Join(dir, "run", name+".process"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return strings.Join(all, "\n")
}

func TestLibvirtDiedMeanwhile(t *testing.T) {
	needHost(t)
	t.Parallel()
	dir := t.TempDir()
	o := startOwner(t, dir)
	uri := o.uri
	createVM(t, uri, "survivor")
	o.kill()
	var pid int
	if _, err := fmt.Sscanf(notes(t, dir), `{"pid":%d`, &pid); err != nil {
		t.Fatal(err)
	}
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s := start(t, dir)
	if got := virsh(t, s.Libvirt.URI, "list", "--name"); got != "survivor" {
		t.Errorf("VMs: %q", got)
	}
}

func TestCleanAfterKill(t *testing.T) {
	needHost(t)
	t.Parallel()
	dir := t.TempDir()
	o := startOwner(t, dir)
	uri := o.uri
	createVM(t, uri, "orphan")
	o.kill()
	if err := sandbox.Clean(t.Context(), dir, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	mustBeGone(t, dir)
}

// A file that names somebody else's process must not cost its life.
func TestStrangersAreLeftAlone(t *testing.T) {
	needHost(t)
	t.Parallel()
	dir := t.TempDir()
	sleeper := exec.Command("sleep", "600")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sleeper.Process.Kill(); _ = sleeper.Wait() })
	if err := os.MkdirAll(filepath.Join(dir, "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"libvirtd.process":   fmt.Sprintf(`{"pid":%d,"start":1,"boot":"x"}`, sleeper.Process.Pid),
		"supervdsmd.process": "rubbish",
		"virtqemud.process":  `{"pid":-1}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, "run", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stop(t, start(t, dir))
	if err := sleeper.Process.Signal(unix.Signal(0)); err != nil {
		t.Errorf("the stranger: %v", err)
	}
}

func TestNothingLeftAfterFailure(t *testing.T) {
	needHost(t)
	t.Parallel()
	o := options(t, t.TempDir())
	o.BinDir = t.TempDir()
	_, err := sandbox.Start(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("without supervdsmd: %v", err)
	}
	mustBeGone(t, o.Dir)

	if err := os.WriteFile(filepath.Join(o.BinDir, "supervdsmd"), []byte("#!/bin/sh\necho no luck\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = sandbox.Start(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "no luck") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("with a supervdsmd that ends: %v", err)
	}
	mustBeGone(t, o.Dir)
}

func TestRefusesFoldersItWouldHide(t *testing.T) {
	t.Parallel()
	o := options(t, "/var/lib/libvirt/no-such-sandbox")
	if _, err := sandbox.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "cannot be below") {
		t.Errorf("error: %v", err)
	}
	if _, err := os.Stat(o.Dir); err == nil {
		t.Error("the folder was made nevertheless")
	}
}
