// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
)

// folder is the folder of an image, for packages that know names in it only.
type folder struct {
	dir  Dir
	name string
}

// ReadAt implements qemuimg.Reader.
func (f folder) ReadAt(ctx context.Context, name string, offset, size int64, direct bool) ([]byte, error) {
	return f.dir.ReadAt(ctx, path.Join(f.name, name), offset, size, direct)
}

// layers follows what the data of a volume says it is based on, top first. An
// image that leads out of its folder, or in a circle, or to nothing, is
// [api.ErrImageIsNotLegalChain]; data that is not what its metadata calls it is
// qemuimg.ErrNotQCOW2.
func (v *Volumes) layers(ctx context.Context, id ID, md volumemd.Volume) ([]qemuimg.Layer, error) {
	layers, err := qemuimg.Chain(ctx, folder{v.dir, domain.ImageDir(id.Image)}, id.Image, id.Volume, format(md.Format),
		func(name string) (qemuimg.Format, error) {
			below, err := v.Metadata(ctx, ID{id.Image, name})
			return format(below.Format), err
		})
	switch {
	case err == nil:
		return layers, v.checkNames(ctx, id.Image, layers)
	case errors.Is(err, qemuimg.ErrNotQCOW2):
		return nil, err
	case errors.Is(err, qemuimg.ErrForeign), errors.Is(err, qemuimg.ErrChain), errors.Is(err, qemuimg.ErrFormat),
		errors.Is(err, fs.ErrNotExist), errors.Is(err, api.ErrVolumeDoesNotExist):
		return nil, api.ErrImageIsNotLegalChain.OfText(id.Image).Caused(err)
	}
	return nil, v.access(err)
}

// checkNames sees that layers are volumes that are there. A raw one at the end
// has not been looked at yet.
func (v *Volumes) checkNames(ctx context.Context, image string, layers []qemuimg.Layer) error {
	broken := func(name string) error {
		return api.ErrImageIsNotLegalChain.OfText(image).Caused(fmt.Errorf("%q is no volume", name))
	}
	var names []string
	for _, l := range layers {
		if !domain.IsID(l.Name) {
			return broken(l.Name)
		}
		names = append(names, dataFile(image, l.Name))
	}
	infos, err := v.dir.StatAll(ctx, names)
	if err != nil {
		return v.access(err)
	}
	for n, l := range layers {
		if info := infos[names[n]]; info == nil || !info.Mode.IsRegular() {
			return broken(l.Name)
		}
	}
	return nil
}

// checkLayers is layers for who is about to run a program on the volume.
func (v *Volumes) checkLayers(ctx context.Context, id ID, md volumemd.Volume) error {
	_, err := v.layers(ctx, id, md)
	if errors.Is(err, qemuimg.ErrNotQCOW2) {
		return api.ErrImageIsNotLegalChain.OfText(id.Image).Caused(err)
	}
	return err
}

// header reads what a qcow2 volume says of itself, nil of a raw one.
func (v *Volumes) header(ctx context.Context, id ID, md volumemd.Volume) (*qemuimg.Header, error) {
	if md.Format != api.VolumeFormatCOW {
		return nil, nil
	}
	b, err := v.dir.ReadAt(ctx, dataFile(id.Image, id.Volume), 0, qemuimg.HeaderSize, true)
	if err != nil {
		return nil, v.access(err)
	}
	return qemuimg.ParseHeader(b)
}

// valid says whether a bitmap holds what changed: it is kept up to date, and
// was closed well.
func valid(b qemuimg.Bitmap) bool {
	return slices.Contains(b.Flags, "auto") && !slices.Contains(b.Flags, "in-use")
}

// Verify checks what somebody uploaded: that the data is what the metadata
// says, and is based on its parent and nothing else. If not it is
// [api.ErrImageVerification].
func (v *Volumes) Verify(ctx context.Context, id ID) error {
	if _, err := v.stat(ctx, id); err != nil {
		return err
	}
	md, err := v.Metadata(ctx, id)
	if err != nil {
		return err
	}
	fail := func(reason string, values ...any) error {
		return api.ErrImageVerification.OfText("reason=" + fmt.Sprintf(reason, values...))
	}
	// Before qemu-img gets to open whatever the header names.
	head, err := v.dir.ReadAt(ctx, dataFile(id.Image, id.Volume), 0, qemuimg.HeaderSize, true)
	if err != nil {
		return v.access(err)
	}
	if h, err := qemuimg.ParseHeader(head); err == nil {
		if _, err := h.Below(""); err != nil { // as hosts write it now
			return fail("%v", err)
		}
	}
	info, err := v.o.QemuImg.Info(ctx, v.Path(id), qemuimg.InfoOptions{Untrusted: true})
	if err != nil {
		return err
	}
	parent := BlankID
	if info.Backing != "" {
		parent = info.Backing
	}
	switch compat := info.Specific.Data.Compat; {
	case info.Format != format(md.Format):
		return fail("Volume's format specified by QEMU is %s, while the format specified in VDSM metadata is %s", info.Format, format(md.Format))
	case md.Capacity < uint64(info.VirtualSize):
		return fail("Image virtual size %d is bigger than volume size %d", info.VirtualSize, md.Capacity)
	case parent != md.Parent:
		return fail("Image backing file '%s' does not match volume parent uuid '%s'", parent, md.Parent)
	case info.Format == qemuimg.QCOW2 && compat != "0.10" && (compat != "1.1" || v.d.Known().Version < 4):
		return fail("qcow2 compat '%s' not supported on this domain", compat)
	}
	return nil
}
