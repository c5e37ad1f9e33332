// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"time"

	. "govdsm/internal/storage/sanlock"
	"govdsm/internal/storage/sanlock/sanlocktest"
)

// What the daemon writes at our request is what it writes at the original's.
func TestGoldenRecords(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/sanlock-records.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Records []struct {
			Name, File string
			Offset     int64
			Hex        string `json:"first_200_bytes_hex"`
			Fields     struct {
				Resource string `json:"resource_name"`
			}
		}
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	c := New(sanlocktest.Start(t, "host-a").RunDir)
	compared := 0
	for _, r := range recorded.Records {
		path := sanlocktest.Files(t, 8<<20, "file")[0]
		disk := Disk{path, r.Offset}
		switch r.Name {
		case "delta lease of host 250":
			disk.Offset = 0
			err = c.WriteLockspace(t.Context(), Lockspace{Name: space, Disk: disk, Geometry: geometry}, 10*time.Second)
		case "domain lease SDM", "external lease", "file volume lease":
			err = c.WriteResource(t.Context(), Resource{Lockspace: space, Name: r.Fields.Resource, Disks: []Disk{disk}, Geometry: geometry}, false)
		case "external lease after removal":
			err = c.WriteResource(t.Context(), Resource{Disks: []Disk{disk}, Geometry: geometry}, false)
		default:
			continue // of a lockspace in use, with times of that day
		}
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
			continue
		}
		written, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(written[r.Offset:][:200]); got != r.Hex {
			t.Errorf("%s:\n%s\nthe original:\n%s", r.Name, got, r.Hex)
		}
		compared++
	}
	if compared != 5 {
		t.Error("compared", compared)
	}
}
