// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"syscall"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/resource"
)

// VM is a VM's description as it is kept on the master or on a backup domain.
type VM struct{ ID, OVF string }

// ovf returns the name of a VM's description.
func ovf(vm string) string { return path.Join(vmsDir, vm, vm+".ovf") }

// vms finds the domain that keeps descriptions: id, or the master for none.
func (p *Pools) vms(ctx context.Context, pool, id string) (*domain.Domain, error) {
	c, err := p.Pool(pool)
	if err != nil {
		return nil, err
	}
	if id == "" || id == Blank {
		id = c.Master().ID()
	}
	status, err := c.member(ctx, id)
	if err != nil {
		return nil, err
	}
	if status != domainmd.StatusActive {
		return nil, api.ErrStorageDomainNotActive.Of(id)
	}
	d, err := p.o.Domains.Domain(ctx, id)
	if err != nil {
		return nil, err
	}
	there, err := d.Dir().Exists(ctx, vmsDir)
	if err == nil && !there {
		err = api.ErrVMPathNotExists.Of(d.Path(vmsDir))
	}
	if err != nil {
		return nil, domain.Access(id, err)
	}
	return d, nil
}

// change calls f with the domain that keeps descriptions, if this host manages
// the pool.
func (p *Pools) changeVMs(ctx context.Context, pool, id string, f func(*domain.Domain) error) error {
	c, err := p.Pool(pool)
	if err != nil {
		return err
	}
	if c.Manages() != nil {
		return api.ErrSpmStatus
	}
	d, err := p.vms(ctx, pool, id)
	if err != nil {
		return err
	}
	release, err := p.o.Locks.Acquire(ctx, resource.Shared(resource.Storage, pool),
		resource.Exclusive(resource.Storage, "vms_"+d.ID()))
	if err != nil {
		return err
	}
	defer release()
	if c.Manages() != nil {
		return api.ErrSpmStatus
	}
	return f(d)
}

// UpdateVMs keeps descriptions of VMs, in place of those that are there.
func (p *Pools) UpdateVMs(ctx context.Context, pool, id string, vms []VM) error {
	for _, vm := range vms {
		if err := checkID("vm", vm.ID); err != nil {
			return err
		}
	}
	return p.changeVMs(ctx, pool, id, func(d *domain.Domain) error {
		for _, vm := range vms {
			err := d.Dir().MkdirAll(ctx, path.Join(vmsDir, vm.ID), 0o755)
			if err == nil {
				err = d.Dir().WriteFile(ctx, ovf(vm.ID), []byte(vm.OVF))
			}
			if errors.Is(err, syscall.ENOSPC) {
				return api.ErrNoSpaceLeftOnDomain.Of(d.ID()).Caused(err)
			}
			if err != nil {
				return domain.Access(d.ID(), err)
			}
		}
		return nil
	})
}

// RemoveVM forgets the description of a VM. None is success.
func (p *Pools) RemoveVM(ctx context.Context, pool, id, vm string) error {
	if err := checkID("vmUUID", vm); err != nil {
		return err
	}
	return p.changeVMs(ctx, pool, id, func(d *domain.Domain) error {
		err := d.Dir().RemoveTree(ctx, path.Join(vmsDir, vm))
		if err == nil {
			err = d.Dir().Sync(ctx, vmsDir)
		}
		if err != nil {
			return domain.Access(d.ID(), err)
		}
		return nil
	})
}

// VMs returns the ids of the VMs whose descriptions are kept.
func (p *Pools) VMs(ctx context.Context, pool, id string) ([]string, error) {
	d, err := p.vms(ctx, pool, id)
	if err != nil {
		return nil, err
	}
	// A folder without a description is of a VM that was being added, or
	// removed, when that was interrupted.
	names, err := d.Dir().Glob(ctx, ovf("*"))
	if err != nil {
		return nil, domain.Access(d.ID(), err)
	}
	ids := make([]string, 0, len(names))
	for _, name := range names {
		if id := path.Base(path.Dir(name)); domain.IsID(id) && name == ovf(id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Descriptions returns the descriptions of VMs, all of them for none. Those of
// which there is none are left out.
func (p *Pools) Descriptions(ctx context.Context, pool, id string, vms []string) (map[string]string, error) {
	d, err := p.vms(ctx, pool, id)
	if err != nil {
		return nil, err
	}
	if id != "" && id != Blank && d.Known().Class != domainmd.Backup {
		return nil, api.ErrStorageDomainTypeNotBackup.Of(id)
	}
	if len(vms) == 0 {
		if vms, err = p.VMs(ctx, pool, id); err != nil {
			return nil, err
		}
	}
	found := make(map[string]string)
	for _, vm := range vms {
		if err := checkID("vm", vm); err != nil {
			return nil, err
		}
		there, err := d.Dir().Exists(ctx, path.Join(vmsDir, vm))
		if err == nil && !there {
			continue
		}
		var text []byte
		if err == nil {
			text, err = d.Dir().ReadFile(ctx, ovf(vm))
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, api.ErrMissingOvfFileFromVM.Of(vm)
		}
		if err != nil {
			return nil, domain.Access(d.ID(), err)
		}
		found[vm] = string(text)
	}
	return found, nil
}
