// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"math"
	"strconv"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
)

// figures are what statistics say of a VM until the next sample or the next
// change of its devices. They are never written after they are made.
type figures struct {
	of   *batch
	view *view

	cpuUser, cpuSys, cpuUsage string
	cpuActual                 bool
	vcpus                     *string

	network api.NetworkInterfaceStatsMap // without sampleTime
	disks   api.VmDiskStatsMap
	balloon string // KiB, "" before the first sample
	memory  *api.GuestMemoryStats
	usage   string // percent of memory; "0" when not known
}

// currentFigures returns the figures of the last sample.
func (v *VM) currentFigures() *figures {
	s, vw := v.vms.samples.of(v.id), v.view.Load()
	if f := v.figures.Load(); f != nil && f.of == s.of && f.view == vw {
		return f
	}
	f := figuresOf(s, vw)
	v.figures.Store(f)
	return f
}

func figuresOf(s sample, vw *view) *figures {
	f := &figures{of: s.of, view: vw, usage: "0"}
	f.cpu(s)
	if s.last == nil {
		return f
	}
	if s.last.VCPUs.Known {
		n := decimal(s.last.VCPUs.N)
		f.vcpus = &n
	}
	f.balloon = decimal(s.last.Balloon.Current.N)
	f.memory = memoryOf(s)
	if f.memory != nil {
		f.usage = memoryUsage(s.last.Balloon, vw.memoryKiB)
	}
	if s.first != nil {
		f.network = networkOf(s, vw.nics)
		f.disks = disksOf(s, vw.disks)
	}
	return f
}

// cpu works out the processor's use: what QEMU's threads took as system and
// user time counts as system, the rest as the guest's own.
func (f *figures) cpu(s sample) {
	f.cpuUser, f.cpuSys, f.cpuUsage = "0.00", "0.00", "0.00"
	if s.first == nil || s.last == nil || s.interval <= 0 ||
		!s.first.CPUUser.Known || !s.first.CPUSystem.Known || !s.last.CPUUser.Known || !s.last.CPUSystem.Known {
		return
	}
	f.cpuUsage = decimal(s.last.CPUSystem.N + s.last.CPUUser.N)
	sys := delta(s.first.CPUUser, s.last.CPUUser) + delta(s.first.CPUSystem, s.last.CPUSystem)
	f.cpuSys = percent(sys, s.interval)
	if s.first.CPUTime.Known && s.last.CPUTime.Known {
		f.cpuUser = percent(max(0, delta(s.first.CPUTime, s.last.CPUTime)-sys), s.interval)
		f.cpuActual = true
	}
}

// percent writes nanoseconds of work in an interval as percent of one CPU.
func percent(ns float64, interval time.Duration) string {
	return strconv.FormatFloat(100*ns/float64(interval.Nanoseconds()), 'f', 2, 64)
}

// delta is by how much a count grew; it is negative when the count began anew.
func delta(first, last libvirt.Count) float64 { return float64(int64(last.N - first.N)) }

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// memoryOf returns what the balloon driver in the guest tells; nil when it is
// silent.
func memoryOf(s sample) *api.GuestMemoryStats {
	b := &s.last.Balloon
	if !b.Available.Known {
		return nil
	}
	stats := &api.GuestMemoryStats{
		MemTotal:  decimal(b.Available.N),
		MemUnused: decimal(b.Unused.N),
		MemFree:   decimal(b.Unused.N + b.DiskCaches.N),
	}
	if s.first == nil || s.interval <= 0 {
		return stats
	}
	rate := func(first, last libvirt.Count) *int64 {
		return new(int64(math.RoundToEven(delta(first, last) / s.interval.Seconds())))
	}
	stats.SwapIn = rate(s.first.Balloon.SwapIn, b.SwapIn)
	stats.SwapOut = rate(s.first.Balloon.SwapOut, b.SwapOut)
	stats.Majflt = rate(s.first.Balloon.MajorFault, b.MajorFault)
	stats.Minflt = rate(s.first.Balloon.MinorFault, b.MinorFault)
	stats.Pageflt = new(*stats.Majflt + *stats.Minflt)
	return stats
}

// memoryUsage is the part of its memory that a guest has in use, in percent.
func memoryUsage(b libvirt.Balloon, memoryKiB int64) string {
	if memoryKiB <= 0 {
		return "0"
	}
	free := float64(b.Unused.N+b.DiskCaches.N) / 1024
	total := float64(memoryKiB / 1024)
	if total == 0 {
		return "0"
	}
	return strconv.Itoa(int(100 - free/total*100))
}
