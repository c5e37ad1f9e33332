// SPDX-License-Identifier: GPL-2.0-or-later

package volumemd

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"govdsm/api"
	"govdsm/internal/storage/pytext"
)

func random(r *rand.Rand) Volume {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	var description strings.Builder
	for range r.IntN(80) {
		description.WriteString(pick("a", "=", " ", "ß", `"`, "EOF", "{", "ス", "\t"))
	}
	return Volume{
		Domain: "cd613e30-d8f1-4adf-91b7-584a2265b1f5", Image: "78e51061-7311-48a3-82ce-6f447ed4d57b",
		Parent: NoParent, Capacity: r.Uint64() / 512 * 512,
		Format:     api.VolumeFormat(pick("RAW", "COW")),
		Allocation: api.VolumeAllocation(pick("SPARSE", "PREALLOCATED")),
		Role:       api.VolumeRole(pick("LEAF", "INTERNAL", "SHARED")),
		DiskType:   pick("DATA", "2"), Description: strings.TrimSpace(description.String()),
		Legality: api.VolumeLegality(pick("LEGAL", "ILLEGAL", "FAKE")),
		CTime:    r.Int64(), Generation: r.Uint64N(1000), Sequence: r.Uint64N(MaxSequence + 1),
	}
}

// What is written is read back the same, whatever the version.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		v := random(r)
		forms := map[string]func() ([]byte, error){
			"3":       func() ([]byte, error) { return v.Bytes(3) },
			"between": v.BytesBetween4And5,
			"5":       func() ([]byte, error) { return v.Bytes(5) },
		}
		for name, form := range forms {
			b, err := form()
			if errors.Is(err, api.ErrMetadataOverflow) {
				continue
			}
			want := v
			if name != "5" {
				want.Sequence = 0
			}
			if got, readErr := Parse(b); err != nil || readErr != nil || got != want || len(b) > MaxSize {
				t.Fatalf("%s: %v, %v:\n%+v\nwant\n%+v", name, err, readErr, got, want)
			}
		}
	}
}

// A description comes from outside and must not become other keys.
func TestHostileDescription(t *testing.T) {
	for _, end := range []string{"\n", "\r", "\r\n"} {
		v := Volume{Description: "x" + end + "LEGALITY=LEGAL" + end + "EOF" + end, Legality: "ILLEGAL"}
		b, err := v.Bytes(5)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Parse(b); err != nil || got.Legality != "ILLEGAL" || got.Description != "x" {
			t.Errorf("%+v, %v", got, err)
		}
	}
	for _, v := range []Volume{{Image: "i\nLEGALITY=LEGAL"}, {DiskType: "\r"}, {Domain: "\xff"}} {
		if b, err := v.Bytes(4); !errors.Is(err, api.ErrInvalidParameterException) {
			t.Errorf("%v: %s", err, b)
		}
	}
	if b, err := (Volume{Description: "\xff"}).Bytes(5); err != nil || !utf8.Valid(b) {
		t.Error(err)
	}
}

func TestCutDescription(t *testing.T) {
	for _, c := range []string{"x", "ß", "ス", "💾"} {
		at := strings.Repeat(c, MaxDescription)
		if CutDescription(at) != at || CutDescription(at+c) != at || CutDescription(c) != c {
			t.Error(c)
		}
	}
	if CutDescription("") != "" {
		t.Error("of nothing")
	}
}

func TestNextGeneration(t *testing.T) {
	for g, want := range map[uint64]uint64{0: 1, 998: 999, 999: 0} {
		if got := NextGeneration(g); got != want {
			t.Error(g, got)
		}
	}
}

func TestSlot(t *testing.T) {
	if s := Slot([]byte("EOF\n")); len(s) != MaxSize || !bytes.HasPrefix(s, []byte("EOF\n\x00")) {
		t.Errorf("%q", s)
	}
	if s := Slot(nil); !bytes.Equal(s, make([]byte, MaxSize)) {
		t.Errorf("%q", s)
	}
}

func TestKinds(t *testing.T) {
	for in, want := range map[string]string{"4": "COW", "raw": "RAW", "COW": "COW", "3": "", "": "", "SPARSE": ""} {
		if got, ok := FormatOf(in); string(got) != want || ok != (want != "") {
			t.Error(in, got, ok)
		}
	}
	if a, _ := AllocationOf("2"); a != api.VolumeAllocationSPARSE {
		t.Error(a)
	}
	if r, _ := RoleOf("6"); r != api.VolumeRoleSHARED {
		t.Error(r)
	}
	if !KnownDiskType("2") || KnownDiskType("data") {
		t.Error("disk types")
	}
}

// FuzzParse: nothing breaks the reader, and what is valid can be written in
// every form that has room for it.
func FuzzParse(f *testing.F) {
	for _, c := range load(f).Read {
		f.Add([]byte(c.Text))
	}
	f.Add([]byte("CAP=\x00\nDESCRIPTION=\x1f=\xff\r\rEOF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Parse(b)
		if err != nil {
			if !errors.Is(err, api.ErrInvalidMetadata) {
				t.Fatal(err)
			}
			return
		}
		v.Description = pytext.Strip(v.Description) // where it was cut, a space may have become its end
		written, err := v.Bytes(5)
		if errors.Is(err, api.ErrMetadataOverflow) {
			return
		}
		if again, readErr := Parse(written); err != nil || readErr != nil || again != v {
			t.Fatalf("%v, %v: %+v, was %+v", err, readErr, again, v)
		}
	})
}
