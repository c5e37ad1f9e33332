// SPDX-License-Identifier: GPL-2.0-or-later

package xlease

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"govdsm/api"
)

const mib = 1 << 20

func TestErrors(t *testing.T) {
	m := formatted(t, mib, 512)
	x := opened(t, m)
	if _, err := x.Lookup("a"); !errors.Is(err, api.ErrNoSuchLease) {
		t.Error(err)
	}
	if err := x.Remove(t.Context(), "a"); !errors.Is(err, api.ErrNoSuchLease) {
		t.Error(err)
	}
	if _, err := x.Add(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Add(t.Context(), "a"); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	for _, id := range []string{"", strings.Repeat("x", 49), "ß", "a\x00b"} {
		if _, err := x.Add(t.Context(), id); !errors.Is(err, api.ErrInvalidParameterException) {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := x.Lookup(id); !errors.Is(err, api.ErrNoSuchLease) {
			t.Errorf("%q: %v", id, err)
		}
	}
	// A name that begins like another is another, and the longest has room.
	for _, id := range []string{"aa", strings.Repeat("x", 48), strings.Repeat("x", 47)} {
		if _, err := x.Add(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if len(opened(t, m).Records()) != 4 {
		t.Error(x.Records())
	}
	if err := m.volume().Format(strings.Repeat("x", 49), then); !errors.Is(err, api.ErrInvalidParameterException) {
		t.Error(err)
	}
}

func TestFull(t *testing.T) {
	m := formatted(t, mib, 4096)
	x := opened(t, m)
	for n := range MaxLeases {
		if offset, err := x.Add(t.Context(), fmt.Sprint(n)); err != nil || offset != int64(3+n)*mib {
			t.Fatal(n, offset, err)
		}
	}
	if _, err := x.Add(t.Context(), "more"); !errors.Is(err, ErrNoSpace) {
		t.Error(err)
	}
	if err := x.Remove(t.Context(), "77"); err != nil {
		t.Fatal(err)
	}
	if offset, err := x.Add(t.Context(), "more"); err != nil || offset != 80*mib {
		t.Error(offset, err)
	}
	if len(opened(t, m).Records()) != MaxLeases {
		t.Error("not all are on storage")
	}
}

func TestBrokenIndex(t *testing.T) {
	for name, change := range map[string]func(m *memory){
		"nothing":   func(m *memory) { clear(m.b) },
		"truncated": func(m *memory) { m.b = m.b[:4096] },
		"empty":     func(m *memory) { m.b = nil },
		"magic":     func(m *memory) { m.b[0] = 0 },
		"version":   func(m *memory) { m.b[8] = '2' },
		"no number": func(m *memory) { m.b[8] = 'x' },
		"lockspace": func(m *memory) { m.b[10] = 0xff },
		"mtime":     func(m *memory) { m.b[59] = 0 },
	} {
		m := formatted(t, mib, 512)
		change(m)
		if _, err := m.volume().Open(); !errors.Is(err, ErrInvalidIndex) {
			t.Errorf("%s: %v", name, err)
		}
		if err := m.volume().Rebuild(t.Context(), lockspace, then); !errors.Is(err, ErrInvalidIndex) {
			t.Errorf("%s: rebuilt: %v", name, err)
		}
	}
	m := formatted(t, mib, 512)
	m.b[70] = 'u'
	if _, err := m.volume().Open(); !errors.Is(err, ErrUpdating) {
		t.Error(err)
	}
}

// Old hosts marked a record before they wrote its resource.
func TestUnfinishedRecord(t *testing.T) {
	m := formatted(t, mib, 512)
	x := opened(t, m)
	if _, err := x.Add(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	m.b[headerSize+61] = 'u'
	x = opened(t, m)
	if _, err := x.Lookup("a"); !errors.Is(err, api.ErrNoSuchLease) {
		t.Error(err)
	}
	if r := x.Records(); len(r) != 1 || !r[0].Updating {
		t.Error(r)
	}
	if offset, err := x.Add(t.Context(), "a"); err != nil || offset != 3*mib {
		t.Error(offset, err)
	}
	if offset, err := opened(t, m).Lookup("a"); err != nil || offset != 3*mib {
		t.Error(offset, err)
	}
}

func TestRebuild(t *testing.T) {
	m := formatted(t, mib, 512)
	m.size = 20 * mib // seventeen records; what is after them has no lease
	x := opened(t, m)
	for n := range 20 {
		if _, err := x.Add(t.Context(), fmt.Sprint("lease ", n)); err != nil {
			t.Fatal(err)
		}
	}
	hurt := func(n int) []byte { return record(m.b, n) }
	delete(m.resources, 3*mib)        // a record without a resource
	m.resources[4*mib] = "other"      // another resource than its record's
	copy(hurt(2), recordBytes("", 0)) // a resource without a record
	hurt(3)[50] = 'x'                 // no record; the resource has the name
	hurt(4)[0] = 0xff                 // no record and no resource
	delete(m.resources, 7*mib)        //
	copy(hurt(5), make([]byte, 64))   // no record; another has the resource's name
	m.resources[8*mib] = "lease 6"    //
	m.b[70] = 'u'                     // and nobody finished it
	if err := m.volume().Rebuild(t.Context(), lockspace, then); err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{}
	for _, n := range []int64{0, 1, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16} {
		want[fmt.Sprint("lease ", n)] = (3 + n) * mib
	}
	agree(t, m, want)
}

// agree checks that index and resources say the same: want, within the volume.
func agree(t *testing.T, m *memory, want map[string]int64) {
	t.Helper()
	got := map[string]int64{}
	for _, r := range opened(t, m).Records() {
		if r.Err != nil || r.Updating {
			t.Errorf("%+v", r)
		}
		got[r.ID] = r.Offset
		if m.resources[r.Offset] != r.ID {
			t.Errorf("%s: the resource is %q", r.ID, m.resources[r.Offset])
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	for offset, resource := range m.resources {
		if offset+m.align <= m.size && want[resource] != offset {
			t.Errorf("resource %s at %d is no lease", resource, offset)
		}
	}
}

// Power goes at every write of every operation: what was acknowledged is
// there, what was not is not half there, and a rebuild makes all agree.
func TestEveryCrash(t *testing.T) {
	points := 0
	r := rand.New(rand.NewPCG(5, 6))
	m, leases := formatted(t, mib, 4096), map[string]int64{}
	for range 25 {
		id := fmt.Sprint("lease ", r.IntN(8))
		for left := 0; ; left++ {
			crashed := m.copy()
			x := opened(t, crashed)
			crashed.left = left
			_, err := change(t, x, leases, id)
			crashed.left = -1
			after, there := opened(t, crashed).Lookup(id)
			if offset, before := leases[id]; err != nil && before && (there != nil || after != offset) {
				t.Fatalf("%s is lost: %v", id, there)
			} else if err != nil && !before && there == nil {
				t.Fatalf("%s is half there", id)
			}
			if err := crashed.volume().Rebuild(t.Context(), lockspace, then); err != nil {
				t.Fatal(err)
			}
			found := map[string]int64{}
			for _, r := range opened(t, crashed).Records() {
				found[r.ID] = r.Offset
			}
			agree(t, crashed, found)
			points++
			if err == nil && left >= 2 {
				break
			}
		}
		offset, err := change(t, opened(t, m), leases, id)
		if err != nil {
			t.Fatal(err)
		}
		if _, was := leases[id]; was {
			delete(leases, id)
		} else {
			leases[id] = offset
		}
		agree(t, m, leases)
	}
	t.Log(points, "points")
}

func change(t *testing.T, x *Index, leases map[string]int64, id string) (int64, error) {
	if _, ok := leases[id]; ok {
		return 0, x.Remove(t.Context(), id)
	}
	return x.Add(t.Context(), id)
}

func TestCrashWhileFormattingAndRebuilding(t *testing.T) {
	m := newMemory(t, mib, 512)
	m.left = 1
	if err := m.volume().Format(lockspace, then); !errors.Is(err, errStops) {
		t.Fatal(err)
	}
	if _, err := m.volume().Open(); !errors.Is(err, ErrUpdating) {
		t.Error(err)
	}
	m.left = -1
	if err := m.volume().Rebuild(t.Context(), lockspace, then); err != nil {
		t.Fatal(err)
	}
	x := opened(t, m)
	if _, err := x.Add(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	delete(m.resources, 3*mib)
	before := bytes.Clone(m.b)
	m.left = 0
	if err := m.volume().Rebuild(t.Context(), lockspace, then); !errors.Is(err, errStops) || !bytes.Equal(m.b, before) {
		t.Error("the index changed before the resources were mended:", err)
	}
}

// FuzzIndex: whatever is on storage, nothing panics, and what opens can be
// used and rebuilt.
func FuzzIndex(f *testing.F) {
	m := formatted(f, mib, 512)
	f.Add(m.b[:4096], "a")
	f.Add([]byte{0x12, 0x15, 0x20, 0x16}, "")
	f.Add(append(newHeader("x", then, false).bytes(), recordBytes("b", 1)...), "b")
	f.Fuzz(func(t *testing.T, content []byte, id string) {
		m := formatted(t, mib, 512)
		m.size = 10 * mib
		copy(m.b, content)
		for n := range int64(4) {
			m.resources[(3+n)*mib] = id
		}
		x, err := m.volume().Open()
		if err == nil {
			x.Records()
			x.Lookup(id)
			x.Add(t.Context(), id)
			x.Remove(t.Context(), id)
		} else if !errors.Is(err, ErrInvalidIndex) && !errors.Is(err, ErrUpdating) {
			t.Fatal(err)
		}
		if err := m.volume().Rebuild(t.Context(), lockspace, then); err != nil {
			if !errors.Is(err, ErrInvalidIndex) {
				t.Fatal(err)
			}
			return
		}
		for _, r := range opened(t, m).Records() {
			if r.Err != nil || m.resources[r.Offset] != r.ID {
				t.Fatalf("%+v, resource %q", r, m.resources[r.Offset])
			}
		}
	})
}
