// SPDX-License-Identifier: GPL-2.0-or-later

package config

import "time"

// Vars is section [vars]: general behaviour: memory, migration, time limits, listener.
type Vars struct {
	CoreDumpEnable                      bool          `name:"core_dump_enable" default:"true" use:"yes" doc:"let the daemon and its children dump core; false sets the limit to zero"`
	HostMemReserve                      int           `name:"host_mem_reserve" default:"256" min:"0" use:"yes" doc:"memory withheld from VMs for the host, MiB"`
	GuestRAMOverhead                    int           `name:"guest_ram_overhead" default:"65" min:"0" use:"yes" doc:"memory assumed on top of the RAM of each guest, MiB"`
	ExtraMemReserve                     int           `name:"extra_mem_reserve" default:"65" min:"0" use:"yes" doc:"memory withheld for other programs, MiB"`
	FakeNICs                            []string      `name:"fake_nics" default:"dummy_*,veth_*" use:"yes" doc:"patterns of names of dummy NICs that are reported all the same"`
	EthtoolOpts                         string        `name:"ethtool_opts" default:"" doc:"ethtool options applied to NICs at start"`
	MigrationDestinationTimeout         time.Duration `name:"migration_destination_timeout" default:"21600" unit:"s" min:"0" doc:"how long a destination waits for the end of a migration"`
	MigrationListenerTimeout            time.Duration `name:"migration_listener_timeout" default:"30" unit:"s" min:"0" doc:"how long a source waits for the destination to listen"`
	MaxMigrationListenerTimeout         time.Duration `name:"max_migration_listener_timeout" default:"600" unit:"s" min:"0" doc:"greatest wait for the destination to listen"`
	MigrationListenerPrepareDiskTimeout time.Duration `name:"migration_listener_prepare_disk_timeout" default:"2.0" unit:"s" min:"0" doc:"added to that wait for each disk that needs udev rules"`
	MigrationMaxBandwidth               int           `name:"migration_max_bandwidth" default:"52" min:"0" doc:"migration bandwidth when the manager names none, MiB/s; 0 leaves it to libvirt"`
	MigrationMonitorInterval            time.Duration `name:"migration_monitor_interval" default:"10" unit:"s" min:"0" doc:"time between looks at a running migration; 0 turns them off"`
	HiddenNICs                          []string      `name:"hidden_nics" default:"w*,usb*" use:"yes" doc:"name patterns of NICs not reported"`
	HiddenBonds                         []string      `name:"hidden_bonds" default:"" use:"yes" doc:"name patterns of bonds not reported"`
	HiddenVLANs                         []string      `name:"hidden_vlans" default:"" use:"yes" doc:"name patterns of VLAN devices not reported"`
	MigrationDowntime                   time.Duration `name:"migration_downtime" default:"500" unit:"ms" min:"0" doc:"longest pause of a VM at the end of its migration"`
	MigrationDowntimeSteps              int           `name:"migration_downtime_steps" default:"5" min:"0" doc:"steps used to reach the downtime"`
	MaxOutgoingMigrations               int           `name:"max_outgoing_migrations" default:"2" min:"0" doc:"concurrent outgoing migrations"`
	MaxIncomingMigrations               int           `name:"max_incoming_migrations" default:"2" min:"0" doc:"concurrent incoming migrations"`
	MigrationRetryTimeout               time.Duration `name:"migration_retry_timeout" default:"10" unit:"s" min:"0" doc:"wait before a failed migration is tried again"`
	SysShutdownTimeout                  time.Duration `name:"sys_shutdown_timeout" default:"120" unit:"s" min:"0" use:"yes" doc:"grace for the guest system before a shutdown is forced"`
	UserShutdownTimeout                 time.Duration `name:"user_shutdown_timeout" default:"30" unit:"s" min:"0" use:"yes" doc:"grace for the users of a guest before its shutdown begins"`
	GuestAgentTimeout                   time.Duration `name:"guest_agent_timeout" default:"30" unit:"s" min:"0" doc:"silence of a guest agent that is tolerated"`
	GuestLifecycleEventReplyTimeout     time.Duration `name:"guest_lifecycle_event_reply_timeout" default:"10" unit:"s" min:"0" doc:"how long a guest may take to answer a life-cycle event"`
	VMCommandTimeout                    time.Duration `name:"vm_command_timeout" default:"60" unit:"s" min:"0" use:"yes" doc:"silence after which the monitor of a VM counts as unresponsive"`
	HotunplugTimeout                    time.Duration `name:"hotunplug_timeout" default:"30" unit:"s" min:"0" doc:"how long the removal of a device may take"`
	HotunplugCheckInterval              time.Duration `name:"hotunplug_check_interval" default:"1" unit:"s" min:"1" doc:"time between looks whether a device is gone"`
	VMWatermarkInterval                 time.Duration `name:"vm_watermark_interval" default:"2" unit:"s" min:"0" doc:"time between looks at the fill level of thin drives"`
	VMSampleInterval                    time.Duration `name:"vm_sample_interval" default:"15" unit:"s" min:"1" use:"yes" doc:"time between samples of the VMs"`
	VMSampleJobsInterval                time.Duration `name:"vm_sample_jobs_interval" default:"15" unit:"s" min:"0" doc:"time between samples of block jobs"`
	HostSampleStatsInterval             time.Duration `name:"host_sample_stats_interval" default:"15" unit:"s" min:"1" use:"yes" doc:"time between samples of the host"`
	SSL                                 bool          `name:"ssl" default:"true" use:"yes" doc:"speak TLS on the listener and to a broker"`
	VDSResponsivenessTimeout            time.Duration `name:"vds_responsiveness_timeout" default:"60" unit:"s" min:"0" use:"no" why:"nothing ever read it in current releases of the original" doc:"former limit of responsiveness"`
	VDSMNice                            int           `name:"vdsm_nice" default:"-5" min:"-20" max:"19" doc:"nice value set by the start helper"`
	QEMUDriveCache                      string        `name:"qemu_drive_cache" default:"none" oneof:"none,writethrough,writeback,directsync,unsafe" doc:"default disk cache mode"`
	FakeKVMSupport                      bool          `name:"fake_kvm_support" default:"false" use:"yes" doc:"pretend to have KVM"`
	FakeKVMArchitecture                 string        `name:"fake_kvm_architecture" default:"x86_64" oneof:"x86_64,ppc64le,s390x,aarch64" use:"yes" doc:"architecture of the pretended KVM"`
	FakeKVMMemory                       int           `name:"fake_kvm_memory" default:"0" min:"0" doc:"pretended memory, 0 = real"`
	FakeVMStatsEnable                   bool          `name:"fake_vmstats_enable" default:"false" use:"no" why:"invented statistics are never reported" doc:"report invented VM statistics"`
	FakeSRIOVEnable                     bool          `name:"fake_sriov_enable" default:"false" use:"no" why:"invented devices are never reported" doc:"report invented SR-IOV devices"`
	HTTPEnable                          bool          `name:"http_enable" default:"true" use:"yes" doc:"serve HTTP image transfer on the same port"`
	EnableLLDP                          bool          `name:"enable_lldp" default:"true" use:"yes" doc:"turn LLDP receiving on"`
	NetworkApplier                      string        `name:"network_applier" default:"auto" oneof:"auto,builtin,nmstatectl" use:"yes" doc:"who changes networks: the daemon itself, nmstatectl, or whichever suits the links; NetworkManager's links suit nmstatectl"`
	JSONRPCEnable                       bool          `name:"jsonrpc_enable" default:"true" doc:"serve JSON-RPC over STOMP"`
	BrokerEnable                        bool          `name:"broker_enable" default:"false" doc:"connect out to an external STOMP broker"`
	ReportHostThreadsAsCores            bool          `name:"report_host_threads_as_cores" default:"false" use:"yes" doc:"count hyperthreads as cores"`
	LibvirtEnvVariableDebug             string        `name:"libvirt_env_variable_debug" default:"" use:"yes" doc:"value of LIBVIRT_DEBUG for the libvirt client"`
	LibvirtEnvVariableLogFilters        string        `name:"libvirt_env_variable_log_filters" default:"" use:"yes" doc:"value of LIBVIRT_LOG_FILTERS for the libvirt client"`
	LibvirtEnvVariableLogOutputs        string        `name:"libvirt_env_variable_log_outputs" default:"" use:"yes" doc:"value of LIBVIRT_LOG_OUTPUTS for the libvirt client"`
	TransientDisksRepository            string        `name:"transient_disks_repository" default:"/var/lib/vdsm/transient" doc:"directory of transient disks"`
	VerifyClientCert                    bool          `name:"verify_client_cert" default:"false" use:"yes" doc:"compare client certificate CN with its address"`
	ConnectionStatsTimeout              time.Duration `name:"connection_stats_timeout" default:"3600" unit:"s" min:"0" use:"yes" doc:"time between log lines that count requests"`
	CPUAffinity                         string        `name:"cpu_affinity" default:"auto" use:"yes" doc:"CPUs for the daemon: auto, a list such as 1,2, or empty for all"`
	MigrationCreateTimeout              time.Duration `name:"migration_create_timeout" default:"600" unit:"s" min:"0" doc:"how long a source waits until the destination has created the VM"`
	HostNUMAScheduling                  bool          `name:"host_numa_scheduling" default:"true" use:"no" why:"nothing reads it in current releases of the original" doc:"implicit NUMA placement of VMs"`
	EngineClearTimeout                  time.Duration `name:"timeout_engine_clear_vms" default:"15" unit:"s" min:"0" doc:"how long a host that shuts down waits for its VMs to be gone"`
	TimeSyncSnapshotEnable              bool          `name:"time_sync_snapshot_enable" default:"false" doc:"sync guest time after snapshot"`
	TimeSyncContEnable                  bool          `name:"time_sync_cont_enable" default:"false" doc:"sync guest time after resume"`
	NowaitDomainStats                   bool          `name:"nowait_domain_stats" default:"true" doc:"do not block on unavailable domain statistics"`
}
