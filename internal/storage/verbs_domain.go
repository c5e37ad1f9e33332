// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/mount"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/server"
)

func (s *Storage) bindDomains(t *dispatch.Table) {
	dispatch.Bind(t, api.StorageDomainCreate, s.createDomain)
	dispatch.Bind(t, api.StorageDomainFormat, s.formatDomain)
	dispatch.Bind(t, api.StorageDomainValidate, s.validateDomain)
	dispatch.Bind(t, api.StorageDomainGetInfo, s.domainInfo)
	dispatch.Bind(t, api.StorageDomainGetStats, s.domainStats)
	dispatch.Bind(t, api.StorageDomainGetFileStats, s.fileStats)
	dispatch.Bind(t, api.StorageDomainGetImages, s.domainImages)
	dispatch.Bind(t, api.StorageDomainSetDescription, s.setDomainDescription)
	dispatch.Bind(t, api.StorageDomainDump, s.dumpDomain)
	dispatch.Bind(t, api.HostGetStorageDomains, s.listDomains)
	dispatch.Bind(t, api.HostGetStorageRepoStats, s.repoStats)
	dispatch.Bind(t, api.HostStartMonitoringDomain, s.startMonitoring)
	dispatch.Bind(t, api.HostStopMonitoringDomain, s.stopMonitoring)
}

// hasCode reports whether an error says which of VDSM's it is.
func hasCode(err error) bool {
	_, isError := errors.AsType[*api.Error](err)
	_, isCode := errors.AsType[*api.Code](err)
	return isError || isCode
}

// own gives an error that has no code that of the verb.
func own(err error, code *api.Code, value string) error {
	if err == nil || hasCode(err) {
		return err
	}
	return code.OfText(value).Caused(err)
}

// with calls f with a domain that nobody removes meanwhile.
func (s *Storage) with(ctx context.Context, id api.UUID, f func(*domain.Domain) error) error {
	release, err := s.locks.Acquire(ctx, resource.Shared(resource.Storage, string(id)))
	if err == nil {
		defer release()
		var d *domain.Domain
		if d, err = s.domains.Domain(ctx, string(id)); err == nil {
			err = f(d)
		}
	}
	return own(err, api.ErrStorageDomainAction, "sdUUID="+string(id))
}

func (s *Storage) createDomain(ctx context.Context, p *api.StorageDomainCreateParams) (api.Nothing, error) {
	spec, err := s.spec(p)
	if err == nil {
		_, err = s.domains.Create(ctx, spec)
	}
	return api.Nothing{}, own(err, api.ErrStorageDomainCreation, fmt.Sprintf("storageType=%s, sdUUID=%s, domainName=%s",
		p.DomainType, p.StorageDomainID, p.Name))
}

// spec understands what a manager asks for.
func (s *Storage) spec(p *api.StorageDomainCreateParams) (domain.Spec, error) {
	spec := domain.Spec{
		ID: string(p.StorageDomainID), Name: p.Name,
		BlockSize: int(p.BlockSize), MaxHosts: int(p.MaxHosts),
	}
	if p.Version != nil {
		spec.Version = domainmd.Version(*p.Version)
	}
	var err error
	if spec.Class, err = parseClass(string(p.DomainClass)); err != nil {
		return spec, err
	}
	if spec.Type, err = domainmd.ParseType(string(p.DomainType)); err != nil {
		return spec, err
	}
	if spec.Type.Block() || spec.Type == domainmd.Unknown || spec.Type == domainmd.CIFS {
		return spec, api.ErrStorageDomainType.OfText(spec.Type.String())
	}
	if err := p.TypeArgs.As(&spec.RemotePath); err != nil {
		// Managers send text; the schema has an object.
		var o api.StorageDomainCreateArgumentsLocal
		if err := p.TypeArgs.As(&o); err != nil {
			return spec, api.ErrInvalidParameterException.OfText("typeArgs: not a path")
		}
		spec.RemotePath = o.RemotePath
	}
	if spec.RemotePath, err = mount.Normalize(spec.RemotePath); err != nil {
		return spec, api.ErrStorageDomainIllegalRemotePath.OfText(spec.RemotePath)
	}
	spec.MountPoint, err = server.Target(s.repository, spec.Type, spec.RemotePath)
	return spec, err
}

// parseClass reads a class as managers send it, by its number or its name.
func parseClass(text string) (domainmd.Class, error) {
	if n, err := strconv.Atoi(text); err == nil && n >= int(domainmd.Data) && n <= int(domainmd.Backup) {
		return domainmd.Class(n), nil
	}
	return domainmd.ParseClass(text)
}

func (s *Storage) formatDomain(ctx context.Context, p *api.StorageDomainFormatParams) (api.Nothing, error) {
	id := string(p.StorageDomainID)
	release, err := s.locks.Acquire(ctx, resource.Exclusive(resource.Storage, id))
	if err == nil {
		defer release()
		err = s.format(ctx, id, p.AutoDetach)
	}
	return api.Nothing{}, own(err, api.ErrStorageDomainAction, "sdUUID="+id)
}

func (s *Storage) format(ctx context.Context, id string, attached bool) error {
	member, err := s.pools.Holds(ctx, id)
	if err != nil {
		return err
	}
	if member {
		return api.ErrCannotFormatStorageDomainInConnectedPool.Of(id)
	}
	d, err := s.domains.Domain(ctx, id)
	if err == nil {
		_, err = d.Metadata(ctx)
	}
	switch {
	case badMetadata(err):
		s.log.WarnContext(ctx, "a domain whose metadata is broken is formatted", "domain", id, "err", err)
		if d, err = s.domains.Broken(ctx, id); err != nil {
			return err
		}
	case err != nil:
		return err
	case !attached && len(d.Known().Pools) > 0:
		return api.ErrCannotFormatAttachedStorageDomain.Of(id)
	}
	return s.domains.Format(ctx, d)
}

// badMetadata reports whether what a domain says of itself is missing or makes no
// sense, for good: a server that cannot be reached says nothing about that.
func badMetadata(err error) bool {
	for _, code := range []error{
		api.ErrStorageDomainMetadataNotFound, api.ErrMetaDataGeneral, api.ErrMetaDataKey, api.ErrInvalidMetadata,
		api.ErrMetaDataSealIsBroken, api.ErrMetaDataValidation, api.ErrMetaDataMapping,
	} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

func (s *Storage) validateDomain(ctx context.Context, p *api.StorageDomainValidateParams) (api.Nothing, error) {
	d, err := s.domains.Domain(ctx, string(p.StorageDomainID))
	if err == nil {
		_, err = d.Metadata(ctx)
	}
	return api.Nothing{}, own(err, api.ErrStorageDomainCreation, "sdUUID="+string(p.StorageDomainID))
}

func (s *Storage) domainInfo(ctx context.Context, p *api.StorageDomainGetInfoParams) (info api.StorageDomainInfo, err error) {
	err = s.with(ctx, p.StorageDomainID, func(d *domain.Domain) error {
		info, err = describeDomain(ctx, d)
		return err
	})
	return info, err
}

// describeDomain tells what the metadata of a domain says, and where it is.
func describeDomain(ctx context.Context, d *domain.Domain) (api.StorageDomainInfo, error) {
	if _, err := d.Metadata(ctx); err != nil {
		return api.StorageDomainInfo{}, err
	}
	known := d.Known()
	remote, err := remotePath(d)
	if err != nil {
		return api.StorageDomainInfo{}, err
	}
	pools := make([]api.UUID, len(known.Pools))
	for i, id := range known.Pools {
		pools[i] = api.UUID(id)
	}
	return api.StorageDomainInfo{
		UUID: api.UUID(known.ID), Type: known.Type.String(), Class: known.Class.String(),
		Name: known.Description, Role: api.StorageDomainRole(known.Role), Pool: pools,
		Version: strconv.Itoa(int(known.Version)), BlockSize: known.BlockSize, Alignment: known.Alignment,
		RemotePath: &remote,
	}, nil
}

// remotePath returns where a domain is, as this host reaches it: the metadata
// may have the name that it was made under.
func remotePath(d *domain.Domain) (string, error) {
	if !d.Shared() {
		return os.Readlink(d.MountPoint())
	}
	table, err := mount.Read()
	if err != nil {
		return "", err
	}
	mounted, _ := table.At(d.MountPoint())
	return mounted.Source, nil
}

func (s *Storage) domainStats(ctx context.Context, p *api.StorageDomainGetStatsParams) (stats api.StorageDomainStats, err error) {
	err = s.with(ctx, p.StorageDomainID, func(d *domain.Domain) error {
		space, err := d.Space(ctx)
		stats = api.StorageDomainStats{
			Disktotal: strconv.FormatInt(space.Total, 10), Diskfree: strconv.FormatInt(space.Available, 10),
			Mdavalid: true, Mdathreshold: true,
		}
		return err
	})
	return stats, err
}

func (s *Storage) domainImages(ctx context.Context, p *api.StorageDomainGetImagesParams) ([]api.UUID, error) {
	images := []api.UUID{}
	err := s.with(ctx, p.StorageDomainID, func(d *domain.Domain) error {
		ids, err := d.Images(ctx)
		for _, id := range ids {
			images = append(images, api.UUID(id))
		}
		return err
	})
	return images, err
}

// setDomainDescription is for the manager of the domain's pool.
func (s *Storage) setDomainDescription(ctx context.Context, p *api.StorageDomainSetDescriptionParams) (api.Nothing, error) {
	if len([]rune(p.Description)) > domainmd.MaxDescription {
		return api.Nothing{}, api.ErrStorageDomainDescriptionTooLong.Of()
	}
	return api.Nothing{}, s.with(ctx, p.StorageDomainID, func(d *domain.Domain) error {
		pools := d.Known().Pools
		if len(pools) == 0 {
			return errors.New("the domain belongs to no pool")
		}
		of, err := s.pools.Pool(pools[0])
		if err == nil {
			err = of.Manages()
		}
		if err != nil {
			return err
		}
		return d.SetDescription(ctx, p.Description)
	})
}
