// SPDX-License-Identifier: GPL-2.0-or-later

package clusterlock

import (
	"path/filepath"

	"govdsm/internal/storage/domainmd"
)

// leaseName is the name of a domain's lease: its holder manages the pool.
const leaseName = "SDM"

// DomainLease returns the lease of a domain whose file of leases is at path.
func DomainLease(d domainmd.Domain, path string) Lease {
	return Lease{Name: leaseName, Path: path, Offset: d.Alignment}
}

// Locks makes the locks of domains, each in the way that fits it:
//
//   - of a local folder, a Local with the lock on the domain's own file;
//   - of shared storage, a Sanlock; without a sanlock daemon a Local whose file
//     lies on this host, so that no call hangs with the storage. It protects
//     against other processes of this host and nothing else;
//   - of shared storage in a format from before sanlock, one that lets nobody
//     have a lease.
type Locks struct {
	Sanlock *Host // nil: this host is alone
	Local   *LocalHost
	Dir     string // on this host, for the files of Local locks of shared storage
}

// OneHost reports whether shared domains are protected against processes of
// this host only.
func (l *Locks) OneHost() bool { return l.Sanlock == nil }

// Domain returns the lock of a domain with its lease. ids and leases are the
// paths of the two files.
func (l *Locks) Domain(d domainmd.Domain, ids, leases string) (ClusterLock, Lease) {
	lease := DomainLease(d, leases)
	switch {
	case d.Type == domainmd.LocalFS:
		return l.Local.Domain(d.ID, ids, lease), lease
	case !d.Version.Sanlock():
		return outdated{d.ID, d.Version}, lease
	case l.OneHost():
		local := l.Local.Domain(d.ID, filepath.Join(l.Dir, d.ID), lease)
		local.create = true
		return local, lease
	}
	return l.Sanlock.Domain(d.ID, ids, d.Alignment, d.BlockSize), lease
}
