// SPDX-License-Identifier: GPL-2.0-or-later

package api

var VMChangeCD = declare[VMChangeCDParams, EmptyObject]("VM.changeCD", "3.1")

type VMChangeCDParams struct {
	VMID      UUID      `json:"vmID" api:"object"`
	DriveSpec DriveSpec `json:"driveSpec"`
}

var VMChangeFloppy = declare[VMChangeFloppyParams, EmptyObject]("VM.changeFloppy", "3.1")

type VMChangeFloppyParams struct {
	VMID      UUID      `json:"vmID" api:"object"`
	DriveSpec DriveSpec `json:"driveSpec"`
}

var VMHotplugHostdev = declare[VMHotplugHostdevParams, []string]("VM.hotplugHostdev", "4.4")

type VMHotplugHostdevParams struct {
	VMID    UUID     `json:"vmID" api:"object"`
	Devices []string `json:"devices"`
}

var VMHotunplugHostdev = declare[VMHotunplugHostdevParams, []string]("VM.hotunplugHostdev", "4.4")

type VMHotunplugHostdevParams struct {
	VMID    UUID     `json:"vmID" api:"object"`
	Devices []string `json:"devices"`
}

var VMHotplugNIC = declare[VMHotplugNICParams, HotpluggedNIC]("VM.hotplugNic", "3.1")

type VMHotplugNICParams struct {
	VMID   UUID             `json:"vmID" api:"object"`
	Params HotplugNicParams `json:"params"`
}

type HotpluggedNIC struct {
	Devices []HotpluggedNICDevice `json:"devices"`
	XML     string                `json:"xml"`
}

type HotpluggedNICDevice struct {
	MACAddr string `json:"macAddr"`
	Alias   string `json:"alias"`
}

var VMHotunplugNIC = declare[VMHotunplugNICParams, EmptyObject]("VM.hotunplugNic", "3.1")

type VMHotunplugNICParams struct {
	VMID   UUID             `json:"vmID" api:"object"`
	Params HotplugNicParams `json:"params"`
}

var VMHotplugDisk = declare[VMHotplugDiskParams, EmptyObject]("VM.hotplugDisk", "3.1")

type VMHotplugDiskParams struct {
	VMID   UUID              `json:"vmID" api:"object"`
	Params HotplugDiskParams `json:"params"`
}

var VMHotunplugDisk = declare[VMHotunplugDiskParams, EmptyObject]("VM.hotunplugDisk", "3.1")

type VMHotunplugDiskParams struct {
	VMID   UUID              `json:"vmID" api:"object"`
	Params HotplugDiskParams `json:"params"`
}

var VMHotplugLease = declare[VMHotplugLeaseParams, EmptyObject]("VM.hotplugLease", "4.1")

type VMHotplugLeaseParams struct {
	VMID  UUID          `json:"vmID" api:"object"`
	Lease VmLeaseDevice `json:"lease"`
}

var VMHotunplugLease = declare[VMHotunplugLeaseParams, EmptyObject]("VM.hotunplugLease", "4.1")

type VMHotunplugLeaseParams struct {
	VMID  UUID          `json:"vmID" api:"object"`
	Lease VmLeaseDevice `json:"lease"`
}

var VMHotplugMemory = declare[VMHotplugMemoryParams, EmptyObject]("VM.hotplugMemory", "3.6")

type VMHotplugMemoryParams struct {
	VMID   UUID                `json:"vmID" api:"object"`
	Params HotplugMemoryParams `json:"params"`
}

var VMHotunplugMemory = declare[VMHotunplugMemoryParams, Nothing]("VM.hotunplugMemory", "4.1")

type VMHotunplugMemoryParams struct {
	VMID   UUID                `json:"vmID" api:"object"`
	Params HotplugMemoryParams `json:"params"`
}

var VMSetNumberOfCpus = declare[VMSetNumberOfCpusParams, EmptyObject]("VM.setNumberOfCpus", "3.4")

type VMSetNumberOfCpusParams struct {
	VMID         UUID     `json:"vmID" api:"object"`
	NumberOfCpus int64    `json:"numberOfCpus"`
	Cpusets      []string `json:"cpusets,omitzero" default:"null"`
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

type VmDisplayType string

const (
	VmDisplayTypeQxl VmDisplayType = "qxl"
	VmDisplayTypeVNC VmDisplayType = "vnc"
)

// Values implements Enum.
func (VmDisplayType) Values() []string {
	return enum(VmDisplayTypeQxl, VmDisplayTypeVNC)
}

type VmDevice struct{ Union }

// Alternatives implements OneOf.
func (VmDevice) Alternatives() []any {
	return []any{VmDiskDevice{}, VmInterfaceDevice{}, VmVideoDevice{}, VmSoundDevice{}, VmControllerDevice{}, VmBalloonDevice{}, VmChannelDevice{}, VmWatchdogDevice{}, VmConsoleDevice{}, VmSmartcardDevice{}, VmGraphicsDevice{}, VmHostDevice{}, VmRngDevice{}, VmTpmDevice{}, VmLeaseDevice{}}
}

type VmDiskDevice struct {
	Readonly        bool                           `json:"readonly"`
	Apparentsize    uint64                         `json:"apparentsize"`
	VolumeID        *UUID                          `json:"volumeID,omitzero" default:"unset"`
	Index           int64                          `json:"index"`
	Path            *string                        `json:"path,omitzero" default:"unset"`
	Hosts           []NetworkDiskHostInfo          `json:"hosts,omitzero" default:"unset"`
	VolumeChain     []VmDiskDeviceVolumeChainEntry `json:"volumeChain"`
	Device          VmDiskDeviceType               `json:"device"`
	DiskType        *string                        `json:"diskType,omitzero" default:"unset"`
	BootOrder       *uint64                        `json:"bootOrder,omitzero" default:"unset"`
	Format          VmDiskDeviceFormat             `json:"format"`
	Truesize        uint64                         `json:"truesize"`
	Iface           *VmDiskDeviceInterface         `json:"iface,omitzero" default:"unset"`
	Protocol        *string                        `json:"protocol,omitzero" default:"unset"`
	PropagateErrors bool                           `json:"propagateErrors"`
	SpecParams      *VmDiskDeviceSpecParams        `json:"specParams,omitzero" default:"unset"`
	Alias           string                         `json:"alias"`
	Shared          VmSharedDriveType              `json:"shared"`
	Optional        bool                           `json:"optional"`
	BaseVolumeID    *UUID                          `json:"baseVolumeID,omitzero" default:"unset"`
	Name            string                         `json:"name"`
	Address         VmDeviceAddress                `json:"address"`
	ImageID         *UUID                          `json:"imageID,omitzero" default:"unset"`
	PoolID          *UUID                          `json:"poolID,omitzero" default:"unset"`
	DeviceID        UUID                           `json:"deviceId"`
	DeviceType      VmDeviceType                   `json:"deviceType"`
	DomainID        *UUID                          `json:"domainID,omitzero" default:"unset"`
	Auth            *NetworkDiskAuthInfo           `json:"auth,omitzero" default:"unset"`
}

type NetworkDiskHostInfo struct {
	Name      string `json:"name"`
	Transport string `json:"transport"`
	Port      string `json:"port"`
}

type VmDiskDeviceVolumeChainEntry struct {
	Path     string `json:"path"`
	ImageID  UUID   `json:"imageID"`
	DomainID UUID   `json:"domainID"`
	VolumeID UUID   `json:"volumeID"`
}

type VmDiskDeviceFormat string

const (
	VmDiskDeviceFormatCow VmDiskDeviceFormat = "cow"
	VmDiskDeviceFormatRaw VmDiskDeviceFormat = "raw"
)

// Values implements Enum.
func (VmDiskDeviceFormat) Values() []string {
	return enum(VmDiskDeviceFormatCow, VmDiskDeviceFormatRaw)
}

type VmDiskDeviceInterface string

const (
	VmDiskDeviceInterfaceFdc    VmDiskDeviceInterface = "fdc"
	VmDiskDeviceInterfaceIde    VmDiskDeviceInterface = "ide"
	VmDiskDeviceInterfaceScsi   VmDiskDeviceInterface = "scsi"
	VmDiskDeviceInterfaceVirtio VmDiskDeviceInterface = "virtio"
)

// Values implements Enum.
func (VmDiskDeviceInterface) Values() []string {
	return enum(VmDiskDeviceInterfaceFdc, VmDiskDeviceInterfaceIde, VmDiskDeviceInterfaceScsi, VmDiskDeviceInterfaceVirtio)
}

type VmDiskDeviceSpecParams struct {
	Path          *string                   `json:"path,omitzero" default:"unset"`
	IOTune        *VmDiskDeviceIoTuneParams `json:"ioTune,omitzero" default:"unset"`
	PinToIOThread *uint64                   `json:"pinToIoThread,omitzero" default:"unset"`
}

type VmDiskDeviceIoTuneParams struct {
	TotalBytesSec uint64 `json:"total_bytes_sec" default:"0"`
	ReadBytesSec  uint64 `json:"read_bytes_sec" default:"0"`
	WriteBytesSec uint64 `json:"write_bytes_sec" default:"0"`
	TotalIopsSec  uint64 `json:"total_iops_sec" default:"0"`
	ReadIopsSec   uint64 `json:"read_iops_sec" default:"0"`
	WriteIopsSec  uint64 `json:"write_iops_sec" default:"0"`
}

type VmSharedDriveType struct{ Union }

// Alternatives implements OneOf.
func (VmSharedDriveType) Alternatives() []any {
	return []any{false, SharedDriveType("")}
}

type SharedDriveType string

const (
	SharedDriveTypeExclusive SharedDriveType = "exclusive"
	SharedDriveTypeNone      SharedDriveType = "none"
	SharedDriveTypeShared    SharedDriveType = "shared"
)

// Values implements Enum.
func (SharedDriveType) Values() []string {
	return enum(SharedDriveTypeExclusive, SharedDriveTypeNone, SharedDriveTypeShared)
}

type VmDeviceAddress struct{ Union }

// Alternatives implements OneOf.
func (VmDeviceAddress) Alternatives() []any {
	return []any{VmDevicePciAddress{}, VmDeviceIdeAddress{}, VmDeviceVirtioSerialAddress{}}
}

type VmDevicePciAddress struct {
	Slot        uint64              `json:"slot"`
	Domain      uint64              `json:"domain"`
	Bus         uint64              `json:"bus"`
	AddressType VmDeviceAddressType `json:"addressType"`
	Function    uint64              `json:"function"`
}

type VmDeviceAddressType string

const (
	VmDeviceAddressTypeDrive        VmDeviceAddressType = "drive"
	VmDeviceAddressTypePCI          VmDeviceAddressType = "pci"
	VmDeviceAddressTypeVirtioSerial VmDeviceAddressType = "virtio-serial"
)

// Values implements Enum.
func (VmDeviceAddressType) Values() []string {
	return enum(VmDeviceAddressTypeDrive, VmDeviceAddressTypePCI, VmDeviceAddressTypeVirtioSerial)
}

type VmDeviceIdeAddress struct {
	Unit        uint64              `json:"unit"`
	Controller  uint64              `json:"controller"`
	Bus         uint64              `json:"bus"`
	AddressType VmDeviceAddressType `json:"addressType"`
}

type VmDeviceVirtioSerialAddress struct {
	Controller  uint64              `json:"controller"`
	Port        uint64              `json:"port"`
	Bus         uint64              `json:"bus"`
	AddressType VmDeviceAddressType `json:"addressType"`
}

type VmDeviceType string

const (
	VmDeviceTypeBalloon    VmDeviceType = "balloon"
	VmDeviceTypeChannel    VmDeviceType = "channel"
	VmDeviceTypeConsole    VmDeviceType = "console"
	VmDeviceTypeController VmDeviceType = "controller"
	VmDeviceTypeDisk       VmDeviceType = "disk"
	VmDeviceTypeGraphics   VmDeviceType = "graphics"
	VmDeviceTypeHostdev    VmDeviceType = "hostdev"
	VmDeviceTypeInterface  VmDeviceType = "interface"
	VmDeviceTypeLease      VmDeviceType = "lease"
	VmDeviceTypeMemory     VmDeviceType = "memory"
	VmDeviceTypeRNG        VmDeviceType = "rng"
	VmDeviceTypeSmartcard  VmDeviceType = "smartcard"
	VmDeviceTypeSound      VmDeviceType = "sound"
	VmDeviceTypeTPM        VmDeviceType = "tpm"
	VmDeviceTypeVideo      VmDeviceType = "video"
)

// Values implements Enum.
func (VmDeviceType) Values() []string {
	return enum(VmDeviceTypeBalloon, VmDeviceTypeChannel, VmDeviceTypeConsole, VmDeviceTypeController, VmDeviceTypeDisk, VmDeviceTypeGraphics, VmDeviceTypeHostdev, VmDeviceTypeInterface, VmDeviceTypeLease, VmDeviceTypeMemory, VmDeviceTypeRNG, VmDeviceTypeSmartcard, VmDeviceTypeSound, VmDeviceTypeTPM, VmDeviceTypeVideo)
}

type NetworkDiskAuthInfo struct {
	Username string `json:"username"`
	Type     string `json:"type"`
	UUID     UUID   `json:"uuid"`
}

type VmInterfaceDevice struct {
	SpecParams       *VmInterfaceDeviceSpecParams        `json:"specParams,omitzero" default:"unset"`
	Address          VmDeviceAddress                     `json:"address"`
	Alias            string                              `json:"alias"`
	Custom           StringMap                           `json:"custom" default:"{}"`
	NICModel         VmInterfaceDeviceModel              `json:"nicModel"`
	MACAddr          string                              `json:"macAddr"`
	Device           VmInterfaceDeviceType               `json:"device"`
	LinkActive       *bool                               `json:"linkActive,omitzero" default:"unset"`
	PortMirroring    []string                            `json:"portMirroring" default:"[]"`
	DeviceID         UUID                                `json:"deviceId"`
	DeviceType       VmDeviceType                        `json:"deviceType"`
	BootOrder        uint64                              `json:"bootOrder" default:"\"\""`
	Network          string                              `json:"network"`
	Filter           string                              `json:"filter"`
	FilterParameters []VmInterfaceDeviceFilterParameters `json:"filterParameters" default:"[]"`
}

type VmInterfaceDeviceSpecParams struct {
	Outbound *BandwidthParams `json:"outbound,omitzero" default:"null"`
	Inbound  *BandwidthParams `json:"inbound,omitzero" default:"null"`
}

type BandwidthParams struct {
	Burst   uint64 `json:"burst" default:"0"`
	Average uint64 `json:"average"`
	Peak    uint64 `json:"peak" default:"0"`
}

type VmInterfaceDeviceModel string

const (
	VmInterfaceDeviceModelE1000    VmInterfaceDeviceModel = "e1000"
	VmInterfaceDeviceModelE1000e   VmInterfaceDeviceModel = "e1000e"
	VmInterfaceDeviceModelI82551   VmInterfaceDeviceModel = "i82551"
	VmInterfaceDeviceModelI82557b  VmInterfaceDeviceModel = "i82557b"
	VmInterfaceDeviceModelI82559er VmInterfaceDeviceModel = "i82559er"
	VmInterfaceDeviceModelNe2kPCI  VmInterfaceDeviceModel = "ne2k_pci"
	VmInterfaceDeviceModelPcnet    VmInterfaceDeviceModel = "pcnet"
	VmInterfaceDeviceModelPV       VmInterfaceDeviceModel = "pv"
	VmInterfaceDeviceModelRtl8139  VmInterfaceDeviceModel = "rtl8139"
	VmInterfaceDeviceModelVirtio   VmInterfaceDeviceModel = "virtio"
)

// Values implements Enum.
func (VmInterfaceDeviceModel) Values() []string {
	return enum(VmInterfaceDeviceModelE1000, VmInterfaceDeviceModelE1000e, VmInterfaceDeviceModelI82551, VmInterfaceDeviceModelI82557b, VmInterfaceDeviceModelI82559er, VmInterfaceDeviceModelNe2kPCI, VmInterfaceDeviceModelPcnet, VmInterfaceDeviceModelPV, VmInterfaceDeviceModelRtl8139, VmInterfaceDeviceModelVirtio)
}

type VmInterfaceDeviceType string

const (
	VmInterfaceDeviceTypeBridge VmInterfaceDeviceType = "bridge"
)

// Values implements Enum.
func (VmInterfaceDeviceType) Values() []string {
	return enum(VmInterfaceDeviceTypeBridge)
}

type VmInterfaceDeviceFilterParameters struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type VmVideoDevice struct {
	SpecParams VmVideoDeviceSpecParams `json:"specParams"`
	Device     VmVideoDeviceType       `json:"device"`
	DeviceID   UUID                    `json:"deviceId"`
	DeviceType VmDeviceType            `json:"deviceType"`
	Alias      string                  `json:"alias"`
	Address    VmDeviceAddress         `json:"address"`
}

type VmVideoDeviceSpecParams struct {
	Ram    *uint64 `json:"ram,omitzero" default:"unset"`
	Vgamem *uint64 `json:"vgamem,omitzero" default:"unset"`
	Vram   uint64  `json:"vram"`
	Heads  *uint64 `json:"heads,omitzero" default:"unset"`
}

type VmVideoDeviceType string

const (
	VmVideoDeviceTypeCirrus VmVideoDeviceType = "cirrus"
	VmVideoDeviceTypeNone   VmVideoDeviceType = "none"
	VmVideoDeviceTypeQxl    VmVideoDeviceType = "qxl"
	VmVideoDeviceTypeStd    VmVideoDeviceType = "std"
	VmVideoDeviceTypeVmware VmVideoDeviceType = "vmware"
)

// Values implements Enum.
func (VmVideoDeviceType) Values() []string {
	return enum(VmVideoDeviceTypeCirrus, VmVideoDeviceTypeNone, VmVideoDeviceTypeQxl, VmVideoDeviceTypeStd, VmVideoDeviceTypeVmware)
}

type VmSoundDevice struct {
	SpecParams *VmSoundDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	Device     VmSoundDeviceType        `json:"device"`
	DeviceID   UUID                     `json:"deviceId"`
	DeviceType VmDeviceType             `json:"deviceType"`
	Alias      string                   `json:"alias"`
	Address    VmDeviceAddress          `json:"address"`
}

type VmSoundDeviceSpecParams struct {
}

type VmSoundDeviceType string

const (
	VmSoundDeviceTypeAc97   VmSoundDeviceType = "ac97"
	VmSoundDeviceTypeEs1370 VmSoundDeviceType = "es1370"
	VmSoundDeviceTypeHda    VmSoundDeviceType = "hda"
	VmSoundDeviceTypeIch6   VmSoundDeviceType = "ich6"
	VmSoundDeviceTypePcspk  VmSoundDeviceType = "pcspk"
	VmSoundDeviceTypeSb16   VmSoundDeviceType = "sb16"
)

// Values implements Enum.
func (VmSoundDeviceType) Values() []string {
	return enum(VmSoundDeviceTypeAc97, VmSoundDeviceTypeEs1370, VmSoundDeviceTypeHda, VmSoundDeviceTypeIch6, VmSoundDeviceTypePcspk, VmSoundDeviceTypeSb16)
}

type VmControllerDevice struct {
	Device     VmControllerDeviceType `json:"device"`
	Model      string                 `json:"model"`
	DeviceID   UUID                   `json:"deviceId"`
	DeviceType VmDeviceType           `json:"deviceType"`
	Alias      string                 `json:"alias"`
	Address    VmDeviceAddress        `json:"address"`
}

type VmControllerDeviceType string

const (
	VmControllerDeviceTypeCcid         VmControllerDeviceType = "ccid"
	VmControllerDeviceTypeFdc          VmControllerDeviceType = "fdc"
	VmControllerDeviceTypeIde          VmControllerDeviceType = "ide"
	VmControllerDeviceTypeSata         VmControllerDeviceType = "sata"
	VmControllerDeviceTypeScsi         VmControllerDeviceType = "scsi"
	VmControllerDeviceTypeUSB          VmControllerDeviceType = "usb"
	VmControllerDeviceTypeVirtioSerial VmControllerDeviceType = "virtio-serial"
)

// Values implements Enum.
func (VmControllerDeviceType) Values() []string {
	return enum(VmControllerDeviceTypeCcid, VmControllerDeviceTypeFdc, VmControllerDeviceTypeIde, VmControllerDeviceTypeSata, VmControllerDeviceTypeScsi, VmControllerDeviceTypeUSB, VmControllerDeviceTypeVirtioSerial)
}

type VmBalloonDevice struct {
	DeviceID   UUID                       `json:"deviceId"`
	Device     VmBalloonDeviceType        `json:"device"`
	SpecParams *VmBalloonDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	DeviceType VmDeviceType               `json:"deviceType"`
	Alias      string                     `json:"alias"`
	Address    VmDeviceAddress            `json:"address"`
}

type VmBalloonDeviceType string

const (
	VmBalloonDeviceTypeMemballoon VmBalloonDeviceType = "memballoon"
)

// Values implements Enum.
func (VmBalloonDeviceType) Values() []string {
	return enum(VmBalloonDeviceTypeMemballoon)
}

type VmBalloonDeviceSpecParams struct {
	Model VmBalloonDeviceModel `json:"model"`
}

type VmBalloonDeviceModel string

const (
	VmBalloonDeviceModelNone   VmBalloonDeviceModel = "none"
	VmBalloonDeviceModelVirtio VmBalloonDeviceModel = "virtio"
)

// Values implements Enum.
func (VmBalloonDeviceModel) Values() []string {
	return enum(VmBalloonDeviceModelNone, VmBalloonDeviceModelVirtio)
}

type VmChannelDevice struct {
	DeviceID   UUID                `json:"deviceId"`
	Device     VmChannelDeviceType `json:"device"`
	Alias      string              `json:"alias"`
	DeviceType VmDeviceType        `json:"deviceType"`
	Address    VmDeviceAddress     `json:"address"`
}

type VmChannelDeviceType string

const (
	VmChannelDeviceTypeSpicevmc     VmChannelDeviceType = "spicevmc"
	VmChannelDeviceTypeUnix         VmChannelDeviceType = "unix"
	VmChannelDeviceTypeVirtioSerial VmChannelDeviceType = "virtio-serial"
)

// Values implements Enum.
func (VmChannelDeviceType) Values() []string {
	return enum(VmChannelDeviceTypeSpicevmc, VmChannelDeviceTypeUnix, VmChannelDeviceTypeVirtioSerial)
}

type VmWatchdogDevice struct {
	DeviceID   UUID                        `json:"deviceId"`
	Device     VmWatchdogDeviceType        `json:"device"`
	SpecParams *VmWatchdogDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	DeviceType VmDeviceType                `json:"deviceType"`
	Alias      string                      `json:"alias"`
	Address    VmDeviceAddress             `json:"address"`
}

type VmWatchdogDeviceType string

const (
	VmWatchdogDeviceTypeWatchdog VmWatchdogDeviceType = "watchdog"
)

// Values implements Enum.
func (VmWatchdogDeviceType) Values() []string {
	return enum(VmWatchdogDeviceTypeWatchdog)
}

type VmWatchdogDeviceSpecParams struct {
	Model  VmWatchdogDeviceModel  `json:"model"`
	Action VmWatchdogDeviceAction `json:"action"`
}

type VmWatchdogDeviceModel string

const (
	VmWatchdogDeviceModelIB700    VmWatchdogDeviceModel = "IB700"
	VmWatchdogDeviceModelI6300esb VmWatchdogDeviceModel = "i6300esb"
)

// Values implements Enum.
func (VmWatchdogDeviceModel) Values() []string {
	return enum(VmWatchdogDeviceModelIB700, VmWatchdogDeviceModelI6300esb)
}

type VmWatchdogDeviceAction string

const (
	VmWatchdogDeviceActionDump     VmWatchdogDeviceAction = "dump"
	VmWatchdogDeviceActionNone     VmWatchdogDeviceAction = "none"
	VmWatchdogDeviceActionPause    VmWatchdogDeviceAction = "pause"
	VmWatchdogDeviceActionPoweroff VmWatchdogDeviceAction = "poweroff"
	VmWatchdogDeviceActionReset    VmWatchdogDeviceAction = "reset"
	VmWatchdogDeviceActionShutdown VmWatchdogDeviceAction = "shutdown"
)

// Values implements Enum.
func (VmWatchdogDeviceAction) Values() []string {
	return enum(VmWatchdogDeviceActionDump, VmWatchdogDeviceActionNone, VmWatchdogDeviceActionPause, VmWatchdogDeviceActionPoweroff, VmWatchdogDeviceActionReset, VmWatchdogDeviceActionShutdown)
}

type VmConsoleDevice struct {
	DeviceID   UUID                       `json:"deviceId"`
	SpecParams *VmConsoleDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	DeviceType VmDeviceType               `json:"deviceType"`
}

type VmConsoleDeviceSpecParams struct {
	EnableSocket bool                `json:"enableSocket" default:"false"`
	ConsoleType  VmConsoleDeviceType `json:"consoleType"`
}

type VmConsoleDeviceType string

const (
	VmConsoleDeviceTypeSerial VmConsoleDeviceType = "serial"
	VmConsoleDeviceTypeVirtio VmConsoleDeviceType = "virtio"
)

// Values implements Enum.
func (VmConsoleDeviceType) Values() []string {
	return enum(VmConsoleDeviceTypeSerial, VmConsoleDeviceTypeVirtio)
}

type VmSmartcardDevice struct {
	SpecParams VmSmartcardDeviceSpecParams `json:"specParams"`
	Device     VmSmartcardDeviceType       `json:"device"`
	Alias      string                      `json:"alias"`
	DeviceType VmDeviceType                `json:"deviceType"`
	Address    VmDeviceAddress             `json:"address"`
}

type VmSmartcardDeviceSpecParams struct {
	Mode VmSmartcardDeviceMode      `json:"mode"`
	Type *VmSmartcardDeviceProtocol `json:"type,omitzero" default:"unset"`
}

type VmSmartcardDeviceMode string

const (
	VmSmartcardDeviceModeHost        VmSmartcardDeviceMode = "host"
	VmSmartcardDeviceModePassthrough VmSmartcardDeviceMode = "passthrough"
)

// Values implements Enum.
func (VmSmartcardDeviceMode) Values() []string {
	return enum(VmSmartcardDeviceModeHost, VmSmartcardDeviceModePassthrough)
}

type VmSmartcardDeviceProtocol string

const (
	VmSmartcardDeviceProtocolSpicevmc VmSmartcardDeviceProtocol = "spicevmc"
)

// Values implements Enum.
func (VmSmartcardDeviceProtocol) Values() []string {
	return enum(VmSmartcardDeviceProtocolSpicevmc)
}

type VmSmartcardDeviceType string

const (
	VmSmartcardDeviceTypeSmartcard VmSmartcardDeviceType = "smartcard"
)

// Values implements Enum.
func (VmSmartcardDeviceType) Values() []string {
	return enum(VmSmartcardDeviceTypeSmartcard)
}

type VmGraphicsDevice struct {
	SpecParams VmGraphicsDeviceSpecParams `json:"specParams"`
	Device     VmGraphicsDeviceType       `json:"device"`
	Port       uint64                     `json:"port"`
	DeviceType VmDeviceType               `json:"deviceType"`
	TLSPort    uint64                     `json:"tlsPort" default:"-1"`
}

type VmGraphicsDeviceSpecParams struct {
	KeyMap              *string `json:"keyMap,omitzero" default:"null"`
	DisplayNetwork      *string `json:"displayNetwork,omitzero" default:"null"`
	SpiceSecureChannels string  `json:"spiceSecureChannels" default:"\"\""`
	CopyPasteEnable     bool    `json:"copyPasteEnable" default:"true"`
	FileTransferEnable  bool    `json:"fileTransferEnable" default:"true"`
}

type VmGraphicsDeviceType string

const (
	VmGraphicsDeviceTypeSpice VmGraphicsDeviceType = "spice"
	VmGraphicsDeviceTypeVNC   VmGraphicsDeviceType = "vnc"
)

// Values implements Enum.
func (VmGraphicsDeviceType) Values() []string {
	return enum(VmGraphicsDeviceTypeSpice, VmGraphicsDeviceTypeVNC)
}

type VmHostDevice struct {
	SpecParams *VmHostDeviceSpecParams `json:"specParams,omitzero" default:"unset"`
	Device     string                  `json:"device"`
	DeviceType VmDeviceType            `json:"deviceType"`
	DeviceID   UUID                    `json:"deviceId"`
	Address    *VmDeviceAddress        `json:"address,omitzero" default:"null"`
	Alias      string                  `json:"alias"`
	BootOrder  *int64                  `json:"bootOrder,omitzero" default:"null"`
}

type VmHostDeviceSpecParams struct {
	IommuPlaceholder bool `json:"iommuPlaceholder"`
}

type VmRngDevice struct {
	SpecParams VmRngDeviceSpecParams `json:"specParams"`
	Model      VmRngDeviceModel      `json:"model"`
	DeviceType VmDeviceType          `json:"deviceType"`
	Device     VmRngDeviceType       `json:"device"`
}

type VmRngDeviceSpecParams struct {
	Bytes  *int64            `json:"bytes,omitzero" default:"unset"`
	Source VmRngDeviceSource `json:"source"`
	Period *int64            `json:"period,omitzero" default:"unset"`
}

type VmRngDeviceSource string

const (
	VmRngDeviceSourceHwrng  VmRngDeviceSource = "hwrng"
	VmRngDeviceSourceRandom VmRngDeviceSource = "random"
)

// Values implements Enum.
func (VmRngDeviceSource) Values() []string {
	return enum(VmRngDeviceSourceHwrng, VmRngDeviceSourceRandom)
}

type VmRngDeviceModel string

const (
	VmRngDeviceModelVirtio VmRngDeviceModel = "virtio"
)

// Values implements Enum.
func (VmRngDeviceModel) Values() []string {
	return enum(VmRngDeviceModelVirtio)
}

type VmRngDeviceType string

const (
	VmRngDeviceTypeVirtio VmRngDeviceType = "virtio"
)

// Values implements Enum.
func (VmRngDeviceType) Values() []string {
	return enum(VmRngDeviceTypeVirtio)
}

type VmTpmDevice struct {
	SpecParams VmTpmDeviceSpecParams `json:"specParams"`
	DeviceType VmDeviceType          `json:"deviceType"`
	Device     VmTpmDeviceType       `json:"device"`
}

type VmTpmDeviceSpecParams struct {
	Model VmTpmDeviceModel `json:"model"`
	Path  string           `json:"path"`
	Mode  VmTpmDeviceMode  `json:"mode"`
}

type VmTpmDeviceModel string

const (
	VmTpmDeviceModelTPMTis VmTpmDeviceModel = "tpm-tis"
)

// Values implements Enum.
func (VmTpmDeviceModel) Values() []string {
	return enum(VmTpmDeviceModelTPMTis)
}

type VmTpmDeviceMode string

const (
	VmTpmDeviceModePassthrough VmTpmDeviceMode = "passthrough"
)

// Values implements Enum.
func (VmTpmDeviceMode) Values() []string {
	return enum(VmTpmDeviceModePassthrough)
}

type VmTpmDeviceType string

const (
	VmTpmDeviceTypeTPM VmTpmDeviceType = "tpm"
)

// Values implements Enum.
func (VmTpmDeviceType) Values() []string {
	return enum(VmTpmDeviceTypeTPM)
}

type VmLeaseDevice struct {
	Type    VmDeviceType `json:"type"`
	SDID    UUID         `json:"sd_id"`
	LeaseID UUID         `json:"lease_id"`
}

type VmType string

const (
	VmTypeKvm VmType = "kvm"
)

// Values implements Enum.
func (VmType) Values() []string {
	return enum(VmTypeKvm)
}

type HotplugNicParams struct {
	VMID UUID               `json:"vmId"`
	NIC  *VmInterfaceDevice `json:"nic,omitzero" default:"null"`
	XML  *string            `json:"xml,omitzero" default:"null"`
}

type HotplugDiskParams struct {
	VMID  UUID          `json:"vmId"`
	Drive *VmDiskDevice `json:"drive,omitzero" default:"null"`
	XML   *string       `json:"xml,omitzero" default:"null"`
}

type HotplugMemoryParams struct {
	VMID              UUID            `json:"vmId"`
	MemGuaranteedSize *uint64         `json:"memGuaranteedSize,omitzero" default:"null"`
	Memory            *VmMemoryDevice `json:"memory,omitzero" default:"null"`
	XML               *string         `json:"xml,omitzero" default:"null"`
}

type VmMemoryDevice struct {
	Size       uint64             `json:"size"`
	Node       uint64             `json:"node"`
	Device     VmMemoryDeviceType `json:"device"`
	DeviceID   UUID               `json:"deviceId"`
	DeviceType VmDeviceType       `json:"deviceType"`
	Alias      string             `json:"alias"`
	Address    VmDeviceAddress    `json:"address"`
}

type VmMemoryDeviceType string

const (
	VmMemoryDeviceTypeMemory VmMemoryDeviceType = "memory"
)

// Values implements Enum.
func (VmMemoryDeviceType) Values() []string {
	return enum(VmMemoryDeviceTypeMemory)
}
