// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/volumemd"
)

// fake is the legality of a template that a backup domain does not have: it is
// there so that what is based on it can be.
const fake api.VolumeLegality = "FAKE"

// Template returns the template that an image is based on, as its own image
// has it; false for none.
func (v *Volumes) Template(ctx context.Context, image string) (ID, bool, error) {
	i, err := v.Image(ctx, image)
	if err != nil {
		return ID{}, false, err
	}
	own, err := i.ownChain()
	if err != nil {
		return ID{}, false, err
	}
	base, _ := i.Volume(own[0]) // it is in the chain, so it could be read
	if base.Parent == BlankID {
		return ID{}, false, nil
	}
	template, err := i.Volume(base.Parent)
	if err != nil {
		return ID{}, false, api.ErrImageIsNotLegalChain.Of(image).Caused(err)
	}
	return ID{template.Image, base.Parent}, true, nil
}

// ownChain returns the ids of the volumes that belong to the image itself, base
// first.
func (i *Image) ownChain() ([]string, error) {
	leaf, err := i.Leaf()
	if err != nil {
		return nil, err
	}
	chain, err := i.Chain(leaf)
	if err != nil {
		return nil, err
	}
	slices.Reverse(chain)
	return slices.DeleteFunc(chain, func(id string) bool { return i.layers[id].Image != i.ID }), nil
}

// Movable says whether an image can be copied to another domain. An image whose
// template is not there is [api.ErrImageDoesNotExistInSD], unless that is a
// backup domain; a template that others are based on stays where it is,
// [api.ErrMoveTemplateImage], unless this is one.
func (v *Volumes) Movable(ctx context.Context, to *Volumes, image string) error {
	list, err := v.List(ctx)
	if err != nil {
		return err
	}
	for _, l := range In(list, image) {
		switch {
		case len(l.Images) < 2:
		case l.Images[0] != image:
			return to.hasTemplate(ctx, image, ID{l.Images[0], l.ID})
		case !v.IsBackup():
			return api.ErrMoveTemplateImage.Of(image)
		}
	}
	return nil
}

// IsBackup reports whether the domain is one that VMs are exported to.
func (v *Volumes) IsBackup() bool { return v.d.Known().Class == domainmd.Backup }

func (v *Volumes) hasTemplate(ctx context.Context, image string, template ID) error {
	there, err := v.there(ctx, template)
	if err != nil || there || v.IsBackup() {
		return err
	}
	return api.ErrImageDoesNotExistInSD.OfText("image=" + image + ", domain=" + v.d.ID()).
		Caused(fmt.Errorf("its template, volume %s of image %s, is not there", template.Volume, template.Image))
}

// there reports whether a volume exists.
func (v *Volumes) there(ctx context.Context, id ID) (bool, error) {
	_, err := v.stat(ctx, id)
	if errors.Is(err, api.ErrVolumeDoesNotExist) || errors.Is(err, api.ErrImagePath) {
		return false, nil
	}
	return err == nil, err
}

// CloneStructure makes the volumes of an image in another domain, of the same
// ids, upon each other as here, and with nothing in them. What is to be filled
// next is illegal in its last volume until it is: nobody prepares the image
// then. The caller holds the image shared here and exclusively there.
func (v *Volumes) CloneStructure(ctx context.Context, t Task, to *Volumes, image string, empty bool) error {
	i, err := v.Image(ctx, image)
	if err != nil {
		return err
	}
	own, err := i.ownChain()
	if err != nil {
		return err
	}
	base, _ := i.Volume(own[0])
	if base.Parent != BlankID && to.IsBackup() {
		if err := v.cloneTemplate(ctx, t, to, ID{image, base.Parent}); err != nil {
			return err
		}
	}
	for n, id := range own {
		spec, err := i.cloneOf(id)
		if err != nil {
			return err
		}
		spec.Illegal = !empty && n == len(own)-1
		if err := to.Create(ctx, t, spec); err != nil {
			return err
		}
	}
	return nil
}

// cloneOf says how to make a volume like one of an image.
func (i *Image) cloneOf(id string) (Spec, error) {
	md, err := i.Volume(id)
	if err != nil {
		return Spec{}, err
	}
	s := Spec{
		ID: ID{i.ID, id}, Capacity: int64(md.Capacity), Format: md.Format, Allocation: md.Allocation,
		DiskType: md.DiskType, Description: md.Description, Sequence: md.Sequence,
	}
	if md.Parent == BlankID {
		return s, nil
	}
	parent, err := i.Volume(md.Parent)
	s.Parent = ID{parent.Image, md.Parent}
	return s, err
}

// cloneTemplate makes a fake of a template in a backup domain that does not have
// it. Nothing of it can be used; the real one takes its place when it comes.
func (v *Volumes) cloneTemplate(ctx context.Context, t Task, to *Volumes, link ID) error {
	md, err := v.Metadata(ctx, link)
	if err != nil {
		return err
	}
	template := ID{md.Image, link.Volume}
	if there, err := to.there(ctx, template); err != nil || there {
		return err
	}
	err = to.Create(ctx, t, Spec{
		ID: template, Capacity: int64(md.Capacity), Format: api.VolumeFormatCOW, Allocation: api.VolumeAllocationSPARSE,
		DiskType: md.DiskType, Description: "Fake volume", Illegal: true,
	})
	if err != nil {
		return err
	}
	return to.Update(ctx, template, func(md *volumemd.Volume) error {
		md.Legality, md.Role = fake, api.VolumeRoleSHARED
		return nil
	})
}
