// SPDX-License-Identifier: GPL-2.0-or-later

// Package clusterlock is how hosts agree on who may change a storage domain.
// A host first takes a number in the domain, its host id; then it can take
// leases there: that of the domain, which makes it the pool's manager, and
// those of volumes, VMs and jobs.
//
// There are two ways. [Sanlock] keeps both on the shared storage through the
// sanlock daemon, and any number of hosts agree. [Local] keeps the host id in
// memory and locks a file of the domain: it protects the domain against
// processes of this host only, and has one lease per domain. It is for local
// storage, and for hosts that are alone and have no sanlock.
//
// Source: lib/vdsm/storage/clusterlock.py.
package clusterlock

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"govdsm/api"
)

// ReservedHostID is for what a host does in a domain before the manager has
// given it a host id.
const ReservedHostID = 250

// MaxHosts is the greatest number of hosts that a domain can have.
const MaxHosts = 2000

// Lease is a lease and its place on storage.
type Lease struct {
	Name   string
	Path   string
	Offset int64 // bytes
}

// String is the lease as it appears in errors and logs.
func (l Lease) String() string {
	return fmt.Sprintf("Lease(name='%s', path='%s', offset=%d)", l.Name, l.Path, l.Offset)
}

// Owner says who holds a lease.
type Owner struct {
	HostID  int    // 0: nobody
	Version uint64 // grows with each owner; 0 after a release, or if it is not known
}

// ClusterLock is the lock of one domain. Its methods may be called at the same
// time; those of different domains never wait for each other's storage.
type ClusterLock interface {
	// Init writes the lockspace and the domain's lease, over whatever is
	// there. Errors are api.ErrClusterLockInit.
	Init(ctx context.Context, domain Lease) error

	// AcquireHostID takes a host id. With wait it returns when it has it;
	// without, it only begins. Having it already is success. Errors are
	// api.ErrAcquireHostIdFailure.
	AcquireHostID(ctx context.Context, id int, wait bool) error
	// ReleaseHostID gives a host id back. With unused it fails while leases
	// are held, without it their holders are killed. Not having it is
	// success. Errors are api.ErrReleaseHostIdFailure.
	ReleaseHostID(ctx context.Context, id int, wait, unused bool) error
	// HasHostID says whether the host id is held. Not knowing is false.
	HasHostID(ctx context.Context, id int) bool
	// HostStatus says how a host does in this domain: "unknown", "free",
	// "live", "fail", "dead", or "unavailable" when that cannot be told.
	HostStatus(ctx context.Context, id int) string

	// Acquire takes a lease for this process. It waits for a host id that is
	// being acquired. Errors are api.ErrAcquireLockFailure and
	// api.ErrAcquireHostIdFailure.
	Acquire(ctx context.Context, hostID int, l Lease) error
	// Release gives a lease back. Errors are api.ErrReleaseLockFailure.
	Release(ctx context.Context, l Lease) error
	// Inspect says who holds a lease. ErrTemporary: not to be told yet.
	Inspect(ctx context.Context, l Lease) (Owner, error)
}

// Errors beside those of the API.
var (
	// ErrTemporary: the host is too short in the domain to know; ask again.
	ErrTemporary = errors.New("the owner of the lease is not known yet")
	// ErrLeaseName: another lease is written where this one should be. Old
	// hosts left such leases after merging snapshots; they cannot be used.
	ErrLeaseName = errors.New("another lease is written there, it must be repaired")
	// ErrOneLease: a Local lock has the domain's lease and no other.
	ErrOneLease = errors.New("there is one lease in this domain")
)

// Unavailable is the status of a host of which nothing is known.
const Unavailable = "unavailable"

// Alignment returns how many bytes a lease takes on storage with sectors of
// blockSize bytes, if so many hosts can use the domain. Other sectors than 512
// and 4096, and hosts outside 1 to MaxHosts, are
// [api.ErrInvalidParameterException].
func Alignment(blockSize int64, maxHosts int) (int64, error) {
	if maxHosts < 1 || maxHosts > MaxHosts {
		return 0, api.ErrInvalidParameterException.OfText("max_hosts=" + strconv.Itoa(maxHosts))
	}
	const mib = 1 << 20
	switch {
	case blockSize == 512:
		return mib, nil
	case blockSize != 4096:
		return 0, api.ErrInvalidParameterException.OfText("block_size=" + strconv.FormatInt(blockSize, 10))
	case maxHosts > 1000:
		return 8 * mib, nil
	case maxHosts > 500:
		return 4 * mib, nil
	case maxHosts > 250:
		return 2 * mib, nil
	}
	return mib, nil
}
