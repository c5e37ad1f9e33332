// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostGetStats = declare[NoParams, HostStats]("Host.getStats", "3.1")

type HostStats struct {
	CPUUserVdsmd         string                       `json:"cpuUserVdsmd"`
	SwapTotal            int64                        `json:"swapTotal"`
	IncomingVMMigrations uint64                       `json:"incomingVmMigrations"`
	CPULoad              string                       `json:"cpuLoad"`
	KSMPages             int64                        `json:"ksmPages"`
	MemUsed              string                       `json:"memUsed"`
	CPUIdle              string                       `json:"cpuIdle"`
	HAScore              int64                        `json:"haScore" default:"0"`
	TxDropped            string                       `json:"txDropped"`
	KSMState             bool                         `json:"ksmState"`
	ElapsedTime          string                       `json:"elapsedTime"`
	NetConfigDirty       string                       `json:"netConfigDirty"`
	VMActive             int64                        `json:"vmActive"`
	VMMigrating          int64                        `json:"vmMigrating"`
	Network              HostNetworkInterfaceStatsMap `json:"network"`
	OutgoingVMMigrations uint64                       `json:"outgoingVmMigrations"`
	CPUSys               string                       `json:"cpuSys"`
	DateTime             string                       `json:"dateTime"`
	CPUStatistics        CpuCoreStatsMap              `json:"cpuStatistics"`
	SwapFree             int64                        `json:"swapFree"`
	CPUUser              string                       `json:"cpuUser"`
	KSMCPU               uint64                       `json:"ksmCpu"`
	NUMANodeMemFree      NumaNodeMemoryStatsMap       `json:"numaNodeMemFree"`
	MomStatus            MOMStatus                    `json:"momStatus"`
	MemFree              int64                        `json:"memFree"`
	MemShared            int64                        `json:"memShared"`
	StorageDomains       StorageDomainVitalsMap       `json:"storageDomains"`
	VMCount              int64                        `json:"vmCount"`
	DiskStats            PathStatsMap                 `json:"diskStats"`
	CPUSysVdsmd          string                       `json:"cpuSysVdsmd"`
	HAStats              HostedEngineStatus           `json:"haStats"`
	V2vJobs              []V2VJobs                    `json:"v2vJobs" default:"{}"`
	BootTime             string                       `json:"bootTime" default:"0"`
	ThpState             THPStates                    `json:"thpState"`
	RxDropped            string                       `json:"rxDropped"`
	AnonHugePages        string                       `json:"anonHugePages"`
	KSMMergeAcrossNodes  bool                         `json:"ksmMergeAcrossNodes"`
	MultipathHealth      MultipathHealthMap           `json:"multipathHealth" default:"{}"`
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
	FreePages string `json:"freePages"`
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
