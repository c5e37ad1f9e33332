// SPDX-License-Identifier: GPL-2.0-or-later

package api

import "encoding/json"

// HostGetCapabilities describes what the host has and can do: processor,
// memory, software, networks, storage initiators. Managers decide from it
// which cluster a host may join.
var HostGetCapabilities = declare[NoParams, VdsmCapabilities]("Host.getCapabilities", "3.1")

// HostGetHardwareInfo describes the machine as its firmware does.
var HostGetHardwareInfo = declare[NoParams, HardwareInformation]("Host.getHardwareInfo", "3.2")

// VdsmCapabilities is what a host can do. A member that is absent is not known
// to the host; numbers of processors and memory are text on the wire.
//
// Keys that the schema does not name and every original host sends, such as
// kernelFeatures, are declared here like the others.
type VdsmCapabilities struct {
	Bondings          NetInfoBondMap `json:"bondings"`
	AutoNUMABalancing int64          `json:"autoNumaBalancing"` // 0 off, 1 on, 2 unknown
	// "True" when the running networks differ from the stored ones
	NetConfigDirty   string        `json:"netConfigDirty"`
	Nics             NetInfoNicMap `json:"nics"`
	EmulatedMachines []string      `json:"emulatedMachines,omitzero"`
	// comma-separated; processor flags, features and "model_NAME" for every
	// model that can run here
	CPUFlags           string              `json:"cpuFlags"`
	ReservedMem        string              `json:"reservedMem"`         // MiB
	OnlineCpus         string              `json:"onlineCpus,omitzero"` // comma-separated numbers
	CPUTopology        []CpuInfo           `json:"cpuTopology,omitzero"`
	CPUSpeed           string              `json:"cpuSpeed"`                    // MHz, or "unavailable"
	SoftwareVersion    string              `json:"software_version"`            // the version of VDSM that is spoken here
	VdsmToCpusAffinity []int64             `json:"vdsmToCpusAffinity,omitzero"` // processors the daemon is pinned to
	VMTypes            []VmType            `json:"vmTypes"`
	HostdevPassthrough string              `json:"hostdevPassthrough"` // "true" or "false"
	RNGSources         []VmRngDeviceSource `json:"rngSources"`
	VersionName        string              `json:"version_name"`       // code name of the version
	NUMANodes          NumaNodeMap         `json:"numaNodes,omitzero"` // by number of the node
	MemSize            string              `json:"memSize,omitzero"`   // MiB
	SupportedENGINEs   []string            `json:"supportedENGINEs"`   // major.minor versions of managers
	CPUModel           string              `json:"cpuModel,omitzero"`
	Selinux            SELinuxStatus       `json:"selinux"`
	Networks           NetInfoNetworkMap   `json:"networks"`
	KvmEnabled         string              `json:"kvmEnabled"`                // "true" or "false"
	LiveMerge          string              `json:"liveMerge" default:"false"` // "true" or "false"
	ISCSIInitiatorName string              `json:"ISCSIInitiatorName"`
	CPUThreads         string              `json:"cpuThreads,omitzero"` // number, as text
	SoftwareRevision   string              `json:"software_revision"`
	LiveSnapshot       string              `json:"liveSnapshot" default:"false"` // "true" or "false"
	Bridges            NetInfoBridgeMap    `json:"bridges"`
	GuestOverhead      string              `json:"guestOverhead"` // MiB
	HBAInventory       HbaInventory        `json:"HBAInventory"`
	// major.minor versions of clusters the host can join
	ClusterLevels []string `json:"clusterLevels"`
	CPUCores      string   `json:"cpuCores,omitzero"`   // number, as text
	CPUSockets    string   `json:"cpuSockets,omitzero"` // number, as text
	// interface that owns our end of the asking connection
	LastClientIface string `json:"lastClientIface"`
	// of the host: /etc/vdsm/vdsm.id, else the firmware's
	UUID            string         `json:"uuid,omitzero"`
	OperatingSystem OsVersion      `json:"operatingSystem"`
	Vlans           NetInfoVlanMap `json:"vlans"`
	SupportsIPv6    bool           `json:"supportsIPv6"`
	Nameservers     []string       `json:"nameservers"`
	// by number of the node; distances in the order of nodes
	NUMANodeDistance      NumaNodeDistanceMap    `json:"numaNodeDistance,omitzero"`
	KdumpStatus           int64                  `json:"kdumpStatus"` // -1 unknown, 0 off, 1 on
	Packages2             SoftwarePackageInfoMap `json:"packages2"`   // versions of the programs that matter
	Hooks                 HookScriptInfoMap      `json:"hooks" default:"{}"`
	AdditionalFeatures    []string               `json:"additionalFeatures"`                      // cluster features the host has
	KernelArgs            *string                `json:"kernelArgs,omitzero" default:"unchecked"` // command line of the running kernel
	KernelFeatures        StringMap              `json:"kernelFeatures,omitzero"`                 // kernel's view of each CPU vulnerability, in brackets
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
	DomainVersions        []int64                `json:"domain_versions,omitzero" default:"null"` // versions of storage domains that can be used
	// bytes, by kind of storage; 0 means it is detected
	SupportedBlockSize SupportedBlockSizeMap `json:"supported_block_size,omitzero" default:"null"`
	FipsEnabled        bool                  `json:"fipsEnabled" default:"false"`
	TSCFrequency       string                `json:"tscFrequency" default:"\"\""` // Hz, "" when not known
	TSCScaling         bool                  `json:"tscScaling" default:"false"`
	BootUUID           *string               `json:"boot_uuid,omitzero" default:"null"` // of the boot partition
	OVNConfigured      bool                  `json:"ovnConfigured" default:"false"`
	ZerocopyMigrations bool                  `json:"zerocopy_migrations" default:"false"`

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

// CpuInfo places one logical processor in the topology.
type CpuInfo struct {
	CPUID      int64 `json:"cpu_id"`
	NUMACellID int64 `json:"numa_cell_id"`
	SocketID   int64 `json:"socket_id"`
	DieID      int64 `json:"die_id"`
	CoreID     int64 `json:"core_id"`
}

// NumaNodeMap maps the number of a NUMA node to the node.
type NumaNodeMap map[string]NumaNode

// NumaNode is one NUMA node of the host.
type NumaNode struct {
	Cpus        []uint64             `json:"cpus"`        // logical processors
	TotalMemory string               `json:"totalMemory"` // MiB
	Hugepages   NumaNodeHugePagesMap `json:"hugepages"`
}

// NumaNodeHugePagesMap maps the size of pages, KiB, to their number.
type NumaNodeHugePagesMap map[uint64]NumaNodeHugePages

// NumaNodeHugePages counts the pages of one size in a node.
type NumaNodeHugePages struct {
	TotalPages string `json:"totalPages"` // number, as text
}

// SELinuxStatus says how SELinux is enforced.
type SELinuxStatus struct {
	Mode string `json:"mode"` // "1" enforcing, "0" permissive, "-1" disabled
}

// HbaInventory lists the adapters that reach storage networks.
type HbaInventory struct {
	FC    []FcHba    `json:"FC"`
	ISCSI []IscsiHba `json:"iSCSI"`
}

// FcHba is a Fibre Channel adapter.
type FcHba struct {
	Model string `json:"model"`
	Wwpn  string `json:"wwpn"` // world-wide name of the port, hexadecimal
	Wwnn  string `json:"wwnn"` // world-wide name of the node, hexadecimal
}

// IscsiHba is the host as an iSCSI initiator.
type IscsiHba struct {
	InitiatorName string `json:"InitiatorName"` // iSCSI qualified name
}

// NumaNodeDistanceMap maps the number of a node to its distances from all
// nodes, as the firmware tells them; 10 is the node itself.
type NumaNodeDistanceMap map[string][]uint64

// ConnectorInfo is what a storage driver must know about the host to connect
// managed volumes to it.
type ConnectorInfo struct {
	Initiator     string `json:"initiator"`
	IP            string `json:"ip"`
	Platform      string `json:"platform"`
	OSType        string `json:"os_type"`
	DoLocalAttach bool   `json:"do_local_attach"`
	Host          string `json:"host"`
	Multipath     bool   `json:"multipath"`
}

// SupportedBlockSizeMap maps a kind of storage to the block sizes it
// supports, bytes.
type SupportedBlockSizeMap map[string][]int64

// HardwareInformation is the system record of the firmware. What the firmware
// leaves open is left out.
type HardwareInformation struct {
	SystemProductName  *string `json:"systemProductName,omitzero" default:"unset"`
	SystemUUID         *string `json:"systemUUID,omitzero" default:"unset"`
	SystemManufacturer *string `json:"systemManufacturer,omitzero" default:"unset"`
	SystemVersion      *string `json:"systemVersion,omitzero" default:"unset"`
	SystemFamily       *string `json:"systemFamily,omitzero" default:"unset"`
	SystemSerialNumber *string `json:"systemSerialNumber,omitzero" default:"unset"`
}
