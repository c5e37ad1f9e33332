// SPDX-License-Identifier: GPL-2.0-or-later

package domain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/xlease"
)

// Lock returns how hosts agree on the domain, as its metadata was last read.
// All locks of a domain are one.
func (d *Domain) Lock() clusterlock.ClusterLock {
	lock, _ := d.ClusterLock()
	return lock
}

// ClusterLock returns the lock and the lease that makes its holder the pool's
// manager.
func (d *Domain) ClusterLock() (clusterlock.ClusterLock, clusterlock.Lease) {
	return d.locks.Domain(d.Known(), d.Path(IDsFile), d.Path(LeasesFile))
}

// Leases returns the lock for the leases of volumes, VMs and jobs. It is nil
// in a domain that has no such leases: a local folder, an old format, or any
// on a host without the sanlock daemon.
func (d *Domain) Leases() *clusterlock.Sanlock {
	s, _ := d.Lock().(*clusterlock.Sanlock)
	return s
}

// ExternalLeases returns the file of leases for VMs and jobs. It is good for as
// long as ctx. A domain without is [api.ErrUnsupportedOperation].
func (d *Domain) ExternalLeases(ctx context.Context) (xlease.Volume, error) {
	known := d.Known()
	if !d.HasExternalLeases() {
		return xlease.Volume{}, api.ErrUnsupportedOperation.With(
			"reason", "External leases not supported", "domain", d.id, "version", int(known.Version))
	}
	v := xlease.Volume{
		File:      &file{ctx: ctx, dir: d.dir, name: XLeasesFile},
		Alignment: known.Alignment, BlockSize: known.BlockSize, Log: d.log,
	}
	if leases := d.Leases(); leases != nil {
		v.Resources = leases.Resources(d.Path(XLeasesFile))
	}
	return v, nil
}

// ExternalLease returns the place of an external lease. One that is not there
// is [api.ErrNoSuchLease].
func (d *Domain) ExternalLease(ctx context.Context, id string) (clusterlock.Lease, error) {
	v, err := d.ExternalLeases(ctx)
	if err != nil {
		return clusterlock.Lease{}, err
	}
	index, err := v.Open()
	if err != nil {
		return clusterlock.Lease{}, d.leaseError(err)
	}
	offset, err := index.Lookup(id)
	if err != nil {
		return clusterlock.Lease{}, err
	}
	return clusterlock.Lease{Name: id, Path: d.Path(XLeasesFile), Offset: offset}, nil
}

// RebuildExternalLeases brings the index of external leases and the leases
// together again. Only the pool's manager may, under the lock of the index.
func (d *Domain) RebuildExternalLeases(ctx context.Context) error {
	v, err := d.ExternalLeases(ctx)
	if err != nil {
		return err
	}
	if v.Resources == nil {
		return api.ErrUnsupportedOperation.With("reason", "this host has no sanlock daemon")
	}
	return d.leaseError(v.Rebuild(ctx, d.id, time.Now()))
}

// leaseError gives an error of the file a code, and leaves those of the index
// as they are: they have none in the original.
func (d *Domain) leaseError(err error) error {
	if err == nil || errors.Is(err, xlease.ErrInvalidIndex) || errors.Is(err, xlease.ErrUpdating) || errors.Is(err, xlease.ErrInvalidRecord) {
		return err
	}
	return Access(d.id, fmt.Errorf("external leases: %w", err))
}
