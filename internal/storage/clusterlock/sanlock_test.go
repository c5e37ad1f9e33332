// SPDX-License-Identifier: GPL-2.0-or-later

package clusterlock

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/directio"
	"govdsm/internal/storage/sanlock"
	"govdsm/internal/storage/sanlock/sanlocktest"
	"govdsm/internal/storage/xlease"
)

// Two hosts race for one lease, again and again: there are never two owners,
// and the version counts them.
func TestNeverTwoOwners(t *testing.T) {
	t.Parallel()
	ids, sdm := files(t)
	locks := make([]*Sanlock, 2)
	for i := range locks {
		h, _ := host(t, fmt.Sprint("host-", i))
		locks[i] = h.Domain(domain, ids, 1<<20, 512)
	}
	if err := locks[0].Init(t.Context(), sdm); err != nil {
		t.Fatal(err)
	}
	for i, lock := range locks {
		if err := lock.AcquireHostID(t.Context(), i+1, true); err != nil {
			t.Fatal(err)
		}
	}
	wins := 0
	for round := range 5 {
		results := make(chan error, len(locks))
		for i, lock := range locks {
			go func() { results <- lock.Acquire(t.Context(), i+1, sdm) }()
		}
		first, second := <-results, <-results
		if first == nil && second == nil {
			t.Fatal("two owners in round", round)
		}
		for _, err := range []error{first, second} {
			if err != nil && !errors.Is(err, api.ErrAcquireLockFailure) {
				t.Error(err)
			}
		}
		if first != nil && second != nil {
			continue // they were in each other's way; nobody owns it
		}
		wins++
		owner := awaitOwner(t, locks[0], sdm)
		if owner.Version < uint64(wins) {
			t.Fatalf("round %d: %+v", round, owner)
		}
		if other := awaitOwner(t, locks[1], sdm); other != owner {
			t.Errorf("the other host sees %+v, not %+v", other, owner)
		}
		if err := locks[owner.HostID-1].Release(t.Context(), sdm); err != nil {
			t.Fatal(err)
		}
	}
	if wins == 0 {
		t.Error("nobody ever got it")
	}
	if s := locks[0].HostStatus(t.Context(), 2); s != "live" && s != "unknown" {
		t.Error(s)
	}
	if s := locks[0].HostStatus(t.Context(), 99); s != "free" && s != Unavailable {
		t.Error(s)
	}
}

// awaitOwner returns the owner of a lease that has one. A host learns who has
// joined when it renews its own lease; until then it sees no owner there.
func awaitOwner(t *testing.T, lock *Sanlock, l Lease) Owner {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		owner, err := lock.Inspect(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		if owner.HostID != 0 {
			return owner
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v has no owner: %+v", l, owner)
		}
	}
}

// A host that joins and takes a lease while another has no time to look is seen
// as its owner by that one, too, once it has looked.
func TestOwnerThatHasJustJoined(t *testing.T) {
	t.Parallel()
	ids, sdm := files(t)
	a, daemon := host(t, "host-a")
	b, _ := host(t, "host-b")
	la, lb := a.Domain(domain, ids, 1<<20, 512), b.Domain(domain, ids, 1<<20, 512)
	if err := errors.Join(la.Init(t.Context(), sdm), la.AcquireHostID(t.Context(), 1, true)); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); la.HostStatus(t.Context(), 2) != "free"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the id of the other host is ", la.HostStatus(t.Context(), 2))
		}
	}
	thaw := daemon.Freeze(t)
	err := errors.Join(lb.AcquireHostID(t.Context(), 2, true), lb.Acquire(t.Context(), 2, sdm))
	thaw()
	if err != nil {
		t.Fatal(err)
	}
	if owner := awaitOwner(t, la, sdm); owner.HostID != 2 {
		t.Errorf("%+v", owner)
	}
}

// A host id that another host uses is not given out, and a lease needs one.
func TestHostID(t *testing.T) {
	t.Parallel()
	ids, sdm := files(t)
	a, _ := host(t, "host-a")
	b, _ := host(t, "host-b")
	la, lb := a.Domain(domain, ids, 1<<20, 512), b.Domain(domain, ids, 1<<20, 512)
	if err := la.AcquireHostID(t.Context(), 1, true); !errors.Is(err, api.ErrAcquireHostIdFailure) {
		t.Error("in no lockspace:", err)
	}
	if err := la.Init(t.Context(), sdm); err != nil {
		t.Fatal(err)
	}
	if err := la.ReleaseHostID(t.Context(), 1, true, false); err != nil {
		t.Fatal(err)
	}
	if err := la.Acquire(t.Context(), 1, sdm); !errors.Is(err, api.ErrAcquireHostIdFailure) {
		t.Error("a lease without a host id:", err)
	}
	if err := la.AcquireHostID(t.Context(), 1, false); err != nil {
		t.Fatal(err)
	}
	// A lease waits for the host id that is on its way.
	if err := la.Acquire(t.Context(), 1, sdm); err != nil {
		t.Fatal(err)
	}
	// To find out that another host uses an id takes sanlock more than a
	// minute; until then it is not held.
	if err := lb.AcquireHostID(t.Context(), 1, false); err != nil || lb.HasHostID(t.Context(), 1) {
		t.Error("an id in use:", err)
	}
	if _, err := lb.Inspect(t.Context(), sdm); !errors.Is(err, ErrTemporary) {
		t.Error("the owner, seen by a host that has not joined:", err)
	}
	if err := la.Acquire(t.Context(), 1, Lease{"other", sdm.Path, sdm.Offset}); !errors.Is(err, api.ErrAcquireLockFailure) {
		t.Error("another lease in its place:", err)
	}
	if _, err := la.Inspect(t.Context(), Lease{"other", sdm.Path, sdm.Offset}); !errors.Is(err, ErrLeaseName) {
		t.Error("another lease in its place:", err)
	}
	held, err := a.Held(t.Context())
	if err != nil || len(held) != 1 || len(held[domain]) != 1 || held[domain][0] != sdm {
		t.Error(held, err)
	}
	if held, err := b.Held(t.Context()); err != nil || len(held) != 0 {
		t.Error(held, err)
	}
}

func TestData(t *testing.T) {
	t.Parallel()
	type job struct{ ID, Status string }
	ids, sdm := files(t)
	h, _ := host(t, "host-a")
	lock := h.Domain(domain, ids, 1<<20, 512)
	if err := errors.Join(lock.Init(t.Context(), sdm), lock.AcquireHostID(t.Context(), 1, true)); err != nil {
		t.Fatal(err)
	}
	if err := lock.SetData(t.Context(), sdm, job{}); !errors.Is(err, api.ErrSanlockLVB) {
		t.Error("of a lease that is not held:", err)
	}
	if err := lock.AcquireWithData(t.Context(), 1, sdm); err != nil {
		t.Fatal(err)
	}
	var got job
	if found, err := lock.Data(t.Context(), sdm, &got); found || err != nil {
		t.Error("data that nobody wrote:", found, err)
	}
	for _, want := range []job{{"a", strings.Repeat("x", 300)}, {"b", "PENDING"}} {
		if err := lock.SetData(t.Context(), sdm, want); err != nil {
			t.Fatal(err)
		}
		if found, err := lock.Data(t.Context(), sdm, &got); !found || err != nil || got != want {
			t.Error(found, err, got)
		}
	}
	if err := lock.SetData(t.Context(), sdm, job{ID: strings.Repeat("x", 600)}); !errors.Is(err, api.ErrSanlockLVB) {
		t.Error("too much:", err)
	}
}

// The daemon ends while leases are held: the process is told, once, and not
// when it held none.
func TestOnLost(t *testing.T) {
	t.Parallel()
	ids, sdm := files(t)
	d := sanlocktest.Start(t, "host-a")
	lost := make(chan error, 2)
	h := NewHost(Options{
		RunDir: d.RunDir, IOTimeout: sanlocktest.IOTimeout, Log: slog.New(slog.DiscardHandler),
		OnLost: func(err error) { lost <- err },
	})
	defer h.Close()
	if err := h.Available(t.Context()); err != nil {
		t.Error(err)
	}
	lock := h.Domain(domain, ids, 1<<20, 512)
	if err := errors.Join(lock.Init(t.Context(), sdm), lock.AcquireHostID(t.Context(), 1, true), lock.Acquire(t.Context(), 1, sdm)); err != nil {
		t.Fatal(err)
	}
	d.Kill()
	select {
	case err := <-lost:
		if !errors.Is(err, sanlock.ErrLost) {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("nobody was told")
	}
	if err := h.Available(t.Context()); err == nil {
		t.Error("a daemon that was killed answers")
	}
	if err := lock.Release(t.Context(), sdm); !errors.Is(err, api.ErrReleaseLockFailure) {
		t.Error(err)
	}
	if lock.HasHostID(t.Context(), 1) || lock.HostStatus(t.Context(), 1) != Unavailable {
		t.Error("known without a daemon")
	}
	if len(lost) > 0 {
		t.Error("told twice")
	}
}

// The index of external leases over real leases: each lease of the index can
// be acquired where the index says it is.
func TestExternalLeases(t *testing.T) {
	t.Parallel()
	ids, sdm := files(t)
	h, _ := host(t, "host-a")
	lock := h.Domain(domain, ids, 1<<20, 512)
	if err := errors.Join(lock.Init(t.Context(), sdm), lock.AcquireHostID(t.Context(), 1, true)); err != nil {
		t.Fatal(err)
	}
	path := sanlocktest.Files(t, 1<<20+253952, "xleases")[0]
	file, err := directio.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	volume := xlease.Volume{
		File: file, Resources: lock.Resources(path), Alignment: 1 << 20, BlockSize: 512,
		Log: slog.New(slog.DiscardHandler),
	}
	if err := volume.Format(domain, time.Now()); err != nil {
		t.Fatal(err)
	}
	index, err := volume.Open()
	if err != nil {
		t.Fatal(err)
	}
	offsets := map[string]int64{}
	for _, id := range []string{"a", "b", "c"} {
		if offsets[id], err = index.Add(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if err := index.Remove(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	for id, offset := range offsets {
		err := lock.AcquireWithData(t.Context(), 1, Lease{id, path, offset})
		if (err == nil) != (id != "b") {
			t.Errorf("lease %s: %v", id, err)
		}
	}

	// Without records for its resources and the other way round, a rebuild
	// makes both agree.
	if err := lock.WriteLease(t.Context(), Lease{"stray", path, offsets["b"]}); err != nil {
		t.Fatal(err)
	}
	if err := volume.Rebuild(t.Context(), domain, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := volume.Resources.ReadResource(t.Context(), offsets["b"]); !errors.Is(err, xlease.ErrNoResource) {
		t.Error("a stray resource:", err)
	}
	if index, err = volume.Open(); err != nil || len(index.Records()) != 2 {
		t.Error(index.Records(), err)
	}
}

func TestWithoutDaemon(t *testing.T) {
	h := NewHost(Options{RunDir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	defer h.Close()
	lock := h.Domain(domain, "/nowhere", 1<<20, 512)
	if err := h.Available(t.Context()); !errors.Is(err, sanlock.ErrNoDaemon) {
		t.Error(err)
	}
	if err := lock.Init(t.Context(), Lease{}); !errors.Is(err, api.ErrClusterLockInit) {
		t.Error(err)
	}
	if err := lock.ReleaseHostID(t.Context(), 1, true, true); !errors.Is(err, api.ErrReleaseHostIdFailure) {
		t.Error(err)
	}
	if err := lock.Acquire(t.Context(), 1, Lease{}); !errors.Is(err, api.ErrAcquireHostIdFailure) {
		t.Error(err)
	}
}
