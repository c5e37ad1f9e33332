// SPDX-License-Identifier: GPL-2.0-or-later

package api

type VmParameters struct {
	HypervEnable         bool            `json:"hypervEnable" default:"false"`
	Display              *VmDisplayType  `json:"display,omitzero" default:"unchecked"`
	LaunchPaused         *bool           `json:"launchPaused,omitzero" default:"unchecked"`
	MemSize              uint64          `json:"memSize"`
	SmpThreadsPerCore    string          `json:"smpThreadsPerCore" default:"1"`
	Smp                  string          `json:"smp"`
	GuestNUMANodes       []GuestNumaNode `json:"guestNumaNodes,omitzero" default:"unchecked"`
	VMID                 UUID            `json:"vmId"`
	BootMenuEnable       string          `json:"bootMenuEnable" default:"false"`
	Custom               StringMap       `json:"custom,omitzero" default:"null"`
	Devices              []VmDevice      `json:"devices,omitzero" default:"unchecked"`
	KvmEnable            string          `json:"kvmEnable"`
	TransparentHugePages string          `json:"transparentHugePages"`
	VMName               string          `json:"vmName"`
	TimeOffset           string          `json:"timeOffset"`
	Nice                 string          `json:"nice"`
	NUMATune             *NumaTune       `json:"numaTune,omitzero" default:"null"`
	SmpCoresPerSocket    string          `json:"smpCoresPerSocket" default:"1"`
	CPUShares            *string         `json:"cpuShares,omitzero" default:"null"`
	AcpiEnable           string          `json:"acpiEnable"`
	VMType               VmType          `json:"vmType"`
	EmulatedMachine      string          `json:"emulatedMachine"`
	MemGuaranteedSize    uint64          `json:"memGuaranteedSize"`
	CPUType              string          `json:"cpuType"`
	MaxMemSize           uint64          `json:"maxMemSize"`
	MaxMemSlots          uint64          `json:"maxMemSlots"`
	SmartcardEnable      string          `json:"smartcardEnable"`
	PitReinjection       string          `json:"pitReinjection"`
	DisplayNetwork       string          `json:"displayNetwork"`
	MaxVCpus             string          `json:"maxVCpus"`
	AgentChannelName     *string         `json:"agentChannelName,omitzero" default:"null"`
	XML                  *string         `json:"xml,omitzero" default:"null"`
	XTpmdata             *string         `json:"_X_tpmdata,omitzero" default:"null"`
	XNvramdata           *string         `json:"_X_nvramdata,omitzero" default:"null"`
}

type GuestNumaNode struct {
	Cpus      string `json:"cpus"`
	NodeIndex int64  `json:"nodeIndex"`
	Memory    int64  `json:"memory"`
}

type NumaTune struct {
	Mode     string    `json:"mode"`
	Nodeset  string    `json:"nodeset"`
	Memnodes []MemNode `json:"memnodes"`
}

type MemNode struct {
	VMNodeIndex string `json:"vmNodeIndex"`
	Nodeset     string `json:"nodeset"`
}

type VmDefinition struct {
	HypervEnable         bool           `json:"hypervEnable" default:"false"`
	Display              *VmDisplayType `json:"display,omitzero" default:"unset"`
	Custom               StringMap      `json:"custom,omitzero" default:"unset"`
	MemSize              uint64         `json:"memSize"`
	Smp                  uint64         `json:"smp"`
	MaxMemSlots          uint64         `json:"maxMemSlots" default:"16"`
	Devices              []VmDevice     `json:"devices,omitzero" default:"unset"`
	FileTransferEnable   bool           `json:"fileTransferEnable" default:"true"`
	EmulatedMachine      string         `json:"emulatedMachine" default:"\"pc\""`
	KvmEnable            bool           `json:"kvmEnable"`
	TransparentHugePages bool           `json:"transparentHugePages"`
	VMName               string         `json:"vmName"`
	NumOfIOThreads       *uint64        `json:"numOfIoThreads,omitzero" default:"unset"`
	TimeOffset           uint64         `json:"timeOffset"`
	DisplayPort          *int64         `json:"displayPort,omitzero" default:"unset"`
	Nice                 int64          `json:"nice"`
	Pid                  uint64         `json:"pid"`
	PauseCode            *string        `json:"pauseCode,omitzero" default:"unset"`
	CPUShares            *string        `json:"cpuShares,omitzero" default:"unset"`
	AcpiEnable           bool           `json:"acpiEnable"`
	DisplaySecurePort    *int64         `json:"displaySecurePort,omitzero" default:"unset"`
	MaxMemSize           *uint64        `json:"maxMemSize,omitzero" default:"unset"`
	ClientIP             string         `json:"clientIp"`
	SmpThreadsPerCore    *uint64        `json:"smpThreadsPerCore,omitzero" default:"unset"`
	KeyboardLayout       *string        `json:"keyboardLayout,omitzero" default:"unset"`
	VMID                 UUID           `json:"vmId"`
	SmpCoresPerSocket    uint64         `json:"smpCoresPerSocket" default:"1"`
	MaxVCpus             uint64         `json:"maxVCpus" default:"1"`
	CPUType              string         `json:"cpuType" default:"\"qemu64\""`
	DisplayIP            *string        `json:"displayIp,omitzero" default:"unset"`
	ExitMessage          *string        `json:"exitMessage,omitzero" default:"unset"`
	MemGuaranteedSize    uint64         `json:"memGuaranteedSize"`
	Serial               *string        `json:"serial,omitzero" default:"unset"`
	CopyPasteEnable      bool           `json:"copyPasteEnable" default:"true"`
	ExitCode             *int64         `json:"exitCode,omitzero" default:"null"`
	Status               VmStatus       `json:"status"`
	VMType               VmType         `json:"vmType"`
}

type VmType string

const (
	VmTypeKvm VmType = "kvm"
)

// Values implements Enum.
func (VmType) Values() []string {
	return enum(VmTypeKvm)
}
