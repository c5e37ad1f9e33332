// SPDX-License-Identifier: GPL-2.0-or-later

package api

import "encoding/json"

var HostGetCapabilities = declare[NoParams, VdsmCapabilities]("Host.getCapabilities", "3.1")

var HostGetHardwareInfo = declare[NoParams, HardwareInformation]("Host.getHardwareInfo", "3.2")

// VdsmCapabilities is what a host can do. A member that is absent is not known
// to the host; numbers of processors and memory are text on the wire.
//
// Keys that the schema does not name and every original host sends, such as
// kernelFeatures, are declared here like the others.
type VdsmCapabilities struct {
	Bondings              NetInfoBondMap         `json:"bondings"`
	AutoNUMABalancing     int64                  `json:"autoNumaBalancing"` // 0 off, 1 on, 2 unknown
	NetConfigDirty        string                 `json:"netConfigDirty"`    // "True" or "False"
	Nics                  NetInfoNicMap          `json:"nics"`
	EmulatedMachines      []string               `json:"emulatedMachines,omitzero"`
	CPUFlags              string                 `json:"cpuFlags"`
	ReservedMem           string                 `json:"reservedMem"` // MiB
	OnlineCpus            string                 `json:"onlineCpus,omitzero"`
	CPUTopology           []CpuInfo              `json:"cpuTopology,omitzero"`
	CPUSpeed              string                 `json:"cpuSpeed"` // MHz, or "unavailable"
	SoftwareVersion       string                 `json:"software_version"`
	VdsmToCpusAffinity    []int64                `json:"vdsmToCpusAffinity,omitzero"`
	VMTypes               []VmType               `json:"vmTypes"`
	HostdevPassthrough    string                 `json:"hostdevPassthrough"` // "true" or "false"
	RNGSources            []VmRngDeviceSource    `json:"rngSources"`
	VersionName           string                 `json:"version_name"`
	NUMANodes             NumaNodeMap            `json:"numaNodes,omitzero"`
	MemSize               string                 `json:"memSize,omitzero"` // MiB
	SupportedENGINEs      []string               `json:"supportedENGINEs"`
	CPUModel              string                 `json:"cpuModel,omitzero"`
	Selinux               SELinuxStatus          `json:"selinux"`
	Networks              NetInfoNetworkMap      `json:"networks"`
	KvmEnabled            string                 `json:"kvmEnabled"` // "true" or "false"
	LiveMerge             string                 `json:"liveMerge" default:"false"`
	ISCSIInitiatorName    string                 `json:"ISCSIInitiatorName"`
	CPUThreads            string                 `json:"cpuThreads,omitzero"`
	SoftwareRevision      string                 `json:"software_revision"`
	LiveSnapshot          string                 `json:"liveSnapshot" default:"false"`
	Bridges               NetInfoBridgeMap       `json:"bridges"`
	GuestOverhead         string                 `json:"guestOverhead"` // MiB
	HBAInventory          HbaInventory           `json:"HBAInventory"`
	ClusterLevels         []string               `json:"clusterLevels"`
	CPUCores              string                 `json:"cpuCores,omitzero"`
	CPUSockets            string                 `json:"cpuSockets,omitzero"`
	LastClientIface       string                 `json:"lastClientIface"`
	UUID                  string                 `json:"uuid,omitzero"`
	OperatingSystem       OsVersion              `json:"operatingSystem"`
	Vlans                 NetInfoVlanMap         `json:"vlans"`
	SupportsIPv6          bool                   `json:"supportsIPv6"`
	Nameservers           []string               `json:"nameservers"`
	NUMANodeDistance      NumaNodeDistanceMap    `json:"numaNodeDistance,omitzero"`
	KdumpStatus           int64                  `json:"kdumpStatus"` // -1 unknown, 0 off, 1 on
	Packages2             SoftwarePackageInfoMap `json:"packages2"`
	Hooks                 HookScriptInfoMap      `json:"hooks" default:"{}"`
	AdditionalFeatures    []string               `json:"additionalFeatures"`
	KernelArgs            *string                `json:"kernelArgs,omitzero" default:"unchecked"`
	KernelFeatures        StringMap              `json:"kernelFeatures,omitzero"` // kernel's view of each CPU vulnerability, in brackets
	RealtimeKernel        *bool                  `json:"realtimeKernel,omitzero" default:"unchecked"`
	NestedVirtualization  *bool                  `json:"nestedVirtualization,omitzero" default:"unchecked"`
	HostedEngineDeployed  bool                   `json:"hostedEngineDeployed" default:"false"`
	Hugepages             []int64                `json:"hugepages,omitzero" default:"unchecked"` // sizes, KiB
	VNCEncrypted          *bool                  `json:"vncEncrypted,omitzero"`
	ConnectorInfo         *ConnectorInfo         `json:"connector_info,omitzero" default:"null"`
	BackupEnabled         bool                   `json:"backupEnabled" default:"null"`
	ColdBackupEnabled     bool                   `json:"coldBackupEnabled"`
	ClearBitmapsEnabled   bool                   `json:"clearBitmapsEnabled"`
	DeferredPreallocation bool                   `json:"deferred_preallocation"`
	CDChangePdiv          bool                   `json:"cd_change_pdiv"`
	RefreshDiskSupported  bool                   `json:"refresh_disk_supported"`
	ReplicateExtend       bool                   `json:"replicate_extend"`
	MeasureSubchain       bool                   `json:"measure_subchain"`
	MeasureActive         bool                   `json:"measure_active"`
	MailboxEvents         bool                   `json:"mailbox_events"`
	QemuImageInfoBitmaps  bool                   `json:"qemu_image_info_bitmaps"`
	DomainVersions        []int64                `json:"domain_versions,omitzero" default:"null"`
	SupportedBlockSize    SupportedBlockSizeMap  `json:"supported_block_size,omitzero" default:"null"`
	FipsEnabled           bool                   `json:"fipsEnabled" default:"false"`
	TSCFrequency          string                 `json:"tscFrequency" default:"\"\""` // Hz, "" when not known
	TSCScaling            bool                   `json:"tscScaling" default:"false"`
	BootUUID              *string                `json:"boot_uuid,omitzero" default:"null"`
	OVNConfigured         bool                   `json:"ovnConfigured" default:"false"`
	ZerocopyMigrations    bool                   `json:"zerocopy_migrations" default:"false"`

	rewritten json.RawMessage
}

// Rewritten returns the capabilities as a hook script left them. Such scripts
// add keys that no declaration knows, so the document itself is kept.
func (c VdsmCapabilities) Rewritten(document json.RawMessage) VdsmCapabilities {
	c.rewritten = document
	return c
}

// MarshalJSON writes the members, or the document a hook made of them.
func (c VdsmCapabilities) MarshalJSON() ([]byte, error) {
	if c.rewritten != nil {
		return c.rewritten, nil
	}
	type members VdsmCapabilities
	return json.Marshal(members(c))
}

type CpuInfo struct {
	CPUID      int64 `json:"cpu_id"`
	NUMACellID int64 `json:"numa_cell_id"`
	SocketID   int64 `json:"socket_id"`
	DieID      int64 `json:"die_id"`
	CoreID     int64 `json:"core_id"`
}

type NumaNodeMap map[string]NumaNode

type NumaNode struct {
	Cpus        []uint64             `json:"cpus"`
	TotalMemory string               `json:"totalMemory"`
	Hugepages   NumaNodeHugePagesMap `json:"hugepages"`
}

type NumaNodeHugePagesMap map[uint64]NumaNodeHugePages

type NumaNodeHugePages struct {
	TotalPages string `json:"totalPages"`
}

type SELinuxStatus struct {
	Mode string `json:"mode"`
}

type HbaInventory struct {
	FC    []FcHba    `json:"FC"`
	ISCSI []IscsiHba `json:"iSCSI"`
}

type FcHba struct {
	Model string `json:"model"`
	Wwpn  string `json:"wwpn"`
	Wwnn  string `json:"wwnn"`
}

type IscsiHba struct {
	InitiatorName string `json:"InitiatorName"`
}

type OsVersion struct {
	Name       OSName `json:"name"`
	Release    string `json:"release"`
	Version    string `json:"version"`
	PrettyName string `json:"pretty_name"`
}

type OSName string

const (
	OSNameDebian         OSName = "Debian"
	OSNameFedora         OSName = "Fedora"
	OSNameRHEL           OSName = "RHEL"
	OSNameRHEVHypervisor OSName = "RHEV Hypervisor"
	OSNameOVirtNode      OSName = "oVirt Node"
	OSNameUnknown        OSName = "unknown"
)

// Values implements Enum.
func (OSName) Values() []string {
	return enum(OSNameDebian, OSNameFedora, OSNameRHEL, OSNameRHEVHypervisor, OSNameOVirtNode, OSNameUnknown)
}

type NumaNodeDistanceMap map[string][]uint64

type SoftwarePackageInfoMap map[SoftwarePackage]SoftwarePackageInfo

type SoftwarePackage string

const (
	SoftwarePackageGlusterfs               SoftwarePackage = "glusterfs"
	SoftwarePackageGlusterfsCli            SoftwarePackage = "glusterfs-cli"
	SoftwarePackageGlusterfsFuse           SoftwarePackage = "glusterfs-fuse"
	SoftwarePackageGlusterfsGeoReplication SoftwarePackage = "glusterfs-geo-replication"
	SoftwarePackageGlusterfsRdma           SoftwarePackage = "glusterfs-rdma"
	SoftwarePackageGlusterfsServer         SoftwarePackage = "glusterfs-server"
	SoftwarePackageKernel                  SoftwarePackage = "kernel"
	SoftwarePackageLibrbd1                 SoftwarePackage = "librbd1"
	SoftwarePackageLibvirt                 SoftwarePackage = "libvirt"
	SoftwarePackageLvm2                    SoftwarePackage = "lvm2"
	SoftwarePackageMom                     SoftwarePackage = "mom"
	SoftwarePackageNmstate                 SoftwarePackage = "nmstate"
	SoftwarePackageOpenvswitch             SoftwarePackage = "openvswitch"
	SoftwarePackageOvirtHostedEngineHA     SoftwarePackage = "ovirt-hosted-engine-ha"
	SoftwarePackageQemuImg                 SoftwarePackage = "qemu-img"
	SoftwarePackageQemuKvm                 SoftwarePackage = "qemu-kvm"
	SoftwarePackageSpiceServer             SoftwarePackage = "spice-server"
	SoftwarePackageVdsm                    SoftwarePackage = "vdsm"
)

// Values implements Enum.
func (SoftwarePackage) Values() []string {
	return enum(SoftwarePackageGlusterfs, SoftwarePackageGlusterfsCli, SoftwarePackageGlusterfsFuse, SoftwarePackageGlusterfsGeoReplication, SoftwarePackageGlusterfsRdma, SoftwarePackageGlusterfsServer, SoftwarePackageKernel, SoftwarePackageLibrbd1, SoftwarePackageLibvirt, SoftwarePackageLvm2, SoftwarePackageMom, SoftwarePackageNmstate, SoftwarePackageOpenvswitch, SoftwarePackageOvirtHostedEngineHA, SoftwarePackageQemuImg, SoftwarePackageQemuKvm, SoftwarePackageSpiceServer, SoftwarePackageVdsm)
}

type SoftwarePackageInfo struct {
	Release string `json:"release"`
	Version string `json:"version"`
}

type HookScriptInfoMap map[string]HookScriptAdditional

type HookScriptAdditional map[string]HookScriptInfo

type HookScriptInfo struct {
	Checksum string `json:"checksum"`
}

type ConnectorInfo struct {
	Initiator     string `json:"initiator"`
	IP            string `json:"ip"`
	Platform      string `json:"platform"`
	OSType        string `json:"os_type"`
	DoLocalAttach bool   `json:"do_local_attach"`
	Host          string `json:"host"`
	Multipath     bool   `json:"multipath"`
}

type SupportedBlockSizeMap map[string][]int64

type HardwareInformation struct {
	SystemProductName  *string `json:"systemProductName,omitzero" default:"unset"`
	SystemUUID         *string `json:"systemUUID,omitzero" default:"unset"`
	SystemManufacturer *string `json:"systemManufacturer,omitzero" default:"unset"`
	SystemVersion      *string `json:"systemVersion,omitzero" default:"unset"`
	SystemFamily       *string `json:"systemFamily,omitzero" default:"unset"`
	SystemSerialNumber *string `json:"systemSerialNumber,omitzero" default:"unset"`
}
