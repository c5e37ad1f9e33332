// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
)

// InUse is a volume that a program of this host may open.
type InUse struct {
	ID
	Metadata volumemd.Volume

	Path   string
	Format qemuimg.Format
	Layers []Layer // the volume itself, then what its data is based on
	Parent *Parent // nil of a base
}

// Layer is the data of a volume in a chain.
type Layer struct {
	Path   string
	Format qemuimg.Format
}

// Parent is what a volume is based on, as images call it.
type Parent struct {
	Name   string
	Format qemuimg.Format
}

// suspendedVM is the size of the configuration of a suspended VM, in bytes.
// Hosts once wrote it raw into volumes that they had called qcow2.
const suspendedVM = 10240

// Use makes sure that a program of this host can work on a volume and what it
// is based on, as Prepare does for a VM, and with the same errors; but what is
// based on the volume may be illegal. There is nothing to take back.
func (v *Volumes) Use(ctx context.Context, id ID, allowIllegal bool) (*InUse, error) {
	if _, err := v.stat(ctx, id); err != nil {
		return nil, err
	}
	image, layers, err := v.ready(ctx, id, true)
	if err != nil {
		return nil, err
	}
	if !allowIllegal {
		if err := image.legal(id.Volume); err != nil {
			return nil, err
		}
	}
	md, err := v.Metadata(ctx, id) // its capacity may have been repaired
	if err != nil {
		return nil, err
	}
	u := &InUse{ID: id, Metadata: md, Path: v.Path(id), Format: format(md.Format)}
	for _, l := range layers {
		u.Layers = append(u.Layers, Layer{v.Path(ID{id.Image, l.Name}), l.Format})
	}
	if len(layers) == 0 && md.Capacity == suspendedVM {
		u.Format = qemuimg.Raw
	}
	if len(layers) == 0 {
		u.Layers = []Layer{{u.Path, u.Format}}
	}
	if md.Parent != BlankID {
		parent, err := image.Volume(md.Parent)
		if err != nil {
			return nil, err
		}
		u.Parent = &Parent{md.Parent, format(parent.Format)}
	}
	return u, nil
}

// legal is [api.ErrprepareIllegalVolume] when a volume, or one that it is based
// on, is not fit for use.
func (i *Image) legal(leaf string) error {
	chain, err := i.Chain(leaf)
	if err != nil {
		return err
	}
	for _, id := range chain {
		if i.layers[id].Legality == api.VolumeLegalityILLEGAL {
			return api.ErrprepareIllegalVolume.Of(id)
		}
	}
	return nil
}
