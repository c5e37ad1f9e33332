// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"errors"
	"slices"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/volume"
)

// A change of a volume that waits for the image while the host stops to be the
// manager is refused: another manager may be writing by then.
func TestChangeThatComesTooLate(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	id := m.domain.ID()
	v, err := m.s.volumes(t.Context(), api.UUID(id))
	must(t, err)
	disk := volume.Spec{
		ID: volume.ID{Image: "7a1b8d1e-6a0e-4d2f-8c5b-3f0a6b1c2d3e", Volume: "0c9a2f0b-77f5-4a3e-9a52-1d7c4e5f6a7b"}, Capacity: 1 << 20,
		Format: api.VolumeFormatRAW, Allocation: api.VolumeAllocationSPARSE, DiskType: "DATA", Description: "before",
	}
	must(t, v.Create(t.Context(), noTask{}, disk))
	release, err := m.s.locks.Acquire(t.Context(), resource.Exclusive(resource.Images(id), disk.Image))
	must(t, err)
	defer release()
	refused := make(chan error, 1)
	go func() {
		_, err := m.call("Volume.setDescription",
			`{"storagepoolID": %q, "storagedomainID": %q, "imageID": %q, "volumeID": %q, "description": "late"}`,
			m.pool, id, disk.Image, disk.Volume)
		refused <- err
	}()
	for !slices.Contains(m.s.locks.Held(), resource.Shared(resource.Storage, id).String()) {
		time.Sleep(time.Millisecond) // then it waits for the image
	}
	must(t, m.s.pools.StopSPM(t.Context(), m.pool))
	release()
	if err := <-refused; !errors.Is(err, api.ErrSpmStatus) {
		t.Errorf("changed: %v", err)
	}
	if md, err := v.Metadata(t.Context(), disk.ID); err != nil || md.Description != "before" {
		t.Errorf("%+v, %v", md, err)
	}
}
