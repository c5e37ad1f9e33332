// SPDX-License-Identifier: GPL-2.0-or-later

package monitor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
)

// fake is a domain whose parts can be broken. A frozen one answers nothing
// until whoever asks gives up.
type fake struct {
	lock clusterlock.ClusterLock

	mu              sync.Mutex
	class           domainmd.Class
	version         domainmd.Version
	frozen          bool
	pathErr, dirErr error
}

func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fake) answer(ctx context.Context, err *error) error {
	f.mu.Lock()
	frozen, result := f.frozen, *err
	f.mu.Unlock()
	if frozen {
		<-ctx.Done()
		return outofprocess.ErrTimeout
	}
	return result
}

func (f *fake) Known() domainmd.Domain {
	f.mu.Lock()
	defer f.mu.Unlock()
	return domainmd.Domain{Class: f.class, Version: f.version}
}

func (f *fake) Metadata(ctx context.Context) (domainmd.Metadata, error) {
	err := f.answer(ctx, &f.dirErr)
	f.set(func() { f.version = 5 })
	return domainmd.Metadata{}, err
}

func (f *fake) Check(ctx context.Context) (time.Duration, error) {
	return 1500 * time.Microsecond, f.answer(ctx, &f.pathErr)
}

func (f *fake) Space(ctx context.Context) (outofprocess.Space, error) {
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return outofprocess.Space{Total: 100, Available: 40}, f.answer(limited, &f.dirErr)
}

func (f *fake) CheckMaster(context.Context) (mounted, valid bool, err error) { return true, true, nil }
func (f *fake) Lock() clusterlock.ClusterLock                                { return f.lock }

// host watches fakes.
type host struct {
	*Monitors
	locks *clusterlock.LocalHost

	mu      sync.Mutex
	domains map[string]*fake
	changes []string
}

// put makes another domain be there under an id; nil for none.
func (h *host) put(id string, d *fake) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.domains[id] = d
}

func newHost(ids ...string) *host {
	h := &host{locks: clusterlock.NewLocalHost(), domains: make(map[string]*fake)}
	for _, id := range ids {
		h.domains[id] = &fake{lock: h.locks.Domain(id, "", clusterlock.Lease{}), class: domainmd.Data, version: 4}
	}
	h.Monitors = New(Options{
		Find: func(_ context.Context, id string) (Domain, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			if d := h.domains[id]; d != nil {
				return d, nil
			}
			return nil, fmt.Errorf("looking: %w", api.ErrStorageDomainDoesNotExist.Of(id))
		},
		Changed: func(_ context.Context, id string, valid bool) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.changes = append(h.changes, fmt.Sprint(id, " ", valid))
		},
	})
	return h
}

func (h *host) told(t *testing.T, want ...string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Equal(h.changes, want) {
		t.Errorf("told %q, want %q", h.changes, want)
	}
}

// pass lets time pass, and all that happens in it happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestLifeOfADomain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost("a")
		d := h.domains["a"]
		d.mu.Lock() // the first check waits
		h.Start(t.Context(), "a", 3, true)
		if v := h.Vitals(time.Now())["a"]; v.Actual || !v.Valid || v.Version != -1 || v.Delay != "0" || v.LastCheck != "0.0" {
			t.Errorf("before the first check: %+v", v)
		}
		d.mu.Unlock()
		pass(0)
		want := api.StorageDomainVitals{Acquired: true, Actual: true, LastCheck: "0.0", Valid: true, Version: 4, Delay: "0.0015"}
		if v := h.Vitals(time.Now())["a"]; v != want {
			t.Errorf("after it: %+v, want %+v", v, want)
		}
		pass(3 * time.Second)
		if v := h.Vitals(time.Now(), "a", "other"); len(v) != 1 || v["a"].LastCheck != "3.0" {
			t.Errorf("three seconds later: %+v", v)
		}
		d.set(func() { d.pathErr = errors.New("wrong") })
		pass(10 * time.Second)
		if v := h.Vitals(time.Now())["a"]; v.Code != 200 || v.Valid || !v.Actual {
			t.Errorf("a path that cannot be read: %+v", v)
		}
		// One after the other: the path may be found well before the domain is
		// found stale, and that is told.
		d.set(func() { d.dirErr = api.ErrFileStorageDomainStaleNFSHandle.Of() })
		pass(10 * time.Second)
		d.set(func() { d.pathErr = nil })
		pass(10 * time.Second)
		if v := h.Vitals(time.Now())["a"]; v.Code != 384 || v.Valid || v.Acquired || v.Version != -1 {
			t.Errorf("a stale handle: %+v", v)
		}
		d.set(func() { d.dirErr = nil })
		pass(300 * time.Second)
		if v := h.Vitals(time.Now())["a"]; v.Code != 0 || !v.Valid || !v.Acquired || v.Version != 5 {
			t.Errorf("well again, and upgraded: %+v", v)
		}
		h.told(t, "a true", "a false", "a true")
		h.Stop(t.Context(), "a")
		if d.lock.HasHostID(t.Context(), 3) || h.Watches("a") || len(h.Vitals(time.Now())) != 0 {
			t.Error("stopped, and the host id is still there")
		}
		h.Close()
	})
}

// TestFrozen freezes one of two domains and looks at the other.
func TestFrozen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost("a", "b")
		h.Start(t.Context(), "a", 1, true)
		h.Start(t.Context(), "b", 1, true)
		pass(0)
		a := h.domains["a"]
		a.set(func() { a.frozen = true })
		pass(75 * time.Second)
		vitals := h.Vitals(time.Now())
		if v := vitals["a"]; v.Valid || v.Code != 200 {
			t.Errorf("the frozen one: %+v", v)
		}
		if v := vitals["b"]; !v.Valid || v.LastCheck != "5.0" {
			t.Errorf("the other one: %+v", v)
		}
		before := time.Now()
		h.Stop(t.Context(), "a", "b")
		if took := time.Since(before); took > 0 {
			t.Errorf("stopping took %v", took)
		}
		a.set(func() { a.frozen = false })
		h.Start(t.Context(), "a", 2, true)
		pass(0)
		if v := h.Vitals(time.Now())["a"]; !v.Valid || !v.Acquired {
			t.Errorf("thawed: %+v", v)
		}
		h.Close()
	})
}

// A read that has not come back when the next one is due is a failure by then:
// managers must not take a domain for valid that nobody can reach.
func TestFrozenIsToldWhenTheNextReadIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost("a")
		h.Start(t.Context(), "a", 1, true)
		pass(0)
		a := h.domains["a"]
		a.set(func() { a.frozen = true })
		pass(21 * time.Second) // the read of the tenth second
		if v := h.Vitals(time.Now())["a"]; v.Valid || v.Code != 200 || v.Delay != "0" {
			t.Errorf("%+v", v)
		}
		h.told(t, "a true", "a false")
		a.set(func() { a.frozen = false })
		pass(2 * time.Minute)
		if v := h.Vitals(time.Now())["a"]; !v.Valid {
			t.Errorf("thawed: %+v", v)
		}
		h.Close()
	})
}

// What is watched is what the others use: when the domain was opened anew, that
// one is asked from the next time on that its metadata is read.
func TestDomainThatWasOpenedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost("a")
		h.Start(t.Context(), "a", 1, true)
		pass(0)
		anew := &fake{lock: h.domains["a"].lock, class: domainmd.Data, version: 4}
		h.put("a", anew)
		pass(311 * time.Second)
		if v := h.Vitals(time.Now())["a"]; !v.Valid || v.Version != 5 || anew.Known().Version != 5 {
			t.Errorf("%+v, the new one has version %d", v, anew.Known().Version)
		}
		h.put("a", nil) // what cannot be found is not well
		pass(311 * time.Second)
		if v := h.Vitals(time.Now())["a"]; v.Valid || v.Code != int64(api.ErrStorageDomainDoesNotExist.Number) {
			t.Errorf("%+v", v)
		}
		h.put("a", anew)
		pass(11 * time.Second)
		if v := h.Vitals(time.Now())["a"]; !v.Valid {
			t.Errorf("found again: %+v", v)
		}
		h.Close()
	})
}

func TestCloseKeepsHostIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost("a", "iso")
		h.domains["iso"].class = domainmd.ISO
		h.Start(t.Context(), "a", 1, true)
		h.Start(t.Context(), "iso", 1, true)
		h.Start(t.Context(), "none", 1, true)
		pass(0)
		if v := h.Vitals(time.Now()); v["none"].Code != 358 || v["iso"].Acquired || !v["iso"].Valid {
			t.Errorf("vitals %+v", v)
		}
		h.Close()
		if !h.domains["a"].lock.HasHostID(t.Context(), 1) {
			t.Error("the host id was given back")
		}
		h.Start(t.Context(), "b", 1, true) // after the end: nothing
		if h.Watches("b") {
			t.Error("watching goes on")
		}
	})
}

// TestForWhom starts domains for the pool and for others.
func TestForWhom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost("a", "b")
		defer h.Close()
		h.Start(t.Context(), "a", 1, false)
		h.Start(t.Context(), "a", 7, true) // the host id stays
		h.Start(t.Context(), "a", 1, false)
		h.Start(t.Context(), "b", 1, false)
		pass(0)
		if got := h.Domains(); len(got) != 2 || !got["a"] || got["b"] {
			t.Errorf("domains %v", got)
		}
		if !h.domains["a"].lock.HasHostID(t.Context(), 1) {
			t.Error("host id 1 is not held")
		}
		if err := h.StopOther(t.Context(), "a"); !errors.Is(err, api.ErrStorageDomainIsMemberOfPool) {
			t.Errorf("a domain of the pool: %v", err)
		}
		if err := h.StopOther(t.Context(), "b"); err != nil || h.Watches("b") {
			t.Errorf("another domain: %v", err)
		}
		if got := h.HostStatus(t.Context(), "b", 1); got != clusterlock.Unavailable {
			t.Errorf("a host in a domain that is not watched is %q", got)
		}
	})
}
