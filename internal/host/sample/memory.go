// SPDX-License-Identifier: GPL-2.0-or-later

package sample

import (
	"slices"
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/hostfs"
)

// pools returns the sizes in KiB of the pools of huge pages in a folder, with
// the folder of each: ".../hugepages-2048kB".
func pools(fs hostfs.FS, folder string) map[uint64]string {
	found := make(map[uint64]string)
	for _, name := range fs.Names(folder) {
		size := strings.TrimSuffix(strings.TrimPrefix(name, "hugepages-"), "kB")
		if kib, err := strconv.ParseUint(size, 10, 64); err == nil {
			found[kib] = folder + "/" + name + "/"
		}
	}
	return found
}

const hugepagesFolder = "/sys/kernel/mm/hugepages"

// HugepageSizes returns the sizes of huge pages the kernel offers, in KiB and
// ascending; nil when it cannot tell.
func HugepageSizes(fs hostfs.FS) []int64 {
	if !fs.Exists(hugepagesFolder) {
		return nil
	}
	sizes := []int64{}
	for kib := range pools(fs, hugepagesFolder) {
		sizes = append(sizes, int64(kib))
	}
	slices.Sort(sizes)
	return sizes
}

func (r *Reader) hugepages() api.HugepagesStatsMap {
	if !r.fs.Exists(hugepagesFolder) {
		return nil
	}
	stats := make(api.HugepagesStatsMap)
	for kib, folder := range pools(r.fs, hugepagesFolder) {
		var p api.HugepagesStats
		for file, into := range map[string]*int64{
			"free_hugepages": &p.Free, "nr_hugepages": &p.Total,
			"nr_hugepages_mempolicy": &p.TotalMempolicy, "nr_overcommit_hugepages": &p.OvercommitLimit,
			"resv_hugepages": &p.Reserved, "surplus_hugepages": &p.Surplus,
		} {
			*into, _ = r.fs.Int(folder + file) // kernels without NUMA lack the mempolicy file: 0
		}
		p.FreeForVMs = max(p.Free-r.reserved[kib], 0)
		stats[kib] = p
	}
	return stats
}

const nodeFolder = "/sys/devices/system/node/"

// nodes tells the free memory of each NUMA node and which processors belong
// to it. A single node has all memory, see cpu.Nodes; a kernel without NUMA is
// node 0.
func (r *Reader) nodes(memory map[string]int64) (api.NumaNodeMemoryStatsMap, map[int64]uint64) {
	stats, nodeOf := make(api.NumaNodeMemoryStatsMap), make(map[int64]uint64)
	for _, name := range r.fs.Names(nodeFolder) {
		digits, isNode := strings.CutPrefix(name, "node")
		id, err := strconv.ParseUint(digits, 10, 32)
		if !isNode || err != nil {
			continue
		}
		text, err := r.fs.Bytes(nodeFolder + name + "/meminfo")
		if err != nil {
			continue
		}
		memory := hostfs.Meminfo(string(text))
		if _, known := memory["MemFree"]; known {
			stats[digits] = r.node(memory, nodeFolder+name+"/hugepages")
		}
		if cpus, err := r.fs.Line(nodeFolder + name + "/cpulist"); err == nil {
			for _, cpu := range hostfs.CPUList(cpus) {
				nodeOf[cpu] = id
			}
		}
	}
	if len(stats) == 0 {
		stats["0"] = api.NumaNodeMemoryStats{}
	}
	if len(stats) == 1 {
		if _, known := memory["MemFree"]; !known {
			return nil, nodeOf
		}
		for id := range stats {
			stats[id] = r.node(memory, hugepagesFolder)
		}
	}
	return stats, nodeOf
}

// node composes the figures of a node. One without memory counts as full.
func (r *Reader) node(memory map[string]int64, hugepages string) api.NumaNodeMemoryStats {
	free, total := memory["MemFree"], memory["MemTotal"]
	node := api.NumaNodeMemoryStats{
		MemFree:    strconv.FormatInt(free/1024, 10),
		MemPercent: 100,
		Hugepages: api.NumaNodeHugePageStatsMap{
			pageKiB(): {FreePages: uint64(max(free, 0)) / pageKiB()},
		},
	}
	if total > 0 {
		node.MemPercent = uint64(max(100-100*free/total, 0))
	}
	for kib, folder := range pools(r.fs, hugepages) {
		if n, err := r.fs.Int(folder + "free_hugepages"); err == nil {
			node.Hugepages[kib] = api.NumaNodeHugePagesStats{FreePages: uint64(max(n, 0))}
		}
	}
	return node
}
