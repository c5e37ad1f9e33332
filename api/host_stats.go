// SPDX-License-Identifier: GPL-2.0-or-later

package api

import "encoding/json"

var HostGetStats = declare[NoParams, HostStats]("Host.getStats", "3.1")

// HostStats is how a host does. Rates come from the last two samples and are
// absent until there are two; so is everything the host cannot tell.
type HostStats struct {
	CPUUserVdsmd         string                       `json:"cpuUserVdsmd,omitzero"` // percent of one CPU
	SwapTotal            *int64                       `json:"swapTotal,omitzero"`    // MiB
	IncomingVMMigrations uint64                       `json:"incomingVmMigrations"`
	CPULoad              string                       `json:"cpuLoad,omitzero"` // run queue, average of 5 minutes
	KSMPages             *int64                       `json:"ksmPages,omitzero"`
	MemUsed              string                       `json:"memUsed,omitzero"` // percent
	CPUIdle              string                       `json:"cpuIdle,omitzero"` // percent of all CPUs
	HAScore              *int64                       `json:"haScore,omitzero" default:"0"`
	TxDropped            string                       `json:"txDropped,omitzero"` // packets, of all links
	KSMState             *bool                        `json:"ksmState,omitzero"`
	ElapsedTime          string                       `json:"elapsedTime"` // s
	NetConfigDirty       string                       `json:"netConfigDirty"`
	VMActive             int64                        `json:"vmActive"`
	VMMigrating          int64                        `json:"vmMigrating"`
	Network              HostNetworkInterfaceStatsMap `json:"network,omitzero"`
	OutgoingVMMigrations uint64                       `json:"outgoingVmMigrations"`
	CPUSys               string                       `json:"cpuSys,omitzero"` // percent of all CPUs
	DateTime             string                       `json:"dateTime"`        // 2006-01-02T15:04:05 GMT
	CPUStatistics        CpuCoreStatsMap              `json:"cpuStatistics,omitzero"`
	SwapFree             *int64                       `json:"swapFree,omitzero"` // MiB
	CPUUser              string                       `json:"cpuUser,omitzero"`  // percent of all CPUs
	KSMCPU               *uint64                      `json:"ksmCpu,omitzero"`   // percent
	NUMANodeMemFree      NumaNodeMemoryStatsMap       `json:"numaNodeMemFree,omitzero"`
	MomStatus            MOMStatus                    `json:"momStatus"`
	MemFree              *int64                       `json:"memFree,omitzero"`   // MiB
	MemShared            *int64                       `json:"memShared,omitzero"` // MiB
	StorageDomains       StorageDomainVitalsMap       `json:"storageDomains"`
	VMCount              int64                        `json:"vmCount"`
	DiskStats            PathStatsMap                 `json:"diskStats,omitzero"`
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

type CpuCoreStatsMap map[string]CpuCoreStats

type CpuCoreStats struct {
	CPUSys    string `json:"cpuSys"`
	CPUUser   string `json:"cpuUser"`
	NodeIndex uint64 `json:"nodeIndex"`
	CPUIdle   string `json:"cpuIdle"`
}

type NumaNodeMemoryStatsMap map[string]NumaNodeMemoryStats

type NumaNodeMemoryStats struct {
	MemFree    string                   `json:"memFree"`
	MemPercent uint64                   `json:"memPercent"`
	Hugepages  NumaNodeHugePageStatsMap `json:"hugepages"`
}

type NumaNodeHugePageStatsMap map[uint64]NumaNodeHugePagesStats

type NumaNodeHugePagesStats struct {
	FreePages uint64 `json:"freePages"`
}

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

type PathStatsMap map[string]PathStats

type PathStats struct {
	Free string `json:"free"`
}

type HostedEngineStatus struct {
	Configured        bool   `json:"configured"`
	Score             uint64 `json:"score"`
	LocalMaintenance  bool   `json:"localMaintenance"`
	GlobalMaintenance bool   `json:"globalMaintenance"`
	Active            bool   `json:"active"`
}

type V2VJobs map[UUID]V2VJobInfo

type V2VJobInfo struct {
	ID          UUID   `json:"id"`
	Status      string `json:"status"`
	Description string `json:"description"`
	Progress    uint64 `json:"progress"`
}

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

type MultipathHealthMap map[UUID]MultipathStatus

type MultipathStatus struct {
	ValidPaths  int64    `json:"valid_paths"`
	FailedPaths []string `json:"failed_paths"`
}
