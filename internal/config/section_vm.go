// SPDX-License-Identifier: GPL-2.0-or-later

package config

import "time"

// Sampling is section [sampling]: periodic monitoring of VMs and the host.
type Sampling struct {
	Enable                   bool          `name:"enable" default:"true" doc:"run periodic monitoring"`
	PeriodicWorkers          int           `name:"periodic_workers" default:"4" min:"1" doc:"periodic worker threads"`
	PeriodicTaskPerWorker    int           `name:"periodic_task_per_worker" default:"100" min:"1" doc:"periodic queue slots per worker"`
	MaxWorkers               int           `name:"max_workers" default:"30" min:"1" doc:"upper bound of periodic threads"`
	ExternalVMLookupInterval time.Duration `name:"external_vm_lookup_interval" default:"60" unit:"s" min:"0" doc:"time between searches for VMs that others started"`
	TPMDataUpdateInterval    time.Duration `name:"tpm_data_update_interval" default:"60" unit:"s" min:"0" doc:"time between looks at the TPM data of VMs"`
	NVRAMDataUpdateInterval  time.Duration `name:"nvram_data_update_interval" default:"60" unit:"s" min:"0" doc:"time between looks at the NVRAM data of VMs"`
}

// GuestAgent is section [guest_agent]: polling of the QEMU guest agent.
type GuestAgent struct {
	EnableQGAPoller        bool          `name:"enable_qga_poller" default:"true" use:"yes" doc:"poll the QEMU guest agent"`
	PeriodicWorkers        int           `name:"periodic_workers" default:"4" min:"1" doc:"poller worker threads"`
	PeriodicTaskPerWorker  int           `name:"periodic_task_per_worker" default:"100" min:"1" doc:"poller queue slots per worker"`
	MaxWorkers             int           `name:"max_workers" default:"30" min:"1" doc:"upper bound of poller threads"`
	QGACommandTimeout      time.Duration `name:"qga_command_timeout" default:"1" unit:"s" min:"0" use:"yes" doc:"time limit of one command to the agent"`
	QGATaskTimeout         time.Duration `name:"qga_task_timeout" default:"30" unit:"s" min:"0" use:"yes" doc:"time after which a poll is dropped"`
	QGAPollingPeriod       time.Duration `name:"qga_polling_period" default:"5" unit:"s" min:"1" use:"yes" doc:"time between polls"`
	QGAInitialInfoInterval time.Duration `name:"qga_initial_info_interval" default:"120" unit:"s" min:"0" use:"yes" doc:"time of eager polling after the start of a VM"`
	QGAInfoPeriod          time.Duration `name:"qga_info_period" default:"300" unit:"s" min:"0" use:"yes" doc:"time between queries for the version of the agent"`
	QGASysinfoPeriod       time.Duration `name:"qga_sysinfo_period" default:"120" unit:"s" min:"0" use:"yes" doc:"time between queries for the guest system"`
	QGAActiveUsersPeriod   time.Duration `name:"qga_active_users_period" default:"10" unit:"s" min:"0" use:"yes" doc:"time between queries for logged-in users"`
	QGADiskInfoPeriod      time.Duration `name:"qga_disk_info_period" default:"300" unit:"s" min:"0" use:"yes" doc:"time between queries for disks and file systems"`
	QGACPUInfoPeriod       time.Duration `name:"qga_cpu_info_period" default:"60" unit:"s" min:"0" use:"yes" doc:"time between queries for CPUs"`
}

// Performance is section [performance]: huge pages.
type Performance struct {
	UseDynamicHugepages      bool   `name:"use_dynamic_hugepages" default:"false" doc:"allocate hugepages on demand"`
	UsePreallocatedHugepages bool   `name:"use_preallocated_hugepages" default:"true" doc:"use hugepages allocated beforehand"`
	ReservedHugepageCount    int    `name:"reserved_hugepage_count" default:"0" min:"0" doc:"hugepages left for others"`
	ReservedHugepageSize     string `name:"reserved_hugepage_size" default:"none" doc:"size of those pages, none = default"`
}

// Jobs is section [jobs]: jobs that clients follow.
type Jobs struct {
	AutodeleteDelay time.Duration `name:"autodelete_delay" default:"3600" unit:"s" doc:"how long a finished job is kept; negative keeps it"`
}

// V2V is section [v2v]: import from other hypervisors.
type V2V struct {
	KVM2oVirtBufferSize int `name:"kvm2ovirt_buffer_size" default:"1048576" min:"0" doc:"bytes per copy step when importing"`
}
