// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volumemd"
)

// check refuses names that are no ids before they become those of files.
func (id ID) check() error {
	if !domain.IsID(id.Image) {
		return api.ErrImagePath.Of(id.Image)
	}
	if !domain.IsID(id.Volume) {
		return api.ErrVolumeDoesNotExist.Of(id.Volume)
	}
	return nil
}

// stat looks for the files of a volume. One without data or metadata is
// [api.ErrVolumeDoesNotExist], one in a folder that is not there
// [api.ErrImagePath].
func (v *Volumes) stat(ctx context.Context, id ID) (*outofprocess.Info, error) {
	if err := id.check(); err != nil {
		return nil, err
	}
	folder, data, meta := domain.ImageDir(id.Image), dataFile(id.Image, id.Volume), metaFile(id.Image, id.Volume)
	found, err := v.dir.StatAll(ctx, []string{folder, data, meta})
	switch {
	case err != nil:
		return nil, v.access(err)
	case found[folder] == nil || !found[folder].IsDir():
		return nil, api.ErrImagePath.Of(v.dir.Path(folder))
	case found[data] == nil || !found[data].Mode.IsRegular() || found[meta] == nil:
		return nil, api.ErrVolumeDoesNotExist.Of(id.Volume)
	}
	return found[data], nil
}

// Metadata reads what a volume is, past all caches. A volume that is not there
// is [api.ErrVolumeDoesNotExist], metadata that cannot be understood
// [api.ErrInvalidMetadata].
func (v *Volumes) Metadata(ctx context.Context, id ID) (volumemd.Volume, error) {
	if err := id.check(); err != nil {
		return volumemd.Volume{}, err
	}
	text, err := v.dir.ReadDirect(ctx, metaFile(id.Image, id.Volume))
	if errors.Is(err, fs.ErrNotExist) {
		return volumemd.Volume{}, api.ErrVolumeDoesNotExist.Of(id.Volume).Caused(err)
	}
	if err != nil {
		return volumemd.Volume{}, api.ErrVolumeMetadataRead.OfText(fmt.Sprintf("%s: %v", id.Volume, err)).Caused(err)
	}
	md, err := volumemd.Parse(text)
	if err != nil {
		return md, fmt.Errorf("metadata of volume %s: %w", id.Volume, err)
	}
	return md, nil
}

// Update changes what a volume is, in one write. Nothing is written when
// change changes nothing. That of a template is changed in the image it belongs
// to, and linked again into those based on it; also when it says already what it
// should: who was interrupted before the links asks for the same again.
func (v *Volumes) Update(ctx context.Context, id ID, change func(*volumemd.Volume) error) error {
	old, err := v.Metadata(ctx, id)
	if err != nil {
		return err
	}
	md := old
	if err := change(&md); err != nil {
		return err
	}
	if md == old && old.Role != api.VolumeRoleSHARED {
		return nil
	}
	if old.Role == api.VolumeRoleSHARED && old.Image != id.Image && domain.IsID(old.Image) {
		// Written here, the metadata would be a file of its own, and differ.
		return v.Update(ctx, ID{old.Image, id.Volume}, change)
	}
	if md != old {
		if err := v.write(ctx, id, md); err != nil {
			return err
		}
	}
	if old.Role != api.VolumeRoleSHARED {
		return nil
	}
	return v.Relink(ctx, id)
}

func (v *Volumes) write(ctx context.Context, id ID, md volumemd.Volume) error {
	text, err := md.Bytes(int(v.d.Known().Version))
	if err == nil {
		err = v.dir.WriteFile(ctx, metaFile(id.Image, id.Volume), text)
	}
	if err != nil {
		return api.ErrVolumeMetadataWrite.OfText(fmt.Sprintf("%s: %v", id.Volume, err)).Caused(err)
	}
	return nil
}

// SetDescription changes the description; what is too long is cut.
func (v *Volumes) SetDescription(ctx context.Context, id ID, text string) error {
	return v.Update(ctx, id, func(md *volumemd.Volume) error {
		md.Description = volumemd.CutDescription(text)
		return nil
	})
}

// SetLegality marks a volume as fit for use or not. It writes what it is told:
// managers know more values than the schema.
func (v *Volumes) SetLegality(ctx context.Context, id ID, legality api.VolumeLegality) error {
	return v.Update(ctx, id, func(md *volumemd.Volume) error {
		if !slices.Contains(md.Legality.Values(), string(legality)) {
			return api.ErrInvalidParameterException.OfText("legality=" + string(legality))
		}
		md.Legality = legality
		return nil
	})
}

// setRole marks a volume as the last of a chain, or below others, or shared.
func (v *Volumes) setRole(ctx context.Context, id ID, role api.VolumeRole) error {
	return v.Update(ctx, id, func(md *volumemd.Volume) error {
		md.Role = role
		return nil
	})
}

// SetShared makes a template of a volume.
func (v *Volumes) SetShared(ctx context.Context, id ID) error {
	return v.setRole(ctx, id, api.VolumeRoleSHARED)
}

// format is how qemu-img calls a volume's format.
func format(f api.VolumeFormat) qemuimg.Format {
	if f == api.VolumeFormatCOW {
		return qemuimg.QCOW2
	}
	return qemuimg.Raw
}
