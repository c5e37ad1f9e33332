// SPDX-License-Identifier: GPL-2.0-or-later

// Package volumemd reads and writes the metadata of volumes: at most 512 bytes
// of KEY=value lines, in a file beside a file volume or in a slot of a block
// domain's metadata volume.
//
// The package knows bytes only. It promises that what it writes is what the
// original writes for the same values, for every format of domain, and that it
// reads whatever hosts wrote in earlier years.
//
// Source: lib/vdsm/storage/{volumemetadata,constants}.py.
package volumemd

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"govdsm/api"
)

// MaxSize is the room for metadata, in bytes: a sector, so that it is written
// whole or not at all.
const MaxSize = 512

// MaxDescription is the number of characters of a description that are kept.
const MaxDescription = 210

// MaxSequence is the greatest number in the order of an image's volumes.
const MaxSequence = 1<<32 - 1

// NoParent is the parent of a volume that is based on none.
const NoParent = "00000000-0000-0000-0000-000000000000"

// Volume is the metadata of a volume.
type Volume struct {
	Domain      string
	Image       string // of the owner, also when others share the volume
	Parent      string // NoParent, or the volume it is based on
	Capacity    uint64 // virtual size in bytes; 0 while a qcow2 volume is resized
	Format      api.VolumeFormat
	Allocation  api.VolumeAllocation // TYPE
	Role        api.VolumeRole       // VOLTYPE
	DiskType    string
	Description string
	Legality    api.VolumeLegality
	CTime       int64  // seconds since 1970
	Generation  uint64 // see NextGeneration
	Sequence    uint64 // the manager's number of the volume within its image
}

// NextGeneration follows g: each operation that ends well adds one, and 0
// follows 999.
func NextGeneration(g uint64) uint64 { return (g + 1) % 1000 }

// field is a line of metadata.
type field struct{ key, value string }

// Bytes returns the metadata as it is written on a domain of the given
// version. Of the description, the first MaxDescription characters of the
// first line are written: in another line it could hold keys of its own. What
// does not fit is [api.ErrMetadataOverflow]; any other value in which a line
// ends is [api.ErrInvalidParameterException].
func (v Volume) Bytes(domainVersion int) ([]byte, error) {
	if domainVersion < 5 {
		return join(append(v.common(), v.before5()...))
	}
	return join(append(v.common(),
		field{"CAP", strconv.FormatUint(v.Capacity, 10)},
		field{"SEQ", strconv.FormatUint(v.Sequence, 10)}))
}

// BytesBetween4And5 returns the metadata as it is written while a domain
// becomes version 5: hosts of both versions find the size they look for.
func (v Volume) BytesBetween4And5() ([]byte, error) {
	return join(append(v.common(),
		append(v.before5(), field{"CAP", strconv.FormatUint(v.Capacity, 10)})...))
}

// Slot returns metadata as a slot of a block domain holds it: MaxSize bytes,
// filled with NULs. Nil clears the slot.
func Slot(metadata []byte) []byte {
	slot := make([]byte, MaxSize)
	copy(slot, metadata)
	return slot
}

func (v Volume) common() []field {
	return []field{
		{"CTIME", strconv.FormatInt(v.CTime, 10)},
		{"DESCRIPTION", CutDescription(v.Description)},
		{"DISKTYPE", v.DiskType},
		{"DOMAIN", v.Domain},
		{"FORMAT", string(v.Format)},
		{"GEN", strconv.FormatUint(v.Generation, 10)},
		{"IMAGE", v.Image},
		{"LEGALITY", string(v.Legality)},
		{"PUUID", v.Parent},
		{"TYPE", string(v.Allocation)},
		{"VOLTYPE", string(v.Role)},
	}
}

// before5 is how older formats write the size: in sectors, and with a time of
// modification that was never used.
func (v Volume) before5() []field {
	return []field{{"MTIME", "0"}, {"SIZE", strconv.FormatUint(v.Capacity/512, 10)}}
}

func join(fields []field) ([]byte, error) {
	slices.SortFunc(fields, func(a, b field) int { return strings.Compare(a.key, b.key) })
	var b bytes.Buffer
	for _, f := range fields {
		if strings.ContainsAny(f.value, "\r\n") || !utf8.ValidString(f.value) {
			return nil, api.ErrInvalidParameterException.OfText(f.key + "=" + strconv.QuoteToASCII(f.value))
		}
		fmt.Fprintf(&b, "%s=%s\n", f.key, f.value)
	}
	b.WriteString("EOF\n")
	if b.Len() > MaxSize {
		return nil, api.ErrMetadataOverflow.OfText(fmt.Sprintf("data=%q", b.String()))
	}
	return b.Bytes(), nil
}

// CutDescription returns what is kept of a description.
func CutDescription(s string) string {
	if end := strings.IndexAny(s, "\r\n"); end >= 0 {
		s = s[:end]
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	characters := 0
	for place := range s {
		if characters == MaxDescription {
			return s[:place]
		}
		characters++
	}
	return s
}
