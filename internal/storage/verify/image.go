// SPDX-License-Identifier: GPL-2.0-or-later

package verify

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/volumemd"
)

// images looks at all images.
func (c *check) images() {
	names, err := fs.ReadDir(c.root.FS(), domain.ImagesDir)
	if err != nil {
		c.wrong(domain.ImagesDir, "%v", err)
		return
	}
	for _, n := range names {
		name := path.Join(domain.ImagesDir, n.Name())
		switch {
		case n.Name() == domain.ISOImage && c.known.Class == domainmd.ISO:
		case domain.IsID(n.Name()) && n.IsDir():
			c.report.Images++
			c.image(n.Name())
		case strings.HasPrefix(name, domain.RemovedImageDir("")):
			c.wrong(name, "is left of an image that was removed")
		default:
			c.wrong(name, "is no image")
		}
	}
}

// image looks at the volumes of an image: each has its three files and can be
// read, they are one chain, and that ends in the image.
func (c *check) image(id string) {
	dir := domain.ImageDir(id)
	entries, err := fs.ReadDir(c.root.FS(), dir)
	if err != nil {
		c.wrong(dir, "%v", err)
		return
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		there[e.Name()] = true
	}
	volumes := make(map[string]volumemd.Volume)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		volume, suffix, _ := strings.Cut(e.Name(), ".")
		written := strings.HasSuffix(e.Name(), ".new")
		suffix = strings.TrimSuffix(strings.TrimSuffix(suffix, "new"), ".")
		switch {
		case !domain.IsID(volume) || !slices.Contains([]string{"", "meta", "lease"}, suffix):
			c.wrong(name, "belongs to no volume")
		case !e.Type().IsRegular():
			c.wrong(name, "is no regular file")
		case written && there[volume+".meta"]:
			// Of a write that is under way, or was interrupted: what it was to
			// replace counts, and the next write takes it.
		case suffix == "meta" && !written:
			c.report.Volumes++
			if v, ok := c.volume(name, id, volume, there); ok {
				volumes[volume] = v
			}
		case !there[volume+".meta"]:
			c.wrong(name, "has no metadata")
		}
	}
	c.chain(dir, volumes)
	c.formats(dir, volumes)
}

// volume looks at the metadata of a volume.
func (c *check) volume(name, image, id string, there map[string]bool) (v volumemd.Volume, ok bool) {
	if !there[id] {
		c.wrong(name, "the data of the volume is missing")
	}
	switch leased := c.known.ID != "" && c.known.Type != domainmd.LocalFS && c.known.Version.Sanlock(); {
	case leased && there[id+".lease"]:
		c.record(path.Join(domain.ImageDir(image), id+".lease"), 0, id)
	case leased:
		c.wrong(name, "the lease of the volume is missing")
	}
	b, err := c.read(name)
	if err == nil {
		v, err = volumemd.Parse(b)
	}
	if err != nil {
		c.wrong(name, "%v", err)
		return v, false
	}
	if c.known.ID != "" && v.Domain != c.known.ID {
		c.wrong(name, "says that it is of domain %s", v.Domain)
	}
	if v.Image != image && v.Role != api.VolumeRoleSHARED {
		c.wrong(name, "says that it is of image %s", v.Image)
	}
	if v.Legality == api.VolumeLegalityILLEGAL {
		c.wrong(name, "the volume is marked as illegal")
	}
	if info, err := c.root.Stat(path.Join(domain.ImageDir(image), id)); err == nil && v.Format == api.VolumeFormatRAW && uint64(info.Size()) < v.Capacity {
		c.wrong(name, "the volume has %d bytes, its capacity is %d", info.Size(), v.Capacity)
	} else if err == nil && v.Format == api.VolumeFormatCOW {
		c.header(image, id, v)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.wrong(name, "%v", err)
	}
	return v, true
}

// chain looks whether the volumes of an image are one chain, without those that
// are not legal: they are told already, and are not used.
func (c *check) chain(dir string, all map[string]volumemd.Volume) {
	volumes := maps.Clone(all)
	maps.DeleteFunc(volumes, func(_ string, v volumemd.Volume) bool { return v.Legality == api.VolumeLegalityILLEGAL })
	children, based := make(map[string]int), make(map[string]bool)
	for _, v := range all {
		based[v.Parent] = true
	}
	for id, v := range volumes {
		name := path.Join(dir, id)
		if v.Parent == volumemd.NoParent {
			continue
		}
		_, there := all[v.Parent]
		parent, legal := volumes[v.Parent]
		switch {
		case there && !legal: // which is told
		case !there:
			c.wrong(name, "its parent %s is not there", v.Parent)
		case parent.Role == api.VolumeRoleLEAF:
			c.wrong(name, "its parent %s is a leaf", v.Parent)
		case v.Format != api.VolumeFormatCOW:
			c.wrong(name, "has a parent and is raw")
		}
		if children[v.Parent]++; children[v.Parent] == 2 {
			c.wrong(path.Join(dir, v.Parent), "has several children")
		}
	}
	leaves := 0
	for id, v := range volumes {
		if v.Role == api.VolumeRoleLEAF {
			leaves++
		}
		if v.Role == api.VolumeRoleINTERNAL && !based[id] {
			c.wrong(path.Join(dir, id), "is internal and has no child")
		}
		if c.circle(volumes, id) {
			c.wrong(path.Join(dir, id), "is based on itself")
		}
	}
	if leaves > 1 {
		c.wrong(dir, "has %d leaves", leaves)
	}
}

// circle reports whether the parents of a volume lead to it again.
func (c *check) circle(volumes map[string]volumemd.Volume, id string) bool {
	at := id
	for range volumes {
		v, ok := volumes[at]
		if !ok || v.Parent == volumemd.NoParent {
			return false
		}
		if at = v.Parent; at == id {
			return true
		}
	}
	return false
}
