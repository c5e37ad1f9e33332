// SPDX-License-Identifier: GPL-2.0-or-later

package pool_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
)

// Work that waits for somebody while the host stops to be the manager does not
// begin any more: another host may be the manager by then.
func TestWorkThatComesTooLate(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 1)
	n := d.newNode(t, nil)
	master := n.create(t, "a", domainmd.Data)
	id := n.manage(t, master)
	release, err := n.locks.Acquire(t.Context(), resource.Exclusive(resource.Storage, master))
	must(t, err)
	defer release()

	// Its locks are acquired in the order of their names: with this one, it waits.
	first := resource.Shared(resource.Storage, "!")
	ran := make(chan struct{}, 1)
	refused := make(chan error, 1)
	go func() {
		late, err := n.Schedule(t.Context(), id, "createVolume", []resource.Lock{first, resource.Shared(resource.Storage, master)},
			func(context.Context, *task.Task) error { ran <- struct{}{}; return nil })
		if tk, unknown := n.tasks.Task(late); unknown == nil {
			_ = tk.Wait(t.Context())
		}
		refused <- err
	}()
	for !slices.Contains(n.locks.Held(), first.String()) {
		time.Sleep(time.Millisecond)
	}
	must(t, n.StopSPM(t.Context(), id))
	release()
	if err := <-refused; !errors.Is(err, api.ErrSpmStatus) {
		t.Errorf("scheduled: %v", err)
	}
	select {
	case <-ran:
		t.Error("it ran without the lease")
	default:
	}
	kept, err := os.ReadDir(filepath.Join(d.top, "a", master, "master/tasks"))
	if err != nil || len(kept) > 0 {
		t.Errorf("kept on the master: %v, %v", kept, err)
	}
}
