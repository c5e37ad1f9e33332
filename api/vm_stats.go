// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VmStats are the statistics of a VM that runs or has ended.
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
	// seconds the VM's clock was ahead of the host's
	TimeOffset *string `json:"timeOffset,omitzero" default:"null"`
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
	VMID   UUID     `json:"vmId"`
	Status VmStatus `json:"status"`
	// milliseconds of the host's monotonic clock; it orders answers and
	// events
	StatusTime string `json:"statusTime"`

	VMName     string `json:"vmName"`
	VMType     string `json:"vmType"`
	KvmEnable  string `json:"kvmEnable"`  // "true"
	AcpiEnable string `json:"acpiEnable"` // "true" or "false"

	ElapsedTime     string `json:"elapsedTime"`     // s
	MonitorResponse string `json:"monitorResponse"` // "0", or "-1" when QEMU does not answer
	ClientIP        string `json:"clientIp"`        // who looks at the console
	// seconds the VM's clock is ahead of the host's
	TimeOffset string `json:"timeOffset"`
	// NOERR, or why it is paused: EIO, ENOSPC, EOTHER, EPERM, POSTCOPY
	PauseCode *string `json:"pauseCode,omitzero" default:"null"`

	MigrationProgress *int64 `json:"migrationProgress,omitzero" default:"null"` // percent

	CPUUser string `json:"cpuUser"` // percent of one CPU
	// percent of one processor spent for the VM but not by its guest
	CPUSys   string `json:"cpuSys"`
	CPUUsage string `json:"cpuUsage"` // ns since the start
	// the shares come from two samples, not from none
	CPUActual     bool    `json:"cpuActual"`
	VCPUCount     *string `json:"vcpuCount,omitzero" default:"null"`
	VCPUQuota     *string `json:"vcpuQuota,omitzero" default:"null"`     // µs
	VCPUPeriod    *int64  `json:"vcpuPeriod,omitzero" default:"null"`    // µs
	VCPUUserLimit *string `json:"vcpuUserLimit,omitzero" default:"null"` // percent

	Network     NetworkInterfaceStatsMap `json:"network,omitzero" default:"null"`
	Disks       VmDiskStatsMap           `json:"disks,omitzero" default:"null"` // by name of the device in the guest
	BalloonInfo *BalloonInfo             `json:"balloonInfo,omitzero" default:"null"`
	MemoryStats *GuestMemoryStats        `json:"memoryStats,omitzero" default:"null"`
	IOTune      []VmIoTuneStats          `json:"ioTune,omitzero" default:"null"`

	DisplayInfo []VmDisplayInfo `json:"displayInfo"`
	// of the devices; a change makes a manager ask for the XML
	Hash          *string        `json:"hash,omitzero" default:"null"`
	NvramHash     *string        `json:"nvramHash,omitzero" default:"null"` // of the firmware's variables
	TPMHash       *string        `json:"tpmHash,omitzero" default:"null"`   // of the TPM's state
	WatchdogEvent *WatchdogEvent `json:"watchdogEvent,omitzero" default:"null"`
	VMJobs        VmJobsMap      `json:"vmJobs,omitzero" default:"null"`

	Username string            `json:"username"`
	Session  GuestSessionState `json:"session"`
	MemUsage string            `json:"memUsage"` // percent
	// online in the guest; -1 when it does not tell
	GuestCPUCount   int64                    `json:"guestCPUCount"`
	AppsList        []string                 `json:"appsList"`
	GuestIPs        string                   `json:"guestIPs"` // IPv4 addresses, separated by blanks
	GuestFQDN       string                   `json:"guestFQDN"`
	GuestName       *string                  `json:"guestName,omitzero" default:"null"`
	GuestOS         *string                  `json:"guestOs,omitzero" default:"null"` // release of the kernel, or name of Windows
	GuestOSInfo     *VMGuestOsInfo           `json:"guestOsInfo,omitzero" default:"null"`
	GuestTimezone   *VMGuestTimezone         `json:"guestTimezone,omitzero" default:"null"`
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
	MemTotal   string  `json:"mem_total"`                           // KiB
	MemUnused  string  `json:"mem_unused"`                          // KiB
	MemFree    string  `json:"mem_free"`                            // KiB, with what can be had back easily
	MemBuffers *string `json:"mem_buffers,omitzero" default:"null"` // KiB
	MemCached  *string `json:"mem_cached,omitzero" default:"null"`  // KiB
	SwapIn     *int64  `json:"swap_in,omitzero" default:"null"`     // pages per second
	SwapOut    *int64  `json:"swap_out,omitzero" default:"null"`    // pages per second
	Majflt     *int64  `json:"majflt,omitzero" default:"null"`      // per second
	Minflt     *int64  `json:"minflt,omitzero" default:"null"`      // per second
	Pageflt    *int64  `json:"pageflt,omitzero" default:"null"`     // per second
}

// WatchdogEvent says when the watchdog of a guest fired and what came of it.
type WatchdogEvent struct {
	Action WatchdogEventAction `json:"action"`
	Time   Float               `json:"time"` // seconds since 1970
}

// WatchdogEventAction is what came of a watchdog that fired.
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

// NetworkInterfaceStatsMap maps the host's name of a VM's interface to its
// counters.
type NetworkInterfaceStatsMap map[string]NetworkInterfaceStats

// NetworkInterfaceStats are the counters of a VM's interface.
type NetworkInterfaceStats struct {
	RxErrors   string                `json:"rxErrors"` // packets
	Name       string                `json:"name"`
	State      NetworkInterfaceState `json:"state"`
	Rx         string                `json:"rx"`        // bytes
	TxDropped  string                `json:"txDropped"` // packets
	MACAddr    string                `json:"macAddr"`
	TxErrors   string                `json:"txErrors"`   // packets
	Speed      string                `json:"speed"`      // Mbit/s
	Tx         string                `json:"tx"`         // bytes
	SampleTime Float                 `json:"sampleTime"` // seconds of the monotonic clock
	RxDropped  string                `json:"rxDropped"`  // packets
}

// VmDiskStatsMap maps the guest's name of a disk to its counters.
type VmDiskStatsMap map[string]VmDiskStats

// VmDiskStats are the counters of a disk.
type VmDiskStats struct {
	WrittenBytes string  `json:"writtenBytes"` // since the start
	FlushLatency string  `json:"flushLatency"` // nanoseconds per request
	Apparentsize string  `json:"apparentsize"` // bytes
	ReadLatency  string  `json:"readLatency"`  // nanoseconds per request
	ReadBytes    string  `json:"readBytes"`    // since the start
	WriteLatency string  `json:"writeLatency"` // nanoseconds per request
	Truesize     string  `json:"truesize"`     // bytes the storage has given
	ImageID      *UUID   `json:"imageID,omitzero" default:"null"`
	LUNGUID      *string `json:"lunGUID,omitzero" default:"null"`
	ReadRate     string  `json:"readRate"`  // bytes per second
	WriteRate    string  `json:"writeRate"` // bytes per second
	ReadOps      string  `json:"readOps"`   // since the start
	WriteOps     string  `json:"writeOps"`  // since the start
}

// BalloonInfo is the memory balloon of a VM.
type BalloonInfo struct {
	BalloonCur        *string `json:"balloon_cur,omitzero" default:"unset"`    // KiB the guest has
	BalloonMax        *string `json:"balloon_max,omitzero" default:"unset"`    // KiB it can have
	BalloonMin        *string `json:"balloon_min,omitzero" default:"unset"`    // KiB it is guaranteed
	BalloonTarget     *string `json:"balloon_target,omitzero" default:"unset"` // KiB it shall have
	BallooningEnabled bool    `json:"ballooning_enabled" default:"true"`
}

// VmJobsMap maps the id of a job on a VM's disks to the job.
type VmJobsMap map[UUID]VmJobInfo

// VmJobInfo is a job on a VM.
type VmJobInfo struct{ Union }

// Alternatives implements OneOf.
func (VmJobInfo) Alternatives() []any {
	return []any{BlockJobInfo{}}
}

// BlockJobInfo is a job on a disk of a VM.
type BlockJobInfo struct {
	ImgUUID      UUID         `json:"imgUUID"`
	BlockJobType BlockJobType `json:"blockJobType"`
	Bandwidth    int64        `json:"bandwidth"` // limit in MiB/s; 0 for none
	JobType      JobType      `json:"jobType"`
	Drive        string       `json:"drive"`
	End          string       `json:"end"` // bytes
	ID           UUID         `json:"id"`
	Cur          string       `json:"cur"` // bytes
}

// BlockJobType is what a job does to a disk.
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

// JobType is the kind of a VM's job.
type JobType string

const (
	JobTypeBlock   JobType = "block"
	JobTypeUnknown JobType = "unknown"
)

// Values implements Enum.
func (JobType) Values() []string {
	return enum(JobTypeBlock, JobTypeUnknown)
}

// VmDisplayInfo is where a VM's display can be reached.
type VmDisplayInfo struct {
	TLSPort   string               `json:"tlsPort"` // "-1" for none
	Port      string               `json:"port"`    // "-1" for none
	Type      VmGraphicsDeviceType `json:"type"`
	IPAddress string               `json:"ipAddress"`
}
