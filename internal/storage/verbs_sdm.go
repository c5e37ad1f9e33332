// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/job"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/sdm"
)

// addJobs builds what runs jobs on volumes.
func (s *Storage) addJobs(o Options) {
	s.hardwareID = o.HardwareID
	if s.hardwareID == nil {
		s.hardwareID = func() string { return "" }
	}
	if o.Jobs == nil { // nobody follows them
		o.Jobs = job.NewRegistry(job.Options{Log: s.log})
	}
	s.jobs = sdm.New(sdm.Options{
		Storage: jobStorage{s}, Locks: s.locks, Registry: o.Jobs, QemuImg: s.qemuImg,
		Sparsify: o.Sparsify, HardwareID: s.hardwareID, Log: s.log,
	})
}

func (s *Storage) bindJobs(t *dispatch.Table) {
	dispatch.Bind(t, api.SDMCopyData, s.copyData)
	dispatch.Bind(t, api.SDMMerge, s.mergeVolumes)
	dispatch.Bind(t, api.SDMAmendVolume, s.amendVolume)
	dispatch.Bind(t, api.SDMSparsifyVolume, s.sparsifyVolume)
	dispatch.Bind(t, api.SDMUpdateVolume, s.updateVolume)
	dispatch.Bind(t, api.SDMAddBitmap, s.addBitmap)
	dispatch.Bind(t, api.SDMRemoveBitmap, s.removeBitmap)
	dispatch.Bind(t, api.SDMClearBitmaps, s.clearBitmaps)
	dispatch.Bind(t, api.SDMMoveDomainDevice, s.moveDomainDevice)
	dispatch.Bind(t, api.SDMReduceDomain, s.reduceDomain)
}

// jobStorage is the pillar as jobs see it.
type jobStorage struct{ s *Storage }

// Domain implements sdm.Storage.
func (j jobStorage) Domain(ctx context.Context, id string) (*sdm.Domain, error) {
	d, err := j.s.domains.Domain(ctx, id)
	if err != nil {
		return nil, err
	}
	v, err := j.s.volumes(ctx, api.UUID(id))
	if err != nil {
		return nil, err
	}
	known := d.Known()
	view := &sdm.Domain{Volumes: v, Version: int(known.Version), Kind: fmt.Sprint(known.Type)}
	if leases := d.Leases(); leases != nil {
		view.Leases = leases
	}
	return view, nil
}

// HostID implements sdm.Storage.
func (j jobStorage) HostID() (int, error) {
	p := j.s.pools.Connected()
	if p == nil {
		return 0, api.ErrStoragePoolNotConnected.Of()
	}
	return p.HostID(), nil
}

// AcquireJobLease implements sdm.Storage.
func (j jobStorage) AcquireJobLease(ctx context.Context, hostID int, domain, lease string) (sdm.JobLease, error) {
	return j.s.acquireExternal(ctx, hostID, domain, lease)
}

// poolConnected is [api.ErrStoragePoolNotConnected] on a host without a pool.
func (s *Storage) poolConnected() error {
	_, err := jobStorage{s}.HostID()
	return err
}

// endpoint is an end of a copy as managers send it.
type endpoint struct {
	Type       string   `json:"endpoint_type"`
	SDID       api.UUID `json:"sd_id"`
	ImgID      api.UUID `json:"img_id"`
	VolID      api.UUID `json:"vol_id"`
	Generation *uint64  `json:"generation"`
	Prepared   bool     `json:"prepared"`

	URL    string    `json:"url"`
	Format string    `json:"format"`
	Sparse bool      `json:"sparse"`
	Create *bool     `json:"create"` // yes when it is left out
	IsZero bool      `json:"is_zero"`
	Lease  api.Lease `json:"lease"`
}

func parseEndpoint(name string, u api.CopyDataEndpoint) (sdm.Endpoint, error) {
	var e endpoint
	if err := json.Unmarshal(u.Raw, &e); err != nil {
		return sdm.Endpoint{}, api.ErrInvalidParameterException.OfText(name + "=" + err.Error())
	}
	switch e.Type {
	case "div":
		return sdm.Endpoint{Volume: volumeOf(e.SDID, e.ImgID, e.VolID, e.Generation), Prepared: e.Prepared}, nil
	case "external":
		return sdm.Endpoint{External: &sdm.Target{
			URL: e.URL, Format: qemuimg.Format(e.Format), Sparse: e.Sparse, Exists: e.Create != nil && !*e.Create, Zero: e.IsZero,
			Domain: string(e.Lease.SDID), Lease: string(e.Lease.LeaseID), Generation: e.Generation,
		}}, nil
	}
	return sdm.Endpoint{}, api.ErrInvalidParameterException.OfText(name + ".endpoint_type=" + e.Type)
}

func volumeOf(domain, image, id api.UUID, generation *uint64) sdm.Volume {
	return sdm.Volume{Domain: string(domain), ID: volumeID(image, id), Generation: generation}
}

func divVolume(e api.CopyDataDIVEndpoint) sdm.Volume {
	return volumeOf(e.SDID, e.ImgID, e.VolID, e.Generation)
}

func (s *Storage) copyData(ctx context.Context, p *api.SDMCopyDataParams) (none api.Nothing, err error) {
	source, err := parseEndpoint("source", p.Source)
	if err != nil {
		return none, err
	}
	target, err := parseEndpoint("destination", p.Destination)
	if err != nil {
		return none, err
	}
	return none, s.withPool(func() error { return s.jobs.Copy(ctx, p.JobID, source, target, p.CopyBitmaps) })
}

func (s *Storage) mergeVolumes(ctx context.Context, p *api.SDMMergeParams) (none api.Nothing, err error) {
	i := p.SubchainInfo
	return none, s.withPool(func() error {
		return s.jobs.Merge(ctx, p.JobID, sdm.Subchain{
			Domain: string(i.SDID), Image: string(i.ImgID), Top: string(i.TopID), Base: string(i.BaseID), BaseGeneration: i.BaseGeneration,
		}, p.MergeBitmaps)
	})
}

func (s *Storage) amendVolume(ctx context.Context, p *api.SDMAmendVolumeParams) (none api.Nothing, err error) {
	var compat string
	if p.Qcow2Attr.Compat != nil {
		compat = string(*p.Qcow2Attr.Compat)
	}
	return none, s.withPool(func() error { return s.jobs.Amend(ctx, p.JobID, divVolume(p.VolInfo), compat) })
}

func (s *Storage) sparsifyVolume(ctx context.Context, p *api.SDMSparsifyVolumeParams) (none api.Nothing, err error) {
	return none, s.withPool(func() error { return s.jobs.SparsifyVolume(ctx, p.JobID, divVolume(p.VolInfo)) })
}

func (s *Storage) updateVolume(ctx context.Context, p *api.SDMUpdateVolumeParams) (none api.Nothing, err error) {
	a := sdm.Attributes{
		Legality: p.VolAttr.Legality, Description: p.VolAttr.Description,
		Generation: p.VolAttr.Generation, Role: p.VolAttr.Type,
	}
	return none, s.withPool(func() error { return s.jobs.Update(ctx, p.JobID, divVolume(p.VolInfo), a) })
}

func (s *Storage) addBitmap(ctx context.Context, p *api.SDMAddBitmapParams) (none api.Nothing, err error) {
	return none, s.withPool(func() error { return s.jobs.AddBitmap(ctx, p.JobID, divVolume(p.VolInfo), p.Bitmap) })
}

func (s *Storage) removeBitmap(ctx context.Context, p *api.SDMRemoveBitmapParams) (none api.Nothing, err error) {
	return none, s.withPool(func() error { return s.jobs.RemoveBitmap(ctx, p.JobID, divVolume(p.VolInfo), p.Bitmap) })
}

func (s *Storage) clearBitmaps(ctx context.Context, p *api.SDMClearBitmapsParams) (none api.Nothing, err error) {
	return none, s.withPool(func() error { return s.jobs.ClearBitmaps(ctx, p.JobID, divVolume(p.VolInfo)) })
}

func (s *Storage) moveDomainDevice(ctx context.Context, p *api.SDMMoveDomainDeviceParams) (none api.Nothing, err error) {
	return none, s.jobs.MoveDevice(ctx, p.JobID, string(p.MoveParams.SDID))
}

func (s *Storage) reduceDomain(ctx context.Context, p *api.SDMReduceDomainParams) (none api.Nothing, err error) {
	return none, s.jobs.ReduceDomain(ctx, p.JobID, string(p.ReduceParams.SDID))
}

// withPool calls f on a host that is connected to a pool.
func (s *Storage) withPool(f func() error) error {
	if err := s.poolConnected(); err != nil {
		return err
	}
	return f()
}
