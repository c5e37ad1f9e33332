// SPDX-License-Identifier: GPL-2.0-or-later

package sample

import (
	"os"
	"strconv"
	"time"

	"govdsm/api"
)

// shortest is the interval below which rates are noise.
const shortest = 10 * time.Millisecond

// wrap is where 32 bit counters start again.
const wrap = 1 << 32

// Stats tells what the last of two samples says and, when there is a first
// one, the rates between them. First may be nil. Texts have the forms that
// managers parse: rates "%.2f", amounts "%d".
func Stats(first, last *Sample) api.HostStats {
	stats := api.HostStats{
		CPULoad:         last.Load,
		ThpState:        last.THP,
		BootTime:        last.BootTime,
		Hugepages:       last.Hugepages,
		NUMANodeMemFree: last.Nodes,
		DiskStats:       last.Disks,
	}
	memory(&stats, last.Memory)
	if k := last.KSM; k != nil {
		stats.KSMState = new(k.Running)
		stats.KSMPages = new(k.PagesToScan)
		stats.KSMMergeAcrossNodes = new(k.MergeAcrossNodes)
		stats.MemShared = new(k.PagesSharing * int64(os.Getpagesize()) >> 20)
	}
	if first != nil {
		rates(&stats, first, last)
	}
	return stats
}

// memory fills what is derived from /proc/meminfo. What the kernel can take
// back at once counts as free.
func memory(stats *api.HostStats, kib map[string]int64) {
	if total := kib["MemTotal"]; total > 0 {
		free := kib["MemFree"] + kib["Cached"] + kib["Buffers"] + kib["SReclaimable"]
		stats.MemFree = new(free / 1024)
		stats.MemUsed = strconv.FormatInt(100-int64(100*float64(free)/float64(total)), 10)
	}
	if pages, ok := kib["AnonHugePages"]; ok {
		stats.AnonHugePages = strconv.FormatInt(pages/1024, 10)
	}
	if swap, ok := kib["SwapTotal"]; ok {
		stats.SwapTotal = new(swap / 1024)
	}
	if swap, ok := kib["SwapFree"]; ok {
		stats.SwapFree = new(swap / 1024)
	}
}

func rates(stats *api.HostStats, first, last *Sample) {
	interval := last.At.Sub(first.At)
	if interval < shortest {
		return
	}
	cpus := max(len(last.CPUs), 1)
	if user, system, ok := usage(first.Total, last.Total, interval, cpus); ok {
		stats.CPUUser, stats.CPUSys, stats.CPUIdle = percent(user), percent(system), idle(user, system)
	}
	// A process of n threads may use n processors, its share is of one.
	if user, system, ok := usage(first.Process, last.Process, interval, 1); ok {
		stats.CPUUserVdsmd, stats.CPUSysVdsmd = percent(user), percent(system)
	}
	if first.KSM != nil && last.KSM != nil {
		if user, system, ok := usage(first.KSM.Daemon, last.KSM.Daemon, interval, 1); ok {
			stats.KSMCPU = new(uint64(user + system))
		}
	}
	stats.CPUStatistics = make(api.CpuCoreStatsMap)
	for id, now := range last.CPUs {
		before, ok := first.CPUs[id] // else it was plugged in meanwhile
		if !ok {
			continue
		}
		user, system, ok := usage(&before, &now, interval, 1)
		if !ok {
			continue
		}
		stats.CPUStatistics[strconv.FormatInt(id, 10)] = api.CpuCoreStats{
			CPUUser:   percent(user),
			CPUSys:    percent(system),
			CPUIdle:   idle(user, system),
			NodeIndex: last.NodeOfCPU[id],
		}
	}
}

// usage returns the percentage of cpus processors that was used between two
// readings of the same counters.
func usage(first, last *Jiffies, interval time.Duration, cpus int) (user, system float64, ok bool) {
	if first == nil || last == nil {
		return 0, 0, false
	}
	share := 100 / (interval.Seconds() * jiffiesPerSecond * float64(cpus))
	u, ok1 := grown(first.User, last.User)
	s, ok2 := grown(first.System, last.System)
	return float64(u) * share, float64(s) * share, ok1 && ok2
}

// grown returns by how much a counter grew. One that fell has wrapped around
// if it was in the upper half of 32 bits; otherwise it was set back, as
// happens when a processor is unplugged and plugged in, and nothing is known.
func grown(first, last uint64) (uint64, bool) {
	switch {
	case last >= first:
		return last - first, true
	case first < wrap && first >= wrap/2 && last < wrap/2:
		return last + wrap - first, true
	default:
		return 0, false
	}
}

func percent(p float64) string { return strconv.FormatFloat(p, 'f', 2, 64) }

func idle(user, system float64) string { return percent(max(0, 100-user-system)) }
