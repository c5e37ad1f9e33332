// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
)

// Prepared is an image that can be used on this host.
type Prepared struct {
	// Path is that of the leaf's data, in the domain. RunPath is the same file
	// by the link in the folder of prepared images.
	Path, RunPath string
	Volumes       []PreparedVolume // all of the image, templates included, by id
}

// PreparedVolume is a volume of an image that can be used.
type PreparedVolume struct {
	ID
	Path  string
	Lease *clusterlock.Lease // nil in a domain without
}

// Leaf returns the volume of the given id.
func (p *Prepared) Leaf(id string) PreparedVolume {
	for _, v := range p.Volumes {
		if v.Volume == id {
			return v
		}
	}
	return PreparedVolume{}
}

// Prepare makes the chain under a volume usable on this host: QEMU gets at its
// files, and there is a link to its image. It may be prepared already. An
// illegal volume in the image is [api.ErrprepareIllegalVolume] unless that is
// allowed; a chain that leads out of the image is [api.ErrImageIsNotLegalChain].
func (v *Volumes) Prepare(ctx context.Context, leaf ID, allowIllegal bool) (*Prepared, error) {
	image, _, err := v.ready(ctx, leaf, allowIllegal)
	if err != nil {
		return nil, err
	}
	if err := v.addLink(leaf.Image); err != nil {
		return nil, err
	}
	return v.prepared(image, leaf), nil
}

// ready is Prepare without the link.
func (v *Volumes) ready(ctx context.Context, leaf ID, allowIllegal bool) (*Image, []qemuimg.Layer, error) {
	if err := leaf.check(); err != nil {
		return nil, nil, err
	}
	image, err := v.Image(ctx, leaf.Image)
	if errors.Is(err, api.ErrImageDoesNotExistInSD) {
		return nil, nil, api.ErrVolumeDoesNotExist.Of(leaf.Volume).Caused(err)
	}
	if err != nil {
		return nil, nil, err
	}
	top, err := image.Volume(leaf.Volume)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range image.Volumes() {
		md, err := image.Volume(id)
		if err == nil && md.Legality == api.VolumeLegalityILLEGAL && !allowIllegal {
			return nil, nil, api.ErrprepareIllegalVolume.Of(id)
		}
	}
	layers, err := v.layers(ctx, leaf, top)
	switch {
	case errors.Is(err, qemuimg.ErrNotQCOW2):
		// Hosts once wrote the configuration of paused VMs raw into such.
		v.o.Log.WarnContext(ctx, "a volume is not what its metadata says", "volume", leaf.Volume, "err", err)
	case err != nil:
		return nil, nil, err
	}
	if err := v.openToGroup(ctx, image); err != nil {
		return nil, nil, err
	}
	return image, layers, v.repairCapacities(ctx, image, layers)
}

func (v *Volumes) prepared(image *Image, leaf ID) *Prepared {
	p := &Prepared{Path: v.Path(leaf), RunPath: filepath.Join(v.runLink(leaf.Image), leaf.Volume)}
	for _, id := range image.Volumes() {
		volume := PreparedVolume{ID: ID{image.ID, id}, Path: v.Path(ID{image.ID, id})}
		if lease, ok := v.Lease(volume.ID); ok {
			volume.Lease = &lease
		}
		p.Volumes = append(p.Volumes, volume)
	}
	return p
}

// openToGroup gives the group, in which QEMU is, what the owner may do: hosts
// of version 2.2 left it out.
func (v *Volumes) openToGroup(ctx context.Context, image *Image) error {
	var names []string
	for _, id := range image.Volumes() {
		names = append(names, dataFile(image.ID, id))
	}
	infos, err := v.dir.StatAll(ctx, names)
	if err != nil {
		return v.access(err)
	}
	for _, name := range names {
		info := infos[name]
		if info == nil || !info.Mode.IsRegular() {
			return api.ErrVolumeDoesNotExist.Of(filepath.Base(name))
		}
		group := info.Mode.Perm() & 0o700 >> 3
		if info.Mode.Perm()&0o070 == group {
			continue
		}
		if err := v.dir.Chmod(ctx, name, info.Mode.Perm()&0o707|group); err != nil {
			return v.access(err)
		}
	}
	return nil
}

// repairCapacities makes metadata tell the virtual size where that is larger:
// who was interrupted while resizing has left 0, and a snapshot made upon that
// would cut the disk off.
func (v *Volumes) repairCapacities(ctx context.Context, image *Image, layers []qemuimg.Layer) error {
	for _, layer := range layers {
		md, err := image.Volume(layer.Name)
		if err != nil || md.Role == api.VolumeRoleSHARED {
			continue
		}
		id := ID{image.ID, layer.Name}
		size, err := v.virtualSize(ctx, id, layer)
		if err != nil {
			return err
		}
		if md.Capacity >= size {
			continue
		}
		v.o.Log.WarnContext(ctx, "the capacity of a volume is repaired", "volume", id.Volume, "stored", md.Capacity, "actual", size)
		err = v.Update(ctx, id, func(md *volumemd.Volume) error {
			md.Capacity = max(md.Capacity, size)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *Volumes) virtualSize(ctx context.Context, id ID, layer qemuimg.Layer) (uint64, error) {
	if layer.Header != nil {
		return layer.Header.Size, nil
	}
	info, err := v.dir.Stat(ctx, dataFile(id.Image, id.Volume))
	if err != nil {
		return 0, v.access(err)
	}
	return uint64(info.Size), nil
}

// runLink is the path of the link to a prepared image. It is on the host's own
// file system.
func (v *Volumes) runLink(image string) string { return filepath.Join(v.o.Run, v.d.ID(), image) }

func (v *Volumes) addLink(image string) error {
	link, target := v.runLink(image), v.dir.Path(domain.ImageDir(image))
	if there, err := os.Readlink(link); err == nil && there == target {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return err
	}
	err := os.Symlink(target, link)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) { // it leads where the domain was
		return err
	}
	return os.Symlink(target, link)
}

// Teardown takes the link to an image away. It may have none.
func (v *Volumes) Teardown(image string) error {
	if !domain.IsID(image) {
		return v.noImage(image)
	}
	if err := os.Remove(v.runLink(image)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Reconcile makes the metadata of an image fit what its data is based on, after
// a merge of a running VM was interrupted, and returns the chain, base first.
// No VM may use the image; the caller holds it exclusively.
func (v *Volumes) Reconcile(ctx context.Context, leaf ID) ([]string, error) {
	if _, err := v.stat(ctx, leaf); err != nil {
		return nil, err
	}
	md, err := v.Metadata(ctx, leaf)
	if err != nil {
		return nil, err
	}
	layers, err := v.layers(ctx, leaf, md)
	if err != nil {
		return nil, err
	}
	if md.Legality == api.VolumeLegalityILLEGAL && len(layers) > 1 {
		// It was being merged into the one below, which is complete since.
		layers = layers[1:]
	}
	actual := make([]string, len(layers))
	for n, layer := range layers {
		actual[n] = layer.Name
	}
	if err := v.SyncChain(ctx, ID{leaf.Image, actual[0]}, actual); err != nil {
		return nil, err
	}
	slices.Reverse(actual)
	return actual, nil
}

// SyncChain makes the metadata of the chain under a volume fit an actual chain,
// whose order does not count. One volume, or several in a row, may be missing
// there: if the leaf is among them they are marked as illegal from the leaf on,
// else what is based on them is based on what is below them. With none missing
// the leaf is legal.
func (v *Volumes) SyncChain(ctx context.Context, leaf ID, actual []string) error {
	image, err := v.Image(ctx, leaf.Image)
	if err != nil {
		return err
	}
	chain, err := image.Chain(leaf.Volume)
	if err != nil {
		return err
	}
	var gone []string // top first
	for _, id := range chain {
		md, _ := image.Volume(id)
		if md.Role == api.VolumeRoleSHARED {
			break
		}
		if !slices.Contains(actual, id) {
			gone = append(gone, id)
		} else if len(gone) > 0 {
			break
		}
	}
	if len(gone) == 0 {
		return v.SetLegality(ctx, leaf, api.VolumeLegalityLEGAL)
	}
	top, _ := image.Volume(gone[0])
	if top.Role == api.VolumeRoleLEAF {
		return v.SetLegality(ctx, ID{leaf.Image, gone[0]}, api.VolumeLegalityILLEGAL)
	}
	last, _ := image.Volume(gone[len(gone)-1])
	for _, child := range image.Children(gone[0]) {
		err := v.Update(ctx, ID{leaf.Image, child}, func(md *volumemd.Volume) error {
			md.Parent = last.Parent
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
