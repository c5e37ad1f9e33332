// SPDX-License-Identifier: GPL-2.0-or-later

package api

type VmStats struct{ Union }

// Alternatives implements OneOf.
func (VmStats) Alternatives() []any {
	return []any{ExitedVmStats{}, RunningVmStats{}}
}

type ExitedVmStats struct {
	ExitMessage string       `json:"exitMessage"`
	ExitCode    VmExitCode   `json:"exitCode"`
	VMID        UUID         `json:"vmId"`
	TimeOffset  int64        `json:"timeOffset" default:"0"`
	Status      VmStatus     `json:"status"`
	ExitReason  VmExitReason `json:"exitReason"`
}

type VmExitCode string

const (
	VmExitCodeERROR  VmExitCode = "ERROR"
	VmExitCodeNORMAL VmExitCode = "NORMAL"
)

// Values implements Enum.
func (VmExitCode) Values() []string {
	return enum(VmExitCodeERROR, VmExitCodeNORMAL)
}

type VmExitReason string

const (
	VmExitReasonAdminShutdown        VmExitReason = "admin shutdown"
	VmExitReasonDestroyedOnStartup   VmExitReason = "destroyed on startup"
	VmExitReasonGenericError         VmExitReason = "generic error"
	VmExitReasonLibvirtDomainMissing VmExitReason = "libvirt domain missing"
	VmExitReasonLibvirtStartFailed   VmExitReason = "libvirt start failed"
	VmExitReasonLostQemuConnection   VmExitReason = "lost qemu connection"
	VmExitReasonMigrationFailed      VmExitReason = "migration failed"
	VmExitReasonMigrationSucceeded   VmExitReason = "migration succeeded"
	VmExitReasonSaveStateSucceeded   VmExitReason = "save state succeeded"
	VmExitReasonSuccess              VmExitReason = "success"
	VmExitReasonUserShutdown         VmExitReason = "user shutdown"
)

// Values implements Enum.
func (VmExitReason) Values() []string {
	return enum(VmExitReasonAdminShutdown, VmExitReasonDestroyedOnStartup, VmExitReasonGenericError, VmExitReasonLibvirtDomainMissing, VmExitReasonLibvirtStartFailed, VmExitReasonLostQemuConnection, VmExitReasonMigrationFailed, VmExitReasonMigrationSucceeded, VmExitReasonSaveStateSucceeded, VmExitReasonSuccess, VmExitReasonUserShutdown)
}

type RunningVmStats struct {
	MemoryStats       *GuestMemoryStats        `json:"memoryStats,omitzero" default:"null"`
	TimeOffset        string                   `json:"timeOffset"`
	KvmEnable         string                   `json:"kvmEnable"`
	CPUSys            string                   `json:"cpuSys"`
	VCPUUserLimit     *int64                   `json:"vcpuUserLimit,omitzero" default:"null"`
	ElapsedTime       string                   `json:"elapsedTime"`
	WatchdogEvent     *WatchdogEvent           `json:"watchdogEvent,omitzero" default:"null"`
	AcpiEnable        string                   `json:"acpiEnable"`
	Network           NetworkInterfaceStatsMap `json:"network"`
	Disks             VmDiskStatsMap           `json:"disks"`
	CPUUsage          *string                  `json:"cpuUsage,omitzero" default:"null"`
	CPUActual         bool                     `json:"cpuActual"`
	CPUUser           string                   `json:"cpuUser"`
	VMID              UUID                     `json:"vmId"`
	MigrationProgress *uint64                  `json:"migrationProgress,omitzero" default:"null"`
	BalloonInfo       *BalloonInfo             `json:"balloonInfo,omitzero" default:"null"`
	DisplayIP         string                   `json:"displayIp" default:"0"`
	VCPUQuota         string                   `json:"vcpuQuota" default:"0"`
	GuestIPs          string                   `json:"guestIPs"`
	VCPUPeriod        Long                     `json:"vcpuPeriod" default:"0"`
	IOTune            []VmDiskDeviceTuneParams `json:"ioTune,omitzero" default:"null"`
	VMType            VmType                   `json:"vmType"`
	GuestFQDN         string                   `json:"guestFQDN"`
	Username          string                   `json:"username"`
	Pid               string                   `json:"pid"`
	Cdrom             *string                  `json:"cdrom,omitzero" default:"null"`
	VMName            string                   `json:"vmName"`
	Boot              *VmBootMode              `json:"boot,omitzero" default:"null"`
	StatusTime        string                   `json:"statusTime"`
	ClientIP          string                   `json:"clientIp"`
	PauseCode         string                   `json:"pauseCode"`
	VMJobs            VmJobsMap                `json:"vmJobs,omitzero" default:"null"`
	MemUsage          string                   `json:"memUsage"`
	DisplayInfo       []VmDisplayInfo          `json:"displayInfo"`
	VCPUCount         *string                  `json:"vcpuCount,omitzero" default:"null"`
	DisplayType       *VmDisplayType           `json:"displayType,omitzero" default:"null"`
	MonitorResponse   string                   `json:"monitorResponse"`
	AppsList          []string                 `json:"appsList" default:"[]"`
	GuestCPUCount     int64                    `json:"guestCPUCount"`
	DisksUsage        []GuestMountInfo         `json:"disksUsage,omitzero" default:"null"`
	DisplayPort       string                   `json:"displayPort"`
	NetIfaces         []GuestNetworkDeviceInfo `json:"netIfaces,omitzero" default:"null"`
	DisplaySecurePort *string                  `json:"displaySecurePort,omitzero" default:"null"`
	Session           GuestSessionState        `json:"session"`
	GuestContainers   []GuestContainerInfo     `json:"guestContainers,omitzero" default:"null"`
	Hash              *string                  `json:"hash,omitzero" default:"unchecked"`
	TPMHash           *string                  `json:"tpmHash,omitzero" default:"null"`
	NvramHash         *string                  `json:"nvramHash,omitzero" default:"null"`
	Status            VmStatus                 `json:"status"`
	PCIDevices        []GuestPCIDevice         `json:"pci_devices,omitzero" default:"null"`
}

type GuestMemoryStats struct {
	MemTotal   string `json:"mem_total"`
	MemCached  string `json:"mem_cached" default:"0"`
	MemBuffers string `json:"mem_buffers" default:"0"`
	Pageflt    uint64 `json:"pageflt"`
	MemFree    string `json:"mem_free"`
	Majflt     uint64 `json:"majflt"`
	Minflt     uint64 `json:"minflt"`
	MemUnused  string `json:"mem_unused"`
	SwapOut    uint64 `json:"swap_out"`
	SwapIn     uint64 `json:"swap_in"`
}

type WatchdogEvent struct {
	Action WatchdogEventAction `json:"action"`
	Time   Float               `json:"time"`
}

type WatchdogEventAction string

const (
	WatchdogEventActionDestroy  WatchdogEventAction = "destroy"
	WatchdogEventActionIgnore   WatchdogEventAction = "ignore"
	WatchdogEventActionLog      WatchdogEventAction = "log"
	WatchdogEventActionPause    WatchdogEventAction = "pause"
	WatchdogEventActionReset    WatchdogEventAction = "reset"
	WatchdogEventActionShutdown WatchdogEventAction = "shutdown"
)

// Values implements Enum.
func (WatchdogEventAction) Values() []string {
	return enum(WatchdogEventActionDestroy, WatchdogEventActionIgnore, WatchdogEventActionLog, WatchdogEventActionPause, WatchdogEventActionReset, WatchdogEventActionShutdown)
}

type NetworkInterfaceStatsMap map[string]NetworkInterfaceStats

type NetworkInterfaceStats struct {
	RxErrors   string                `json:"rxErrors"`
	Name       string                `json:"name"`
	State      NetworkInterfaceState `json:"state"`
	Rx         string                `json:"rx"`
	TxDropped  string                `json:"txDropped"`
	MACAddr    string                `json:"macAddr"`
	TxErrors   string                `json:"txErrors"`
	Speed      string                `json:"speed"`
	Tx         string                `json:"tx"`
	SampleTime Float                 `json:"sampleTime"`
	RxDropped  string                `json:"rxDropped"`
}

type VmDiskStatsMap map[string]VmDiskStats

type VmDiskStats struct {
	WrittenBytes string `json:"writtenBytes"`
	FlushLatency string `json:"flushLatency"`
	Apparentsize string `json:"apparentsize"`
	ReadLatency  string `json:"readLatency"`
	ReadBytes    string `json:"readBytes"`
	WriteLatency string `json:"writeLatency"`
	Truesize     string `json:"truesize"`
	ImageID      *UUID  `json:"imageID,omitzero" default:"null"`
	ReadRate     string `json:"readRate"`
	WriteRate    string `json:"writeRate"`
	ReadOps      string `json:"readOps"`
	WriteOps     string `json:"writeOps"`
}

type BalloonInfo struct {
	BalloonCur        *string `json:"balloon_cur,omitzero" default:"unset"`
	BalloonMax        *string `json:"balloon_max,omitzero" default:"unset"`
	BalloonMin        *string `json:"balloon_min,omitzero" default:"unset"`
	BalloonTarget     *string `json:"balloon_target,omitzero" default:"unset"`
	BallooningEnabled bool    `json:"ballooning_enabled" default:"true"`
}

type VmBootMode string

const (
	VmBootModeA VmBootMode = "a"
	VmBootModeC VmBootMode = "c"
	VmBootModeD VmBootMode = "d"
	VmBootModeN VmBootMode = "n"
)

// Values implements Enum.
func (VmBootMode) Values() []string {
	return enum(VmBootModeA, VmBootModeC, VmBootModeD, VmBootModeN)
}

type VmJobsMap map[UUID]VmJobInfo

type VmJobInfo struct{ Union }

// Alternatives implements OneOf.
func (VmJobInfo) Alternatives() []any {
	return []any{BlockJobInfo{}}
}

type BlockJobInfo struct {
	ImgUUID      UUID         `json:"imgUUID"`
	BlockJobType BlockJobType `json:"blockJobType"`
	Bandwidth    int64        `json:"bandwidth"`
	JobType      JobType      `json:"jobType"`
	End          int64        `json:"end"`
	ID           UUID         `json:"id"`
	Cur          int64        `json:"cur"`
}

type BlockJobType string

const (
	BlockJobTypeCommit  BlockJobType = "commit"
	BlockJobTypeCopy    BlockJobType = "copy"
	BlockJobTypePull    BlockJobType = "pull"
	BlockJobTypeUnknown BlockJobType = "unknown"
)

// Values implements Enum.
func (BlockJobType) Values() []string {
	return enum(BlockJobTypeCommit, BlockJobTypeCopy, BlockJobTypePull, BlockJobTypeUnknown)
}

type JobType string

const (
	JobTypeBlock   JobType = "block"
	JobTypeUnknown JobType = "unknown"
)

// Values implements Enum.
func (JobType) Values() []string {
	return enum(JobTypeBlock, JobTypeUnknown)
}

type VmDisplayInfo struct {
	TLSPort   string               `json:"tlsPort"`
	Port      string               `json:"port"`
	Type      VmGraphicsDeviceType `json:"type"`
	IPAddress string               `json:"ipAddress"`
}
