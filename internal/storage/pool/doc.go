// SPDX-License-Identifier: GPL-2.0-or-later

// Package pool keeps the pool of this host: the domains that a data centre
// shares, one of which, the master, says which they are. A host is connected
// to one pool at most. One of the pool's hosts at a time manages it (SPM): it
// holds the lease of the master domain, and it alone changes which domains
// there are, and runs tasks.
//
// What the host itself keeps is links, which end with the process or the
// connection:
//
//	DC/POOL/DOMAIN    the domain's folder
//	DC/POOL/mastersd  that of the master
//
// Order of writes: what a domain says about its pool comes before what the
// master says about the domain, and goes first, so that a domain is a member
// only if both agree, and repeating a verb completes what was interrupted.
//
// A manager that gives the members on connecting keeps them itself: they are
// in memory then, and not on the master. Source: sp.py, spbackends.py, hsm.py.
package pool

import (
	"context"
	"log/slog"
	"time"

	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
)

// Domains finds domains. domain.Repository does.
type Domains interface {
	Domain(ctx context.Context, id string) (*domain.Domain, error)
}

// Monitor watches the domains of the pool: from Start on it acquires the host
// id there, without anybody waiting, and tells of the domain's health.
type Monitor interface {
	// Start watches a domain as one of the pool's; again changes nothing. The
	// host id stays when the domain was watched for other reasons before.
	Start(ctx context.Context, domain string, hostID int)
	// Stop ends that, and gives the host id back unless leases are held.
	Stop(ctx context.Context, domain string)
	// Watches reports whether a domain is watched, for whatever reason.
	Watches(domain string) bool
	// Health is what is known of a domain; false when nothing is yet.
	Health(ctx context.Context, domain string) (Health, bool)
}

// Health is what is known of a domain.
type Health struct {
	Version     int
	Total, Free int64 // bytes; 0 when the domain cannot be reached
	// ISOPrefix is the folder of the discs of an ISO domain, "" of another.
	ISOPrefix string
}

// Options are what Pools are made of.
type Options struct {
	Repository string // irs:repository
	Domains    Domains
	// Lock returns a domain's lock, and the lease that makes its holder SPM.
	Lock    func(*domain.Domain) (clusterlock.ClusterLock, clusterlock.Lease)
	Locks   *resource.Locks
	Tasks   *task.Manager
	Monitor Monitor // nil: domains are not watched
	// Convert brings a domain to another format. nil: none is converted.
	Convert func(ctx context.Context, d *domain.Domain, to domainmd.Version) error
	// Held returns the leases that this process holds through the sanlock
	// daemon, by domain. nil: there is no daemon.
	Held func(ctx context.Context) (map[string][]clusterlock.Lease, error)
	// Lost is called when this host may no longer be SPM although it has not
	// stopped to be: the process must end at once, without a further write.
	Lost       func(error)
	GuardEvery time.Duration // how often the lease is looked at; default 20 s
	MaxDomains int           // irs:maximum_domains_in_pool
	Log        *slog.Logger
}

// Blank is the id that stands for none.
const Blank = "00000000-0000-0000-0000-000000000000"
