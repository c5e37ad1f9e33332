// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostGetStats measures how busy the host is: processor, memory, networks,
// storage, number of VMs.
var HostGetStats = declare[NoParams, HostStats]("Host.getStats", "3.1")

// HostStats is how busy the host is. Rates and shares are taken between the
// last two samples and written as text with two decimals.
type HostStats struct {
	CPUUserVdsmd         string `json:"cpuUserVdsmd"` // the daemon itself, percent of one processor
	SwapTotal            int64  `json:"swapTotal"`    // MiB
	IncomingVMMigrations uint64 `json:"incomingVmMigrations"`
	CPULoad              string `json:"cpuLoad"`  // average of five minutes
	KSMPages             int64  `json:"ksmPages"` // pages the kernel scans in one go
	MemUsed              string `json:"memUsed"`  // percent, as text
	CPUIdle              string `json:"cpuIdle"`  // percent of all processors
	// of the hosted engine's agent; higher is better
	HAScore     int64  `json:"haScore" default:"0"`
	TxDropped   string `json:"txDropped"`
	KSMState    bool   `json:"ksmState"`    // whether the kernel merges equal pages
	ElapsedTime string `json:"elapsedTime"` // seconds since the daemon began to measure
	// "True" when the running networks differ from the stored ones
	NetConfigDirty       string                       `json:"netConfigDirty"`
	VMActive             int64                        `json:"vmActive"`    // VMs that are Up
	VMMigrating          int64                        `json:"vmMigrating"` // in both directions
	Network              HostNetworkInterfaceStatsMap `json:"network"`
	OutgoingVMMigrations uint64                       `json:"outgoingVmMigrations"`
	CPUSys               string                       `json:"cpuSys"`          // percent of all processors
	DateTime             string                       `json:"dateTime"`        // "2026-11-22T11:09:27 GMT"
	CPUStatistics        CpuCoreStatsMap              `json:"cpuStatistics"`   // by number of the processor
	SwapFree             int64                        `json:"swapFree"`        // MiB
	CPUUser              string                       `json:"cpuUser"`         // percent of all processors
	KSMCPU               uint64                       `json:"ksmCpu"`          // percent of one processor
	NUMANodeMemFree      NumaNodeMemoryStatsMap       `json:"numaNodeMemFree"` // by number of the node
	MomStatus            MOMStatus                    `json:"momStatus"`
	MemFree              int64                        `json:"memFree"`   // MiB that VMs can have, caches included
	MemShared            int64                        `json:"memShared"` // MiB saved by merging
	StorageDomains       StorageDomainVitalsMap       `json:"storageDomains"`
	VMCount              int64                        `json:"vmCount"`     // all VMs, those that are Down too
	DiskStats            PathStatsMap                 `json:"diskStats"`   // by directory
	CPUSysVdsmd          string                       `json:"cpuSysVdsmd"` // the daemon itself, percent of one processor
	HAStats              HostedEngineStatus           `json:"haStats"`
	V2vJobs              []V2VJobs                    `json:"v2vJobs" default:"{}"`
	BootTime             string                       `json:"bootTime" default:"0"` // seconds since 1970
	ThpState             THPStates                    `json:"thpState"`
	RxDropped            string                       `json:"rxDropped"`
	AnonHugePages        string                       `json:"anonHugePages"` // MiB
	KSMMergeAcrossNodes  bool                         `json:"ksmMergeAcrossNodes"`
	MultipathHealth      MultipathHealthMap           `json:"multipathHealth" default:"{}"`
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
	FreePages string `json:"freePages"`
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
