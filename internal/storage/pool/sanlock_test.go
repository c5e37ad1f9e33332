// SPDX-License-Identifier: GPL-2.0-or-later

package pool_test

import (
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/pool"
	"govdsm/internal/storage/sanlock/sanlocktest"
)

// newHost is a node with a sanlock daemon of its own: another host.
func (d disk) newHost(t *testing.T, name string) (*node, *sanlocktest.Daemon) {
	daemon := sanlocktest.Start(t, name)
	var n *node
	h := clusterlock.NewHost(clusterlock.Options{
		RunDir: daemon.RunDir, IOTimeout: sanlocktest.IOTimeout,
		OnLost: func(err error) { n.lost <- err },
	})
	t.Cleanup(h.Close)
	n = d.newNode(t, h)
	return n, daemon
}

// share makes a local domain one that hosts share.
func (n *node) share(t *testing.T, id string) {
	t.Helper()
	d, err := n.domains.Domain(t.Context(), id)
	must(t, err)
	must(t, d.Update(t.Context(), func(m *domainmd.Metadata) error {
		m.Set(domainmd.KeyType, domainmd.PosixFS.String())
		return nil
	}))
	lock, sdm := d.ClusterLock()
	must(t, lock.Init(t.Context(), sdm))
}

// Two hosts want to manage one pool at the same time: one does. The other one
// does when the first has given it up, and the lease tells of both.
func TestTwoHostsRace(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d := newDisk(t, 1)
	a, _ := d.newHost(t, "host-a")
	b, _ := d.newHost(t, "host-b")
	master := a.create(t, "a", domainmd.Data)
	a.share(t, master)
	const id = "03f69590-e24a-4e34-b8fa-8793e2d7d3bb"
	must(t, a.Create(ctx, id, "test", master, 1, []string{master}, numbers))
	nodes := []*node{a, b}
	for i, n := range nodes {
		must(t, n.Connect(ctx, id, int64(i+1), master, 1, pool.Members{master: "active"}))
	}
	var ids [2]string
	for i, n := range nodes {
		var err error
		ids[i], err = n.StartSPM(ctx, id, pool.Start{PrevID: -1, PrevLver: "-1"})
		must(t, err)
	}
	managers := 0
	winner, loser := a, b
	for i, n := range nodes {
		switch s := n.done(t, ids[i], nil); {
		case s.TaskResult == "success":
			managers++
			winner, loser = n, nodes[1-i]
		case s.Code != int64(api.ErrAcquireLockFailure.Number):
			t.Errorf("host %d: %+v", i+1, s)
		}
	}
	if managers != 1 || loser.Connected().Role() != api.SpmRoleFree {
		t.Fatalf("%d hosts manage the pool", managers)
	}
	before, err := winner.Connected().Status(ctx)
	must(t, err)
	if before.SPMID != int64(winner.Connected().HostID()) {
		t.Errorf("the lease tells of %+v", before)
	}
	must(t, winner.StopSPM(ctx, id))
	loser.start(t, id)
	after, err := loser.Connected().Status(ctx)
	must(t, err)
	if after.SPMID != int64(loser.Connected().HostID()) || after.SPMLver <= before.SPMLver {
		t.Errorf("from %+v to %+v", before, after)
	}
	must(t, loser.StopSPM(ctx, id))
	for _, n := range nodes {
		must(t, n.Disconnect(ctx, id))
	}
}

// The sanlock daemon dies under the manager, and takes its lease along: the
// process must end.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	n, daemon := newDisk(t, 1).newHost(t, "host-a")
	master := n.create(t, "a", domainmd.Data)
	n.share(t, master)
	n.manage(t, master)
	n.doomed = true
	daemon.Kill()
	select {
	case err := <-n.lost:
		t.Logf("told: %v", err)
	case <-time.After(time.Minute):
		t.Error("nobody was told")
	}
}
