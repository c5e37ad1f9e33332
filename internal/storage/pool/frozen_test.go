// SPDX-License-Identifier: GPL-2.0-or-later

package pool_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/pool"
	"govdsm/internal/storage/storagetest"
)

// While the server of a member is frozen, the pool is told of, refreshed,
// managed and given up as ever; when it is back, the member is used again.
func TestFrozenMember(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d := newDisk(t, 2)
	n := d.newNode(t, nil)
	a, b := n.create(t, "a", domainmd.Data), n.create(t, "b", domainmd.Data)
	id := n.manage(t, a)
	must(t, n.Attach(ctx, id, b))
	must(t, n.Activate(ctx, id, b))
	thaw := storagetest.Freeze(t, filepath.Join(d.top, "b"))

	// What concerns the domain hangs, with the domain's lock and no other.
	stuck := make(chan error, 1)
	hanging, giveUp := context.WithCancel(ctx)
	go func() { stuck <- n.Deactivate(hanging, id, b, pool.Blank, 0) }()

	within := func(what string, f func() error) {
		t.Helper()
		began := time.Now()
		if err := f(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s took %v", what, took)
		}
	}
	within("getInfo", func() error { _, err := n.Connected().Info(ctx); return err })
	within("getSpmStatus", func() error { _, err := n.Connected().Status(ctx); return err })
	within("updateVMs", func() error { return n.UpdateVMs(ctx, id, "", []pool.VM{{ID: id, OVF: "x"}}) })
	within("connect", func() error {
		return n.Connect(ctx, id, 1, a, 1, pool.Members{a: "active", b: "active"})
	})
	within("spmStop", func() error { return n.StopSPM(ctx, id) })
	n.start(t, id)

	thaw()
	giveUp()
	<-stuck
	must(t, n.Connect(ctx, id, 1, a, 1, pool.Members{a: "active", b: "active"}))
	must(t, n.Deactivate(ctx, id, b, pool.Blank, 0))
	must(t, n.Detach(ctx, id, b))
}
