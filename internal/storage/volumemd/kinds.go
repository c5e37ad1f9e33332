// SPDX-License-Identifier: GPL-2.0-or-later

package volumemd

import (
	"slices"
	"strings"

	"govdsm/api"
)

// Managers send kinds as numbers; the schema and storage have names. These
// functions take both, names in any case, and return false for what is
// neither.

// FormatOf reads a format: COW or 4, RAW or 5.
func FormatOf(s string) (api.VolumeFormat, bool) {
	return kind(s, map[string]api.VolumeFormat{"4": api.VolumeFormatCOW, "5": api.VolumeFormatRAW})
}

// AllocationOf reads an allocation: PREALLOCATED or 1, SPARSE or 2.
func AllocationOf(s string) (api.VolumeAllocation, bool) {
	return kind(s, map[string]api.VolumeAllocation{
		"1": api.VolumeAllocationPREALLOCATED, "2": api.VolumeAllocationSPARSE,
	})
}

// RoleOf reads a role: SHARED or 6, INTERNAL or 7, LEAF or 8.
func RoleOf(s string) (api.VolumeRole, bool) {
	return kind(s, map[string]api.VolumeRole{
		"6": api.VolumeRoleSHARED, "7": api.VolumeRoleINTERNAL, "8": api.VolumeRoleLEAF,
	})
}

func kind[T ~string](s string, numbers map[string]T) (T, bool) {
	if k, ok := numbers[s]; ok {
		return k, true
	}
	for _, k := range numbers {
		if strings.EqualFold(s, string(k)) {
			return k, true
		}
	}
	return "", false
}

// KnownDiskType says whether volumes can be made with a disk type. The numbers
// are what old managers (2) and virt-v2v (1) wrote for data.
func KnownDiskType(s string) bool {
	return slices.Contains([]string{
		"DATA", "ISOF", "MEMD", "MEMM", "OVFS", "HEVD", "HESD", "HEMD", "HECI", "SCRD", "2", "1",
	}, s)
}
