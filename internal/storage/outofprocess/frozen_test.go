// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/storage/storagetest"
)

// frozen returns a folder on a server that never answers.
func frozen(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	storagetest.Freeze(t, dir)
	return dir
}

// eventually waits until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not within a minute: ", what)
		}
	}
}

// pid returns the process of the present helper, 0 when there is none.
func (d *Dir) pid(t *testing.T) int {
	t.Helper()
	helpers, err := d.pool.domain(d.key)
	must(t, err)
	helpers.mu.Lock()
	defer helpers.mu.Unlock()
	if helpers.current == nil {
		return 0
	}
	return helpers.current.cmd.Process.Pid
}

// stop stops a process, and returns when all of its threads stand still.
func stop(t *testing.T, pid int) {
	t.Helper()
	must(t, unix.Kill(pid, unix.SIGSTOP))
	eventually(t, "the process stands still", func() bool {
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		for _, thread := range threads {
			b, _ := os.ReadFile(thread)
			if len(b) > 0 && !strings.Contains(string(b), ") T ") {
				return false
			}
		}
		return len(threads) > 0
	})
}

func gone(pid int) bool { return unix.Kill(pid, 0) == unix.ESRCH }

func TestFrozenServerCostsItsDomainOnly(t *testing.T) {
	p := New(Options{Timeout: 10 * time.Second, Slots: 2, Queue: 2})
	defer p.Close()
	bad, good, ctx := p.Dir(frozen(t)), p.Dir(t.TempDir()), t.Context()
	var calls sync.WaitGroup
	var mu sync.Mutex
	count := make(map[error]int)
	for range 8 {
		calls.Go(func() {
			_, err := bad.Stat(ctx, "dom_md/metadata")
			mu.Lock()
			defer mu.Unlock()
			for _, kind := range []error{ErrTimeout, ErrBusy} {
				if errors.Is(err, kind) {
					count[kind]++
				}
			}
		})
	}
	for i := range 200 {
		if err := good.WriteFile(ctx, "metadata", []byte(strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	calls.Wait()
	if count[ErrTimeout]+count[ErrBusy] != 8 || count[ErrTimeout] < 2 || count[ErrBusy] < 2 {
		t.Errorf("%v; want 8 in all, and at most 4 that wait", count)
	}
	if !errors.Is(ErrTimeout, syscall.ETIMEDOUT) || !errors.Is(ErrBusy, syscall.EAGAIN) {
		t.Error("the errors have lost their numbers")
	}
}

func TestSilentHelperIsReplacedAndReaped(t *testing.T) {
	p := New(Options{Timeout: time.Second})
	defer p.Close()
	d, ctx := p.Dir(t.TempDir()), t.Context()
	// A slow machine may need more than one to start one in time.
	eventually(t, "a helper", func() bool { _, err := d.Stat(ctx, "."); return err == nil })
	old := d.pid(t)
	stop(t, old)
	if _, err := d.Stat(ctx, "."); !errors.Is(err, ErrTimeout) {
		t.Errorf("stopped: %v", err)
	}
	eventually(t, "a new helper", func() bool {
		_, err := d.Stat(ctx, ".")
		return err == nil && d.pid(t) != old
	})
	eventually(t, "the end of the old one", func() bool { return gone(old) })
}

func TestSilentHelpersAreBounded(t *testing.T) {
	p := New(Options{Timeout: 100 * time.Millisecond, Silent: 1})
	defer p.Close()
	helpers, err := p.domain("x")
	must(t, err)
	helpers.silent[&helper{cmd: exec.Command("true"), codec: &codec{}}] = true // one the kernel holds
	if _, err := p.Keyed("x", t.TempDir()).Stat(t.Context(), "."); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	clear(helpers.silent)
}

func TestThawedHelperGoesOn(t *testing.T) {
	p := New(Options{Timeout: 2 * time.Minute})
	defer p.Close()
	d, ctx := p.Dir(t.TempDir()), t.Context()
	_, err := d.Stat(ctx, ".")
	must(t, err)
	pid := d.pid(t)
	stop(t, pid)
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	if err := d.Create(short, "late", 0, 0o600); !errors.Is(err, ErrTimeout) {
		t.Errorf("stopped: %v", err)
	}
	must(t, unix.Kill(pid, unix.SIGCONT))
	_, err = d.Stat(ctx, ".")
	must(t, err)
	if d.pid(t) != pid {
		t.Error("the helper was replaced")
	}
	// Given up is not undone.
	eventually(t, "the late file", func() bool { ok, _ := d.Exists(ctx, "late"); return ok })
}

func TestHelperThatDies(t *testing.T) {
	p := New(Options{})
	defer p.Close()
	ctx := t.Context()
	bad, good := p.Keyed("one", frozen(t)), p.Keyed("one", t.TempDir())
	_, err := good.Stat(ctx, ".")
	must(t, err)
	pid := good.pid(t)
	failed := make(chan error)
	go func() { _, err := bad.Stat(ctx, "x"); failed <- err }()
	eventually(t, "the call", func() bool {
		helpers, _ := p.domain("one")
		helpers.mu.Lock()
		defer helpers.mu.Unlock()
		return helpers.current.outstanding == 1
	})
	must(t, unix.Kill(pid, unix.SIGKILL))
	if err := <-failed; !errors.Is(err, ErrDied) {
		t.Errorf("%v", err)
	}
	_, err = good.Stat(ctx, ".")
	must(t, err)
}

func TestCancelledCallReturns(t *testing.T) {
	p := New(Options{})
	defer p.Close()
	d := p.Dir(frozen(t))
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() { _, err := d.ReadDir(ctx, "."); failed <- err }()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestChecksDoNotPileUp(t *testing.T) {
	p := New(Options{})
	defer p.Close()
	d := p.Dir(frozen(t))
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	for range 100 {
		if _, err := d.Check(short, "dom_md/metadata"); !errors.Is(err, ErrTimeout) {
			t.Fatalf("%v", err)
		}
	}
	helpers, err := p.domain(d.key)
	must(t, err)
	helpers.mu.Lock()
	defer helpers.mu.Unlock()
	if n := helpers.current.outstanding; n != 1 {
		t.Errorf("%d checks are under way", n)
	}
}

func TestIdleHelperEnds(t *testing.T) {
	p := New(Options{Idle: 50 * time.Millisecond})
	defer p.Close()
	d := p.Dir(t.TempDir())
	_, err := d.Stat(t.Context(), ".")
	must(t, err)
	if pid := d.pid(t); pid != 0 {
		eventually(t, "its end", func() bool { return gone(pid) })
	}
	_, err = d.Stat(t.Context(), ".")
	must(t, err)
}

func TestCloseDoesNotWaitForAFrozenServer(t *testing.T) {
	p := New(Options{})
	d := p.Dir(frozen(t))
	failed := make(chan error)
	go func() { _, err := d.Stat(t.Context(), "x"); failed <- err }()
	eventually(t, "the call", func() bool { return d.pid(t) != 0 })
	p.Close()
	if err := <-failed; err == nil {
		t.Error("the call succeeded")
	}
}

func TestManyCallsAtOnce(t *testing.T) {
	p := New(Options{Slots: 4, Queue: 1000})
	defer p.Close()
	d, ctx := p.Dir(t.TempDir()), t.Context()
	var calls sync.WaitGroup
	for i := range 200 {
		calls.Go(func() {
			name := strconv.Itoa(i)
			text := strings.Repeat(name, 1000)
			if err := d.WriteFile(ctx, name, []byte(text)); err != nil {
				t.Error(err)
			}
			if got, err := d.ReadDirect(ctx, name); err != nil || string(got) != text {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
		})
	}
	calls.Wait()
}

// TestDaemonThatIsKilled is also the daemon, when it has a folder.
func TestDaemonThatIsKilled(t *testing.T) {
	if dir := os.Getenv("OUTOFPROCESS_DAEMON"); dir != "" {
		d := New(Options{}).Keyed("x", "/")
		_, err := d.Stat(t.Context(), ".")
		must(t, err)
		fmt.Println("helper", d.pid(t), ".")
		_, _ = d.pool.Keyed("x", dir).Stat(t.Context(), "hangs")
		return
	}
	daemon := exec.Command("/proc/self/exe", "-test.run=^TestDaemonThatIsKilled$")
	daemon.Env = append(os.Environ(), "OUTOFPROCESS_DAEMON="+frozen(t))
	out, err := daemon.StdoutPipe()
	must(t, err)
	must(t, daemon.Start())
	var pid int
	if _, err := fmt.Fscanf(out, "helper %d", &pid); err != nil {
		t.Errorf("the daemon said nothing: %v", err)
	}
	must(t, daemon.Process.Kill())
	_ = daemon.Wait() // it was killed
	eventually(t, "the helper's end", func() bool { return gone(pid) })
}
