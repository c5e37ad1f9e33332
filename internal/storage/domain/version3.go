// SPDX-License-Identifier: GPL-2.0-or-later

package domain

import (
	"context"

	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domainmd"
)

// LockIn returns the lock that the domain will have in another format, with its
// lease.
func (d *Domain) LockIn(v domainmd.Version) (clusterlock.ClusterLock, clusterlock.Lease) {
	known := d.Known()
	known.Version = v
	return d.locks.Domain(known, d.Path(IDsFile), d.Path(LeasesFile))
}

// OpenSpecialFiles makes the files beside the metadata, unless they are there,
// with the permissions that they have had since format 3.
func (d *Domain) OpenSpecialFiles(ctx context.Context) error {
	for name, size := range map[string]int64{IDsFile: 0, LeasesFile: 0, InboxFile: mailboxSize, OutboxFile: mailboxSize} {
		there, err := d.dir.Exists(ctx, name)
		if err == nil && !there {
			err = d.dir.Create(ctx, name, size, 0o660)
		}
		if err == nil {
			err = d.dir.Chmod(ctx, name, 0o660)
		}
		if err != nil {
			return Access(d.id, err)
		}
	}
	return nil
}

// BecomeVersion3 writes that a domain of format 0, whose locks and volumes have
// what belongs to format 3, has that.
func (d *Domain) BecomeVersion3(ctx context.Context) error { return d.upgrade(ctx, domainmd.Version3) }
