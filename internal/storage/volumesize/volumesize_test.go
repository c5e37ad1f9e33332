// SPDX-License-Identifier: GPL-2.0-or-later

package volumesize

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"testing"

	"govdsm/api"
)

func TestGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/volume-sizes.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		BlockAlloc []struct {
			Preallocate       api.VolumeAllocation
			Format            api.VolumeFormat
			Capacity, Initial int64
			AllocBytes        int64 `json:"alloc_bytes"`
			LVMiB             int64 `json:"lv_mib_after_extent_rounding"`
			ErrorCode         int   `json:"error_code"`
		} `json:"block_alloc"`
		MaxSize []struct {
			Storage      string
			Format       api.VolumeFormat
			Virtual, Max int64
		} `json:"max_size"`
		Optimal []struct {
			Required, Capacity, Optimal int64
			Leaf                        bool
		} `json:"optimal_cow_size"`
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	if len(recorded.BlockAlloc) < 10 || len(recorded.MaxSize) < 12 || len(recorded.Optimal) < 12 {
		t.Fatal("cases are missing")
	}
	for _, c := range recorded.BlockAlloc {
		got, err := Allocation(c.Preallocate, c.Format, c.Capacity, c.Initial, DefaultChunk)
		if c.ErrorCode != 0 {
			if !errors.Is(err, api.ErrInvalidParameterException) || api.ErrInvalidParameterException.Number != c.ErrorCode {
				t.Errorf("%+v: %d, %v", c, got, err)
			}
			continue
		}
		if err != nil || got != c.AllocBytes || RoundUp(got, Extent) != c.LVMiB<<20 {
			t.Errorf("%+v: %d, %v", c, got, err)
		}
	}
	for _, c := range recorded.MaxSize {
		unit := int64(FileUnit)
		if c.Storage == "block" {
			unit = Extent
		}
		if got := Max(c.Virtual, c.Format, unit); got != c.Max {
			t.Errorf("%+v: %d", c, got)
		}
	}
	for _, c := range recorded.Optimal {
		if got := OptimalCOW(c.Required, c.Capacity, c.Leaf, DefaultChunk); got != c.Optimal {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 10000 {
		capacity, required := r.Int64N(1<<45), 1+r.Int64N(1<<45)
		most := Max(capacity, api.VolumeFormatCOW, Extent)
		if most < capacity || most%Extent != 0 || most > capacity+capacity/10+Extent {
			t.Fatal(capacity, most)
		}
		leaf, inner := OptimalCOW(required, capacity, true, DefaultChunk), OptimalCOW(required, capacity, false, DefaultChunk)
		if leaf < inner || leaf > most || inner%Extent != 0 || inner < min(required, most) {
			t.Fatal(required, capacity, leaf, inner)
		}
	}
	if _, err := Allocation("SPARSE", "COW", 1, -1, DefaultChunk); !errors.Is(err, api.ErrInvalidParameterException) {
		t.Error(err)
	}
}
