// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VmStats are the statistics of a VM that runs or has ended.
type VmStats struct{ Union }

// Alternatives implements OneOf.
func (VmStats) Alternatives() []any {
	return []any{ExitedVmStats{}, RunningVmStats{}}
}

// ExitedVmStats says how a VM ended.
type ExitedVmStats struct {
	ExitMessage string     `json:"exitMessage"`
	ExitCode    VmExitCode `json:"exitCode"`
	VMID        UUID       `json:"vmId"`
	// seconds the VM's clock was ahead of the host's
	TimeOffset int64        `json:"timeOffset" default:"0"`
	Status     VmStatus     `json:"status"`
	ExitReason VmExitReason `json:"exitReason"`
}

// VmExitCode says whether a VM ended well. The wire has numbers: 0 well, 1
// with an error.
type VmExitCode string

const (
	VmExitCodeERROR  VmExitCode = "ERROR"
	VmExitCodeNORMAL VmExitCode = "NORMAL"
)

// Values implements Enum.
func (VmExitCode) Values() []string {
	return enum(VmExitCodeERROR, VmExitCodeNORMAL)
}

// VmExitReason says why a VM ended. The wire has numbers.
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

// RunningVmStats is how busy a VM is and what its guest tells. Most numbers
// are text.
type RunningVmStats struct {
	MemoryStats *GuestMemoryStats `json:"memoryStats,omitzero" default:"null"`
	// seconds the VM's clock is ahead of the host's
	TimeOffset string `json:"timeOffset"`
	KvmEnable  string `json:"kvmEnable"` // "true"
	// percent of one processor spent for the VM but not by its guest
	CPUSys        string                   `json:"cpuSys"`
	VCPUUserLimit *int64                   `json:"vcpuUserLimit,omitzero" default:"null"` // percent
	ElapsedTime   string                   `json:"elapsedTime"`                           // seconds since the start
	WatchdogEvent *WatchdogEvent           `json:"watchdogEvent,omitzero" default:"null"`
	AcpiEnable    string                   `json:"acpiEnable"` // "true" or "false"
	Network       NetworkInterfaceStatsMap `json:"network"`
	Disks         VmDiskStatsMap           `json:"disks"`                            // by name of the device in the guest
	CPUUsage      *string                  `json:"cpuUsage,omitzero" default:"null"` // nanoseconds since the start
	// the shares come from two samples, not from none
	CPUActual         bool                     `json:"cpuActual"`
	CPUUser           string                   `json:"cpuUser"` // percent of one processor spent by the guest
	VMID              UUID                     `json:"vmId"`
	MigrationProgress *uint64                  `json:"migrationProgress,omitzero" default:"null"` // percent
	BalloonInfo       *BalloonInfo             `json:"balloonInfo,omitzero" default:"null"`
	DisplayIP         string                   `json:"displayIp" default:"0"`
	VCPUQuota         string                   `json:"vcpuQuota" default:"0"`  // microseconds
	GuestIPs          string                   `json:"guestIPs"`               // IPv4 addresses, separated by blanks
	VCPUPeriod        Long                     `json:"vcpuPeriod" default:"0"` // microseconds
	IOTune            []VmDiskDeviceTuneParams `json:"ioTune,omitzero" default:"null"`
	VMType            VmType                   `json:"vmType"`
	GuestFQDN         string                   `json:"guestFQDN"`
	Username          string                   `json:"username"`
	Pid               string                   `json:"pid"`
	Cdrom             *string                  `json:"cdrom,omitzero" default:"null"`
	VMName            string                   `json:"vmName"`
	Boot              *VmBootMode              `json:"boot,omitzero" default:"null"`
	// milliseconds of the host's monotonic clock; it orders answers and
	// events
	StatusTime string `json:"statusTime"`
	ClientIP   string `json:"clientIp"` // who looks at the console
	// NOERR, or why it is paused: EIO, ENOSPC, EOTHER, EPERM, POSTCOPY
	PauseCode       string          `json:"pauseCode"`
	VMJobs          VmJobsMap       `json:"vmJobs,omitzero" default:"null"`
	MemUsage        string          `json:"memUsage"` // percent
	DisplayInfo     []VmDisplayInfo `json:"displayInfo"`
	VCPUCount       *string         `json:"vcpuCount,omitzero" default:"null"`
	DisplayType     *VmDisplayType  `json:"displayType,omitzero" default:"null"`
	MonitorResponse string          `json:"monitorResponse"` // "0", or "-1" when QEMU does not answer
	AppsList        []string        `json:"appsList" default:"[]"`
	// online in the guest; -1 when it does not tell
	GuestCPUCount     int64                    `json:"guestCPUCount"`
	DisksUsage        []GuestMountInfo         `json:"disksUsage,omitzero" default:"null"`
	DisplayPort       string                   `json:"displayPort"`
	NetIfaces         []GuestNetworkDeviceInfo `json:"netIfaces,omitzero" default:"null"`
	DisplaySecurePort *string                  `json:"displaySecurePort,omitzero" default:"null"`
	Session           GuestSessionState        `json:"session"`
	GuestContainers   []GuestContainerInfo     `json:"guestContainers,omitzero" default:"null"`
	// of the devices; a change makes a manager ask for the XML
	Hash       *string          `json:"hash,omitzero" default:"unchecked"`
	TPMHash    *string          `json:"tpmHash,omitzero" default:"null"`   // of the TPM's state
	NvramHash  *string          `json:"nvramHash,omitzero" default:"null"` // of the firmware's variables
	Status     VmStatus         `json:"status"`
	PCIDevices []GuestPCIDevice `json:"pci_devices,omitzero" default:"null"`
}

// GuestMemoryStats is the memory of a guest as the guest sees it.
type GuestMemoryStats struct {
	MemTotal   string `json:"mem_total"`               // KiB
	MemCached  string `json:"mem_cached" default:"0"`  // KiB
	MemBuffers string `json:"mem_buffers" default:"0"` // KiB
	Pageflt    uint64 `json:"pageflt"`                 // per second
	MemFree    string `json:"mem_free"`                // KiB, with what can be had back easily
	Majflt     uint64 `json:"majflt"`                  // per second
	Minflt     uint64 `json:"minflt"`                  // per second
	MemUnused  string `json:"mem_unused"`              // KiB
	SwapOut    uint64 `json:"swap_out"`                // pages per second
	SwapIn     uint64 `json:"swap_in"`                 // pages per second
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
	WrittenBytes string `json:"writtenBytes"` // since the start
	FlushLatency string `json:"flushLatency"` // nanoseconds per request
	Apparentsize string `json:"apparentsize"` // bytes
	ReadLatency  string `json:"readLatency"`  // nanoseconds per request
	ReadBytes    string `json:"readBytes"`    // since the start
	WriteLatency string `json:"writeLatency"` // nanoseconds per request
	Truesize     string `json:"truesize"`     // bytes the storage has given
	ImageID      *UUID  `json:"imageID,omitzero" default:"null"`
	ReadRate     string `json:"readRate"`  // bytes per second
	WriteRate    string `json:"writeRate"` // bytes per second
	ReadOps      string `json:"readOps"`   // since the start
	WriteOps     string `json:"writeOps"`  // since the start
}

// BalloonInfo is the memory balloon of a VM.
type BalloonInfo struct {
	BalloonCur        *string `json:"balloon_cur,omitzero" default:"unset"`    // KiB the guest has
	BalloonMax        *string `json:"balloon_max,omitzero" default:"unset"`    // KiB it can have
	BalloonMin        *string `json:"balloon_min,omitzero" default:"unset"`    // KiB it is guaranteed
	BalloonTarget     *string `json:"balloon_target,omitzero" default:"unset"` // KiB it shall have
	BallooningEnabled bool    `json:"ballooning_enabled" default:"true"`
}

// VmBootMode is the device a VM starts from: floppy, disk, CD or network.
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
	End          int64        `json:"end"`
	ID           UUID         `json:"id"`
	Cur          int64        `json:"cur"` // how far; out of End
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
