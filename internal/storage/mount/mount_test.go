// SPDX-License-Identifier: GPL-2.0-or-later

package mount

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/moby/sys/mountinfo"
)

func TestNamesAreTheOriginals(t *testing.T) {
	b, err := os.ReadFile("testdata/paths.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Transform []struct{ Remote, Normalized, Directory string }
	}
	if err := json.Unmarshal(b, &recorded); err != nil {
		t.Fatal(err)
	}
	for _, c := range recorded.Transform {
		got, err := Normalize(c.Remote)
		if err != nil || got != c.Normalized || Dir(got) != c.Directory {
			t.Errorf("%s: %s, %s, %v; want %s, %s", c.Remote, got, Dir(got), err, c.Normalized, c.Directory)
		}
	}
	if len(recorded.Transform) == 0 {
		t.Error("nothing is recorded")
	}
	if got, err := Normalize("[fe80::1/export"); err == nil {
		t.Errorf("an address without an end became %s", got)
	}
}

func TestTable(t *testing.T) {
	entries := Table{
		entry(&mountinfo.Info{Source: "server://export/a_b/", Mountpoint: "/mnt/x", FSType: "nfs4", Options: "rw", VFSOptions: "soft"}),
		entry(&mountinfo.Info{Source: "[2001:db8::1]:/export", Mountpoint: "/mnt/six", FSType: "nfs"}),
		entry(&mountinfo.Info{Source: "gl:/vol.rdma", Mountpoint: "/mnt/gl", FSType: "fuse.glusterfs"}),
		entry(&mountinfo.Info{Source: "other:/", Mountpoint: "/mnt/gone//deleted", FSType: "nfs"}),
		entry(&mountinfo.Info{Source: "over", Mountpoint: "/mnt/x", FSType: "tmpfs"}),
	}
	for _, c := range []struct {
		source, target string
		want           bool
	}{
		{"server:/export/a_b", "/mnt/x", true},
		{"over", "/mnt/x", true},
		{"server:/export/a_b", "/mnt/six", false},
		{"[2001:db8::1]:/export", "/mnt/six", true},
		{"gl:/vol", "/mnt/gl", true},
		{"other:/", "/mnt/gone", true},
	} {
		if entries.Has(c.source, c.target) != c.want {
			t.Errorf("%s on %s: not %v", c.source, c.target, c.want)
		}
	}
	if e, ok := entries.At("/mnt/x"); !ok || e.Source != "over" {
		t.Errorf("what hides the others is %+v", e)
	}
	if o := entries[0].Options; len(o) != 2 || o[1] != "soft" {
		t.Errorf("options %q", o)
	}
}

func TestReadFindsTheRoot(t *testing.T) {
	table, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := table.At("/proc"); !ok {
		t.Errorf("no /proc among %d", len(table))
	}
}
