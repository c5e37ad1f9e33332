// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"cmp"
	"context"
	"slices"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/monitor"
	"govdsm/internal/storage/pool"
	"govdsm/internal/storage/resource"
)

// addDomains builds what looks after domains.
func (s *Storage) addDomains(o Options) {
	s.told = o.DomainChanged
	s.locks = resource.New(o.LockWait)
	s.hosts = &clusterlock.Locks{Local: clusterlock.NewLocalHost(), Dir: o.LockDir}
	if !o.OneHost {
		o.Sanlock.OnLost, o.Sanlock.Log = o.Lost, cmp.Or(o.Sanlock.Log, s.log)
		s.hosts.Sanlock = clusterlock.NewHost(o.Sanlock)
	}
	s.domains = domain.NewRepository(domain.Options{Path: o.Repository, IO: s.io, Locks: s.hosts, Log: s.log})
	s.monitors = monitor.New(monitor.Options{
		Find:     func(ctx context.Context, id string) (monitor.Domain, error) { return s.domains.Domain(ctx, id) },
		Interval: o.CheckInterval,
		Refresh:  o.RefreshInterval,
		Changed:  s.domainChanged,
		Log:      s.log,
	})
}

// domainChanged hands on that a domain became valid or stopped being so. Nobody
// it tells waits for storage.
func (s *Storage) domainChanged(ctx context.Context, domain string, valid bool) {
	s.pools.DomainChanged(ctx, domain, valid)
	if s.told != nil {
		s.told(ctx, domain, valid)
	}
}

// watcher is the monitors as the pool knows them.
type watcher struct {
	monitors *monitor.Monitors
	domains  *domain.Repository
}

var _ pool.Monitor = watcher{}

// Start implements pool.Monitor.
func (w watcher) Start(ctx context.Context, domain string, hostID int) {
	w.monitors.Start(ctx, domain, hostID, true)
}

// Stop implements pool.Monitor.
func (w watcher) Stop(ctx context.Context, domain string) { w.monitors.Stop(ctx, domain) }

// Watches implements pool.Monitor.
func (w watcher) Watches(domain string) bool { return w.monitors.Watches(domain) }

// Health implements pool.Monitor.
func (w watcher) Health(_ context.Context, id string) (pool.Health, bool) {
	s, ok := w.monitors.Status(id)
	if !ok || !s.Actual || s.Version < 0 {
		return pool.Health{}, false
	}
	h := pool.Health{Version: s.Version, Total: s.Space.Total, Free: s.Space.Available}
	if d, ok := w.domains.Opened(id); ok && d.Known().Class == domainmd.ISO {
		h.ISOPrefix = d.Path(domain.ImageDir(domain.ISOImage))
	}
	return h, true
}

// DomainVersions returns the formats of domains that this host can use.
func (s *Storage) DomainVersions() []int64 { return []int64{0, 2, 3, 4, 5} }

// BlockSizes returns the sizes in bytes in which each kind of storage may be
// written; 0 is for whatever the storage has.
func (s *Storage) BlockSizes() api.SupportedBlockSizeMap {
	sizes := make(api.SupportedBlockSizeMap)
	for _, kind := range []string{"FCP", "GLUSTERFS", "ISCSI", "LOCALFS", "NFS", "POSIXFS"} {
		sizes[kind] = []int64{512}
		if slices.Contains([]string{"GLUSTERFS", "LOCALFS"}, kind) {
			sizes[kind] = []int64{0, 512, 4096}
		}
	}
	return sizes
}

// DomainVitals returns what the monitors of domains know, from memory.
func (s *Storage) DomainVitals() api.StorageDomainVitalsMap { return s.monitors.Vitals(time.Now()) }

// MultipathHealth returns nothing: no devices are watched.
func (s *Storage) MultipathHealth() api.MultipathHealthMap { return api.MultipathHealthMap{} }

// oneHost is the capability of a host whose domains are not protected against
// other hosts. Managers that do not know it pass over it.
const oneHost = "storage_locks_this_host_only"

// Features returns capabilities that a manager or an administrator should see.
func (s *Storage) Features() []string {
	if s.hosts.OneHost() {
		return []string{oneHost}
	}
	return nil
}
