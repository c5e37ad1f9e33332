// SPDX-License-Identifier: GPL-2.0-or-later

package pool_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/pool"
	"govdsm/internal/storage/task"
)

// The disk of the master is full: what cannot be kept is refused and has not
// begun, what is there stays whole, and all goes on when there is room again.
func TestMasterFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	ctx := t.Context()
	d := newDisk(t, 2)
	dir := filepath.Join(d.top, "a")
	must(t, unix.Mount("small", dir, "tmpfs", 0, "size=1m"))
	t.Cleanup(func() { must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	n := d.newNode(t, nil)
	a, b := n.create(t, "a", domainmd.Data), n.create(t, "b", domainmd.Data)
	id := n.manage(t, a)
	must(t, n.Attach(ctx, id, b))
	before, err := os.ReadFile(filepath.Join(dir, a, "dom_md/metadata"))
	must(t, err)

	filler, err := os.Create(filepath.Join(dir, "filler"))
	must(t, err)
	for err == nil {
		_, err = filler.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	must(t, filler.Close())

	if _, err := n.Schedule(ctx, id, "createVolume", nil, func(context.Context, *task.Task) error {
		t.Error("the task began")
		return nil
	}); !errors.Is(err, api.ErrTaskPersist) {
		t.Errorf("scheduling: %v", err)
	}
	if err := n.UpdateVMs(ctx, id, "", []pool.VM{{ID: id, OVF: "some text"}}); !errors.Is(err, api.ErrNoSpaceLeftOnDomain) {
		t.Errorf("updating VMs: %v", err)
	}
	must(t, n.Activate(ctx, id, b)) // which writes nothing on the master
	must(t, n.StopSPM(ctx, id))
	n.start(t, id)
	after, err := os.ReadFile(filepath.Join(dir, a, "dom_md/metadata"))
	if err != nil || string(after) != string(before) {
		t.Errorf("metadata became %q, %v", after, err)
	}
	if tasks := n.tasks.Tasks(task.SPM); len(tasks) > 0 {
		t.Errorf("there are %d tasks", len(tasks))
	}

	must(t, os.Remove(filler.Name()))
	done, err := n.Schedule(ctx, id, "createVolume", nil, func(context.Context, *task.Task) error { return nil })
	if s := n.done(t, done, err); s.TaskResult != "success" {
		t.Errorf("with room again: %+v", s)
	}
	must(t, n.UpdateVMs(ctx, id, "", []pool.VM{{ID: id, OVF: "some text"}}))
}
