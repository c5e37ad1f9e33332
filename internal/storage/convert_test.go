// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/volume"
)

// A shared domain of the first format is brought to the last one, again after
// an interruption: its locks are those of sanlock then, its volumes have leases,
// and their metadata is that of the new format.
func TestConvertVersion0(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	ctx := t.Context()
	must(t, os.Mkdir(m.top+"/old", 0o755))
	must(t, os.Symlink(m.top+"/old", m.top+"/dc/mnt/"+strings.ReplaceAll(m.top+"/old", "/", "_")))
	id := uuid.NewString()
	m.want("true", "StorageDomain.create",
		`{"storagedomainID": %q, "domainType": 4, "typeArgs": %q, "name": "old", "domainClass": 1, "version": "0"}`, id, m.top+"/old")
	d, err := m.s.domains.Domain(ctx, id)
	must(t, err)
	v, err := m.s.volumes(ctx, api.UUID(id))
	must(t, err)
	template := volume.ID{Image: uuid.NewString(), Volume: uuid.NewString()}
	must(t, v.Create(ctx, noTask{}, volume.Spec{
		ID: template, Capacity: 1 << 20, Format: api.VolumeFormatRAW, Allocation: api.VolumeAllocationSPARSE, DiskType: "2",
	}))
	must(t, v.SetShared(ctx, template))
	disk := volume.ID{Image: uuid.NewString(), Volume: uuid.NewString()}
	must(t, v.Create(ctx, noTask{}, volume.Spec{
		ID: disk, Capacity: 2 << 20, Format: api.VolumeFormatCOW, Allocation: api.VolumeAllocationSPARSE, DiskType: "DATA", Parent: template,
	}))
	// As an old host has left it: shared, read-only below a snapshot, and with a
	// size that is wrong.
	must(t, os.Chmod(v.Path(template), 0o440))
	meta, err := os.ReadFile(v.Path(disk) + ".meta")
	must(t, err)
	if !strings.Contains(string(meta), "SIZE=4096\n") || strings.Contains(string(meta), "CAP=") {
		t.Errorf("metadata of format 0: %s", meta)
	}
	must(t, os.WriteFile(v.Path(disk)+".meta", []byte(strings.Replace(string(meta), "SIZE=4096", "SIZE=9999", 1)), 0o644))
	must(t, d.Update(ctx, func(md *domainmd.Metadata) error {
		md.Set(domainmd.KeyType, domainmd.PosixFS.String())
		return nil
	}))
	lock, sdm := d.ClusterLock()
	if err := lock.Acquire(ctx, 1, sdm); err == nil {
		t.Error("a lease of safelease was taken")
	}
	for range 2 {
		must(t, m.s.convertTo3(ctx, d))
		must(t, m.s.convert(ctx, d, domainmd.Version5))
		if d.Known().Version != domainmd.Version5 {
			t.Fatalf("%+v", d.Known())
		}
		// Interrupted before its last step.
		must(t, d.Update(ctx, func(md *domainmd.Metadata) error { md.SetVersion(domainmd.Version0); return nil }))
	}
	must(t, m.s.convert(ctx, d, domainmd.Version5))
	v, err = m.s.volumes(ctx, api.UUID(id))
	must(t, err)
	for at, capacity := range map[volume.ID]uint64{template: 1 << 20, disk: 2 << 20} {
		md, err := v.Metadata(ctx, at)
		must(t, err)
		if md.Capacity != capacity || md.Legality != api.VolumeLegalityLEGAL {
			t.Errorf("%+v", md)
		}
		info, err := os.Stat(v.Path(at))
		if err != nil || info.Mode().Perm() != 0o660 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	leases, ok := d.Lock().(*clusterlock.Sanlock)
	if !ok {
		t.Fatalf("its lock is a %T", d.Lock())
	}
	must(t, leases.AcquireHostID(ctx, 1, true))
	for _, at := range []volume.ID{template, disk, {Image: disk.Image, Volume: template.Volume}} {
		lease, _ := v.Lease(at)
		must(t, leases.Acquire(ctx, 1, lease))
		must(t, leases.Release(ctx, lease))
	}
	must(t, leases.ReleaseHostID(ctx, 1, true, false))
}
