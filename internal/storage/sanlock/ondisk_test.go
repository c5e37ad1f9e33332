// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock_test

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	. "govdsm/internal/storage/sanlock"
)

// TestRecords reads records that sanlock wrote, and refuses them with any byte
// changed.
func TestRecords(t *testing.T) {
	text, err := os.ReadFile("testdata/sanlock-records.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Records []struct {
			Name   string
			Bytes  string `json:"first_200_bytes_hex"`
			Fields struct {
				Magic     uint32
				Lockspace string `json:"space_name"`
				Resource  string `json:"resource_name"`
				Sector    int64  `json:"sector_size"`
				Timestamp uint64
				Owner     uint64 `json:"owner_id"`
				Gen       uint64 `json:"owner_generation"`
				Version   uint64 `json:"lver"`
			}
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Records) < 3 {
		t.Fatalf("%d records", len(golden.Records))
	}
	for _, g := range golden.Records {
		start, err := hex.DecodeString(g.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, RecordSize)
		copy(b, start)
		const cleared = 0x11282016
		got, err := ParseRecord(b)
		if g.Fields.Magic == cleared || g.Fields.Magic == 0 {
			if !errors.Is(err, ErrRecord) {
				t.Errorf("%s: %+v, %v", g.Name, got, err)
			}
			continue
		}
		f := g.Fields
		want := Record{f.Magic == 0x12212010, f.Lockspace, f.Resource, f.Sector, f.Timestamp, f.Owner, f.Gen, f.Version}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", g.Name, got, err, want)
		}
		for at := range 172 {
			b[at] ^= 1
			if got, err := ParseRecord(b); !errors.Is(err, ErrRecord) {
				t.Errorf("%s with byte %d changed: %+v, %v", g.Name, at, got, err)
			}
			b[at] ^= 1
		}
	}
	if _, err := ParseRecord(make([]byte, 100)); !errors.Is(err, ErrRecord) {
		t.Errorf("a short one: %v", err)
	}
}

// TestNameThatIsNoText cannot break an answer that is JSON.
func TestNameThatIsNoText(t *testing.T) {
	b := make([]byte, RecordSize)
	binary.LittleEndian.PutUint32(b, 0x06152010)
	copy(b[104:], "\xff\xfe\x00rest")
	if r, err := ParseRecord(b); !errors.Is(err, ErrChecksum) || r.Resource != "\uFFFD" {
		t.Errorf("%+v, %v", r, err)
	}
}
