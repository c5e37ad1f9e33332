// SPDX-License-Identifier: GPL-2.0-or-later

package api

// Namespace is a family of verbs.
type Namespace struct {
	Name string
	Doc  string // what its verbs are about
}

// Namespaces returns all namespaces, those that every client uses first.
func Namespaces() []Namespace {
	return []Namespace{
		{"Host", "The host itself: what it has, how busy it is, its networks, devices, jobs and secrets."},
		{"VM", "One virtual machine: its life, devices, disks, console, migration and backup."},
		{"StoragePool", "The pool of storage domains that a data centre shares, and the role of its manager (SPM)."},
		{"StorageDomain", "One storage domain: a file system or a volume group that holds disk images."},
		{"Image", "A disk image: a chain of volumes."},
		{"Volume", "One volume of a disk image."},
		{"SDM", "Jobs on the data of volumes that any host can run, without the pool's manager."},
		{"Task", "Long-running work of the pool's manager."},
		{"Lease", "Leases in a storage domain that are no volume's own."},
		{"LVMVolumeGroup", "LVM volume groups below block storage domains."},
		{"ISCSIConnection", "Finding iSCSI targets."},
		{"ManagedVolume", "Volumes that a storage driver of another project manages."},
		{"NBD", "Serving volumes over the network block device protocol."},
		{"GlusterVolume", "Volumes of the gluster file system."},
		{"GlusterHost", "Peers of a gluster cluster and their disks."},
		{"GlusterSnapshot", "Snapshots of gluster volumes."},
		{"GlusterHook", "Scripts that gluster runs around its commands."},
		{"GlusterService", "Services that belong to gluster."},
		{"GlusterTask", "Long-running work of gluster."},
		{"GlusterEvent", "Sending gluster's events to web servers."},
	}
}
