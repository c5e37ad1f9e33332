// SPDX-License-Identifier: GPL-2.0-or-later

package api

// DiskContentType is what a disk holds: data, an ISO image, memory of a VM
// and its metadata, or descriptions of VMs.
type DiskContentType string

const (
	DiskContentTypeDATA DiskContentType = "DATA"
	DiskContentTypeISOF DiskContentType = "ISOF"
	DiskContentTypeMEMD DiskContentType = "MEMD"
	DiskContentTypeMEMM DiskContentType = "MEMM"
	DiskContentTypeOVFS DiskContentType = "OVFS"
)

// Values implements Enum.
func (DiskContentType) Values() []string {
	return enum(DiskContentTypeDATA, DiskContentTypeISOF, DiskContentTypeMEMD, DiskContentTypeMEMM, DiskContentTypeOVFS)
}

// VolumeStatus says whether a volume can be used.
type VolumeStatus string

const (
	VolumeStatusILLEGAL VolumeStatus = "ILLEGAL"
	VolumeStatusINVALID VolumeStatus = "INVALID"
	VolumeStatusOK      VolumeStatus = "OK"
)

// Values implements Enum.
func (VolumeStatus) Values() []string {
	return enum(VolumeStatusILLEGAL, VolumeStatusINVALID, VolumeStatusOK)
}

// VolumeLegality says whether a volume may be used.
type VolumeLegality string

const (
	VolumeLegalityFAKE    VolumeLegality = "FAKE"
	VolumeLegalityILLEGAL VolumeLegality = "ILLEGAL"
	VolumeLegalityLEGAL   VolumeLegality = "LEGAL"
)

// Values implements Enum.
func (VolumeLegality) Values() []string {
	return enum(VolumeLegalityFAKE, VolumeLegalityILLEGAL, VolumeLegalityLEGAL)
}

// VolumeFormat is how a volume is laid out: COW is qcow2.
type VolumeFormat string

const (
	VolumeFormatCOW VolumeFormat = "COW"
	VolumeFormatRAW VolumeFormat = "RAW"
)

// Values implements Enum.
func (VolumeFormat) Values() []string {
	return enum(VolumeFormatCOW, VolumeFormatRAW)
}

// VolumeAllocation says whether a volume takes its room at once.
type VolumeAllocation string

const (
	VolumeAllocationPREALLOCATED VolumeAllocation = "PREALLOCATED"
	VolumeAllocationSPARSE       VolumeAllocation = "SPARSE"
)

// Values implements Enum.
func (VolumeAllocation) Values() []string {
	return enum(VolumeAllocationPREALLOCATED, VolumeAllocationSPARSE)
}

// VolumeRole says whether others are based on a volume.
type VolumeRole string

const (
	VolumeRoleINTERNAL VolumeRole = "INTERNAL"
	VolumeRoleLEAF     VolumeRole = "LEAF"
	VolumeRoleSHARED   VolumeRole = "SHARED"
)

// Values implements Enum.
func (VolumeRole) Values() []string {
	return enum(VolumeRoleINTERNAL, VolumeRoleLEAF, VolumeRoleSHARED)
}

// QemuImageFormat is a format of disk images in QEMU's words.
type QemuImageFormat string

const (
	QemuImageFormatQcow2 QemuImageFormat = "qcow2"
	QemuImageFormatRaw   QemuImageFormat = "raw"
)

// Values implements Enum.
func (QemuImageFormat) Values() []string {
	return enum(QemuImageFormatQcow2, QemuImageFormatRaw)
}

// Qcow2Compat is a version of the qcow2 format: 0.1 stands for 0.10.
type Qcow2Compat string

const (
	Qcow2CompatN01 Qcow2Compat = "0.1"
	Qcow2CompatN11 Qcow2Compat = "1.1"
)

// Values implements Enum.
func (Qcow2Compat) Values() []string {
	return enum(Qcow2CompatN01, Qcow2CompatN11)
}
