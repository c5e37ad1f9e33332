// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// TestPlantedDomain spoils the metadata of a domain or puts what leads out of
// the domain in the place of its folders. A domain that is opened then is
// refused, and what is outside is not touched.
func TestPlantedDomain(t *testing.T) {
	t.Parallel()
	metadata := func(t *testing.T, dir string, change func(text string) string) {
		name := filepath.Join(dir, "dom_md/metadata")
		text, err := os.ReadFile(name)
		must(t, err)
		must(t, os.WriteFile(name, []byte(change(string(text))), 0o644))
	}
	link := func(t *testing.T, dir, outside, name string) {
		swap(t, filepath.Join(dir, name), func() error { return os.Symlink(filepath.Join(outside, name), filepath.Join(dir, name)) })
	}
	for name, plant := range map[string]func(t *testing.T, dir, outside string){
		"metadata is a link out": func(t *testing.T, dir, outside string) { link(t, dir, outside, "dom_md/metadata") },
		"dom_md is a link out":   func(t *testing.T, dir, outside string) { link(t, dir, outside, "dom_md") },
		"metadata is a pipe": func(t *testing.T, dir, _ string) {
			swap(t, filepath.Join(dir, "dom_md/metadata"), func() error { return unix.Mkfifo(filepath.Join(dir, "dom_md/metadata"), 0o644) })
		},
		"metadata is huge":   func(t *testing.T, dir, _ string) { must(t, os.Truncate(filepath.Join(dir, "dom_md/metadata"), 1<<40)) },
		"metadata is empty":  func(t *testing.T, dir, _ string) { metadata(t, dir, func(string) string { return "" }) },
		"metadata is half":   func(t *testing.T, dir, _ string) { metadata(t, dir, func(s string) string { return s[:len(s)/2] }) },
		"metadata is binary": func(t *testing.T, dir, _ string) { metadata(t, dir, func(s string) string { return s + "\x00\xff" }) },
		"wrong checksum": func(t *testing.T, dir, _ string) {
			metadata(t, dir, func(s string) string { return strings.Replace(s, "ROLE=Master", "ROLE=Regular", 1) })
		},
		"of another domain": func(t *testing.T, dir, _ string) {
			metadata(t, dir, func(s string) string { return strings.ReplaceAll(s, filepath.Base(dir), uuid.NewString()) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCentre(t)
			outside := filepath.Join(c.top, "outside")
			must(t, os.CopyFS(outside, os.DirFS(c.dir)))
			before := state(t, outside)
			plant(t, c.dir, outside)
			c.s.domains.Forget(c.domain)
			for _, verb := range []string{
				"StorageDomain.getInfo", "StorageDomain.validate", "StorageDomain.getStats", "StorageDomain.getVolumes", "StorageDomain.getImages",
				"Volume.create", "Volume.getInfo", "Image.delete",
			} {
				if answer, err := c.run(verb, c.volume(uuid.NewString(), uuid.NewString())); err == nil || !coded(err) {
					t.Errorf("%s: %s, %v", verb, answer, err)
				}
			}
			if state(t, outside) != before {
				t.Error("what is outside has changed")
			}
		})
	}
}

// TestPlantedImages puts a link out of the domain in the place of its folder of
// images.
func TestPlantedImages(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	image := uuid.NewString()
	volume := c.create(image, blank)
	outside := filepath.Join(c.top, "outside")
	must(t, os.Rename(filepath.Join(c.dir, "images"), outside))
	must(t, os.Symlink(outside, filepath.Join(c.dir, "images")))
	before := state(t, outside)
	for _, verb := range []string{
		"StorageDomain.getImages", "StorageDomain.getVolumes", "Image.prepare", "Volume.getInfo", "Volume.setDescription", "Volume.delete",
		"Volume.create", "Volume.extendSize", "Image.delete",
	} {
		if answer, err := c.run(verb, c.volume(image, volume)); err == nil {
			t.Errorf("%s: %s", verb, answer)
		}
	}
	if state(t, outside) != before {
		t.Error("what is outside has changed")
	}
}
