// SPDX-License-Identifier: GPL-2.0-or-later

package host

import (
	"context"
	"strconv"
	"time"

	"govdsm/api"
)

// Stats tells how the host does, from the last samples and the kernel's
// counters of packets. Only hook scripts can make it fail.
func (h *Host) Stats(ctx context.Context) (api.HostStats, error) {
	if err := h.before(ctx, "before_get_stats"); err != nil {
		return api.HostStats{}, err
	}
	stats := h.sampler.Stats()
	now := time.Now()
	stats.ElapsedTime = strconv.FormatFloat(now.Sub(h.started).Seconds(), 'f', 2, 64)
	stats.DateTime = now.UTC().Format("2006-01-02T15:04:05 GMT")
	stats.NetConfigDirty = h.netConfigDirty()
	h.countVMs(&stats)
	h.countPackets(ctx, &stats)
	stats.MomStatus = api.MOMStatusInactive
	if h.momActive.Load() {
		stats.MomStatus = api.MOMStatusActive
	}
	// A hosted engine's agent is not asked: its score is not known, so
	// haScore is absent and haStats tells no more than the configuration.
	stats.HAStats.Configured = h.engine.Load().configured
	stats.V2vJobs = api.V2VJobs{} // nothing here imports VMs
	stats.StorageDomains = api.StorageDomainVitalsMap{}
	stats.MultipathHealth = api.MultipathHealthMap{}
	if h.options.Storage != nil {
		stats.StorageDomains = orEmpty(h.options.Storage.DomainVitals())
		stats.MultipathHealth = orEmpty(h.options.Storage.MultipathHealth())
	}
	if document, ok := h.after(ctx, "after_get_stats", stats); ok {
		return stats.Rewritten(document), nil
	}
	return stats, nil
}

func (h *Host) countVMs(stats *api.HostStats) {
	if h.options.VMs == nil {
		return
	}
	n := h.options.VMs.Counts()
	stats.VMCount, stats.VMActive = n.All, n.Active
	stats.IncomingVMMigrations, stats.OutgoingVMMigrations = n.Incoming, n.Outgoing
	stats.VMMigrating = int64(n.Incoming + n.Outgoing)
}
