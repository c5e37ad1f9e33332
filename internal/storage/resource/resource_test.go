// SPDX-License-Identifier: GPL-2.0-or-later

package resource

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"govdsm/api"
)

func acquire(t *testing.T, l *Locks, locks ...Lock) (release func()) {
	t.Helper()
	release, err := l.Acquire(t.Context(), locks...)
	if err != nil {
		t.Fatal(err)
	}
	return release
}

func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(0)
		release := acquire(t, l, Shared(Storage, "sd"))
		var order []string
		var mu sync.Mutex
		for i, lock := range []Lock{Exclusive(Storage, "sd"), Shared(Storage, "sd"), Shared(Storage, "sd")} {
			go func() {
				release, err := l.Acquire(t.Context(), lock)
				if err != nil {
					t.Error(err)
					return
				}
				defer release()
				mu.Lock()
				order = append(order, fmt.Sprint(i == 0))
				mu.Unlock()
				time.Sleep(time.Second)
			}()
			synctest.Wait()
		}
		if len(order) != 0 {
			t.Errorf("%q went past", order)
		}
		release()
		release() // does nothing
		time.Sleep(time.Minute)
		synctest.Wait()
		if !slices.Equal(order, []string{"true", "false", "false"}) {
			t.Errorf("served in the order %q", order)
		}
		if held := l.Held(); held != nil || len(l.resources) != 0 {
			t.Errorf("held: %q", held)
		}
	})
}

func TestTimeoutFreesWhatWasHeldAndLetsOthersPast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(2 * time.Minute)
		release := acquire(t, l, Shared(Images("sd"), "img"))
		done := make(chan error, 1)
		go func() {
			_, err := l.Acquire(t.Context(), Exclusive(Images("sd"), "img"), Exclusive(Storage, "sd"))
			done <- err
		}()
		synctest.Wait()
		began := time.Now()
		time.Sleep(time.Second)
		second := acquire(t, l, Shared(Images("sd"), "img")) // after the exclusive one has given up
		if waited := time.Since(began); waited != 2*time.Minute {
			t.Errorf("waited %v", waited)
		}
		if err := <-done; !errors.Is(err, api.ErrResourceTimeout) {
			t.Errorf("%v", err)
		}
		if held := l.Held(); !slices.Equal(held, []string{"01_img_sd.img (shared)"}) {
			t.Errorf("held: %q", held)
		}
		release()
		second()
	})
}

func TestCancelledWait(t *testing.T) {
	l := New(0)
	defer acquire(t, l, Exclusive(Storage, "sd"))()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Acquire(ctx, Shared(Storage, "sd")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestRefusedSets(t *testing.T) {
	l := New(0)
	if _, err := l.Acquire(t.Context(), Shared(Storage, "sd"), Exclusive(Storage, "sd")); err == nil {
		t.Error("shared and exclusive")
	}
	if _, err := l.Acquire(t.Context(), Shared(Storage, "")); !errors.Is(err, api.ErrInvalidResourceName) {
		t.Errorf("no name: %v", err)
	}
	acquire(t, l, Exclusive(Storage, "sd"), Exclusive(Storage, "sd"))()
	acquire(t, l)()
}

// TestNoDeadlockAndNoTwoOwners has many acquire random sets in random order.
func TestNoDeadlockAndNoTwoOwners(t *testing.T) {
	l := New(0)
	names := []string{"a", "b", "c"}
	var owners [3]atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 300 {
				var locks []Lock
				picked := rand.Perm(3)[:1+rand.IntN(3)]
				for _, n := range picked {
					locks = append(locks, Exclusive(Storage, names[n]))
				}
				release, err := l.Acquire(t.Context(), locks...)
				if err != nil {
					t.Error(err)
					return
				}
				for _, n := range picked {
					if owners[n].Add(1) != 1 {
						t.Error("two owners")
					}
				}
				for _, n := range picked {
					owners[n].Add(-1)
				}
				release()
			}
		})
	}
	all.Wait()
}
