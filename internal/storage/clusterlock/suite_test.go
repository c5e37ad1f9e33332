// SPDX-License-Identifier: GPL-2.0-or-later

package clusterlock

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"

	"govdsm/api"
	"govdsm/internal/storage/sanlock/sanlocktest"
)

const domain = "cd613e30-d8f1-4adf-91b7-584a2265b1f5"

// host returns a host with a daemon of its own. It fails the test when leases
// are lost and the test does not expect it.
func host(t *testing.T, name string) (*Host, *sanlocktest.Daemon) {
	t.Helper()
	d := sanlocktest.Start(t, name)
	h := NewHost(Options{
		RunDir: d.RunDir, IOTimeout: sanlocktest.IOTimeout, Log: slog.New(slog.DiscardHandler),
		OnLost: func(err error) { t.Errorf("host %s: %v", name, err) },
	})
	t.Cleanup(h.Close)
	return h, d
}

// files are the lockspace and the leases of a new domain.
func files(t *testing.T) (ids string, sdm Lease) {
	paths := sanlocktest.Files(t, 0, "ids", "leases")
	return paths[0], Lease{"SDM", paths[1], 1 << 20}
}

// TestContract holds every kind of lock to what ClusterLock promises.
func TestContract(t *testing.T) {
	t.Parallel()
	t.Run("sanlock", func(t *testing.T) {
		t.Parallel()
		h, _ := host(t, "host-a")
		ids, sdm := files(t)
		contract(t, func() ClusterLock { return h.Domain(domain, ids, 1<<20, 512) }, sdm)
	})
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		h := NewLocalHost()
		t.Cleanup(h.Close)
		ids, sdm := files(t)
		contract(t, func() ClusterLock { return h.Domain(domain, ids, sdm) }, sdm)
		if info, err := os.Stat(ids); err != nil || info.Size() != 0 {
			t.Error("something was written:", info.Size(), err)
		}
	})
}

// contract makes a lock anew for every step, as the domain is made anew.
func contract(t *testing.T, lock func() ClusterLock, sdm Lease) {
	ctx := t.Context()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	must("init", lock().Init(ctx, sdm))
	if owner, err := lock().Inspect(ctx, sdm); err != nil || owner.HostID != 0 {
		t.Error("a new lease:", owner, err)
	}
	if lock().HasHostID(ctx, 1) {
		t.Error("a host id that nobody acquired")
	}
	must("release of no host id", lock().ReleaseHostID(ctx, 1, true, false))
	must("host id", lock().AcquireHostID(ctx, 1, true))
	must("host id again", lock().AcquireHostID(ctx, 1, true))
	must("and without waiting", lock().AcquireHostID(ctx, 1, false))
	if !lock().HasHostID(ctx, 1) || lock().HasHostID(ctx, 2) {
		t.Error("the host id")
	}

	for range 2 {
		must("acquire", lock().Acquire(ctx, 1, sdm))
		if owner, err := lock().Inspect(ctx, sdm); err != nil || owner.HostID != 1 {
			t.Error("a held lease:", owner, err)
		}
		if err := lock().ReleaseHostID(ctx, 1, true, true); !errors.Is(err, api.ErrReleaseHostIdFailure) {
			t.Error("host id released under a lease:", err)
		}
		// The attempt above marks the host id as not wanted any more.
		must("host id still there", lock().AcquireHostID(ctx, 1, true))
		must("release", lock().Release(ctx, sdm))
		if owner, err := lock().Inspect(ctx, sdm); err != nil || owner.HostID != 0 {
			t.Error("a released lease:", owner, err)
		}
	}
	must("release host id", lock().ReleaseHostID(ctx, 1, true, true))
	if lock().HasHostID(ctx, 1) {
		t.Error("a host id that was released")
	}
	short, cancel := context.WithCancel(ctx)
	cancel()
	if err := lock().AcquireHostID(short, 1, true); err != nil && !errors.Is(err, api.ErrAcquireHostIdFailure) {
		t.Error("without time:", err)
	}
}
