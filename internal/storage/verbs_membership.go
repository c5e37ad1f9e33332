// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/pool"
)

// bindMembership binds the verbs of domains in their pool, and of what the
// master and backup domains keep of VMs.
func (s *Storage) bindMembership(t *dispatch.Table) {
	dispatch.Bind(t, api.StorageDomainAttach, s.attachDomain)
	dispatch.Bind(t, api.StorageDomainActivate, s.activateDomain)
	dispatch.Bind(t, api.StorageDomainDeactivate, s.deactivateDomain)
	dispatch.Bind(t, api.StorageDomainDetach, s.detachDomain)
	dispatch.Bind(t, api.StoragePoolUpdateVMs, s.updateVMs)
	dispatch.Bind(t, api.StoragePoolRemoveVM, s.removeVM)
	dispatch.Bind(t, api.StoragePoolGetBackedUpVmsList, s.backedUpVMs)
	dispatch.Bind(t, api.StoragePoolGetBackedUpVmsInfo, s.backedUpVMsInfo)
}

func (s *Storage) attachDomain(ctx context.Context, p *api.StorageDomainAttachParams) (api.Nothing, error) {
	err := s.pools.Attach(ctx, string(p.StoragePoolID), string(p.StorageDomainID))
	return api.Nothing{}, orElse(err, api.ErrStorageDomainAction)
}

func (s *Storage) activateDomain(ctx context.Context, p *api.StorageDomainActivateParams) (api.Nothing, error) {
	err := s.pools.Activate(ctx, string(p.StoragePoolID), string(p.StorageDomainID))
	return api.Nothing{}, orElse(err, api.ErrStorageDomainAction)
}

func (s *Storage) deactivateDomain(ctx context.Context, p *api.StorageDomainDeactivateParams) (api.Nothing, error) {
	err := s.pools.Deactivate(ctx, string(p.StoragePoolID), string(p.StorageDomainID), string(p.MasterSDUUID), p.MasterVersion)
	return api.Nothing{}, orElse(err, api.ErrStorageDomainAction)
}

func (s *Storage) detachDomain(ctx context.Context, p *api.StorageDomainDetachParams) (api.Nothing, error) {
	detach := s.pools.Detach
	if p.Force {
		detach = s.pools.ForcedDetach
	}
	err := detach(ctx, string(p.StoragePoolID), string(p.StorageDomainID))
	return api.Nothing{}, orElse(err, api.ErrStorageDomainAction)
}

// given is an id that may be left out.
func given(id *api.UUID) string {
	if id == nil {
		return ""
	}
	return string(*id)
}

func (s *Storage) updateVMs(ctx context.Context, p *api.StoragePoolUpdateVMsParams) (api.Nothing, error) {
	vms := make([]pool.VM, len(p.VMList))
	for i, vm := range p.VMList {
		vms[i] = pool.VM{ID: string(vm.VM), OVF: vm.OVF}
	}
	return api.Nothing{}, s.pools.UpdateVMs(ctx, string(p.StoragePoolID), given(p.StorageDomainID), vms)
}

func (s *Storage) removeVM(ctx context.Context, p *api.StoragePoolRemoveVMParams) (api.Nothing, error) {
	return api.Nothing{}, s.pools.RemoveVM(ctx, string(p.StoragePoolID), given(p.StorageDomainID), string(p.VMUUID))
}

func (s *Storage) backedUpVMs(ctx context.Context, p *api.StoragePoolGetBackedUpVmsListParams) ([]api.UUID, error) {
	vms, err := s.pools.VMs(ctx, string(p.StoragePoolID), string(p.StorageDomainID))
	return uuids(vms), err
}

func (s *Storage) backedUpVMsInfo(ctx context.Context, p *api.StoragePoolGetBackedUpVmsInfoParams) (api.OVFMap, error) {
	ids := make([]string, len(p.VMList))
	for i, id := range p.VMList {
		ids[i] = string(id)
	}
	found, err := s.pools.Descriptions(ctx, string(p.StoragePoolID), string(p.StorageDomainID), ids)
	texts := make(api.OVFMap, len(found))
	for id, text := range found {
		texts[api.UUID(id)] = text
	}
	return texts, err
}
