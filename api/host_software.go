// SPDX-License-Identifier: GPL-2.0-or-later

package api

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
	SoftwarePackageMom                     SoftwarePackage = "mom"
	SoftwarePackageQemuImg                 SoftwarePackage = "qemu-img"
	SoftwarePackageQemuKvm                 SoftwarePackage = "qemu-kvm"
	SoftwarePackageSpiceServer             SoftwarePackage = "spice-server"
	SoftwarePackageVdsm                    SoftwarePackage = "vdsm"
)

// Values implements Enum.
func (SoftwarePackage) Values() []string {
	return enum(SoftwarePackageGlusterfs, SoftwarePackageGlusterfsCli, SoftwarePackageGlusterfsFuse, SoftwarePackageGlusterfsGeoReplication, SoftwarePackageGlusterfsRdma, SoftwarePackageGlusterfsServer, SoftwarePackageKernel, SoftwarePackageLibrbd1, SoftwarePackageLibvirt, SoftwarePackageMom, SoftwarePackageQemuImg, SoftwarePackageQemuKvm, SoftwarePackageSpiceServer, SoftwarePackageVdsm)
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
