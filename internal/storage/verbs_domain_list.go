// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"slices"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/mount"
	"govdsm/internal/storage/pool"
)

// matching is what a list of domains is limited to.
type matching struct {
	class  domainmd.Class // 0: any
	kind   domainmd.Type  // 0: any
	remote string         // "": any; normalized
}

func (m matching) fits(d domainmd.Domain) bool {
	return (m.class == 0 || d.Class == m.class) && (m.kind == 0 || d.Type == m.kind) && (m.remote == "" || d.RemotePath == m.remote)
}

func (s *Storage) listDomains(ctx context.Context, p *api.HostGetStorageDomainsParams) ([]api.UUID, error) {
	ids := []api.UUID{}
	m, err := match(p)
	if err != nil {
		return nil, err
	}
	var members []string
	inPool := p.StoragePoolID != nil && *p.StoragePoolID != "" && *p.StoragePoolID != pool.Blank
	if inPool {
		if members, err = s.members(ctx, string(*p.StoragePoolID)); err != nil {
			return nil, err
		}
	}
	found, err := s.domains.List(ctx)
	for _, d := range found {
		if m.fits(d.Known()) && (!inPool || slices.Contains(members, d.ID())) {
			ids = append(ids, api.UUID(d.ID()))
		}
	}
	return ids, own(err, api.ErrStorageDomainAction, "spUUID: "+api.Repr(p.StoragePoolID))
}

// members returns the domains of a pool.
func (s *Storage) members(ctx context.Context, id string) ([]string, error) {
	p, err := s.pools.Pool(id)
	if err != nil {
		return nil, err
	}
	domains, err := p.Domains(ctx)
	ids := make([]string, len(domains))
	for i, d := range domains {
		ids[i] = d.ID
	}
	return ids, err
}

func match(p *api.HostGetStorageDomainsParams) (m matching, err error) {
	if p.DomainClass != nil && *p.DomainClass != "" && *p.DomainClass != "0" {
		if m.class, err = parseClass(string(*p.DomainClass)); err != nil {
			return m, err
		}
	}
	if p.StorageType != nil && *p.StorageType != "" {
		if m.kind, err = domainmd.ParseType(string(*p.StorageType)); err != nil {
			return m, err
		}
	}
	if p.RemotePath != nil && *p.RemotePath != "" {
		m.remote, err = mount.Normalize(*p.RemotePath)
	}
	return m, err
}
