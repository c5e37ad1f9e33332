// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// insideVariable is set in the test binary that runs at the place it needs.
const insideVariable = "GOVDSM_LAB_INSIDE"

// Wanted is a test that has said what it needs.
type Wanted struct {
	t        *testing.T
	features []Feature
}

// Needs says what a test needs of the kernel. The test's body goes to Run,
// which takes it to where that is:
//
//	func TestBond(t *testing.T) {
//		lab.Needs(t, lab.Bonding, lab.VLAN).Run(func(t *testing.T) {
//			// root, in an empty network
//		})
//	}
func Needs(t *testing.T, features ...Feature) Wanted { return Wanted{t, features} }

// Run runs the body as root in a network of its own, with only lo in it: in a
// namespace right here if this kernel has the features, which costs a hundredth
// of a second, else in a clean place of a lab host, which is booted once per
// test binary. There, the test binary starts again, with this test only; so
// what the test does before Run happens here and there.
//
// Without permission to boot hosts, a test that would need one is skipped.
func (w Wanted) Run(body func(t *testing.T)) {
	w.t.Helper()
	if os.Getenv(insideVariable) != "" {
		body(w.t)
		return
	}
	ctx, cancel := patience(w.t)
	defer cancel()
	missing := slices.DeleteFunc(slices.Clone(w.features), func(f Feature) bool { return f.here(ctx) })
	switch {
	case len(missing) == 0:
		w.judge(w.inNamespace(ctx))
	case Enabled():
		w.judge(w.inHost(ctx))
	default:
		w.t.Skipf("this kernel has no %v: run make lab, or set %s=1", missing, Variable)
	}
}

// command returns the test binary's command line for this test alone.
func (w Wanted) command() ([]string, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var pattern []string
	for part := range strings.SplitSeq(w.t.Name(), "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(part)+"$")
	}
	args := []string{binary, "-test.v", "-test.count=1", "-test.run=" + strings.Join(pattern, "/")}
	if deadline, ok := w.t.Deadline(); ok {
		args = append(args, fmt.Sprintf("-test.timeout=%v", max(time.Until(deadline)-30*time.Second, 5*time.Second)))
	}
	return args, nil
}

// namespaceArgs are the arguments with which unshare runs a command in new
// namespaces for network and mounts. Who is not root becomes it there.
func namespaceArgs(args ...string) []string {
	line := []string{"--net", "--mount"}
	if os.Geteuid() != 0 {
		line = append(line, "--map-root-user")
	}
	line = append(line, "sh", "-c", `PATH=$PATH:/usr/sbin:/sbin && mount -t sysfs sys /sys && ip link set lo up && exec "$@"`, "sh")
	return append(line, args...)
}

func (w Wanted) inNamespace(ctx context.Context) (string, error) {
	args, err := w.command()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "unshare", namespaceArgs(args...)...)
	cmd.Env = append(os.Environ(), insideVariable+"=namespace")
	cmd.WaitDelay = 5 * time.Second
	var said record
	cmd.Stdout, cmd.Stderr = w.stream(&said), w.stream(&said)
	err = cmd.Run()
	return said.String(), err
}

func (w Wanted) inHost(ctx context.Context) (string, error) {
	h, err := sharedHost.get(ctx)
	if err != nil {
		return "", err
	}
	w.t.Cleanup(func() {
		if w.t.Failed() {
			(&Lab{hosts: []*Host{h}}).keepArtefacts(w.t)
		}
	})
	args, err := w.command()
	if err != nil {
		return "", err
	}
	var modules []string
	for _, f := range w.features {
		modules = append(modules, strings.Fields(f.recipe().modules)...)
	}
	if r, err := h.Do(ctx, Command{Args: append([]string{"modprobe", "-a"}, modules...)}); err != nil || r.Code != 0 {
		return r.Stderr, fmt.Errorf("load modules: %w", errors.Join(err, codeError(r.Code)))
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	var said record
	out := w.stream(&said)
	r, err := h.Clean(w.t).Do(ctx, Command{
		Args: args, Dir: dir, Env: []string{insideVariable + "=host"},
		Stdout: out, Stderr: out, Limit: time.Hour,
	})
	return said.String(), errors.Join(err, codeError(r.Code))
}

func codeError(code int) error {
	if code == 0 {
		return nil
	}
	return fmt.Errorf("exit code %d", code)
}

// stream returns where output goes: into the record, and with -v also to the
// screen.
func (w Wanted) stream(keep *record) io.Writer {
	if !testing.Verbose() {
		return keep
	}
	return io.MultiWriter(keep, w.t.Output())
}

// judge makes the verdict of the test at its place the verdict of the test
// here. Only a line that says so is a success: a binary that found no such test
// also exits with 0.
func (w Wanted) judge(said string, err error) {
	w.t.Helper()
	show := said
	if testing.Verbose() {
		show = "" // it was on the screen already
	}
	name := regexp.QuoteMeta(w.t.Name())
	switch {
	case err != nil:
		w.t.Fatalf("where it has what it needs: %v\n%s", err, show)
	case regexp.MustCompile(`(?m)^\s*--- PASS: ` + name + ` \(`).MatchString(said):
	case regexp.MustCompile(`(?m)^\s*--- SKIP: ` + name + ` \(`).MatchString(said):
		w.t.Skipf("skipped where it has what it needs\n%s", show)
	default:
		w.t.Fatalf("it did not run where it has what it needs\n%s", show)
	}
}

// hostKeeper has the one host that all tests with needs share. It dies with
// the test process.
type hostKeeper struct {
	mu   sync.Mutex
	host *Host
}

// sharedHost must outlive the test that needs it first, so it cannot belong to
// a test.
var sharedHost hostKeeper

// get returns the host, booted; one that has died is booted again.
func (k *hostKeeper) get(ctx context.Context) (*Host, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.host == nil {
		l, err := Open(context.WithoutCancel(ctx), Spec{Name: "shared"})
		if err != nil {
			return nil, err
		}
		k.host = l.Host("shared")
		return k.host, nil
	}
	if k.host.On() {
		return k.host, nil
	}
	return k.host, k.host.Restart(ctx)
}
