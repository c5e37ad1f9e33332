// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/volume"
	"govdsm/internal/storage/volumemd"
)

func (s *Storage) bindVolumes(t *dispatch.Table) {
	dispatch.Bind(t, api.VolumeGetInfo, s.volumeInfo)
	dispatch.Bind(t, api.VolumeGetSize, s.volumeSize)
	dispatch.Bind(t, api.VolumeGetQemuImageInfo, s.qemuImageInfo)
	dispatch.Bind(t, api.VolumeMeasure, s.measureVolume)
	dispatch.Bind(t, api.VolumeVerifyUntrusted, s.verifyVolume)
	dispatch.Bind(t, api.VolumeRefresh, s.refreshVolume)
	dispatch.Bind(t, api.VolumeTeardown, s.teardownVolume)
	dispatch.Bind(t, api.VolumeSetDescription, s.setVolumeDescription)
	dispatch.Bind(t, api.VolumeSetLegality, s.setVolumeLegality)
	dispatch.Bind(t, api.VolumeCreate, s.createVolume)
	dispatch.Bind(t, api.VolumeDelete, s.deleteVolume)
	dispatch.Bind(t, api.VolumeCopy, s.copyVolume)
	dispatch.Bind(t, api.VolumeExtendSize, s.extendVolumeSize)
}

func volumeID(image, id api.UUID) volume.ID {
	return volume.ID{Image: string(image), Volume: string(id)}
}

func (s *Storage) volumeInfo(ctx context.Context, p *api.VolumeGetInfoParams) (r api.VolumeInfoResponse, err error) {
	v, err := s.volumes(ctx, p.StorageDomainID)
	if err != nil {
		return r, err
	}
	info, err := v.Info(ctx, volumeID(p.ImageID, p.VolumeID))
	if err != nil {
		return r, err
	}
	if info.Broken != nil {
		s.log.DebugContext(ctx, "a volume cannot be described", "volume", p.VolumeID, "err", info.Broken)
		return api.VolumeInfoResponse{Status: api.VolumeStatusINVALID, Children: []api.UUID{}, Truesize: "0", Apparentsize: "0"}, nil
	}
	return describeVolume(string(p.VolumeID), info), nil
}

func describeVolume(id string, info volume.Info) api.VolumeInfoResponse {
	md := info.Metadata
	r := api.VolumeInfoResponse{
		UUID: new(api.UUID(id)), Domain: new(api.UUID(md.Domain)), Image: new(api.UUID(md.Image)), Parent: new(api.UUID(md.Parent)),
		Pool: new(api.UUID("")), Disktype: new(api.DiskContentType(md.DiskType)), Format: &md.Format, Type: &md.Allocation,
		Voltype: &md.Role, Legality: &md.Legality, Description: &md.Description,
		Capacity: new(strconv.FormatUint(md.Capacity, 10)), Ctime: new(strconv.FormatInt(md.CTime, 10)), Mtime: new("0"),
		Generation: &md.Generation, Sequence: &md.Sequence,
		Truesize: strconv.FormatInt(info.Size.True, 10), Apparentsize: strconv.FormatInt(info.Size.Apparent, 10),
		Children: []api.UUID{}, Status: api.VolumeStatusOK,
	}
	if md.Legality == api.VolumeLegalityILLEGAL {
		r.Status = api.VolumeStatusILLEGAL
	}
	if l := info.Lease; l != nil {
		r.Lease = &api.VolumeLeaseStatus{Path: l.Path, Offset: api.Ulong(l.Offset)}
		if l.Usable {
			r.Lease.Owners = []uint64{}
		}
		if l.Owner.HostID != 0 {
			r.Lease.Owners = []uint64{uint64(l.Owner.HostID)}
		}
		if l.Owner.Version != 0 {
			r.Lease.Version = new(int64(l.Owner.Version))
		}
	}
	return r
}

func (s *Storage) volumeSize(ctx context.Context, p *api.VolumeGetSizeParams) (r api.VolumeSizeInfo, err error) {
	v, err := s.volumes(ctx, p.StorageDomainID)
	if err != nil {
		return r, err
	}
	size, err := v.Size(ctx, volumeID(p.ImageID, p.VolumeID))
	if err != nil {
		return r, err
	}
	return api.VolumeSizeInfo{
		Truesize: strconv.FormatInt(size.True, 10), Apparentsize: strconv.FormatInt(size.Apparent, 10),
	}, nil
}

func (s *Storage) qemuImageInfo(ctx context.Context, p *api.VolumeGetQemuImageInfoParams) (r api.QemuImageInfo, err error) {
	err = s.inDomain(ctx, p.StorageDomainID, func(v *volume.Volumes) error {
		info, err := v.QemuInfo(ctx, volumeID(p.ImageID, p.VolumeID))
		if err == nil {
			r = tellQemuInfo(info)
		}
		return err
	})
	return r, err
}

func tellQemuInfo(info *qemuimg.Info) api.QemuImageInfo {
	r := api.QemuImageInfo{Format: api.QemuImageFormat(info.Format), Virtualsize: uint64(info.VirtualSize)}
	if info.ClusterSize > 0 {
		r.Clustersize = new(uint64(info.ClusterSize))
	}
	if info.Backing != "" {
		r.Backingfile = &info.Backing
	}
	data := info.Specific.Data
	if data.Compat != "" {
		r.Compat = new(api.Qcow2Compat(data.Compat))
	}
	for _, b := range data.Bitmaps {
		bitmap := api.Qcow2BitmapInfo{Name: b.Name, Granularity: uint64(b.Granularity)}
		for _, flag := range b.Flags {
			bitmap.Flags = append(bitmap.Flags, api.Qcow2BitmapInfoFlags(flag))
		}
		r.Bitmaps = append(r.Bitmaps, bitmap)
	}
	return r
}

func (s *Storage) measureVolume(ctx context.Context, p *api.VolumeMeasureParams) (r api.VolumeMeasureResult, err error) {
	target, ok := volumemd.FormatOf(string(p.DstVolFormat))
	if !ok {
		return r, api.ErrIncorrectFormat.Of(string(p.DstVolFormat))
	}
	v, err := s.volumes(ctx, p.StorageDomainID)
	if err != nil {
		return r, err
	}
	var base string
	if p.BaseID != nil {
		base = string(*p.BaseID)
	}
	m, err := v.Measure(ctx, volumeID(p.ImageID, p.VolumeID), target, p.BackingChain, base)
	if err != nil {
		return r, err
	}
	return api.VolumeMeasureResult{Required: m.Required, FullyAllocated: m.FullyAllocated, Bitmaps: m.Bitmaps}, nil
}

func (s *Storage) verifyVolume(ctx context.Context, p *api.VolumeVerifyUntrustedParams) (api.Nothing, error) {
	v, err := s.volumes(ctx, p.StorageDomainID)
	if err != nil {
		return api.Nothing{}, err
	}
	return api.Nothing{}, v.Verify(ctx, volumeID(p.ImageID, p.VolumeID))
}

// refreshVolume has nothing to do on files but to say whether there is one.
func (s *Storage) refreshVolume(ctx context.Context, p *api.VolumeRefreshParams) (api.Nothing, error) {
	v, err := s.volumes(ctx, p.StorageDomainID)
	if err != nil {
		return api.Nothing{}, err
	}
	_, err = v.Size(ctx, volumeID(p.ImageID, p.VolumeID))
	return api.Nothing{}, err
}

// teardownVolume has nothing to do on files: a volume has no link of its own.
func (s *Storage) teardownVolume(ctx context.Context, p *api.VolumeTeardownParams) (api.Nothing, error) {
	_, err := s.volumes(ctx, p.StorageDomainID)
	return api.Nothing{}, err
}

func (s *Storage) setVolumeDescription(ctx context.Context, p *api.VolumeSetDescriptionParams) (api.Nothing, error) {
	return s.change(ctx, p.StoragePoolID, p.StorageDomainID, p.ImageID, func(v *volume.Volumes) error {
		return v.SetDescription(ctx, volumeID(p.ImageID, p.VolumeID), p.Description)
	})
}

func (s *Storage) setVolumeLegality(ctx context.Context, p *api.VolumeSetLegalityParams) (api.Nothing, error) {
	return s.change(ctx, p.StoragePoolID, p.StorageDomainID, p.ImageID, func(v *volume.Volumes) error {
		return v.SetLegality(ctx, volumeID(p.ImageID, p.VolumeID), p.Legality)
	})
}

// change calls f with an image to itself, if this host is SPM.
func (s *Storage) change(ctx context.Context, pool, domain, image api.UUID, f func(*volume.Volumes) error) (api.Nothing, error) {
	if err := s.manages(pool); err != nil {
		return api.Nothing{}, err
	}
	return api.Nothing{}, s.inDomain(ctx, domain, func(v *volume.Volumes) error {
		return s.onImage(ctx, domain, string(image), func() error {
			if err := s.manages(pool); err != nil { // while the image was waited for
				return err
			}
			return f(v)
		})
	})
}

// bytes reads a size, which travels as text.
func bytes(name, text string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < 0 || n > mostBytes {
		return 0, api.ErrInvalidParameterException.OfText(name + "=" + text)
	}
	return n, nil
}

// mostBytes is a size that can still be rounded up and multiplied.
const mostBytes = 1 << 60
