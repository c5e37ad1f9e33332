// SPDX-License-Identifier: GPL-2.0-or-later

package clusterlock

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/sanlock"
)

// hostIDWait is how long a lease waits for the host id: a host that was not
// shut down properly is locked out of its own id for two or three minutes.
const hostIDWait = 180 * time.Second

// Sanlock is the lock of a domain through the sanlock daemon. Beside what
// every lock does it offers the leases of volumes, VMs and jobs: see leases.go.
type Sanlock struct {
	host     *Host
	domain   string // id, the name of the lockspace
	ids      string // path of the lockspace
	geometry sanlock.Geometry
}

var _ ClusterLock = (*Sanlock)(nil)

// Domain returns the lock of a domain. All locks of the same domain are one,
// so that it may be made again whenever the domain is looked at.
func (h *Host) Domain(id, idsPath string, alignment, blockSize int64) *Sanlock {
	return &Sanlock{h, id, idsPath, sanlock.Geometry{Align: alignment, Sector: blockSize}}
}

func (s *Sanlock) lockspace(hostID int) sanlock.Lockspace {
	return sanlock.Lockspace{Name: s.domain, HostID: uint64(max(hostID, 0)), Disk: sanlock.Disk{Path: s.ids}}
}

func (s *Sanlock) resource(l Lease) sanlock.Resource {
	return sanlock.Resource{
		Lockspace: s.domain, Name: l.Name, Disks: []sanlock.Disk{{Path: l.Path, Offset: l.Offset}},
		Geometry: s.geometry,
	}
}

// held names a resource in commands about members: those take no geometry.
func (s *Sanlock) held(l Lease) sanlock.Resource {
	r := s.resource(l)
	r.Geometry = sanlock.Geometry{}
	return r
}

// Init implements ClusterLock.
func (s *Sanlock) Init(ctx context.Context, domain Lease) error {
	l := s.lockspace(0)
	l.Geometry = s.geometry
	err := s.host.client.WriteLockspace(ctx, l, s.host.o.IOTimeout)
	if err == nil {
		err = s.host.client.WriteResource(ctx, s.resource(domain), false)
	}
	if err != nil {
		s.host.o.Log.ErrorContext(ctx, "cannot initialize the lock of a domain", "domain", s.domain, "error", err)
		return api.ErrClusterLockInit.Of().Caused(err)
	}
	return nil
}

// AcquireHostID implements ClusterLock.
func (s *Sanlock) AcquireHostID(ctx context.Context, id int, wait bool) error {
	s.host.want(s.domain, true)
	l := s.lockspace(id)
	err := s.host.client.AddLockspace(ctx, l, s.host.o.IOTimeout, wait)
	switch {
	case err == nil, errors.Is(err, syscall.EEXIST):
		return nil
	case !errors.Is(err, syscall.EINPROGRESS):
		return s.failed(api.ErrAcquireHostIdFailure, err)
	case !wait:
		return nil
	}
	member, inquireErr := s.host.client.InquireLockspace(ctx, l, true)
	if inquireErr != nil {
		return s.failed(api.ErrAcquireHostIdFailure, inquireErr)
	}
	if member != sanlock.Member {
		return s.failed(api.ErrAcquireHostIdFailure, err)
	}
	return nil
}

// ReleaseHostID implements ClusterLock.
func (s *Sanlock) ReleaseHostID(ctx context.Context, id int, wait, unused bool) error {
	s.host.want(s.domain, false)
	err := s.host.client.RemoveLockspace(ctx, s.lockspace(id), unused, wait)
	if err != nil && !errors.Is(err, syscall.ENOENT) {
		return s.failed(api.ErrReleaseHostIdFailure, err)
	}
	return nil
}

// HasHostID implements ClusterLock.
func (s *Sanlock) HasHostID(ctx context.Context, id int) bool {
	member, err := s.host.client.InquireLockspace(ctx, s.lockspace(id), false)
	if err != nil {
		s.host.o.Log.DebugContext(ctx, "cannot ask sanlock for the host id", "domain", s.domain, "error", err)
	}
	return member == sanlock.Member
}

// HostStatus implements ClusterLock.
func (s *Sanlock) HostStatus(ctx context.Context, id int) string {
	hosts, err := s.host.client.Hosts(ctx, s.domain, uint64(max(id, 0)))
	if err != nil || len(hosts) == 0 {
		s.host.o.Log.DebugContext(ctx, "no status of a host", "domain", s.domain, "host", id, "error", err)
		return Unavailable
	}
	return hosts[0].Status.String()
}

// Acquire implements ClusterLock.
func (s *Sanlock) Acquire(ctx context.Context, hostID int, l Lease) error {
	return s.acquire(ctx, hostID, l, sanlock.AcquireOptions{})
}

func (s *Sanlock) acquire(ctx context.Context, hostID int, l Lease, o sanlock.AcquireOptions) error {
	if err := s.awaitHostID(ctx, hostID, l); err != nil {
		return err
	}
	if err := s.host.acquire(ctx, s.held(l), o); err != nil {
		return api.ErrAcquireLockFailure.OfText(fmt.Sprintf(
			"id=%s, rc=%d, out=Cannot acquire %v, err=%v", s.domain, errno(err), l, err)).Caused(err)
	}
	return nil
}

// awaitHostID waits for a host id that was asked for: it may be on its way, or
// lost for now because the storage did not answer.
func (s *Sanlock) awaitHostID(ctx context.Context, hostID int, l Lease) error {
	ctx, cancel := context.WithTimeout(ctx, hostIDWait)
	defer cancel()
	for {
		member, err := s.host.client.InquireLockspace(ctx, s.lockspace(hostID), true)
		if member == sanlock.Member {
			return nil
		}
		if err == nil && !s.host.isWanted(s.domain) {
			err = fmt.Errorf("host id %d is not acquired", hostID)
		}
		if err == nil {
			select {
			case <-time.After(time.Second):
				continue
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
		}
		return api.ErrAcquireHostIdFailure.OfText(fmt.Sprintf(
			"Timeout acquiring host id, cannot acquire %v (id=%d)", l, hostID)).Caused(err)
	}
}

// Release implements ClusterLock.
func (s *Sanlock) Release(ctx context.Context, l Lease) error {
	if err := s.host.release(ctx, s.held(l)); err != nil {
		return s.failed(api.ErrReleaseLockFailure, err)
	}
	return nil
}

// Inspect implements ClusterLock.
func (s *Sanlock) Inspect(ctx context.Context, l Lease) (Owner, error) {
	nameless := s.resource(l)
	nameless.Lockspace, nameless.Name = "", ""
	written, err := s.host.client.ReadResource(ctx, nameless)
	if err != nil {
		return Owner{}, err
	}
	if written.Name != l.Name {
		return Owner{}, fmt.Errorf("%w: %q instead of %v", ErrLeaseName, written.Name, l)
	}
	owners, err := s.host.client.Owners(ctx, s.resource(l))
	if err != nil || len(owners) == 0 {
		return Owner{}, err // the version on disk is that of nobody
	}
	if len(owners) > 1 {
		return Owner{}, fmt.Errorf("%v has several owners: %v", l, owners)
	}
	return s.whetherOwner(ctx, l, owners[0], written.Version)
}

// whetherOwner says whether the host that is written as the owner of a lease
// still has it. What sanlock knows of the other hosts is as old as its last
// renewal, of which there is one in two I/O timeouts: a host that has joined
// since, and owns the lease, is nobody until then, as it is for the original
// (lib/vdsm/storage/clusterlock.py).
func (s *Sanlock) whetherOwner(ctx context.Context, l Lease, written sanlock.Host, version uint64) (Owner, error) {
	owner, nobody := Owner{int(written.ID), version}, Owner{0, version}
	hosts, err := s.host.client.Hosts(ctx, s.domain, written.ID)
	switch {
	case errors.Is(err, syscall.ENOENT): // this host has not joined yet
		return Owner{}, fmt.Errorf("%w: %v: %w", ErrTemporary, l, err)
	case errors.Is(err, syscall.EAGAIN):
		// The status is not known yet. To say so would be right, but managers
		// that remove a pool do not ask again; the host may own the lease.
		return owner, nil
	case err != nil:
		return Owner{}, err
	case len(hosts) == 0:
		return Owner{}, fmt.Errorf("%w: %v: no such host", ErrTemporary, l)
	case hosts[0].Generation != written.Generation:
		return nobody, nil // it left and joined again, without the lease
	case hosts[0].Status == sanlock.HostDead || hosts[0].Status == sanlock.HostFree:
		return nobody, nil
	}
	return owner, nil
}

func (s *Sanlock) failed(code *api.Code, err error) error {
	return code.Of(s.domain, err.Error()).Caused(err)
}

// errno is the number that the daemon answered with.
func errno(err error) int {
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return int(number)
	}
	if code, ok := errors.AsType[sanlock.Code](err); ok {
		return int(code)
	}
	return 0
}
