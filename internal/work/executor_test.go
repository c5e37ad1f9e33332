// SPDX-License-Identifier: GPL-2.0-or-later

package work

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// hangOn is what a stuck task is seen in.
//
//go:noinline
func hangOn(c <-chan struct{}) { <-c }

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func stop(t *testing.T, e *Executor) {
	t.Helper()
	if err := e.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// Of 150 tasks at once 8 run, 80 wait and 62 are refused, as in the original.
func TestBounds(t *testing.T) {
	t.Parallel()
	e := New(Options{Log: quiet()})
	release := make(chan struct{})
	var ran atomic.Int64
	refused := 0
	for range 150 {
		err := e.Submit(t.Context(), "wait", func() { <-release; ran.Add(1) })
		if errors.Is(err, ErrFull) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if s := e.Stats(); refused != 62 || s.Running != 8 || s.Waiting != 80 || s.Refused != 62 {
		t.Errorf("refused %d, %+v", refused, s)
	}
	close(release)
	for e.Stats().Finished < 88 {
		time.Sleep(time.Millisecond)
	}
	stop(t, e)
	if ran.Load() != 88 {
		t.Errorf("%d tasks ran", ran.Load())
	}
	if err := e.Submit(t.Context(), "late", func() {}); !errors.Is(err, ErrStopped) {
		t.Errorf("after Stop: %v", err)
	}
}

// A waiting task is not lost and the order of waiting is kept.
func TestOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := New(Options{Workers: 1, Queue: 10, Log: quiet()})
		var got []int
		for i := range 300 {
			if err := e.Submit(t.Context(), "n", func() { got = append(got, i) }); err != nil {
				synctest.Wait() // full: let it work
				if err := e.Submit(t.Context(), "n", func() { got = append(got, i) }); err != nil {
					t.Fatal(err)
				}
			}
		}
		synctest.Wait()
		for i := range 300 {
			if got[i] != i {
				t.Fatalf("place %d has %d", i, got[i])
			}
		}
		stop(t, e)
	})
}

// With every worker stuck, the limit frees the workers, as often as Aside
// allows; the log tells the age again and again.
func TestSetAside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := New(Options{
			Name: "rpc", Workers: 2, Queue: 2, Limit: time.Minute, Aside: 3,
			Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		hang := make(chan struct{})
		var quick atomic.Int64
		submit := func(do func()) {
			t.Helper()
			if err := e.Submit(t.Context(), "VM.create", do); err != nil {
				t.Fatal(err)
			}
		}
		submit(func() { hangOn(hang) })
		submit(func() { hangOn(hang) })
		submit(func() { quick.Add(1) })
		synctest.Wait()
		if quick.Load() != 0 {
			t.Fatal("ran without a worker")
		}
		time.Sleep(time.Minute + time.Second)
		if s := e.Stats(); quick.Load() != 1 || s.Aside != 2 || s.Running != 0 {
			t.Fatalf("quick %d, %+v", quick.Load(), s)
		}
		submit(func() { hangOn(hang) })
		submit(func() { hangOn(hang) })
		time.Sleep(time.Minute + time.Second)
		if s := e.Stats(); s.Aside != 3 || s.Running != 1 {
			t.Fatalf("more set aside than allowed: %+v", s)
		}
		synctest.Wait()
		if text := log.String(); !strings.Contains(text, "age=2m0s") || !strings.Contains(text, "task=VM.create") {
			t.Errorf("log: %s", text)
		} else if !strings.Contains(text, "work.hangOn") || strings.Contains(text, "(*Executor)") {
			t.Errorf("where it hangs is not in the log: %s", text)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var stuck *StuckError
		if err := e.Stop(ctx); !errors.As(err, &stuck) || stuck.Tasks != 4 {
			t.Errorf("Stop: %v", err)
		}
		close(hang)
		synctest.Wait()
		if s := e.Stats(); s.Running != 0 || s.Aside != 0 {
			t.Errorf("after all ended: %+v", s)
		}
	})
}

func TestPanicCostsOneTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := New(Options{Workers: 1, Log: slog.New(slog.NewTextHandler(&log, nil))})
		done := false
		for _, do := range []func(){func() { panic("boom") }, func() { done = true }} {
			if err := e.Submit(t.Context(), "x", do); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if !done || !strings.Contains(log.String(), "boom") {
			t.Errorf("done %t, log %s", done, log.String())
		}
		stop(t, e)
	})
}
