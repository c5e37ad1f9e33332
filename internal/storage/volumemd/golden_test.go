// SPDX-License-Identifier: GPL-2.0-or-later

package volumemd

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"govdsm/api"
)

// recordedVolume is a volume in the words of volume-metadata.json.
type recordedVolume struct {
	Domain, Image, Parent, Format, Type, VolType, DiskType, Description, Legality *string
	Capacity                                                                      *uint64
	CTime                                                                         *int64
	Generation, Sequence                                                          *uint64
}

func (r recordedVolume) volume() Volume {
	return Volume{
		Domain: at(r.Domain), Image: at(r.Image), Parent: at(r.Parent), Capacity: at(r.Capacity),
		Format: api.VolumeFormat(at(r.Format)), Allocation: api.VolumeAllocation(at(r.Type)),
		Role: api.VolumeRole(at(r.VolType)), DiskType: at(r.DiskType), Description: at(r.Description),
		Legality: api.VolumeLegality(at(r.Legality)), CTime: at(r.CTime),
		Generation: at(r.Generation), Sequence: at(r.Sequence),
	}
}

func at[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

type recordings struct {
	Write []struct {
		Name          string
		DomainVersion int `json:"domain_version"`
		Input         recordedVolume
		Hex           string
		ErrorCode     int `json:"error_code"`
	}
	Read []struct {
		Name   string
		Text   string
		Parsed json.RawMessage
		Errors []string
	}
}

func load(t testing.TB) recordings {
	t.Helper()
	text, err := os.ReadFile("testdata/volume-metadata.json")
	if err != nil {
		t.Fatal(err)
	}
	var r recordings
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Write) < 12 || len(r.Read) < 8 {
		t.Fatal(len(r.Write), len(r.Read))
	}
	return r
}

func TestGoldenWrite(t *testing.T) {
	for _, c := range load(t).Write {
		t.Run(c.Name, func(t *testing.T) {
			want, err := hex.DecodeString(c.Hex)
			if err != nil {
				t.Fatal(err)
			}
			v := c.Input.volume()
			got, err := v.Bytes(c.DomainVersion)
			if c.ErrorCode != 0 {
				if !errors.Is(err, api.ErrMetadataOverflow) || api.ErrMetadataOverflow.Number != c.ErrorCode {
					t.Fatalf("%v\n%s", err, got)
				}
				return
			}
			if err != nil || string(got) != string(want) {
				t.Fatalf("%v:\n%s\nthe original:\n%s", err, got, want)
			}
			if c.DomainVersion < 5 {
				v.Sequence = 0
			}
			v.Description = CutDescription(v.Description)
			if read, err := Parse(Slot(got)); err != nil || read != v {
				t.Errorf("%v: read\n%+v\nwant\n%+v", err, read, v)
			}
		})
	}
}

func TestGoldenRead(t *testing.T) {
	for _, c := range load(t).Read {
		t.Run(c.Name, func(t *testing.T) {
			var want recordedVolume
			if err := json.Unmarshal(c.Parsed, &want); err != nil {
				t.Fatal(err)
			}
			var fields map[string]any
			if err := json.Unmarshal(c.Parsed, &fields); err != nil {
				t.Fatal(err)
			}
			got := Read([]byte(c.Text))
			if got.Volume != want.volume() {
				t.Errorf("%+v\nwant\n%+v", got.Volume, want.volume())
			}
			if !slices.Equal(got.Problems, c.Errors) {
				t.Errorf("%q, want %q", got.Problems, c.Errors)
			}
			if len(got.read) != len(fields) {
				t.Errorf("read %v, want %v", got.read, fields)
			}
			for name := range fields {
				if !got.Has(name) {
					t.Error("not read:", name)
				}
			}
			_, err := Parse([]byte(c.Text))
			if len(c.Errors) == 0 && err != nil || len(c.Errors) > 0 && !errors.Is(err, api.ErrInvalidMetadata) {
				t.Error(err)
			}
		})
	}
}

func TestOldAndOdd(t *testing.T) {
	whole := "CAP=1\nCTIME=1\nDESCRIPTION=\nDISKTYPE=2\nDOMAIN=d\nFORMAT=RAW\nIMAGE=i\nLEGALITY=LEGAL\nPUUID=p\nTYPE=SPARSE\nVOLTYPE=LEAF\n"
	for name, c := range map[string]struct {
		text     string
		capacity uint64
		problems []string
	}{
		"no EOF":            {whole, 1, nil},
		"CRLF":              {strings.ReplaceAll(whole, "\n", "\r\n"), 1, nil},
		"no UTF-8":          {whole + "X=\xff\n", 1, []string{`Invalid line "X=\xff": not UTF-8`}},
		"negative":          {whole + "CAP=-1\n", 0, []string{"Invalid 'capacity' value: invalid literal for int() with base 10: '-1'"}},
		"number of old":     {strings.Replace(whole, "CAP=1", "SIZE=18014398509481983", 1), 1<<63 - 512, nil},
		"too many sectors":  {strings.Replace(whole, "CAP=1", "SIZE=36028797018963968", 1), 0, []string{"SIZE is out of range: 36028797018963968", "Required key 'capacity' is missing."}},
		"sectors of old":    {strings.Replace(whole, "CAP=1", "SIZE=x", 1), 0, []string{"invalid literal for int() with base 10: 'x'", "Required key 'capacity' is missing."}},
		"empty CAP counts":  {whole + "SIZE=1\nCAP=\n", 0, []string{"Invalid 'capacity' value: invalid literal for int() with base 10: ''"}},
		"Python's numbers":  {whole + "CAP= 1_000 \n", 1000, nil},
		"other keys":        {whole + "POOL_UUID=\nnonsense\n", 1, nil},
		"EOF is everything": {"EOF\n" + whole, 0, nil},
	} {
		r := Read([]byte(c.text))
		if name == "EOF is everything" {
			if len(r.Problems) != 11 {
				t.Error(name, r.Problems)
			}
			continue
		}
		if r.Capacity != c.capacity || !reflect.DeepEqual(r.Problems, c.problems) {
			t.Errorf("%s: %d, %q", name, r.Capacity, r.Problems)
		}
	}
	for _, nothing := range [][]byte{nil, make([]byte, 512)} {
		if r := Read(nothing); len(r.Problems) != 11 || r.Cleared {
			t.Error(r.Problems)
		}
	}
	if r := Read([]byte("NONE=######\nEOF\n")); !r.Cleared {
		t.Error(r)
	}
}
