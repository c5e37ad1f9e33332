// SPDX-License-Identifier: GPL-2.0-or-later

package api

// OsVersion names the operating system of the host.
type OsVersion struct {
	Name       OSName `json:"name"`
	Release    string `json:"release"`
	Version    string `json:"version"`
	PrettyName string `json:"pretty_name"`
}

// OSName is the family of the operating system, found by its marker files.
// Rebuilds of RHEL read as RHEL.
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

// SoftwarePackageInfoMap maps a program to its version.
type SoftwarePackageInfoMap map[SoftwarePackage]SoftwarePackageInfo

// SoftwarePackage is a program whose version managers look at.
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

// SoftwarePackageInfo is the version of an installed package.
type SoftwarePackageInfo struct {
	Release string `json:"release"`
	Version string `json:"version"`
}

// HookScriptInfoMap maps a hook point, such as before_vm_start, to its
// scripts.
type HookScriptInfoMap map[string]HookScriptAdditional

// HookScriptAdditional maps the name of a script to what is known of it.
type HookScriptAdditional map[string]HookScriptInfo

// HookScriptInfo is what is known of one hook script.
type HookScriptInfo struct {
	Checksum string `json:"checksum"` // of the content, hexadecimal
}
