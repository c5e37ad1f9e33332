// SPDX-License-Identifier: GPL-2.0-or-later

package api

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

type VolumeFormat string

const (
	VolumeFormatCOW VolumeFormat = "COW"
	VolumeFormatRAW VolumeFormat = "RAW"
)

// Values implements Enum.
func (VolumeFormat) Values() []string {
	return enum(VolumeFormatCOW, VolumeFormatRAW)
}

type VolumeAllocation string

const (
	VolumeAllocationPREALLOCATED VolumeAllocation = "PREALLOCATED"
	VolumeAllocationSPARSE       VolumeAllocation = "SPARSE"
)

// Values implements Enum.
func (VolumeAllocation) Values() []string {
	return enum(VolumeAllocationPREALLOCATED, VolumeAllocationSPARSE)
}

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

type QemuImageFormat string

const (
	QemuImageFormatQcow2 QemuImageFormat = "qcow2"
	QemuImageFormatRaw   QemuImageFormat = "raw"
)

// Values implements Enum.
func (QemuImageFormat) Values() []string {
	return enum(QemuImageFormatQcow2, QemuImageFormatRaw)
}

type Qcow2Compat string

const (
	Qcow2CompatN01 Qcow2Compat = "0.1"
	Qcow2CompatN11 Qcow2Compat = "1.1"
)

// Values implements Enum.
func (Qcow2Compat) Values() []string {
	return enum(Qcow2CompatN01, Qcow2CompatN11)
}
