// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"

	binding "libvirt.org/go/libvirt"
)

// Count is a figure that libvirt may leave out.
type Count struct {
	N     uint64
	Known bool
}

// Stats are the figures of one domain. Times are nanoseconds, sizes bytes,
// memory KiB, all but the balloon's sizes counted since the domain started.
type Stats struct {
	VM    string
	State Status

	CPUTime, CPUUser, CPUSystem Count
	VCPUs                       Count // plugged in now

	Balloon Balloon
	NICs    []NICStats
	Disks   []DiskStats
}

// Balloon are figures of a guest's memory, KiB; faults and swaps are counts.
type Balloon struct {
	Current, Available, Unused, DiskCaches  Count
	SwapIn, SwapOut, MajorFault, MinorFault Count
}

// NICStats are the figures of one network interface, from the guest's view.
type NICStats struct {
	Name                    string // of the tap device: "vnet0"
	RxBytes, RxErrs, RxDrop Count
	TxBytes, TxErrs, TxDrop Count
}

// DiskStats are the figures of one disk.
type DiskStats struct {
	Name                           string // target: "vda"
	Path                           string
	RdReqs, RdBytes, RdTimes       Count
	WrReqs, WrBytes, WrTimes       Count
	FlReqs, FlTimes                Count
	Allocation, Capacity, Physical Count
}

// BulkStats returns the figures of all running and paused domains in one call.
// A domain whose QEMU is busy has only those that do not need it.
//
// (The original leaves paused domains out, and so reports a guest that is
// paused for a minute as one that does not answer.)
func (c *Client) BulkStats(ctx context.Context) ([]Stats, error) {
	const groups = binding.DOMAIN_STATS_STATE | binding.DOMAIN_STATS_CPU_TOTAL | binding.DOMAIN_STATS_BALLOON |
		binding.DOMAIN_STATS_VCPU | binding.DOMAIN_STATS_INTERFACE | binding.DOMAIN_STATS_BLOCK
	return c.bulk(ctx, "read the statistics of all domains", groups,
		binding.CONNECT_GET_ALL_DOMAINS_STATS_RUNNING|
			binding.CONNECT_GET_ALL_DOMAINS_STATS_PAUSED|
			binding.CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT)
}

// States returns the state of every domain, running or not, in one call.
func (c *Client) States(ctx context.Context) (map[string]Status, error) {
	all, err := c.bulk(ctx, "read the states of all domains", binding.DOMAIN_STATS_STATE, 0)
	if err != nil {
		return nil, err
	}
	m := make(map[string]Status, len(all))
	for _, s := range all {
		m[s.VM] = s.State
	}
	return m, nil
}

func (c *Client) bulk(ctx context.Context, what string, groups binding.DomainStatsTypes,
	flags binding.ConnectGetAllDomainStatsFlags) ([]Stats, error) {
	return call(ctx, c, what, func(conn *binding.Connect) ([]Stats, error) {
		records, err := conn.GetAllDomainStats(nil, groups, flags)
		if err != nil {
			return nil, err
		}
		all := make([]Stats, 0, len(records))
		for i := range records {
			defer free(records[i].Domain)
			id, err := records[i].Domain.GetUUIDString()
			if err != nil {
				return nil, err
			}
			all = append(all, statsOf(id, &records[i]))
		}
		return all, nil
	})
}

func statsOf(id string, r *binding.DomainStats) Stats {
	s := Stats{VM: id}
	if r.State != nil {
		s.State = Status{State(r.State.State), r.State.Reason}
	}
	if cpu := r.Cpu; cpu != nil {
		s.CPUTime = Count{cpu.Time, cpu.TimeSet}
		s.CPUUser = Count{cpu.User, cpu.UserSet}
		s.CPUSystem = Count{cpu.System, cpu.SystemSet}
	}
	for _, v := range r.Vcpu {
		if v.StateSet && v.State != binding.VCPU_OFFLINE {
			s.VCPUs = Count{s.VCPUs.N + 1, true}
		}
	}
	if b := r.Balloon; b != nil {
		s.Balloon = Balloon{
			Current:    Count{b.Current, b.CurrentSet},
			Available:  Count{b.Available, b.AvailableSet},
			Unused:     Count{b.Unused, b.UnusedSet},
			DiskCaches: Count{b.DiskCaches, b.DiskCachesSet},
			SwapIn:     Count{b.SwapIn, b.SwapInSet},
			SwapOut:    Count{b.SwapOut, b.SwapOutSet},
			MajorFault: Count{b.MajorFault, b.MajorFaultSet},
			MinorFault: Count{b.MinorFault, b.MinorFaultSet},
		}
	}
	s.NICs = make([]NICStats, 0, len(r.Net))
	for _, n := range r.Net {
		s.NICs = append(s.NICs, NICStats{
			Name:    n.Name,
			RxBytes: Count{n.RxBytes, n.RxBytesSet},
			RxErrs:  Count{n.RxErrs, n.RxErrsSet},
			RxDrop:  Count{n.RxDrop, n.RxDropSet},
			TxBytes: Count{n.TxBytes, n.TxBytesSet},
			TxErrs:  Count{n.TxErrs, n.TxErrsSet},
			TxDrop:  Count{n.TxDrop, n.TxDropSet},
		})
	}
	s.Disks = make([]DiskStats, 0, len(r.Block))
	for i := range r.Block {
		s.Disks = append(s.Disks, diskStatsOf(&r.Block[i]))
	}
	return s
}

func diskStatsOf(b *binding.DomainStatsBlock) DiskStats {
	return DiskStats{
		Name:       b.Name,
		Path:       b.Path,
		RdReqs:     Count{b.RdReqs, b.RdReqsSet},
		RdBytes:    Count{b.RdBytes, b.RdBytesSet},
		RdTimes:    Count{b.RdTimes, b.RdTimesSet},
		WrReqs:     Count{b.WrReqs, b.WrReqsSet},
		WrBytes:    Count{b.WrBytes, b.WrBytesSet},
		WrTimes:    Count{b.WrTimes, b.WrTimesSet},
		FlReqs:     Count{b.FlReqs, b.FlReqsSet},
		FlTimes:    Count{b.FlTimes, b.FlTimesSet},
		Allocation: Count{b.Allocation, b.AllocationSet},
		Capacity:   Count{b.Capacity, b.CapacitySet},
		Physical:   Count{b.Physical, b.PhysicalSet},
	}
}
