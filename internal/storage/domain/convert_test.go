// SPDX-License-Identifier: GPL-2.0-or-later

package domain_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/volumemd"
)

// A domain of version 3 becomes one of version 5, with all its volumes. What an
// interrupted conversion has left does not matter, and a volume whose metadata
// nobody understands stays as it is.
func TestConvert(t *testing.T) {
	f := newFixture(t)
	s := f.spec()
	s.Version, s.BlockSize = domainmd.Version3, 512
	d, err := f.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	image, other, volume := uuid.NewString(), uuid.NewString(), uuid.NewString()
	md := volumemd.Volume{
		Domain: s.ID, Image: image, Parent: volumemd.NoParent, Capacity: 1 << 30, Format: api.VolumeFormatRAW,
		Allocation: api.VolumeAllocationSPARSE, Role: api.VolumeRoleSHARED, DiskType: "DATA", Legality: api.VolumeLegalityLEGAL, CTime: 1,
	}
	v3, err := md.Bytes(3)
	if err != nil {
		t.Fatal(err)
	}
	between, err := md.BytesBetween4And5()
	if err != nil {
		t.Fatal(err)
	}
	path := func(image, name string) string { return filepath.Join(f.folder, s.ID, "images", image, name) }
	write := func(image, name string, data []byte) {
		t.Helper()
		if err := os.MkdirAll(path(image, ""), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path(image, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(image, volume+".meta", v3)
	write(image, "half.meta", between)
	write(image, "broken.meta", []byte("nonsense\n"))
	if err := os.Mkdir(path(other, ""), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path(image, volume+".meta"), path(other, volume+".meta")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Convert(t.Context(), domainmd.Version5); err != nil {
			t.Fatal(err)
		}
	}
	if d.Known().Version != domainmd.Version5 || d.Known().Alignment != 1<<20 || d.Known().BlockSize != 512 {
		t.Errorf("%+v", d.Known())
	}
	v5, err := md.Bytes(5)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path(image, volume+".meta"), path(image, "half.meta"), path(other, volume+".meta")} {
		if text, err := os.ReadFile(name); err != nil || string(text) != string(v5) {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	if text, err := os.ReadFile(path(image, "broken.meta")); err != nil || !strings.HasPrefix(string(text), "nonsense") {
		t.Errorf("broken metadata is %q, %v", text, err)
	}
	a, errA := os.Stat(path(image, volume+".meta"))
	b, errB := os.Stat(path(other, volume+".meta"))
	if err := errors.Join(errA, errB); err != nil || !os.SameFile(a, b) {
		t.Errorf("a template is not one file any more: %v", err)
	}
	if err := d.Convert(t.Context(), domainmd.Version4); !errors.Is(err, api.ErrUnsupportedDomainVersion) {
		t.Errorf("downward: %v", err)
	}
}

// Templates stay one file in a domain with more volumes than are read at once,
// also when a conversion was interrupted after the first of its links.
func TestConvertManyVolumes(t *testing.T) {
	f := newFixture(t)
	s := f.spec()
	s.Version, s.BlockSize = domainmd.Version4, 512
	d, err := f.Create(t.Context(), s)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	images := filepath.Join(f.folder, s.ID, "images")
	first, middle, last := "00000000-0000-4000-8000-000000000000", "88888888-0000-4000-8000-000000000000", "ffffffff-0000-4000-8000-000000000000"
	for _, image := range []string{first, middle, last} {
		must(os.Mkdir(filepath.Join(images, image), 0o755))
	}
	for range 600 {
		must(os.WriteFile(filepath.Join(images, middle, uuid.NewString()+".meta"), []byte("nonsense\n"), 0o644))
	}
	template := func(owner, user, content string) (a, b string) {
		name := uuid.NewString() + ".meta"
		a, b = filepath.Join(images, owner, name), filepath.Join(images, user, name)
		text, err := volumemd.Volume{
			Domain: s.ID, Image: owner, Parent: volumemd.NoParent, Capacity: 1 << 30, Format: api.VolumeFormatRAW, Description: content,
			Allocation: api.VolumeAllocationSPARSE, Role: api.VolumeRoleSHARED, DiskType: "DATA", Legality: api.VolumeLegalityLEGAL,
		}.Bytes(4)
		must(err)
		must(os.WriteFile(a, text, 0o644))
		return a, b
	}
	linkedA, linkedB := template(first, last, "linked")
	must(os.Link(linkedA, linkedB))
	interruptedA, interruptedB := template(last, first, "interrupted") // the link has the former contents
	text, err := os.ReadFile(interruptedA)
	must(err)
	must(os.WriteFile(interruptedB, []byte(strings.Replace(string(text), "interrupted", "former", 1)), 0o644))

	must(d.Convert(t.Context(), domainmd.Version5))
	for content, pair := range map[string][2]string{"linked": {linkedA, linkedB}, "interrupted": {interruptedA, interruptedB}} {
		a, errA := os.Stat(pair[0])
		b, errB := os.Stat(pair[1])
		must(errors.Join(errA, errB))
		text, err := os.ReadFile(pair[0])
		if err != nil || !os.SameFile(a, b) || !strings.Contains(string(text), "CAP=") || !strings.Contains(string(text), "="+content+"\n") {
			t.Errorf("%s: one file: %v, %q, %v", content, os.SameFile(a, b), text, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(images, "*/*.new")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
