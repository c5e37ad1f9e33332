// SPDX-License-Identifier: GPL-2.0-or-later

package verify

import (
	"path"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
)

// header looks whether the data of a qcow2 volume says the same of itself as
// the metadata: its size, and what it is based on.
func (c *check) header(image, id string, v volumemd.Volume) {
	name := path.Join(domain.ImageDir(image), id)
	b, err := c.readAt(name, 0, qemuimg.HeaderSize)
	var h *qemuimg.Header
	if err == nil {
		h, err = qemuimg.ParseHeader(b)
	}
	if err != nil {
		c.wrong(name, "%v", err)
		return
	}
	parent := v.Parent
	if parent == volumemd.NoParent {
		parent = ""
	}
	switch {
	case h.DataFile:
		c.wrong(name, "keeps its data in another file")
	case h.Backing != parent && (parent == "" || h.Backing != path.Join("..", image, parent)): // as hosts wrote it once
		c.wrong(name, "is based on %q, its metadata says %q", h.Backing, parent)
	case h.Size > v.Capacity:
		c.wrong(name, "the disk has %d bytes, the capacity of the volume is %d", h.Size, v.Capacity)
	}
	if parent != "" {
		c.backing[name] = h.BackingFormat
	}
}

// formats looks whether the format of what a volume is based on is what the
// data says: QEMU believes the data.
func (c *check) formats(dir string, volumes map[string]volumemd.Volume) {
	for id, v := range volumes {
		name := path.Join(dir, id)
		parent, there := volumes[v.Parent]
		if said, known := c.backing[name]; known && there && said != "" && (said == qemuimg.QCOW2) != (parent.Format == api.VolumeFormatCOW) {
			c.wrong(name, "says that its parent is %s, its parent's metadata says %s", said, parent.Format)
		}
	}
}
