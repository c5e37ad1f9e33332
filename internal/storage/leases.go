// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"errors"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/resource"
)

// externalLease is one that this host holds, with its record.
type externalLease struct {
	lock  *clusterlock.Sanlock
	lease clusterlock.Lease
	free  func() // of the lock on this host
}

// acquireExternal takes an external lease.
func (s *Storage) acquireExternal(ctx context.Context, hostID int, domain, id string) (*externalLease, error) {
	d, err := s.domains.Domain(ctx, domain)
	if err != nil {
		return nil, err
	}
	lease, err := d.ExternalLease(ctx, id)
	if err != nil {
		return nil, err
	}
	l := &externalLease{lock: d.Leases(), lease: lease}
	if l.lock == nil {
		return nil, api.ErrUnsupportedOperation.With("reason", "this host has no sanlock daemon")
	}
	// Two of this host would be one to sanlock.
	if l.free, err = s.locks.Acquire(ctx, resource.Exclusive(resource.ExternalLeases(id), id)); err != nil {
		return nil, err
	}
	if err := l.lock.AcquireWithData(ctx, hostID, lease); err != nil {
		l.free()
		return nil, err
	}
	return l, nil
}

// Record implements sdm.JobLease.
func (l *externalLease) Record(ctx context.Context) (record map[string]any, err error) {
	_, err = l.lock.Data(ctx, l.lease, &record)
	return record, err
}

// SetRecord implements sdm.JobLease.
func (l *externalLease) SetRecord(ctx context.Context, record map[string]any) error {
	return l.lock.SetData(ctx, l.lease, record)
}

// Release implements sdm.JobLease.
func (l *externalLease) Release(ctx context.Context) error {
	defer l.free()
	return l.lock.Release(ctx, l.lease)
}

// holding calls f while this host has an external lease.
func (s *Storage) holding(ctx context.Context, hostID int, domain, id string, f func(*externalLease) error) (err error) {
	l, err := s.acquireExternal(ctx, hostID, domain, id)
	if err != nil {
		return err
	}
	defer func() {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseReturn)
		defer cancel()
		if failed := l.Release(after); failed != nil {
			err = errors.Join(err, failed)
		}
	}()
	return f(l)
}
