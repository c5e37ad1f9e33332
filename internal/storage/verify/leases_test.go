// SPDX-License-Identifier: GPL-2.0-or-later

package verify

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"govdsm/internal/storage/directio"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/sanlock"
	"govdsm/internal/storage/sanlock/sanlocktest"
	"govdsm/internal/storage/xlease"
)

// newSharedDomain makes a domain of NFS, as it looks, with the leases that the
// real sanlock writes: of the domain, of its volumes, and two external ones.
func newSharedDomain(t *testing.T, c *sanlock.Client) string {
	t.Helper()
	dir := newDomain(t)
	m := domainmd.New(domainmd.Domain{
		Version: 5, ID: id, Type: domainmd.NFS, Class: domainmd.Data, Description: "d", Role: domainmd.Regular,
		Lease: domainmd.DefaultLease(), RemotePath: "server:/export", Alignment: 1 << 20, BlockSize: 512,
	})
	text, err := m.File()
	must(t, err)
	write(t, dir, metadataFile, string(text))
	for _, name := range []string{"dom_md/ids", "dom_md/leases", "images/" + image + "/" + base + ".lease", "images/" + image + "/" + leaf + ".lease"} {
		write(t, dir, name, "")
		must(t, os.Truncate(filepath.Join(dir, name), 2<<20))
	}
	must(t, c.WriteLockspace(t.Context(), sanlock.Lockspace{
		Name: id, Disk: sanlock.Disk{Path: filepath.Join(dir, "dom_md/ids")}, Geometry: sanlock.Geometry{Align: 1 << 20, Sector: 512},
	}, sanlocktest.IOTimeout))
	resource := func(file, name string, offset int64) {
		must(t, resources{c, filepath.Join(dir, file)}.WriteResource(t.Context(), id, name, offset))
	}
	resource("dom_md/leases", managerLease, 1<<20)
	resource("images/"+image+"/"+base+".lease", base, 0)
	resource("images/"+image+"/"+leaf+".lease", leaf, 0)

	leases := filepath.Join(dir, "dom_md/xleases")
	write(t, dir, "dom_md/xleases", "")
	must(t, os.Truncate(leases, 8<<20))
	f, err := directio.Open(leases)
	must(t, err)
	defer f.Close()
	v := xlease.Volume{File: f, Alignment: 1 << 20, BlockSize: 512}
	must(t, v.Format(id, time.Now()))
	return dir
}

// resources writes leases of a file through sanlock.
type resources struct {
	c    *sanlock.Client
	path string
}

func (r resources) WriteResource(ctx context.Context, lockspace, name string, offset int64) error {
	return r.c.WriteResource(ctx, sanlock.Resource{
		Lockspace: lockspace, Name: name, Disks: []sanlock.Disk{{Path: r.path, Offset: offset}},
		Geometry: sanlock.Geometry{Align: 1 << 20, Sector: 512},
	}, false)
}

func (r resources) ReadResource(context.Context, int64) (string, error) {
	return "", xlease.ErrNoResource
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestLeases breaks one record of sanlock at a time.
func TestLeases(t *testing.T) {
	t.Parallel()
	c := sanlock.New(sanlocktest.Start(t, "host-a").RunDir)
	const lease = "images/" + image + "/" + leaf + ".lease"
	for name, tc := range map[string]struct {
		spoil      func(t *testing.T, dir string)
		path, what string
	}{
		"whole":        {func(*testing.T, string) {}, "", ""},
		"ids":          {func(t *testing.T, dir string) { flip(t, dir, "dom_md/ids", 60) }, "dom_md/ids", "checksum"},
		"no ids":       {func(t *testing.T, dir string) { clearBlock(t, dir, "dom_md/ids", 0) }, "dom_md/ids", "begins with 0x0"},
		"manager":      {func(t *testing.T, dir string) { clearBlock(t, dir, "dom_md/leases", 1<<20) }, "dom_md/leases", "at 1048576"},
		"volume":       {func(t *testing.T, dir string) { flip(t, dir, lease, 104) }, lease, "checksum"},
		"short":        {func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, lease), 100)) }, lease, "100 bytes"},
		"other volume": {func(t *testing.T, dir string) { copyOver(t, dir, "images/"+image+"/"+base+".lease", lease) }, lease, base},
		"host":         {func(t *testing.T, dir string) { copyOver(t, dir, "dom_md/ids", lease) }, lease, "another kind"},
		"pipe": {func(t *testing.T, dir string) {
			remove(t, dir, "dom_md/xleases")
			must(t, unix.Mkfifo(filepath.Join(dir, "dom_md/xleases"), 0o644))
		}, "dom_md/xleases", "regular"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newSharedDomain(t, c)
			tc.spoil(t, dir)
			before := state(t, dir)
			r, err := Domain(dir)
			must(t, err)
			if state(t, dir) != before {
				t.Error("looking has changed the domain")
			}
			found := tc.path == "" && len(r.Findings) == 0
			for _, f := range r.Findings {
				found = found || f.Path == tc.path && strings.Contains(f.What, tc.what)
			}
			if !found {
				t.Errorf("not found: %s: %s; but %+v", tc.path, tc.what, r.Findings)
			}
		})
	}
}

// TestExternalLeases looks at leases that the index has, one of which sanlock
// does not know.
func TestExternalLeases(t *testing.T) {
	t.Parallel()
	c := sanlock.New(sanlocktest.Start(t, "host-b").RunDir)
	dir := newSharedDomain(t, c)
	path := filepath.Join(dir, "dom_md/xleases")
	f, err := directio.Open(path)
	must(t, err)
	defer f.Close()
	v := xlease.Volume{File: f, Alignment: 1 << 20, BlockSize: 512, Resources: resources{c, path}}
	index, err := v.Open()
	must(t, err)
	first, second := uuid.NewString(), uuid.NewString()
	for _, id := range []string{first, second} {
		_, err := index.Add(t.Context(), id)
		must(t, err)
	}
	if r, err := Domain(dir); err != nil || r.Leases != 2 || len(r.Findings) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	offset, err := index.Lookup(second)
	must(t, err)
	_, err = f.WriteAt(directio.Buffer(512), offset)
	must(t, err)
	if r, err := Domain(dir); err != nil || r.Leases != 2 || len(r.Findings) != 1 || r.Findings[0].Path != "dom_md/xleases" {
		t.Errorf("%+v, %v", r, err)
	}
}

// flip changes a byte of a file.
func flip(t *testing.T, dir, name string, at int) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	b[at] ^= 1
	write(t, dir, name, string(b))
}

// clearBlock writes zeros over a block of a file.
func clearBlock(t *testing.T, dir, name string, at int) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	clear(b[at : at+512])
	write(t, dir, name, string(b))
}

// copyOver puts the contents of a file in the place of another's.
func copyOver(t *testing.T, dir, from, to string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, from))
	must(t, err)
	write(t, dir, to, string(b))
}
