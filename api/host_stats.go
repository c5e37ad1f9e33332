// SPDX-License-Identifier: GPL-2.0-or-later

package api

import "encoding/json"

// HostGetStats measures how busy the host is: processor, memory, networks,
// storage, number of VMs.
var HostGetStats = declare[NoParams, HostStats]("Host.getStats", "3.1")

// HostStats is how a host does. Rates come from the last two samples and are
// absent until there are two; so is everything the host cannot tell.
type HostStats struct {
	CPUUserVdsmd         string `json:"cpuUserVdsmd,omitzero"` // percent of one CPU
	SwapTotal            *int64 `json:"swapTotal,omitzero"`    // MiB
	IncomingVMMigrations uint64 `json:"incomingVmMigrations"`
	CPULoad              string `json:"cpuLoad,omitzero"`  // run queue, average of 5 minutes
	KSMPages             *int64 `json:"ksmPages,omitzero"` // pages the kernel scans in one go
	MemUsed              string `json:"memUsed,omitzero"`  // percent
	CPUIdle              string `json:"cpuIdle,omitzero"`  // percent of all CPUs
	// of the hosted engine's agent; higher is better
	HAScore     *int64 `json:"haScore,omitzero" default:"0"`
	TxDropped   string `json:"txDropped,omitzero"` // packets, of all links
	KSMState    *bool  `json:"ksmState,omitzero"`  // whether the kernel merges equal pages
	ElapsedTime string `json:"elapsedTime"`        // s
	// "True" when the running networks differ from the stored ones
	NetConfigDirty       string                       `json:"netConfigDirty"`
	VMActive             int64                        `json:"vmActive"`    // VMs that are Up
	VMMigrating          int64                        `json:"vmMigrating"` // in both directions
	Network              HostNetworkInterfaceStatsMap `json:"network,omitzero"`
	OutgoingVMMigrations uint64                       `json:"outgoingVmMigrations"`
	CPUSys               string                       `json:"cpuSys,omitzero"`          // percent of all CPUs
	DateTime             string                       `json:"dateTime"`                 // 2006-01-02T15:04:05 GMT
	CPUStatistics        CpuCoreStatsMap              `json:"cpuStatistics,omitzero"`   // by number of the processor
	SwapFree             *int64                       `json:"swapFree,omitzero"`        // MiB
	CPUUser              string                       `json:"cpuUser,omitzero"`         // percent of all CPUs
	KSMCPU               *uint64                      `json:"ksmCpu,omitzero"`          // percent
	NUMANodeMemFree      NumaNodeMemoryStatsMap       `json:"numaNodeMemFree,omitzero"` // by number of the node
	MomStatus            MOMStatus                    `json:"momStatus"`
	MemFree              *int64                       `json:"memFree,omitzero"`   // MiB
	MemShared            *int64                       `json:"memShared,omitzero"` // MiB
	StorageDomains       StorageDomainVitalsMap       `json:"storageDomains"`
	VMCount              int64                        `json:"vmCount"`              // all VMs, those that are Down too
	DiskStats            PathStatsMap                 `json:"diskStats,omitzero"`   // by directory
	CPUSysVdsmd          string                       `json:"cpuSysVdsmd,omitzero"` // percent of one CPU
	HAStats              HostedEngineStatus           `json:"haStats"`
	V2vJobs              V2VJobs                      `json:"v2vJobs" default:"{}"`
	BootTime             string                       `json:"bootTime,omitzero" default:"0"` // s since the epoch
	ThpState             THPStates                    `json:"thpState,omitzero"`
	RxDropped            string                       `json:"rxDropped,omitzero"`     // packets, of all links
	AnonHugePages        string                       `json:"anonHugePages,omitzero"` // MiB
	Hugepages            HugepagesStatsMap            `json:"hugepages,omitzero"`     // by size, KiB
	KSMMergeAcrossNodes  *bool                        `json:"ksmMergeAcrossNodes,omitzero"`
	MultipathHealth      MultipathHealthMap           `json:"multipathHealth" default:"{}"`

	rewritten json.RawMessage
}

// Rewritten returns the statistics as a hook script left them.
func (s HostStats) Rewritten(document json.RawMessage) HostStats {
	s.rewritten = document
	return s
}

// MarshalJSON writes the members, or the document a hook made of them.
func (s HostStats) MarshalJSON() ([]byte, error) {
	if s.rewritten != nil {
		return s.rewritten, nil
	}
	type members HostStats
	return json.Marshal(members(s))
}

// HugepagesStatsMap holds the kernel's pools of huge pages by page size in KiB.
type HugepagesStatsMap map[uint64]HugepagesStats

// HugepagesStats counts the pages of one pool.
type HugepagesStats struct {
	Free            int64 `json:"free_hugepages"`
	Total           int64 `json:"nr_hugepages"`
	TotalMempolicy  int64 `json:"nr_hugepages_mempolicy"`
	OvercommitLimit int64 `json:"nr_overcommit_hugepages"`
	Reserved        int64 `json:"resv_hugepages"`
	Surplus         int64 `json:"surplus_hugepages"`
	FreeForVMs      int64 `json:"vm.free_hugepages"` // free less what the administrator reserved, at least 0
}

// CpuCoreStatsMap maps the number of a processor to how busy it is.
type CpuCoreStatsMap map[string]CpuCoreStats

// CpuCoreStats is how busy one processor is, in percent with two decimals.
type CpuCoreStats struct {
	CPUSys    string `json:"cpuSys"`
	CPUUser   string `json:"cpuUser"`
	NodeIndex uint64 `json:"nodeIndex"` // NUMA node
	CPUIdle   string `json:"cpuIdle"`
}

// NumaNodeMemoryStatsMap maps the number of a NUMA node to its memory.
type NumaNodeMemoryStatsMap map[string]NumaNodeMemoryStats

// NumaNodeMemoryStats is the memory of a NUMA node.
type NumaNodeMemoryStats struct {
	MemFree    string                   `json:"memFree"`    // MiB
	MemPercent uint64                   `json:"memPercent"` // percent in use
	Hugepages  NumaNodeHugePageStatsMap `json:"hugepages"`
}

// NumaNodeHugePageStatsMap maps the size of pages, KiB, to how many are free.
type NumaNodeHugePageStatsMap map[uint64]NumaNodeHugePagesStats

// NumaNodeHugePagesStats counts the free pages of one size.
type NumaNodeHugePagesStats struct {
	FreePages uint64 `json:"freePages"`
}

// MOMStatus says whether the memory overcommitment manager works.
type MOMStatus string

const (
	MOMStatusActive   MOMStatus = "active"
	MOMStatusDisabled MOMStatus = "disabled"
	MOMStatusInactive MOMStatus = "inactive"
)

// Values implements Enum.
func (MOMStatus) Values() []string {
	return enum(MOMStatusActive, MOMStatusDisabled, MOMStatusInactive)
}

// PathStatsMap maps a directory to the room left in its file system.
type PathStatsMap map[string]PathStats

// PathStats is the room in a file system.
type PathStats struct {
	Free string `json:"free"` // MiB, as text
}

// HostedEngineStatus is how the agent of the hosted engine sees this host.
type HostedEngineStatus struct {
	Configured        bool   `json:"configured"`
	Score             uint64 `json:"score"` // fitness to run the engine; higher is better
	LocalMaintenance  bool   `json:"localMaintenance"`
	GlobalMaintenance bool   `json:"globalMaintenance"`
	Active            bool   `json:"active"`
}

// V2VJobs maps the id of an import to the import.
type V2VJobs map[UUID]V2VJobInfo

// V2VJobInfo is how far the import of a VM is.
type V2VJobInfo struct {
	ID          UUID   `json:"id"`
	Status      string `json:"status"`
	Description string `json:"description"`
	Progress    uint64 `json:"progress"` // percent
}

// THPStates says whether the kernel uses huge pages of its own accord.
type THPStates string

const (
	THPStatesAlways  THPStates = "always"
	THPStatesMadvise THPStates = "madvise"
	THPStatesNever   THPStates = "never"
)

// Values implements Enum.
func (THPStates) Values() []string {
	return enum(THPStatesAlways, THPStatesMadvise, THPStatesNever)
}

// MultipathHealthMap maps a multipath device with failed paths to its state.
// Healthy ones are left out.
type MultipathHealthMap map[UUID]MultipathStatus

// MultipathStatus is the state of a multipath device.
type MultipathStatus struct {
	ValidPaths  int64    `json:"valid_paths"`  // how many work
	FailedPaths []string `json:"failed_paths"` // names of those that do not
}
