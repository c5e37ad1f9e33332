// SPDX-License-Identifier: GPL-2.0-or-later

// Package volumesize is the arithmetic of how much room volumes get. Hosts
// must agree on it: one allocates a logical volume, another decides whether it
// is large enough. Sizes are in bytes.
//
// The overhead of qcow2 is a factor of 1.1 in floating point, as the original
// computes it; a fraction in integers would differ in the last byte.
//
// Source: lib/vdsm/storage/{volume,fileVolume,blockVolume}.py.
package volumesize

import (
	"fmt"

	"govdsm/api"
)

// Units of allocation.
const (
	FileUnit    = 1 << 20   // file domains count in MiB
	Extent      = 128 << 20 // of the volume group of a block domain
	Granularity = 4096      // of a capacity that is asked for
)

// DefaultChunk is by how much thin block volumes grow unless the configuration
// says otherwise (irs:volume_utilization_chunk_mb).
const DefaultChunk = 2560 << 20

const cowOverhead = 1.1

// RoundUp returns the next multiple of unit that is not less than n.
func RoundUp(n, unit int64) int64 { return (n + unit - 1) / unit * unit }

// Max returns how large a volume of the given capacity can become on storage
// that counts in units: all that qcow2 writes, in the worst case.
func Max(capacity int64, format api.VolumeFormat, unit int64) int64 {
	if format == api.VolumeFormatRAW {
		return capacity
	}
	// The conversion keeps the compiler from multiplying and adding in one
	// step, which rounds otherwise.
	most := float64(float64(capacity) * cowOverhead)
	return int64(most+float64(unit)-1) / unit * unit
}

// Allocation is what a new block volume gets. Initial is the size that the
// caller asks for, or 0; it must not be given for raw volumes or be more than
// the volume can ever use: [api.ErrInvalidParameterException].
func Allocation(
	allocation api.VolumeAllocation, format api.VolumeFormat, capacity, initial, chunk int64,
) (int64, error) {
	sparse := allocation == api.VolumeAllocationSPARSE
	switch {
	case initial != 0 && format == api.VolumeFormatRAW:
		return 0, api.ErrInvalidParameterException.OfText(fmt.Sprintf("initial size=%d", initial))
	case initial < 0 || initial > Max(capacity, api.VolumeFormatCOW, Extent):
		return 0, api.ErrInvalidParameterException.OfText(fmt.Sprintf("initial_size=%d", initial))
	case sparse && initial != 0:
		return int64(float64(initial) * cowOverhead), nil
	case sparse:
		return min(chunk, capacity), nil
	case initial != 0:
		return initial, nil
	}
	return capacity, nil
}

// OptimalCOW returns how large a qcow2 block volume should be that uses
// required: a leaf has room for one chunk more, so that its VM does not stop
// as soon as it starts.
func OptimalCOW(required, capacity int64, leaf bool, chunk int64) int64 {
	if leaf {
		required += chunk
	}
	return min(RoundUp(required, Extent), Max(capacity, api.VolumeFormatCOW, Extent))
}
