// SPDX-License-Identifier: GPL-2.0-or-later

package payload_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/internal/virt/payload"
)

const vmID = "aaaa0007-1111-4222-8333-444455556666"

func need(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatal(err)
		}
	}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return string(out)
}

func encode(files map[string]string) map[string]string {
	coded := make(map[string]string, len(files))
	for name, content := range files {
		coded[name] = base64.StdEncoding.EncodeToString([]byte(content))
	}
	return coded
}

// alone fails the test when the folder holds more than the image.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(names) {
		t.Fatalf("in %s: %v, %v; want %v", dir, entries, err, names)
	}
	for i, e := range entries {
		if e.Name() != names[i] {
			t.Errorf("in %s: %s, want %s", dir, e.Name(), names[i])
		}
	}
}

func TestISO(t *testing.T) {
	t.Parallel()
	need(t, "genisoimage", "isoinfo")
	dir := filepath.Join(t.TempDir(), "payload")
	s := payload.New(payload.Options{Dir: dir})
	files := map[string]string{
		"openstack/latest/meta_data.json": `{"name": "cloudinit"}`,
		"openstack/latest/user_data":      "#cloud-config\n",
		"openstack/content/0000":          "",
		"-o größe.txt":                    "odd name",
	}
	path, err := s.Build(t.Context(), payload.Image{
		VMID: vmID, Kind: payload.CDROM, Label: "config-2", Files: encode(files),
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, vmID+".img"); path != want {
		t.Errorf("path %s, want %s", path, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if label := output(t, "isoinfo", "-d", "-i", path); !strings.Contains(label, "Volume id: config-2\n") {
		t.Errorf("volume id: %s", label)
	}
	for name, content := range files {
		for _, names := range []string{"-R", "-J"} {
			// isoinfo finds no Joliet name by letters beyond ASCII, though it
			// lists them in Latin-1.
			if names == "-J" && strings.Contains(name, "ö") {
				if list := output(t, "isoinfo", "-J", "-f", "-i", path); !strings.Contains(list, "/-o gr\xf6\xdfe.txt\n") {
					t.Errorf("no %s in %s", name, list)
				}
				continue
			}
			if got := output(t, "isoinfo", names, "-x", "/"+name, "-i", path); got != content {
				t.Errorf("%s with %s: %q, want %q", name, names, got, content)
			}
		}
	}
	alone(t, dir, vmID+".img")
}

// TestISOWithXorriso hides the other programs.
func TestISOWithXorriso(t *testing.T) {
	need(t, "xorriso", "isoinfo")
	isoinfo, err := exec.LookPath("isoinfo")
	if err != nil {
		t.Fatal(err)
	}
	onlyTool(t, "xorriso")
	s := payload.New(payload.Options{Dir: t.TempDir()})
	path, err := s.Build(t.Context(), payload.Image{
		VMID: vmID, Kind: payload.CDROM, Label: "config-2", Files: encode(map[string]string{"a/b": "c"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := output(t, isoinfo, "-R", "-x", "/a/b", "-i", path); got != "c" {
		t.Errorf("content %q", got)
	}
}

// onlyTool makes a search path that leads to one program, or to none.
func onlyTool(t *testing.T, names ...string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestMissingTool(t *testing.T) {
	onlyTool(t)
	dir := t.TempDir()
	s := payload.New(payload.Options{Dir: dir})
	_, err := s.Build(t.Context(), payload.Image{VMID: vmID, Kind: payload.CDROM})
	if !errors.Is(err, payload.ErrNoTool) || !strings.Contains(err.Error(), "genisoimage") {
		t.Errorf("error %v", err)
	}
	alone(t, dir)
}

func TestFloppy(t *testing.T) {
	t.Parallel()
	need(t, "mkfs.fat", "mcopy", "mtype", "minfo")
	dir := t.TempDir()
	s := payload.New(payload.Options{Dir: dir})
	files := map[string]string{
		"Unattend.xml":            "<unattend/>\n",
		"sysprep.inf":             "",
		"Some Folder/größere.txt": strings.Repeat("x", 100_000),
		"-i":                      "odd name",
	}
	img := payload.Image{VMID: vmID, Kind: payload.Floppy, Label: "SYSPREP", Files: encode(files)}
	path, err := s.Build(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 || info.Size() != 1440<<10 {
		t.Errorf("file %v, %v", info, err)
	}
	for name, content := range files {
		if got := output(t, "mtype", "-i", path, "::/"+name); got != content {
			t.Errorf("%s: %.40q, want %.40q", name, got, content)
		}
	}
	if list := output(t, "mdir", "-i", path, "::/"); !strings.Contains(list, "SYSPREP") || !strings.Contains(list, "Unattend.xml") {
		t.Errorf("mdir: %s", list)
	}

	// Too much for the disk: the old image stays.
	img.Files = map[string]string{"big": base64.StdEncoding.EncodeToString(make([]byte, 1500<<10))}
	if _, err := s.Build(t.Context(), img); err == nil || !strings.Contains(strings.ToLower(err.Error()), "full") {
		t.Errorf("error for a full floppy: %v", err)
	}
	if got := output(t, "mtype", "-i", path, "::/Unattend.xml"); got != "<unattend/>\n" {
		t.Errorf("the old image is damaged: %q", got)
	}
	alone(t, dir, vmID+".img")
}

func TestHostilePayloads(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dir := filepath.Join(base, "payload")
	s := payload.New(payload.Options{Dir: dir})
	many := make(map[string]string)
	for i := range payload.MaxFiles + 1 {
		many[fmt.Sprint(i)] = ""
	}
	file := func(name string) payload.Image {
		return payload.Image{VMID: vmID, Kind: payload.CDROM, Files: map[string]string{name: ""}}
	}
	floppy := func(name string) payload.Image {
		img := file(name)
		img.Kind = payload.Floppy
		return img
	}
	for name, img := range map[string]payload.Image{
		"parent":         file("../evil"),
		"hidden parent":  file("a/../../evil"),
		"absolute":       file("/evil"),
		"empty":          file(""),
		"dot":            file("."),
		"dot dot":        file(".."),
		"nul":            file("a\x00b"),
		"newline":        file("a\nb"),
		"no UTF-8":       file("a\xff"),
		"deep":           file(strings.Repeat("a/", 8) + "b"),
		"long":           file(strings.Repeat("a", 300)),
		"drive":          floppy("a:b"),
		"backslash":      floppy(`..\evil`),
		"trailing dot":   floppy("a."),
		"id":             {VMID: "../../evil", Kind: payload.CDROM},
		"hidden id":      {VMID: ".x", Kind: payload.CDROM},
		"no id":          {Kind: payload.CDROM},
		"kind":           {VMID: vmID, Kind: "tape"},
		"path":           {VMID: vmID, Kind: payload.CDROM, Path: "/etc/passwd"},
		"path escapes":   {VMID: vmID, Kind: payload.CDROM, Path: dir + "/../evil"},
		"path below":     {VMID: vmID, Kind: payload.CDROM, Path: dir + "/a/evil"},
		"path is folder": {VMID: vmID, Kind: payload.CDROM, Path: dir + "/."},
		"label":          {VMID: vmID, Kind: payload.CDROM, Label: strings.Repeat("x", 33)},
		"floppy label":   {VMID: vmID, Kind: payload.Floppy, Label: "config-2-long"},
		"label lines":    {VMID: vmID, Kind: payload.CDROM, Label: "a\nb"},
		"no base64":      {VMID: vmID, Kind: payload.CDROM, Files: map[string]string{"a": "!"}},
		"same name":      {VMID: vmID, Kind: payload.CDROM, Files: map[string]string{"a": "", "A": ""}},
		"file as folder": {VMID: vmID, Kind: payload.CDROM, Files: map[string]string{"a": "", "a/b": ""}},
		"too many":       {VMID: vmID, Kind: payload.CDROM, Files: many},
		"too large": {VMID: vmID, Kind: payload.CDROM, Files: map[string]string{
			"a": base64.StdEncoding.EncodeToString(make([]byte, payload.MaxSize+1))}},
	} {
		if path, err := s.Build(t.Context(), img); err == nil {
			t.Errorf("%s: made %s", name, path)
		} else if name != "long" && !errors.Is(err, payload.ErrBadPayload) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		t.Errorf("left over: %v", entries)
	}
	if entries, err := os.ReadDir(base); err != nil || len(entries) > 1 {
		t.Errorf("outside: %v, %v", entries, err)
	}
}

func TestReplaceMoveRemove(t *testing.T) {
	t.Parallel()
	need(t, "genisoimage", "isoinfo")
	dir := t.TempDir()
	s := payload.New(payload.Options{Dir: dir, Aliases: []string{"/var/run/vdsm/payload"}})
	for _, content := range []string{"old", "new"} {
		path, err := s.Build(t.Context(), payload.Image{
			VMID: vmID, Kind: payload.CDROM, Files: encode(map[string]string{"f": content}),
			Path: "/var/run/vdsm/payload/other.img",
		})
		if err != nil || path != filepath.Join(dir, "other.img") {
			t.Fatalf("path %s, %v", path, err)
		}
		if got := output(t, "isoinfo", "-R", "-x", "/f", "-i", path); got != content {
			t.Errorf("content %q, want %q", got, content)
		}
	}
	for range 2 {
		if err := s.RemovePath(filepath.Join(dir, "other.img")); err != nil {
			t.Error(err)
		}
		if err := s.Remove(vmID); err != nil {
			t.Error(err)
		}
	}
	alone(t, dir)
	if s.RemovePath("/etc/passwd") == nil || s.Remove("../x") == nil {
		t.Error("removes outside the folder")
	}
}

func TestCancelledAndSwept(t *testing.T) {
	t.Parallel()
	need(t, "genisoimage")
	dir := t.TempDir()
	s := payload.New(payload.Options{Dir: dir})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Build(ctx, payload.Image{VMID: vmID, Kind: payload.CDROM}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	alone(t, dir)

	// A daemon that is killed leaves its staging folder.
	if err := os.MkdirAll(filepath.Join(dir, ".stage-1", "files"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.img"), nil, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(); err != nil {
		t.Fatal(err)
	}
	alone(t, dir, "a.img")
	if err := payload.New(payload.Options{Dir: "/nonexistent"}).Sweep(); err != nil {
		t.Error(err)
	}
}
