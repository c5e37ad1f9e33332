// SPDX-License-Identifier: GPL-2.0-or-later

package clusterlock

import (
	"context"
	"fmt"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
)

// outdated is the lock of shared domains of formats 0 and 2, whose hosts agreed
// through safelease. They have no host ids, so everybody has one; what needs
// the lease is refused, since hosts that still know safelease would not see who
// holds it. Reading such a domain needs none.
type outdated struct {
	domain  string
	version domainmd.Version
}

var _ ClusterLock = outdated{}

func (o outdated) refuse() error {
	return fmt.Errorf("lock of domain %s: %w", o.domain, domainmd.UnsupportedVersion(fmt.Sprint(int(o.version))))
}

func (o outdated) Init(context.Context, Lease) error {
	return api.ErrClusterLockInit.Of().Caused(o.refuse())
}
func (o outdated) AcquireHostID(context.Context, int, bool) error       { return nil }
func (o outdated) ReleaseHostID(context.Context, int, bool, bool) error { return nil }
func (o outdated) HasHostID(context.Context, int) bool                  { return true }
func (o outdated) HostStatus(context.Context, int) string               { return Unavailable }
func (o outdated) Acquire(context.Context, int, Lease) error            { return o.refuse() }
func (o outdated) Release(context.Context, Lease) error                 { return o.refuse() }
func (o outdated) Inspect(context.Context, Lease) (Owner, error)        { return Owner{}, o.refuse() }
