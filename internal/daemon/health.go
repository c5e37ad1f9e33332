// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/prometheus/procfs"
)

// What a healthy daemon stays far below, with hundreds of VMs.
const (
	muchMemory     = 256 << 20 // bytes resident
	manyGoroutines = 5000
)

// watchHealth looks at the daemon itself every health.check_interval. It
// reports at debug level while all is well, as a warning when it is not.
func (d *daemon) watchHealth(ctx context.Context) error {
	ticker := time.NewTicker(d.settings.Health.CheckInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		self, err := procfs.Self()
		if err != nil {
			return err
		}
		stat, err := self.Stat()
		if err != nil {
			return err
		}
		level := slog.LevelDebug
		if stat.ResidentMemory() > muchMemory || runtime.NumGoroutine() > manyGoroutines {
			level = slog.LevelWarn
		}
		work := d.wire.Work()
		d.log.Log(ctx, level, "health",
			"resident_mib", stat.ResidentMemory()>>20, "cpu_seconds", stat.CPUTime(),
			"goroutines", runtime.NumGoroutine(), "calls_running", work.Running,
			"calls_waiting", work.Waiting, "calls_stuck", work.Aside, "calls_total", work.Finished)
	}
}

// countCalls says every vars.connection_stats_timeout how many calls there were.
func (d *daemon) countCalls(ctx context.Context) error {
	ticker := time.NewTicker(d.settings.Vars.ConnectionStatsTimeout)
	defer ticker.Stop()
	for last := uint64(0); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now := d.wire.Work().Finished
		d.log.InfoContext(ctx, "calls carried out by workers", "calls", now-last, "in", d.settings.Vars.ConnectionStatsTimeout)
		last = now
	}
}
