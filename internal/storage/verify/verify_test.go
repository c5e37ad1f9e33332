// SPDX-License-Identifier: GPL-2.0-or-later

package verify

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/volumemd"
)

func TestMain(m *testing.M) {
	outofprocess.ServeIfHelper()
	os.Exit(m.Run())
}

const (
	id    = "011fa225-4d3f-427c-85fc-c87f718a0880"
	image = "18bc8afd-7d13-4d84-b79e-1e82ee751026"
	base  = "2f21a15b-2f7a-44af-bd27-b5452b2c36a9"
	leaf  = "eb2ee5c2-d7cb-4bc5-8380-7b51d6fe3ef3"
)

// newDomain makes a local domain with an image of two volumes, and returns its
// folder.
func newDomain(t *testing.T) string {
	t.Helper()
	top := t.TempDir()
	folder := filepath.Join(top, "data")
	for _, dir := range []string{folder, filepath.Join(top, "dc/mnt")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(top, "dc/mnt/_data")
	if err := os.Symlink(folder, link); err != nil {
		t.Fatal(err)
	}
	io := outofprocess.New(outofprocess.Options{})
	defer io.Close()
	r := domain.NewRepository(domain.Options{Path: filepath.Join(top, "dc"), IO: io})
	if _, err := r.Create(t.Context(), domain.Spec{
		ID: id, Name: "d", Type: domainmd.LocalFS, Class: domainmd.Data, Version: 5, RemotePath: folder, MountPoint: link, MaxHosts: 1,
	}); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(folder, id)
	put(t, dir, base, change{}, 4096)
	put(t, dir, leaf, change{parent: base}, 10)
	return dir
}

type change struct{ parent, domain string }

// put writes a volume: raw and internal without a parent, else the leaf.
func put(t *testing.T, dir, volume string, c change, size int64) {
	t.Helper()
	v := volumemd.Volume{
		Domain: id, Image: image, Parent: volumemd.NoParent, Capacity: 4096, Format: api.VolumeFormatRAW,
		Allocation: api.VolumeAllocationSPARSE, Role: api.VolumeRoleINTERNAL, DiskType: "DATA", Legality: api.VolumeLegalityLEGAL,
	}
	if c.parent != "" {
		v.Parent, v.Format, v.Role = c.parent, api.VolumeFormatCOW, api.VolumeRoleLEAF
	}
	if c.domain != "" {
		v.Domain = c.domain
	}
	text, err := v.Bytes(5)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "images/"+image+"/"+volume+".meta", string(text))
	if c.parent != "" {
		layer(t, dir, volume, "-b", c.parent, "-F", "raw", "-u")
		return
	}
	write(t, dir, "images/"+image+"/"+volume, "")
	if err := os.Truncate(filepath.Join(dir, "images", image, volume), size); err != nil {
		t.Fatal(err)
	}
}

// layer makes the data of a qcow2 volume.
func layer(t *testing.T, dir, volume string, options ...string) {
	t.Helper()
	name := filepath.Join(dir, "images", image, volume)
	out, err := exec.Command("qemu-img", slices.Concat([]string{"create", "-q", "-f", "qcow2"}, options, []string{name, "4096"})...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// state is all that a look could have changed.
func state(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		var text []byte
		if info.Mode().IsRegular() {
			text, err = os.ReadFile(name)
		}
		fmt.Fprintf(&all, "%s %s %d %s %x\n", name, info.Mode(), info.Size(), info.ModTime(), sha256.Sum256(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestWholeDomain(t *testing.T) {
	t.Parallel()
	dir := newDomain(t)
	before := state(t, dir)
	r, err := Domain(dir)
	if err != nil || r.Domain != id || r.Version != 5 || r.Images != 1 || r.Volumes != 2 || len(r.Findings) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if state(t, dir) != before {
		t.Error("looking has changed the domain")
	}
	if _, err := Domain(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there is looked at")
	}
}

// TestFindings breaks one thing at a time and looks what is said of it.
func TestFindings(t *testing.T) {
	t.Parallel()
	const volumes = "images/" + image + "/"
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		path  string
		what  string
	}{
		"checksum": {func(t *testing.T, dir string) {
			text, err := os.ReadFile(filepath.Join(dir, metadataFile))
			if err != nil {
				t.Fatal(err)
			}
			write(t, dir, metadataFile, strings.Replace(string(text), "DESCRIPTION=d", "DESCRIPTION=e", 1))
		}, metadataFile, "checksum"},
		"no metadata": {func(t *testing.T, dir string) { remove(t, dir, metadataFile) }, metadataFile, "no such file"},
		"no ids":      {func(t *testing.T, dir string) { remove(t, dir, "dom_md/ids") }, "dom_md/ids", "no such file"},
		"no parent": {func(t *testing.T, dir string) {
			remove(t, dir, volumes+base)
			remove(t, dir, volumes+base+".meta")
		}, volumes + leaf, "parent"},
		"no leaf": {func(t *testing.T, dir string) {
			remove(t, dir, volumes+leaf)
			remove(t, dir, volumes+leaf+".meta")
		}, volumes + base, "no child"},
		"no data":        {func(t *testing.T, dir string) { remove(t, dir, volumes+leaf) }, volumes + leaf + ".meta", "missing"},
		"no meta":        {func(t *testing.T, dir string) { remove(t, dir, volumes+leaf+".meta") }, volumes + leaf, "no metadata"},
		"short":          {func(t *testing.T, dir string) { put(t, dir, base, change{}, 512) }, volumes + base + ".meta", "capacity"},
		"other domain":   {func(t *testing.T, dir string) { put(t, dir, leaf, change{base, image}, 1) }, volumes + leaf + ".meta", image},
		"circle":         {func(t *testing.T, dir string) { put(t, dir, base, change{parent: leaf}, 1) }, volumes + base, "itself"},
		"two leaves":     {func(t *testing.T, dir string) { put(t, dir, id, change{parent: base}, 1) }, "images/" + image, "2 leaves"},
		"garbage":        {func(t *testing.T, dir string) { write(t, dir, volumes+leaf+".meta", "\x00\xffx") }, volumes + leaf + ".meta", "missing"},
		"foreign":        {func(t *testing.T, dir string) { write(t, dir, volumes+"notes.txt", "x") }, volumes + "notes.txt", "no volume"},
		"foreign folder": {func(t *testing.T, dir string) { write(t, dir, "images/mine/x", "x") }, "images/mine", "no image"},
		"removed":        {func(t *testing.T, dir string) { write(t, dir, domain.RemovedImageDir(id)+"/x", "x") }, domain.RemovedImageDir(id), "removed"},
		"raw leaf":       {func(t *testing.T, dir string) { write(t, dir, volumes+leaf, "no qcow2") }, volumes + leaf, "QCOW2"},
		"other backing":  {func(t *testing.T, dir string) { layer(t, dir, leaf, "-b", id, "-F", "raw", "-u") }, volumes + leaf, "based on"},
		"backing outside": {func(t *testing.T, dir string) {
			layer(t, dir, leaf, "-b", "/etc/passwd", "-F", "raw", "-u")
		}, volumes + leaf, `based on "/etc/passwd"`},
		"no backing":     {func(t *testing.T, dir string) { layer(t, dir, leaf) }, volumes + leaf, `based on ""`},
		"backing format": {func(t *testing.T, dir string) { layer(t, dir, leaf, "-b", base, "-F", "qcow2", "-u") }, volumes + leaf, "is qcow2"},
		"external data": {func(t *testing.T, dir string) {
			layer(t, dir, leaf, "-o", "data_file="+filepath.Join(dir, volumes+"x"))
		}, volumes + leaf, "another file"},
		"larger": {func(t *testing.T, dir string) {
			out, err := exec.Command("qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "raw", "-u", filepath.Join(dir, volumes+leaf), "1M").CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}, volumes + leaf, "1048576"},
		"link": {func(t *testing.T, dir string) {
			remove(t, dir, volumes+leaf+".meta")
			if err := os.Symlink("/etc/passwd", filepath.Join(dir, volumes+leaf+".meta")); err != nil {
				t.Fatal(err)
			}
		}, volumes + leaf + ".meta", "regular"},
		"huge": {func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, metadataFile), 1<<40); err != nil {
				t.Fatal(err)
			}
		}, metadataFile, "larger"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := newDomain(t)
			c.spoil(t, dir)
			r, err := Domain(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				if f.Path == c.path && strings.Contains(f.What, c.what) {
					return
				}
			}
			t.Errorf("not found: %s: %s; but %+v", c.path, c.what, r.Findings)
		})
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}
