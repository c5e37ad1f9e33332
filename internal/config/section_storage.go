// SPDX-License-Identifier: GPL-2.0-or-later

package config

import "time"

// IRS is section [irs]: images, volumes and storage domains.
type IRS struct {
	IRSEnable                          bool          `name:"irs_enable" default:"true" use:"yes" doc:"run the storage subsystem"`
	Repository                         string        `name:"repository" default:"/rhev/data-center" use:"yes" doc:"root of the storage mounts and pool links"`
	HSMTasks                           string        `name:"hsm_tasks" default:"%(repository)s/hsm-tasks" doc:"task directory"`
	Images                             string        `name:"images" default:"/images" doc:"legacy images path"`
	IRSd                               string        `name:"irsd" default:"%(images)s/irsd" use:"no" why:"nothing reads it in current releases of the original" doc:"legacy images daemon path"`
	VolumeUtilizationPercent           int           `name:"volume_utilization_percent" default:"20" min:"1" max:"99" doc:"free share of a chunk that triggers extension"`
	VolumeUtilizationChunkMB           int           `name:"volume_utilization_chunk_mb" default:"2560" min:"0" doc:"extension chunk, MiB"`
	VolSizeSampleInterval              time.Duration `name:"vol_size_sample_interval" default:"60" unit:"s" min:"1" doc:"time between samples of volume sizes"`
	SCSIRescanMaximalTimeout           time.Duration `name:"scsi_rescan_maximal_timeout" default:"30" unit:"s" min:"0" doc:"how long a scan of the SCSI buses may take"`
	UdevSettleTimeout                  time.Duration `name:"udev_settle_timeout" default:"5" unit:"s" min:"0" doc:"how long udev may take to settle"`
	SDHealthCheckDelay                 time.Duration `name:"sd_health_check_delay" default:"10" unit:"s" min:"1" use:"yes" doc:"time between checks of a storage domain"`
	NFSMountOptions                    []string      `name:"nfs_mount_options" default:"soft,nosharecache" use:"yes" doc:"default NFS mount options"`
	LockUtilPath                       string        `name:"lock_util_path" default:"/usr/libexec/vdsm" doc:"directory of the pool lock helper"`
	LockCmd                            string        `name:"lock_cmd" default:"spmprotect.sh" doc:"pool lock helper name"`
	FreeLockCmd                        string        `name:"free_lock_cmd" default:"spmstop.sh" doc:"pool unlock helper name"`
	ThreadPoolSize                     int           `name:"thread_pool_size" default:"10" min:"1" use:"yes" doc:"storage task threads"`
	MaxTasks                           int           `name:"max_tasks" default:"500" min:"0" use:"yes" doc:"queued storage tasks"`
	LVMDevWhitelist                    []string      `name:"lvm_dev_whitelist" default:"" doc:"extra LVM devices"`
	MDBackupVersions                   int           `name:"md_backup_versions" default:"30" min:"0" doc:"kept versions of LVM metadata backup"`
	MDBackupDir                        string        `name:"md_backup_dir" default:"/var/log/vdsm/backup" doc:"directory of LVM metadata backup"`
	MaximumAllowedPVs                  int           `name:"maximum_allowed_pvs" default:"8" min:"0" doc:"PVs per VG"`
	RepoStatsCacheRefreshTimeout       time.Duration `name:"repo_stats_cache_refresh_timeout" default:"300" unit:"s" min:"0" use:"yes" doc:"age at which cached statistics of a domain are renewed"`
	TaskResourceDefaultTimeout         time.Duration `name:"task_resource_default_timeout" default:"120000" unit:"ms" min:"0" use:"yes" doc:"how long a task waits for a resource"`
	PrepareImageTimeout                time.Duration `name:"prepare_image_timeout" default:"600000" unit:"ms" min:"0" doc:"how long the preparation of an image may take"`
	GCBlockerForceCollectInterval      time.Duration `name:"gc_blocker_force_collect_interval" default:"60" unit:"s" min:"0" use:"no" why:"memory is collected by the Go runtime" doc:"former interval of forced garbage collection"`
	MaximumDomainsInPool               int           `name:"maximum_domains_in_pool" default:"100" min:"0" use:"yes" doc:"domains per pool"`
	ProcessPoolTimeout                 time.Duration `name:"process_pool_timeout" default:"60" unit:"s" min:"0" use:"yes" doc:"how long a call of the I/O helper may take"`
	MaxIoprocessIdleTime               time.Duration `name:"max_ioprocess_idle_time" default:"60" unit:"s" min:"0" use:"yes" doc:"idle time after which an I/O helper ends"`
	ProcessPoolMaxSlotsPerDomain       int           `name:"process_pool_max_slots_per_domain" default:"10" min:"0" use:"yes" doc:"calls at one time in the I/O helper of a domain"`
	ProcessPoolMaxQueuedSlotsPerDomain int           `name:"process_pool_max_queued_slots_per_domain" default:"10" min:"0" use:"yes" doc:"calls that may wait for the I/O helper of a domain"`
	ISCSIDefaultIfaces                 []string      `name:"iscsi_default_ifaces" default:"default" doc:"iSCSI interfaces tried in order"`
	UseVolumeLeases                    bool          `name:"use_volume_leases" default:"false" doc:"use per-volume leases"`
	ProgressInterval                   time.Duration `name:"progress_interval" default:"30" unit:"s" min:"0" use:"no" why:"nothing reads it in current releases of the original" doc:"time between reports on the progress of long jobs"`
	QCOW2Compat                        string        `name:"qcow2_compat" default:"0.10" oneof:"0.10,1.1" use:"yes" doc:"qcow2 version for new volumes: 0.10 or 1.1"`
}

// ISCSI is section [iscsi]: iSCSI sessions.
type ISCSI struct {
	ParallelLogins int `name:"parallel_logins" default:"10" min:"0" doc:"iSCSI logins at one time"`
}

// SPM is section [spm]: the storage pool manager role.
type SPM struct {
	WatchdogEnable   bool          `name:"watchdog_enable" default:"true" doc:"watch the SPM lease, panic when lost"`
	WatchdogInterval time.Duration `name:"watchdog_interval" default:"20" unit:"s" min:"0" doc:"time between checks of the lease"`
}

// Mailbox is section [mailbox]: the mailbox between hosts of a pool.
type Mailbox struct {
	EventsEnable   bool          `name:"events_enable" default:"true" doc:"use storage events with the mailbox"`
	EventsInterval time.Duration `name:"events_interval" default:"0.5" unit:"s" min:"0" doc:"time between checks for mailbox events"`
}

// ThinP is section [thinp]: extension of thin drives.
type ThinP struct {
	MonitorTimeout time.Duration `name:"monitor_timeout" default:"0.5" unit:"s" min:"0" doc:"wait for the lock of a drive while it is monitored"`
	ExtendTimeout  time.Duration `name:"extend_timeout" default:"2.0" unit:"s" min:"0" doc:"wait for the lock of a drive before it is extended"`
	RefreshTimeout time.Duration `name:"refresh_timeout" default:"60.0" unit:"s" min:"0" doc:"wait for the lock of a drive before it is refreshed"`
}

// Multipath is section [multipath]: multipath devices.
type Multipath struct {
	Blacklist   []string      `name:"blacklist" default:"" doc:"WWIDs not managed"`
	WaitTimeout time.Duration `name:"wait_timeout" default:"10" unit:"s" min:"0" doc:"how long multipathd may take to be ready"`
}

// LVM is section [lvm]: which devices LVM sees.
type LVM struct {
	ConfigMethod string `name:"config_method" default:"devices" oneof:"devices,filter" doc:"device selection: devices or filter"`
}

// Sanlock is section [sanlock]: the lease manager.
type Sanlock struct {
	IOTimeout time.Duration `name:"io_timeout" default:"10" unit:"s" min:"0" use:"yes" doc:"time limit of one lease read or write"`
}

// Gluster is section [gluster]: gluster storage.
type Gluster struct {
	AllowedReplicaCounts []string `name:"allowed_replica_counts" default:"1,3" doc:"accepted gluster replica counts"`
	Enable4KStorage      bool     `name:"enable_4k_storage" default:"true" doc:"accept gluster with 4k sectors"`
}
