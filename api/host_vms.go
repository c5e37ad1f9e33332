// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostGetVMList = declare[HostGetVMListParams, []VmInfo]("Host.getVMList", "3.1")

type HostGetVMListParams struct {
	FullStatus bool   `json:"fullStatus" default:"false"`
	VMList     []UUID `json:"vmList" default:"[]"`
	OnlyUUID   bool   `json:"onlyUUID" default:"false"`
}

var HostDumpxmls = declare[HostDumpxmlsParams, []StringMap]("Host.dumpxmls", "4.2")

type HostDumpxmlsParams struct {
	VMList []UUID `json:"vmList" default:"[]"`
}

var HostGetVMFullList = declare[HostGetVMFullListParams, []VMFullInfo]("Host.getVMFullList", "3.4")

type HostGetVMFullListParams struct {
	VMList []UUID `json:"vmList" default:"[]"`
}

var HostGetAllVMStats = declare[NoParams, []VmStats]("Host.getAllVmStats", "3.1")

var HostGetAllVMIOTunePolicies = declare[NoParams, BulkIoTunePolicyMap]("Host.getAllVmIoTunePolicies", "4.0")

type VmInfo struct{ Union }

// Alternatives implements OneOf.
func (VmInfo) Alternatives() []any {
	return []any{VmDefinition{}, UUID(""), VmShortStatus{}}
}

type VmShortStatus struct {
	VMID   UUID     `json:"vmId"`
	Status VmStatus `json:"status"`
}

type VMFullInfo struct {
	GuestFQDN            string                 `json:"guestFQDN"`
	Display              VmDisplayType          `json:"display" default:"[]"`
	Username             string                 `json:"username"`
	MemSize              uint64                 `json:"memSize"`
	Smp                  uint64                 `json:"smp"`
	GuestTimezone        *VMGuestTimezone       `json:"guestTimezone,omitzero" default:"null"`
	NICModel             VmInterfaceDeviceModel `json:"nicModel"`
	TimeOffset           uint64                 `json:"timeOffset"`
	Custom               StringMap              `json:"custom"`
	StatusTime           uint64                 `json:"statusTime"`
	KvmEnable            bool                   `json:"kvmEnable"`
	TransparentHugePages bool                   `json:"transparentHugePages"`
	DisplayPort          *uint64                `json:"displayPort,omitzero" default:"unchecked"`
	GuestOSInfo          *VMGuestOsInfo         `json:"guestOsInfo,omitzero" default:"null"`
	GuestDiskMapping     GuestDisksMappingMap   `json:"guestDiskMapping"`
	Nice                 int64                  `json:"nice"`
	Pid                  uint64                 `json:"pid"`
	PauseCode            string                 `json:"pauseCode"`
	AcpiEnable           bool                   `json:"acpiEnable"`
	PitReinjection       bool                   `json:"pitReinjection"`
	SmpCoresPerSocket    uint64                 `json:"smpCoresPerSocket"`
	SpiceSSLCipherSuite  string                 `json:"spiceSslCipherSuite"`
	KeyboardLayout       string                 `json:"keyboardLayout"`
	VMID                 UUID                   `json:"vmId"`
	EmulatedMachine      string                 `json:"emulatedMachine"`
	Status               string                 `json:"status"`
	Devices              []VmDevice             `json:"devices"`
	CPUType              string                 `json:"cpuType"`
	SmartcardEnable      bool                   `json:"smartcardEnable"`
	SpiceSecureChannels  string                 `json:"spiceSecureChannels" default:"\"\""`
	DisplayIP            *string                `json:"displayIp,omitzero" default:"unchecked"`
	GuestIPs             string                 `json:"guestIPs"`
	MemGuaranteedSize    uint64                 `json:"memGuaranteedSize"`
	DisplaySecurePort    *uint64                `json:"displaySecurePort,omitzero" default:"unchecked"`
	ClientIP             string                 `json:"clientIp"`
	VMName               string                 `json:"vmName"`
	VMType               any                    `json:"vmType"`
	Arch                 string                 `json:"arch"`
}

type VMGuestTimezone struct {
	Offset uint64 `json:"offset"`
	Zone   string `json:"zone"`
}

type VMGuestOsInfo struct {
	Codename     string `json:"codename"`
	Arch         string `json:"arch"`
	Version      string `json:"version"`
	Type         string `json:"type"`
	Distribution string `json:"distribution"`
	Kernel       string `json:"kernel"`
}

type GuestDisksMappingMap map[string]GuestDiskMappingInfo

type GuestDiskMappingInfo struct {
	Name string `json:"name"`
}

type BulkIoTunePolicyMap map[UUID]BulkIoTunePolicy

type BulkIoTunePolicy struct {
	Policy        VmDiskDeviceTuneLimits `json:"policy"`
	CurrentValues VmDiskDeviceTuneParams `json:"current_values"`
}
