// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
)

// Size is the length of a volume's file and what is allocated for it, in bytes.
type Size struct{ Apparent, True int64 }

// allocationUnit is what stat(2) counts blocks in.
const allocationUnit = 512

// Size tells how large a volume is.
func (v *Volumes) Size(ctx context.Context, id ID) (Size, error) {
	info, err := v.stat(ctx, id)
	if err != nil {
		return Size{}, err
	}
	return Size{info.Size, info.Blocks * allocationUnit}, nil
}

// Info is all that is known of a volume.
type Info struct {
	Metadata volumemd.Volume
	Size     Size
	Lease    *LeaseInfo // nil in a domain without
	// Broken says why the rest is not known: its metadata cannot be read.
	Broken error
}

// LeaseInfo is the lease of a volume.
type LeaseInfo struct {
	clusterlock.Lease
	Owner  clusterlock.Owner
	Usable bool // false when another lease is written there
}

// Info describes a volume. Broken metadata is no error.
func (v *Volumes) Info(ctx context.Context, id ID) (Info, error) {
	size, err := v.Size(ctx, id)
	if err != nil {
		return Info{}, err
	}
	i := Info{Size: size}
	if i.Metadata, err = v.Metadata(ctx, id); err != nil {
		if errors.Is(err, api.ErrVolumeDoesNotExist) {
			return Info{}, err
		}
		return Info{Broken: err}, nil
	}
	lease, ok := v.Lease(id)
	if !ok {
		return i, nil
	}
	owner, err := v.o.Leases.Inspect(ctx, lease)
	if err != nil && !errors.Is(err, clusterlock.ErrLeaseName) {
		return Info{}, err
	}
	i.Lease = &LeaseInfo{Lease: lease, Owner: owner, Usable: err == nil}
	return i, nil
}

// QemuInfo describes a volume as qemu-img does. A VM may be using it.
func (v *Volumes) QemuInfo(ctx context.Context, id ID) (*qemuimg.Info, error) {
	if _, err := v.stat(ctx, id); err != nil {
		return nil, err
	}
	md, err := v.Metadata(ctx, id)
	if err != nil {
		return nil, err
	}
	if h, err := v.header(ctx, id, md); err == nil && h != nil {
		if _, err := h.Below(id.Image); err != nil {
			return nil, api.ErrImageIsNotLegalChain.OfText(id.Image).Caused(err)
		}
	}
	return v.o.QemuImg.Info(ctx, v.Path(id), qemuimg.InfoOptions{Format: format(md.Format), Shared: true})
}

// Measure tells how much room a copy in another format needs, of the volume
// alone or with its chain, down to base, its parent, if that is not empty. A
// VM may be using it.
func (v *Volumes) Measure(ctx context.Context, id ID, target api.VolumeFormat, chain bool, base string) (*qemuimg.Measured, error) {
	if _, err := v.stat(ctx, id); err != nil {
		return nil, err
	}
	md, err := v.Metadata(ctx, id)
	if err != nil {
		return nil, err
	}
	m := qemuimg.Measure{
		Image: v.Path(id), Format: format(md.Format), TargetFormat: format(target), TopOnly: !chain, Shared: true,
	}
	if chain && base != "" {
		switch {
		case md.Parent == BlankID:
			return nil, unsupported("BaseUUID specified, but volume "+id.Volume+" does not have a parent", api.PyDict{})
		case md.Parent != base:
			return nil, unsupported("Base mismatch "+base+", actual "+md.Parent, api.PyDict{})
		}
		below := ID{id.Image, base}
		parent, err := v.Metadata(ctx, below)
		if err != nil {
			return nil, err
		}
		m.Base, m.BaseFormat = v.Path(below), format(parent.Format)
	}
	if err := v.checkLayers(ctx, id, md); err != nil {
		return nil, err
	}
	return v.o.QemuImg.Measure(ctx, m)
}
