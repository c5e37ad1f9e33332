// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

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
	if Inside() {
		body(w.t)
		return
	}
	ctx, cancel := patience(w.t)
	defer cancel()
	missing := slices.DeleteFunc(slices.Clone(w.features), func(f Feature) bool { return f.here(ctx) })
	switch {
	case len(missing) == 0:
		w.inNamespace(ctx)
	case Enabled():
		w.inHost(ctx)
	default:
		w.t.Skipf("this kernel has no %v: run make lab, or set %s=1", missing, Variable)
	}
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

func (w Wanted) inNamespace(ctx context.Context) {
	w.t.Helper()
	args, err := testCommand(w.t, w.t.Name())
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, "unshare", namespaceArgs(args...)...)
	cmd.Env = append(os.Environ(), insideVariable+"=namespace")
	cmd.WaitDelay = 5 * time.Second
	// Should we be killed, or panic, it goes too: when the thread that started
	// it ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said record
	cmd.Stdout, cmd.Stderr = stream(w.t, &said), stream(w.t, &said)
	err = cmd.Run()
	judge(w.t, w.t.Name(), said.String(), err)
}

func (w Wanted) inHost(ctx context.Context) {
	w.t.Helper()
	h, err := sharedHost.get(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if w.t.Failed() {
			(&Lab{hosts: []*Host{h}}).keepArtefacts(w.t)
		}
	})
	args := []string{"modprobe", "-a"}
	for _, f := range w.features {
		args = append(args, strings.Fields(f.recipe().modules)...)
	}
	h.Run(w.t, args...)
	h.Clean(w.t).GoTest(w.t, w.t.Name())
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
