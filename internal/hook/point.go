// SPDX-License-Identifier: GPL-2.0-or-later

package hook

// Point is a moment at which administrators' scripts run.
type Point struct {
	Name string // also the name of the folder
	// JSON says that scripts get a JSON document; otherwise it is XML, or an
	// empty file where there is none.
	JSON bool
	// Aborts says that a failed script fails the operation. At other points it
	// is only logged.
	Aborts bool
}

// Points returns every point (lib/vdsm/common/hooks.py), in the order of a
// VM's life and then of the host's.
func Points() []Point {
	return []Point{
		{Name: "before_device_create", Aborts: true},
		{Name: "after_device_create"},
		{Name: "before_device_destroy", Aborts: true},
		{Name: "after_device_destroy"},
		{Name: "before_vm_start", Aborts: true},
		{Name: "after_vm_start"},
		{Name: "before_vm_cont", Aborts: true},
		{Name: "after_vm_cont"},
		{Name: "before_vm_pause", Aborts: true},
		{Name: "after_vm_pause"},
		{Name: "before_device_migrate_source", Aborts: true},
		{Name: "after_device_migrate_source"},
		{Name: "before_device_migrate_destination", Aborts: true},
		{Name: "after_device_migrate_destination"},
		{Name: "before_vm_migrate_source", Aborts: true},
		{Name: "after_vm_migrate_source"},
		{Name: "before_vm_migrate_destination", Aborts: true},
		{Name: "after_vm_migrate_destination"},
		{Name: "before_vm_hibernate", Aborts: true},
		{Name: "after_vm_hibernate"},
		{Name: "before_vm_dehibernate", Aborts: true},
		{Name: "after_vm_dehibernate"},
		{Name: "before_vm_destroy"},
		{Name: "after_vm_destroy"},
		{Name: "before_vm_set_ticket"},
		{Name: "after_vm_set_ticket"},
		{Name: "before_update_device", Aborts: true},
		{Name: "after_update_device"},
		{Name: "after_update_device_fail"},
		{Name: "before_nic_hotplug", Aborts: true},
		{Name: "after_nic_hotplug"},
		{Name: "after_nic_hotplug_fail"},
		{Name: "before_nic_hotunplug", Aborts: true},
		{Name: "after_nic_hotunplug"},
		{Name: "after_nic_hotunplug_fail"},
		{Name: "after_disk_prepare", JSON: true, Aborts: true},
		{Name: "before_disk_hotplug", Aborts: true},
		{Name: "after_disk_hotplug"},
		{Name: "before_disk_hotunplug", Aborts: true},
		{Name: "after_disk_hotunplug"},
		{Name: "before_set_num_of_cpus", Aborts: true},
		{Name: "after_set_num_of_cpus"},
		{Name: "before_memory_hotplug", Aborts: true},
		{Name: "after_memory_hotplug"},
		{Name: "before_vdsm_start"},
		{Name: "after_vdsm_stop"},
		{Name: "before_network_setup", JSON: true, Aborts: true},
		{Name: "after_network_setup", JSON: true},
		{Name: "after_network_setup_fail", JSON: true},
		{Name: "before_get_vm_stats", JSON: true, Aborts: true},
		{Name: "after_get_vm_stats", JSON: true},
		{Name: "before_get_all_vm_stats", JSON: true, Aborts: true},
		{Name: "after_get_all_vm_stats", JSON: true},
		{Name: "before_get_caps", JSON: true, Aborts: true},
		{Name: "after_get_caps", JSON: true},
		{Name: "before_get_stats", JSON: true, Aborts: true},
		{Name: "after_get_stats", JSON: true},
		{Name: "after_hostdev_list_by_caps", JSON: true},
	}
}
