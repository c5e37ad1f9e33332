// SPDX-License-Identifier: GPL-2.0-or-later

package api

type VmStats struct{ Union }

// Alternatives implements OneOf.
func (VmStats) Alternatives() []any {
	return []any{ExitedVmStats{}, RunningVmStats{}}
}

// ExitedVmStats are the statistics of a VM that is Down.
type ExitedVmStats struct {
	VMID        UUID         `json:"vmId"`
	Status      VmStatus     `json:"status"`
	StatusTime  *string      `json:"statusTime,omitzero" default:"null"` // ms, monotonic; not in events
	ExitCode    VmExitCode   `json:"exitCode"`
	ExitReason  VmExitReason `json:"exitReason"`
	ExitMessage string       `json:"exitMessage"`
	TimeOffset  *string      `json:"timeOffset,omitzero" default:"null"` // seconds
}

// VmExitCode says whether a VM ended as somebody wanted.
type VmExitCode int64

const (
	VmExitCodeNORMAL VmExitCode = 0
	VmExitCodeERROR  VmExitCode = 1
)

// VmExitReason says why a VM ended (lib/vdsm/virt/vmexitreason.py).
type VmExitReason int64

const (
	VmExitReasonSuccess                 VmExitReason = 0
	VmExitReasonGenericError            VmExitReason = 1
	VmExitReasonLostQemuConnection      VmExitReason = 2
	VmExitReasonLibvirtStartFailed      VmExitReason = 3
	VmExitReasonMigrationSucceeded      VmExitReason = 4
	VmExitReasonSaveStateSucceeded      VmExitReason = 5
	VmExitReasonAdminShutdown           VmExitReason = 6
	VmExitReasonUserShutdown            VmExitReason = 7
	VmExitReasonMigrationFailed         VmExitReason = 8
	VmExitReasonLibvirtDomainMissing    VmExitReason = 9
	VmExitReasonDestroyedOnStartup      VmExitReason = 10
	VmExitReasonHostShutdown            VmExitReason = 11
	VmExitReasonPostcopyFailed          VmExitReason = 12
	VmExitReasonDestroyedOnReboot       VmExitReason = 13
	VmExitReasonDestroyedOnPauseTimeout VmExitReason = 14
)

// RunningVmStats are the statistics of a VM that is not Down. Numbers are text
// where the original sends text. A member that is missing is not known.
type RunningVmStats struct {
	VMID       UUID     `json:"vmId"`
	Status     VmStatus `json:"status"`
	StatusTime string   `json:"statusTime"` // ms, monotonic, of this answer

	VMName     string `json:"vmName"`
	VMType     string `json:"vmType"`
	KvmEnable  string `json:"kvmEnable"`
	AcpiEnable string `json:"acpiEnable"`

	ElapsedTime     string  `json:"elapsedTime"`     // s
	MonitorResponse string  `json:"monitorResponse"` // "0", or "-1" when QEMU does not answer
	ClientIP        string  `json:"clientIp"`
	TimeOffset      string  `json:"timeOffset"` // s
	PauseCode       *string `json:"pauseCode,omitzero" default:"null"`

	MigrationProgress *int64 `json:"migrationProgress,omitzero" default:"null"`

	CPUUser       string  `json:"cpuUser"`  // percent of one CPU
	CPUSys        string  `json:"cpuSys"`   // percent of one CPU
	CPUUsage      string  `json:"cpuUsage"` // ns since the start
	CPUActual     bool    `json:"cpuActual"`
	VCPUCount     *string `json:"vcpuCount,omitzero" default:"null"`
	VCPUQuota     *string `json:"vcpuQuota,omitzero" default:"null"`     // µs
	VCPUPeriod    *int64  `json:"vcpuPeriod,omitzero" default:"null"`    // µs
	VCPUUserLimit *string `json:"vcpuUserLimit,omitzero" default:"null"` // percent

	Network     NetworkInterfaceStatsMap `json:"network,omitzero" default:"null"`
	Disks       VmDiskStatsMap           `json:"disks,omitzero" default:"null"`
	BalloonInfo *BalloonInfo             `json:"balloonInfo,omitzero" default:"null"`
	MemoryStats *GuestMemoryStats        `json:"memoryStats,omitzero" default:"null"`
	IOTune      []VmIoTuneStats          `json:"ioTune,omitzero" default:"null"`

	DisplayInfo   []VmDisplayInfo `json:"displayInfo"`
	Hash          *string         `json:"hash,omitzero" default:"null"` // changes when the devices do
	NvramHash     *string         `json:"nvramHash,omitzero" default:"null"`
	TPMHash       *string         `json:"tpmHash,omitzero" default:"null"`
	WatchdogEvent *WatchdogEvent  `json:"watchdogEvent,omitzero" default:"null"`
	VMJobs        VmJobsMap       `json:"vmJobs,omitzero" default:"null"`

	Username        string                   `json:"username"`
	Session         GuestSessionState        `json:"session"`
	MemUsage        string                   `json:"memUsage"` // percent
	GuestCPUCount   int64                    `json:"guestCPUCount"`
	AppsList        []string                 `json:"appsList"`
	GuestIPs        string                   `json:"guestIPs"`
	GuestFQDN       string                   `json:"guestFQDN"`
	NetIfaces       []GuestNetworkDeviceInfo `json:"netIfaces,omitzero" default:"null"`
	DisksUsage      []GuestMountInfo         `json:"disksUsage,omitzero" default:"null"`
	GuestContainers []GuestContainerInfo     `json:"guestContainers,omitzero" default:"null"`
	PCIDevices      []GuestPCIDevice         `json:"pci_devices,omitzero" default:"null"`
}

// VmIoTuneStats are the limits of one disk as statistics show them.
type VmIoTuneStats struct {
	Name   string    `json:"name"`
	Path   string    `json:"path"`
	IOTune StringMap `json:"ioTune"` // by name, as text: "total_bytes_sec"
}

// GuestMemoryStats is what the guest told about its memory: KiB as text,
// activity per second as numbers.
type GuestMemoryStats struct {
	MemTotal   string  `json:"mem_total"`
	MemUnused  string  `json:"mem_unused"`
	MemFree    string  `json:"mem_free"`
	MemBuffers *string `json:"mem_buffers,omitzero" default:"null"`
	MemCached  *string `json:"mem_cached,omitzero" default:"null"`
	SwapIn     *int64  `json:"swap_in,omitzero" default:"null"`
	SwapOut    *int64  `json:"swap_out,omitzero" default:"null"`
	Majflt     *int64  `json:"majflt,omitzero" default:"null"`
	Minflt     *int64  `json:"minflt,omitzero" default:"null"`
	Pageflt    *int64  `json:"pageflt,omitzero" default:"null"`
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
	WrittenBytes string  `json:"writtenBytes"`
	FlushLatency string  `json:"flushLatency"`
	Apparentsize string  `json:"apparentsize"`
	ReadLatency  string  `json:"readLatency"`
	ReadBytes    string  `json:"readBytes"`
	WriteLatency string  `json:"writeLatency"`
	Truesize     string  `json:"truesize"`
	ImageID      *UUID   `json:"imageID,omitzero" default:"null"`
	LUNGUID      *string `json:"lunGUID,omitzero" default:"null"`
	ReadRate     string  `json:"readRate"`
	WriteRate    string  `json:"writeRate"`
	ReadOps      string  `json:"readOps"`
	WriteOps     string  `json:"writeOps"`
}

type BalloonInfo struct {
	BalloonCur        *string `json:"balloon_cur,omitzero" default:"unset"`
	BalloonMax        *string `json:"balloon_max,omitzero" default:"unset"`
	BalloonMin        *string `json:"balloon_min,omitzero" default:"unset"`
	BalloonTarget     *string `json:"balloon_target,omitzero" default:"unset"`
	BallooningEnabled bool    `json:"ballooning_enabled" default:"true"`
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
	Drive        string       `json:"drive"`
	End          string       `json:"end"` // bytes
	ID           UUID         `json:"id"`
	Cur          string       `json:"cur"` // bytes
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
