// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostGetCapabilities = declare[NoParams, VdsmCapabilities]("Host.getCapabilities", "3.1")

var HostGetHardwareInfo = declare[NoParams, HardwareInformation]("Host.getHardwareInfo", "3.2")

type VdsmCapabilities struct {
	Bondings             NetInfoBondMap          `json:"bondings"`
	AutoNUMABalancing    AutoNumaBalancingStatus `json:"autoNumaBalancing"`
	NetConfigDirty       string                  `json:"netConfigDirty"`
	Nics                 NetInfoNicMap           `json:"nics"`
	EmulatedMachines     []string                `json:"emulatedMachines"`
	CPUFlags             string                  `json:"cpuFlags"`
	ReservedMem          string                  `json:"reservedMem"`
	OnlineCpus           string                  `json:"onlineCpus"`
	CPUTopology          []CpuInfo               `json:"cpuTopology"`
	CPUSpeed             string                  `json:"cpuSpeed"`
	SoftwareVersion      string                  `json:"software_version"`
	VdsmToCpusAffinity   []int64                 `json:"vdsmToCpusAffinity"`
	VMTypes              []VmType                `json:"vmTypes"`
	HostdevPassthrough   string                  `json:"hostdevPassthrough"`
	RNGSources           []VmRngDeviceSource     `json:"rngSources"`
	VersionName          string                  `json:"version_name"`
	NUMANodes            NumaNodeMap             `json:"numaNodes"`
	MemSize              string                  `json:"memSize"`
	SupportedENGINEs     []string                `json:"supportedENGINEs"`
	CPUModel             string                  `json:"cpuModel"`
	Selinux              SELinuxStatus           `json:"selinux"`
	Networks             NetInfoNetworkMap       `json:"networks"`
	KvmEnabled           string                  `json:"kvmEnabled"`
	LiveMerge            string                  `json:"liveMerge" default:"false"`
	ISCSIInitiatorName   string                  `json:"ISCSIInitiatorName"`
	CPUThreads           string                  `json:"cpuThreads"`
	SoftwareRevision     string                  `json:"software_revision"`
	LiveSnapshot         string                  `json:"liveSnapshot" default:"false"`
	Bridges              NetInfoBridgeMap        `json:"bridges"`
	GuestOverhead        string                  `json:"guestOverhead"`
	HBAInventory         HbaInventory            `json:"HBAInventory"`
	ClusterLevels        []string                `json:"clusterLevels"`
	CPUCores             string                  `json:"cpuCores"`
	CPUSockets           string                  `json:"cpuSockets"`
	LastClientIface      string                  `json:"lastClientIface"`
	UUID                 string                  `json:"uuid"`
	OperatingSystem      OsVersion               `json:"operatingSystem"`
	Vlans                NetInfoVlanMap          `json:"vlans"`
	SupportsIPv6         bool                    `json:"supportsIPv6"`
	Nameservers          []string                `json:"nameservers"`
	NUMANodeDistance     NumaNodeDistanceMap     `json:"numaNodeDistance"`
	KdumpStatus          int64                   `json:"kdumpStatus"`
	Packages2            SoftwarePackageInfoMap  `json:"packages2"`
	Hooks                HookScriptInfoMap       `json:"hooks" default:"{}"`
	AdditionalFeatures   []string                `json:"additionalFeatures"`
	KernelArgs           *string                 `json:"kernelArgs,omitzero" default:"unchecked"`
	RealtimeKernel       *bool                   `json:"realtimeKernel,omitzero" default:"unchecked"`
	NestedVirtualization *bool                   `json:"nestedVirtualization,omitzero" default:"unchecked"`
	HostedEngineDeployed bool                    `json:"hostedEngineDeployed" default:"false"`
	Hugepages            []int64                 `json:"hugepages,omitzero" default:"unchecked"`
	VNCEncrypted         string                  `json:"vncEncrypted"`
	ConnectorInfo        *ConnectorInfo          `json:"connector_info,omitzero" default:"null"`
	BackupEnabled        *bool                   `json:"backupEnabled,omitzero" default:"null"`
	DomainVersions       []int64                 `json:"domain_versions,omitzero" default:"null"`
	SupportedBlockSize   SupportedBlockSizeMap   `json:"supported_block_size,omitzero" default:"null"`
	FipsEnabled          bool                    `json:"fipsEnabled" default:"false"`
	TSCFrequency         string                  `json:"tscFrequency" default:"\"\""`
	TSCScaling           bool                    `json:"tscScaling" default:"false"`
	BootUUID             *string                 `json:"boot_uuid,omitzero" default:"null"`
	OVNConfigured        bool                    `json:"ovnConfigured" default:"false"`
	ZerocopyMigrations   bool                    `json:"zerocopy_migrations" default:"false"`
}

type AutoNumaBalancingStatus string

const (
	AutoNumaBalancingStatusN0 AutoNumaBalancingStatus = "0"
	AutoNumaBalancingStatusN1 AutoNumaBalancingStatus = "1"
	AutoNumaBalancingStatusN2 AutoNumaBalancingStatus = "2"
)

// Values implements Enum.
func (AutoNumaBalancingStatus) Values() []string {
	return enum(AutoNumaBalancingStatusN0, AutoNumaBalancingStatusN1, AutoNumaBalancingStatusN2)
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

type NumaNodeDistanceMap map[string][]uint64

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
