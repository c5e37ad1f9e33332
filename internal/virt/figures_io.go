// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"math"
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/libvirt"
)

// networkOf returns the counts of every interface that was there in both
// samples.
func networkOf(s sample, nics []nicView) api.NetworkInterfaceStatsMap {
	var m api.NetworkInterfaceStatsMap
	for _, nic := range nics {
		last := nicNamed(s.last, nic.name)
		if last == nil || nicNamed(s.first, nic.name) == nil {
			continue
		}
		if m == nil {
			m = make(api.NetworkInterfaceStatsMap, len(nics))
		}
		m[nic.name] = api.NetworkInterfaceStats{
			Name: nic.name, MACAddr: nic.mac, Speed: nic.speed, State: "unknown",
			Rx: decimal(last.RxBytes.N), RxErrors: decimal(last.RxErrs.N), RxDropped: decimal(last.RxDrop.N),
			Tx: decimal(last.TxBytes.N), TxErrors: decimal(last.TxErrs.N), TxDropped: decimal(last.TxDrop.N),
		}
	}
	return m
}

// nicNamed and diskNamed search: a VM has few of either, and a map costs more.
func nicNamed(s *libvirt.Stats, name string) *libvirt.NICStats {
	for i := range s.NICs {
		if s.NICs[i].Name == name {
			return &s.NICs[i]
		}
	}
	return nil
}

func diskNamed(s *libvirt.Stats, name string) *libvirt.DiskStats {
	for i := range s.Disks {
		if s.Disks[i].Name == name {
			return &s.Disks[i]
		}
	}
	return nil
}

// disksOf returns the figures of every disk. A disk without figures, such as
// one just plugged in, has zeroes: managers expect it in the list.
func disksOf(s sample, disks []diskView) api.VmDiskStatsMap {
	if len(disks) == 0 {
		return nil
	}
	m := make(api.VmDiskStatsMap, len(disks))
	for _, disk := range disks {
		stats := api.VmDiskStats{
			Truesize: "0", Apparentsize: "0", ImageID: disk.imageID, LUNGUID: disk.lun,
			ReadRate: "0.0", WriteRate: "0.0", ReadOps: "0", WriteOps: "0", ReadBytes: "0", WrittenBytes: "0",
			ReadLatency: "0", WriteLatency: "0", FlushLatency: "0",
		}
		first, last := diskNamed(s.first, disk.name), diskNamed(s.last, disk.name)
		if first != nil && last != nil {
			fillDisk(&stats, first, last, s.interval.Seconds())
		}
		m[disk.name] = stats
	}
	return m
}

func fillDisk(to *api.VmDiskStats, first, last *libvirt.DiskStats, seconds float64) {
	if seconds > 0 {
		to.ReadRate = fraction(delta(first.RdBytes, last.RdBytes) / seconds)
		to.WriteRate = fraction(delta(first.WrBytes, last.WrBytes) / seconds)
	}
	to.ReadOps, to.ReadBytes = decimal(last.RdReqs.N), decimal(last.RdBytes.N)
	to.WriteOps, to.WrittenBytes = decimal(last.WrReqs.N), decimal(last.WrBytes.N)
	to.ReadLatency = latency(first.RdReqs, last.RdReqs, first.RdTimes, last.RdTimes)
	to.WriteLatency = latency(first.WrReqs, last.WrReqs, first.WrTimes, last.WrTimes)
	to.FlushLatency = latency(first.FlReqs, last.FlReqs, first.FlTimes, last.FlTimes)
}

// latency is the mean time of a request in nanoseconds.
func latency(firstReqs, lastReqs, firstTimes, lastTimes libvirt.Count) string {
	reqs := delta(firstReqs, lastReqs)
	if reqs == 0 {
		return "0"
	}
	return fraction(delta(firstTimes, lastTimes) / reqs)
}

// fraction writes a number as Python does: all its digits, and always a point.
func fraction(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "0.0"
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
