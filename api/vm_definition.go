// SPDX-License-Identifier: GPL-2.0-or-later

package api

// VmParameters is the VM to start. Managers send XML and little else; the
// other members come from older ones.
type VmParameters struct {
	HypervEnable         bool            `json:"hypervEnable" default:"false"`
	Display              *VmDisplayType  `json:"display,omitzero" default:"unchecked"`
	LaunchPaused         *bool           `json:"launchPaused,omitzero" default:"unchecked"` // start with the processors stopped
	MemSize              uint64          `json:"memSize"`                                   // MiB
	SmpThreadsPerCore    string          `json:"smpThreadsPerCore" default:"1"`
	Smp                  string          `json:"smp"` // number of processors
	GuestNUMANodes       []GuestNumaNode `json:"guestNumaNodes,omitzero" default:"unchecked"`
	VMID                 UUID            `json:"vmId"`
	BootMenuEnable       string          `json:"bootMenuEnable" default:"false"`
	Custom               StringMap       `json:"custom,omitzero" default:"null"`
	Devices              []VmDevice      `json:"devices,omitzero" default:"unchecked"`
	KvmEnable            string          `json:"kvmEnable"`
	TransparentHugePages string          `json:"transparentHugePages"`
	VMName               string          `json:"vmName"`
	// seconds the VM's clock is ahead of the host's
	TimeOffset        string    `json:"timeOffset"`
	Nice              string    `json:"nice"`
	NUMATune          *NumaTune `json:"numaTune,omitzero" default:"null"`
	SmpCoresPerSocket string    `json:"smpCoresPerSocket" default:"1"`
	// weight among the VMs of the host; it wins over Nice
	CPUShares         *string `json:"cpuShares,omitzero" default:"null"`
	AcpiEnable        string  `json:"acpiEnable"`
	VMType            VmType  `json:"vmType"`
	EmulatedMachine   string  `json:"emulatedMachine"`
	MemGuaranteedSize uint64  `json:"memGuaranteedSize"` // MiB
	CPUType           string  `json:"cpuType"`
	MaxMemSize        uint64  `json:"maxMemSize"`  // MiB
	MaxMemSlots       uint64  `json:"maxMemSlots"` // how often memory can be plugged in
	SmartcardEnable   string  `json:"smartcardEnable"`
	PitReinjection    string  `json:"pitReinjection"`
	DisplayNetwork    string  `json:"displayNetwork"`
	MaxVCpus          string  `json:"maxVCpus"` // how many there can be while it runs
	AgentChannelName  *string `json:"agentChannelName,omitzero" default:"null"`
	// the domain as libvirt knows it, with the manager's metadata
	XML        *string `json:"xml,omitzero" default:"null"`
	XTpmdata   *string `json:"_X_tpmdata,omitzero" default:"null"`   // state of the TPM; never logged
	XNvramdata *string `json:"_X_nvramdata,omitzero" default:"null"` // variables of the firmware; never logged

	// Resuming: the volumes that hold the memory and the state of the VM, from
	// a snapshot with memory or, as six ids separated by commas, from
	// VM.hibernate. The schema does not know them.
	MemoryDumpVolume *DriveSpecVolume         `json:"memoryDumpVolume,omitzero" default:"unchecked"`
	MemoryConfVolume *DriveSpecVolume         `json:"memoryConfVolume,omitzero" default:"unchecked"`
	HiberVolHandle   *HibernationVolumeHandle `json:"hiberVolHandle,omitzero" default:"unchecked"`
}

// GuestNumaNode is a NUMA node of a guest.
type GuestNumaNode struct {
	Cpus      string `json:"cpus"` // numbers, separated by commas
	NodeIndex int64  `json:"nodeIndex"`
	Memory    int64  `json:"memory"` // MiB
}

// NumaTune binds the memory of a guest to nodes of the host.
type NumaTune struct {
	Mode     string    `json:"mode"`    // "interleave", "preferred" or "strict"
	Nodeset  string    `json:"nodeset"` // numbers and ranges, such as "0,2-3"
	Memnodes []MemNode `json:"memnodes"`
}

// MemNode binds one node of a guest.
type MemNode struct {
	VMNodeIndex string `json:"vmNodeIndex"`
	Nodeset     string `json:"nodeset"` // numbers and ranges, such as "0,2-3"
}

// VmDefinition is a VM in the words of managers that did not send XML yet.
type VmDefinition struct {
	HypervEnable         bool           `json:"hypervEnable" default:"false"`
	Display              *VmDisplayType `json:"display,omitzero" default:"unset"`
	Custom               StringMap      `json:"custom,omitzero" default:"unset"`
	MemSize              uint64         `json:"memSize"` // MiB
	Smp                  uint64         `json:"smp"`     // number of processors
	MaxMemSlots          uint64         `json:"maxMemSlots" default:"16"`
	Devices              []VmDevice     `json:"devices,omitzero" default:"unset"`
	FileTransferEnable   bool           `json:"fileTransferEnable" default:"true"`
	EmulatedMachine      string         `json:"emulatedMachine" default:"\"pc\""`
	KvmEnable            bool           `json:"kvmEnable"`
	TransparentHugePages bool           `json:"transparentHugePages"`
	VMName               string         `json:"vmName"`
	NumOfIOThreads       *uint64        `json:"numOfIoThreads,omitzero" default:"unset"`
	// seconds the VM's clock is ahead of the host's
	TimeOffset  uint64  `json:"timeOffset"`
	DisplayPort *int64  `json:"displayPort,omitzero" default:"unset"`
	Nice        int64   `json:"nice"`
	Pid         uint64  `json:"pid"`
	PauseCode   *string `json:"pauseCode,omitzero" default:"unset"`
	// weight among the VMs of the host; it wins over Nice
	CPUShares         *string  `json:"cpuShares,omitzero" default:"unset"`
	AcpiEnable        bool     `json:"acpiEnable"`
	DisplaySecurePort *int64   `json:"displaySecurePort,omitzero" default:"unset"`
	MaxMemSize        *uint64  `json:"maxMemSize,omitzero" default:"unset"` // MiB
	ClientIP          string   `json:"clientIp"`
	SmpThreadsPerCore *uint64  `json:"smpThreadsPerCore,omitzero" default:"unset"`
	KeyboardLayout    *string  `json:"keyboardLayout,omitzero" default:"unset"`
	VMID              UUID     `json:"vmId"`
	SmpCoresPerSocket uint64   `json:"smpCoresPerSocket" default:"1"`
	MaxVCpus          uint64   `json:"maxVCpus" default:"1"` // how many there can be while it runs
	CPUType           string   `json:"cpuType" default:"\"qemu64\""`
	DisplayIP         *string  `json:"displayIp,omitzero" default:"unset"`
	ExitMessage       *string  `json:"exitMessage,omitzero" default:"unset"`
	MemGuaranteedSize uint64   `json:"memGuaranteedSize"` // MiB
	Serial            *string  `json:"serial,omitzero" default:"unset"`
	CopyPasteEnable   bool     `json:"copyPasteEnable" default:"true"`
	ExitCode          *int64   `json:"exitCode,omitzero" default:"null"`
	Status            VmStatus `json:"status"`
	VMType            VmType   `json:"vmType"`
}

// VmType is the kind of virtualization.
type VmType string

const (
	VmTypeKvm VmType = "kvm"
)

// Values implements Enum.
func (VmType) Values() []string {
	return enum(VmTypeKvm)
}
