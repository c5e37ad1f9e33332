// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"errors"

	"govdsm/api"
	"govdsm/internal/libvirt"
)

// freeze makes the guest's file systems stand still, by its agent, so that a
// copy of its disks is whole.
func (m *VMs) freeze(ctx context.Context, p *api.VMFreezeParams) (api.Nothing, error) {
	return api.Nothing{}, m.fileSystems(ctx, p.VMID, api.ErrFreezeGuestFSFailed, func(v *VM) error {
		return m.libvirt.Freeze(ctx, v.id)
	})
}

// thaw lets the guest write again.
func (m *VMs) thaw(ctx context.Context, p *api.VMThawParams) (api.Nothing, error) {
	return api.Nothing{}, m.fileSystems(ctx, p.VMID, api.ErrThawGuestFSFailed, func(v *VM) error {
		return m.libvirt.Thaw(ctx, v.id)
	})
}

func (m *VMs) fileSystems(ctx context.Context, id api.UUID, failed *api.Code, do func(*VM) error) error {
	v, err := m.find(id)
	if err != nil {
		return err
	}
	if err := v.running(); err != nil {
		return err
	}
	switch err := do(v); {
	case err == nil:
		return nil
	case errors.Is(err, libvirt.AgentUnresponsive), errors.Is(err, libvirt.ErrTimeout):
		return api.ErrNonResponsiveGuestAgent.Because(words(err)).Caused(err)
	case errors.Is(err, libvirt.NoSupport):
		return api.ErrUnsupportedOperation.Because(words(err)).Caused(err)
	case v.endedUnder(ctx, err):
		return api.ErrNoSuchVM.With("vmId", v.id).Caused(err)
	default:
		return failed.Because(words(err)).Caused(err)
	}
}
