// SPDX-License-Identifier: GPL-2.0-or-later

package xlease

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"
)

type recording struct {
	Alignment, Mtime int64
	Lockspace        string
	BlockSize        int64      `json:"block_size"`
	IndexOffset      int64      `json:"index_offset"`
	IndexSize        int64      `json:"index_size"`
	MaxRecords       int        `json:"max_records"`
	FormatWrites     [][2]int64 `json:"format_writes"`
	Operations       []struct {
		Op, ID string
		Writes [][2]int64
	}
	AfterThree  string `json:"first_1024_bytes_after_three_adds"`
	AtEnd       string `json:"first_1024_bytes_at_end"`
	EmptyRecord string `json:"empty_record"`
	Leases      map[string]struct {
		Offset   int64
		Updating bool
	}
	ResourceWrites []resourceWrite `json:"resource_writes"`
}

func TestGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/xleases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []recording
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) != 3 {
		t.Fatal(err, len(cases))
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d MiB, %d", c.Alignment>>20, c.BlockSize), c.run)
	}
}

func (c recording) run(t *testing.T) {
	m := newMemory(t, c.Alignment, c.BlockSize)
	if err := m.volume().Format(c.Lockspace, then); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(m.writes, c.FormatWrites) || c.IndexSize != indexSize || c.IndexOffset != c.Alignment || c.MaxRecords != MaxLeases {
		t.Error("writes:", m.writes)
	}
	x := opened(t, m)
	if x.Lockspace() != c.Lockspace || x.ModTime().Unix() != c.Mtime {
		t.Error(x.Lockspace(), x.ModTime())
	}
	for i, op := range c.Operations {
		m.writes = nil
		var err error
		if op.Op == "add" {
			_, err = x.Add(t.Context(), op.ID)
		} else {
			err = x.Remove(t.Context(), op.ID)
		}
		if err != nil || !slices.Equal(m.writes, op.Writes) {
			t.Errorf("%s %s: %v, %v", op.Op, op.ID, m.writes, err)
		}
		if i == 2 {
			m.begins(t, c.AfterThree)
		}
	}
	m.begins(t, c.AtEnd)
	if !slices.Equal(m.resWrites, c.ResourceWrites) {
		t.Errorf("resources: %v\nwant %v", m.resWrites, c.ResourceWrites)
	}
	empty, err := hex.DecodeString(c.EmptyRecord)
	if err != nil {
		t.Fatal(err)
	}
	rest := m.b[1024:]
	if !bytes.Equal(rest, bytes.Repeat(empty, len(rest)/recordSize)) {
		t.Error("the rest is not empty records")
	}

	got := map[string]struct {
		Offset   int64
		Updating bool
	}{}
	again := opened(t, m)
	for _, r := range again.Records() {
		got[r.ID] = struct {
			Offset   int64
			Updating bool
		}{r.Offset, r.Updating}
		if offset, err := again.Lookup(r.ID); err != nil || offset != r.Offset {
			t.Error(offset, err)
		}
	}
	if !reflect.DeepEqual(got, map[string]struct {
		Offset   int64
		Updating bool
	}(c.Leases)) {
		t.Errorf("%v, want %v", got, c.Leases)
	}
}

func (m *memory) begins(t *testing.T, want string) {
	t.Helper()
	if got := hex.EncodeToString(m.b[:1024]); got != want {
		t.Errorf("on storage:\n%s\nthe original:\n%s", got, want)
	}
}
