// SPDX-License-Identifier: GPL-2.0-or-later

package cpu

import (
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/host/virtcaps"
	"govdsm/internal/hostfs"
)

// Topology counts the processors that are on.
type Topology struct {
	Sockets, Cores, Threads int64
	Online                  []int64 // in libvirt's order
	CPUs                    []api.CpuInfo
}

// TopologyOf counts what libvirt lists. A host whose libvirt was built without
// NUMA has no cells: then the totals of the processor count, and the kernel
// tells what is on.
func TopologyOf(h *virtcaps.Host, fs hostfs.FS) Topology {
	if len(h.Cells) == 0 {
		return withoutCells(h, fs)
	}
	var t Topology
	sockets, cores := make(map[int64]bool), make(map[string]bool)
	for _, cell := range h.Cells {
		for _, c := range cell.CPUs {
			if !c.Online {
				continue
			}
			sockets[c.Socket], cores[c.Siblings] = true, true
			t.Online = append(t.Online, c.ID)
			t.CPUs = append(t.CPUs, api.CpuInfo{
				CPUID: c.ID, NUMACellID: cell.ID, SocketID: c.Socket, DieID: c.Die, CoreID: c.Core,
			})
		}
	}
	t.Sockets, t.Cores, t.Threads = int64(len(sockets)), int64(len(cores)), int64(len(t.Online))
	return t
}

func withoutCells(h *virtcaps.Host, fs hostfs.FS) Topology {
	p := h.Topology
	t := Topology{Sockets: p.Sockets, CPUs: []api.CpuInfo{}}
	t.Cores = p.Sockets * max(p.Dies, 1) * p.Cores
	t.Threads = t.Cores * p.Threads
	if text, err := fs.Text("/sys/devices/system/cpu/online"); err == nil {
		t.Online = hostfs.CPUList(text)
	}
	return t
}

// OnlineText lists the processors that are on, comma separated.
func (t Topology) OnlineText() string {
	texts := make([]string, len(t.Online))
	for i, id := range t.Online {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}

// Nodes describes the NUMA nodes and their distances. Total memory is the
// kernel's figure, which follows memory that is plugged in, or else libvirt's.
// A single node has all memory: kernels account for what a hypervisor lends
// them later in the total and not in the node.
func Nodes(h *virtcaps.Host, fs hostfs.FS) (api.NumaNodeMap, api.NumaNodeDistanceMap) {
	nodes, distances := make(api.NumaNodeMap), make(api.NumaNodeDistanceMap)
	for _, cell := range h.Cells {
		id := strconv.FormatInt(cell.ID, 10)
		total := cell.MemoryKiB
		meminfo := "/sys/devices/system/node/node" + id + "/meminfo"
		if len(h.Cells) == 1 {
			meminfo = "/proc/meminfo"
		}
		if text, err := fs.Bytes(meminfo); err == nil {
			if kib, ok := hostfs.Meminfo(string(text))["MemTotal"]; ok {
				total = uint64(kib)
			}
		}
		node := api.NumaNode{
			Cpus:        []uint64{},
			TotalMemory: strconv.FormatUint(total/1024, 10),
			Hugepages:   make(api.NumaNodeHugePagesMap),
		}
		for _, c := range cell.CPUs {
			node.Cpus = append(node.Cpus, uint64(c.ID))
		}
		for _, p := range cell.Pages {
			node.Hugepages[p.SizeKiB] = api.NumaNodeHugePages{TotalPages: p.Count}
		}
		nodes[id] = node
		distances[id] = append([]uint64{}, cell.Distances...)
	}
	return nodes, distances
}
