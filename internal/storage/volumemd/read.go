// SPDX-License-Identifier: GPL-2.0-or-later

package volumemd

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"govdsm/api"
	"govdsm/internal/storage/pytext"
)

// Parse reads metadata, of whatever version and with NULs at its end or not.
// Anything that is wrong with it is [api.ErrInvalidMetadata].
func Parse(b []byte) (Volume, error) {
	r := Read(b)
	if len(r.Problems) > 0 {
		return Volume{}, api.ErrInvalidMetadata.OfText("errors=" + api.Repr(r.Problems))
	}
	r.Description = CutDescription(r.Description)
	return r.Volume, nil
}

// Reading is what could be read of metadata, for those who show it broken or
// whole.
type Reading struct {
	Volume
	// Problems says what is wrong, in the words of the original. With none
	// the volume's metadata is valid.
	Problems []string
	// Cleared says that an old host marked the volume as deleted in part.
	// Nothing else was read then.
	Cleared bool

	read map[string]bool
}

// Has says whether a field was read. Its name is that of the dump: "image",
// "parent", "capacity", "format", "type", "voltype", "disktype",
// "description", "legality", "ctime", "generation", "sequence" or "domain".
func (r Reading) Has(name string) bool { return r.read[name] }

// Read reads what can be read of metadata.
func Read(b []byte) Reading {
	values, problems := lines(b)
	r := Reading{Problems: problems, read: map[string]bool{}}
	if _, cleared := values["NONE"]; cleared {
		r.Cleared = true
		r.Problems = append(r.Problems, api.ErrMetadataCleared.Error())
		return r
	}
	r.adoptOldForms(values)
	for _, f := range r.fields() {
		value, ok := values[f.key]
		if !ok {
			r.Problems = append(r.Problems, fmt.Sprintf("Required key '%s' is missing.", f.name))
		} else if err := f.set(value); err != nil {
			r.Problems = append(r.Problems, fmt.Sprintf("Invalid '%s' value: %v", f.name, err))
		} else {
			r.read[f.name] = true
		}
	}
	return r
}

// lines returns the values by key, up to the line that begins with EOF. Of a
// key that is there twice, the later line counts.
func lines(b []byte) (values map[string]string, problems []string) {
	values = map[string]string{}
	for _, line := range pytext.ByteLines(bytes.TrimRight(b, "\x00")) {
		if !utf8.Valid(line) {
			problems = append(problems, fmt.Sprintf("Invalid line %q: not UTF-8", line))
			continue
		}
		if bytes.HasPrefix(line, []byte("EOF")) {
			break
		}
		if key, value, ok := strings.Cut(string(line), "="); ok {
			values[pytext.Strip(key)] = pytext.Strip(value)
		}
	}
	return values, problems
}

// adoptOldForms fills in what older hosts wrote otherwise or not at all: the
// size in sectors, which counts only without one in bytes, and the two
// counters.
func (r *Reading) adoptOldForms(values map[string]string) {
	_, inBytes := values["CAP"]
	if sectors, ok := values["SIZE"]; ok && !inBytes {
		n, err := pytext.Uint64(sectors)
		switch {
		case err != nil:
			r.Problems = append(r.Problems, err.Error())
		case n > math.MaxUint64/512:
			r.Problems = append(r.Problems, "SIZE is out of range: "+sectors)
		default:
			values["CAP"] = strconv.FormatUint(n*512, 10)
		}
	}
	for _, key := range []string{"GEN", "SEQ"} {
		if _, ok := values[key]; !ok {
			values[key] = "0"
		}
	}
}

// target is where the value of a key goes.
type target struct {
	key, name string
	set       func(string) error
}

// fields are the keys in the order in which the original complains of them.
func (r *Reading) fields() []target {
	return []target{
		{"DOMAIN", "domain", text(&r.Domain)},
		{"IMAGE", "image", text(&r.Image)},
		{"PUUID", "parent", text(&r.Parent)},
		{"CAP", "capacity", number(&r.Capacity, pytext.Uint64)},
		{"FORMAT", "format", text(&r.Format)},
		{"TYPE", "type", text(&r.Allocation)},
		{"VOLTYPE", "voltype", text(&r.Role)},
		{"DISKTYPE", "disktype", text(&r.DiskType)},
		{"DESCRIPTION", "description", text(&r.Description)},
		{"LEGALITY", "legality", text(&r.Legality)},
		{"CTIME", "ctime", number(&r.CTime, pytext.Int64)},
		{"GEN", "generation", number(&r.Generation, pytext.Uint64)},
		{"SEQ", "sequence", number(&r.Sequence, pytext.Uint64)},
	}
}

func text[T ~string](to *T) func(string) error {
	return func(s string) error {
		*to = T(s)
		return nil
	}
}

func number[T any](to *T, parse func(string) (T, error)) func(string) error {
	return func(s string) error {
		n, err := parse(s)
		if err == nil {
			*to = n
		}
		return err
	}
}
