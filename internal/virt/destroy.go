// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"errors"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
)

// destroy ends the VM and forgets it.
func (m *VMs) destroy(ctx context.Context, p *api.VMDestroyParams) (api.Nothing, error) {
	v, err := m.find(p.VMID)
	if err != nil {
		return api.Nothing{}, err
	}
	// A manager that hangs up must not leave a VM half destroyed.
	ctx, cancel := m.background(ctx)
	defer cancel()
	if err := v.end(ctx, p.GracefulAttempts, api.VmExitReasonAdminShutdown); err != nil {
		return api.Nothing{}, api.ErrVMDestroyFailed.Because(words(err)).Caused(err)
	}
	m.remove(v)
	if v.external.Load() {
		return api.Nothing{}, nil
	}
	m.undefine(ctx, v)
	return api.Nothing{}, nil
}

// end ends the VM for the given reason, which managers hear, and gives back
// what it held. It stays listed as Down.
func (v *VM) end(ctx context.Context, attempts uint64, reason api.VmExitReason) error {
	v.observe(ctx, "before_vm_destroy", "")
	v.with(func(s *state) { s.reason, s.destroyRequested = &reason, true })
	v.cancel() // a start under way has no use any more
	select {
	case <-v.started:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if err := v.release(ctx, attempts); err != nil {
		return err
	}
	v.setDown(ctx, exitFor(&reason))
	return nil
}

// release ends QEMU if it runs and gives back everything the VM holds. It may
// be called again, and then does nothing. When it fails the VM stays as it is,
// Powering down, and release is to be tried again.
func (v *VM) release(ctx context.Context, attempts uint64) error {
	v.releasing.Lock()
	defer v.releasing.Unlock()
	if v.released {
		return nil
	}
	v.with(func(s *state) {
		s.sampledSince = time.Time{}
		s.move(releasing)
	})
	if v.held.qemu {
		if err := v.endQEMU(ctx, attempts); err != nil {
			return err
		}
	}
	v.giveBack(ctx)
	v.observe(ctx, "after_vm_destroy", v.view.Load().xml)
	v.released = true
	return nil
}

// endQEMU ends the process, gently as often as asked, and by force only when
// libvirt says that gently does not do.
func (v *VM) endQEMU(ctx context.Context, attempts uint64) error {
	var err error
	for range max(attempts, 1) {
		err = v.vms.libvirt.Destroy(ctx, v.id, true)
		if gone(err) {
			return nil
		}
		v.log.WarnContext(ctx, "the VM did not end gracefully", "error", err)
	}
	if errors.Is(err, libvirt.OperationFailed) || errors.Is(err, libvirt.SystemError) {
		if err = v.vms.libvirt.Destroy(ctx, v.id, false); gone(err) {
			return nil
		}
	}
	if status, failed := v.vms.libvirt.State(ctx, v.id); failed == nil && v.forgotten(status, err) {
		v.log.ErrorContext(ctx, "libvirt keeps a domain without a QEMU, which was starting when libvirt died:"+
			" its file below /run/libvirt/qemu must be removed and libvirt restarted", "name", v.name)
		return nil
	}
	return err
}

// gone reports whether a call to end a domain has left it without QEMU.
func gone(err error) bool {
	return err == nil || errors.Is(err, libvirt.NoDomain) || errors.Is(err, libvirt.OperationInvalid)
}

// giveBack undoes what the start prepared. It goes on after an error: what
// cannot be given back is logged, the rest is.
func (v *VM) giveBack(ctx context.Context) {
	complain := func(what string, err error) {
		if err != nil {
			v.log.ErrorContext(ctx, "not given back", "what", what, "error", err)
		}
	}
	if v.held.payloads && v.vms.o.Payloads != nil {
		complain("payload", v.vms.o.Payloads.Remove(v.id))
	}
	for _, network := range v.held.displays {
		complain("display network "+network, v.vms.display.leave(ctx, network, v.id))
	}
	for _, image := range v.held.images {
		complain("image "+image.ImageID+image.GUID, v.vms.o.Storage.Teardown(ctx, v.id, image))
	}
	v.held = held{}
}
