// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/resource"
)

// Info describes the pool and its domains.
func (p *Pool) Info(ctx context.Context) (api.StoragePoolFullInfo, error) {
	master := p.Master()
	if _, err := master.Metadata(ctx); err != nil {
		return api.StoragePoolFullInfo{}, api.ErrStoragePoolMasterNotFound.OfText(
			fmt.Sprintf("spUUID=%s, msdUUID=%s", p.id, master.ID())).Caused(err)
	}
	members, err := p.Domains(ctx)
	if err != nil {
		return api.StoragePoolFullInfo{}, err
	}
	version, err := p.store().MasterVersion(ctx, master)
	if err != nil {
		return api.StoragePoolFullInfo{}, err
	}
	name, err := p.store().Name(ctx)
	if err != nil {
		return api.StoragePoolFullInfo{}, err
	}
	lver, id, err := p.store().SPM(ctx)
	if err != nil {
		return api.StoragePoolFullInfo{}, err
	}
	info := api.StoragePoolFullInfo{
		Info: api.StoragePoolInfo{
			MasterUUID: api.UUID(master.ID()), MasterVer: version, Name: name,
			Lver: api.Long(lver), SPMID: int64(id), PoolStatus: api.StoragePoolStatusConnected,
			Version: strconv.Itoa(int(master.Known().Version)), Type: api.StorageDomainKind(master.Known().Type.String()),
			Domains: domainmd.FormatDomains(members),
		},
		Dominfo: p.health(ctx, members),
	}
	for _, m := range members {
		if prefix := info.Dominfo[api.UUID(m.ID)].Isoprefix; prefix != "" {
			info.Info.Isoprefix = prefix
			break
		}
	}
	return info, nil
}

// health is what is known of the members, all asked at the same time.
func (p *Pool) health(ctx context.Context, members []domainmd.PoolDomain) api.StoragePoolDomainInfoMap {
	known := make(api.StoragePoolDomainInfoMap)
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, m := range members {
		all.Go(func() {
			about := api.StoragePoolDomainInfo{
				Status: api.StorageDomainStatus(m.Status), Alerts: []api.StoragePoolDomainAlert{},
			}
			if m.Status == domainmd.StatusActive {
				if h, ok := p.o.Monitor.Health(ctx, m.ID); ok {
					about.Version = new(int64(h.Version))
					about.Isoprefix = h.ISOPrefix
					if h.Total > 0 {
						about.Disktotal, about.Diskfree = strconv.FormatInt(h.Total, 10), strconv.FormatInt(h.Free, 10)
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			known[api.UUID(m.ID)] = about
		})
	}
	all.Wait()
	return known
}

// DomainsWith returns the data domains in use that hold an image.
func (p *Pools) DomainsWith(ctx context.Context, id, image string) ([]string, error) {
	pool, err := p.Pool(id)
	if err != nil {
		return nil, err
	}
	active, err := pool.active(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(active)
	holding := make([]bool, len(active))
	errs := make([]error, len(active))
	var all sync.WaitGroup
	for i, dom := range active {
		all.Go(func() { holding[i], errs[i] = p.holds(ctx, dom, image) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, api.ErrGetStorageDomainList.Of(fmt.Sprintf("spUUID=%s imgUUID=%s", id, image)).Caused(err)
	}
	var found []string
	for i, dom := range active {
		if holding[i] {
			found = append(found, dom)
		}
	}
	return found, nil
}

func (p *Pools) holds(ctx context.Context, dom, image string) (bool, error) {
	d, err := p.o.Domains.Domain(ctx, dom)
	if errors.Is(err, api.ErrStorageDomainDoesNotExist) {
		return false, nil
	}
	if err != nil || d.Known().Class != domainmd.Data || !domain.IsID(image) {
		return false, err
	}
	release, err := p.o.Locks.Acquire(ctx, resource.Shared(resource.Storage, dom))
	if err != nil {
		return false, err
	}
	defer release()
	images, err := d.Images(ctx)
	return slices.Contains(images, image), err
}
