// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"fmt"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
)

// Pause codes say why a guest's CPUs stand still.
const (
	pauseNoError = "NOERR"
	pauseIO      = "EIO"
	pauseNoSpace = "ENOSPC"
	pauseOther   = "EOTHER"
)

// pause stops the guest's CPUs.
func (m *VMs) pause(ctx context.Context, p *api.VMPauseParams) (api.VMListResult, error) {
	v, err := m.find(p.VMID)
	if err == nil {
		err = v.pause(ctx)
	}
	return api.VMListResult{}, err
}

// cont lets the guest's CPUs run again.
func (m *VMs) cont(ctx context.Context, p *api.VMContParams) (api.VMListResult, error) {
	v, err := m.find(p.VMID)
	if err == nil {
		err = v.cont(ctx)
	}
	return api.VMListResult{}, err
}

func (v *VM) pause(ctx context.Context) error {
	unlock, err := v.lockCPU(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := v.running(); err != nil {
		return err
	}
	if err := v.ask(ctx, "before_vm_pause"); err != nil {
		return err
	}
	if err := v.tell(ctx, v.vms.libvirt.Suspend(ctx, v.id)); err != nil {
		return err
	}
	v.with(func(s *state) {
		s.cpuStopped, s.pauseCode = true, pauseNoError
		s.move(paused)
	})
	v.notify(ctx, nil)
	return nil
}

func (v *VM) cont(ctx context.Context) error {
	unlock, err := v.lockCPU(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	switch stored := v.status(); stored {
	case api.VmStatusDown, api.VmStatusSavingState, api.VmStatusMigrationSource:
		v.log.ErrorContext(ctx, "cannot continue the VM", "status", stored)
		return api.ErrUnexpected
	}
	if err := v.running(); err != nil {
		return err
	}
	if err := v.ask(ctx, "before_vm_cont"); err != nil {
		return err
	}
	if err := v.tell(ctx, v.vms.libvirt.Resume(ctx, v.id)); err != nil {
		return err
	}
	v.with(func(s *state) {
		s.cpuStopped, s.pauseCode, s.pauseTime = false, "", 0
		s.move(resumed)
	})
	v.notify(ctx, nil)
	if err := v.note(ctx, nil); err != nil {
		v.log.WarnContext(ctx, "the VM's notes are not stored", "error", err)
	}
	return nil
}

// lockCPU waits for its turn to stop or resume the guest; the more VMs there
// are the longer (lib/vdsm/virt/vm.py, _load_corrected_timeout).
func (v *VM) lockCPU(ctx context.Context) (unlock func(), err error) {
	wait := v.vms.o.CommandTimeout * time.Duration(20+v.vms.count()) / 20
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	select {
	case v.cpu <- struct{}{}:
		return func() { <-v.cpu }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for another pause or cont of VM %s: %w", v.id, ctx.Err())
	}
}

// readCPU asks libvirt whether the guest's CPUs run. An event alone does not
// tell: it may be about the time before the last pause or cont.
func (v *VM) readCPU(ctx context.Context) libvirt.Status {
	unlock, err := v.lockCPU(ctx)
	if err != nil {
		return libvirt.Status{}
	}
	defer unlock()
	status, err := v.vms.libvirt.State(ctx, v.id)
	if err != nil {
		v.log.DebugContext(ctx, "libvirt does not say whether the guest runs", "error", err)
		return libvirt.Status{}
	}
	v.with(func(s *state) { s.cpuStopped = status.State == libvirt.StatePaused })
	return status
}

// readPauseCode asks libvirt why a guest stands still.
func (v *VM) readPauseCode(ctx context.Context, status libvirt.Status) string {
	if status.State != libvirt.StatePaused || status.Reason != libvirt.PausedIOError {
		return pauseNoError
	}
	errs, err := v.vms.libvirt.DiskErrors(ctx, v.id)
	if err != nil {
		v.log.WarnContext(ctx, "libvirt does not say why the guest stopped", "error", err)
		return pauseNoError
	}
	code := pauseNoError
	for disk, e := range errs {
		switch e {
		case libvirt.DiskErrorNoSpace:
			v.log.WarnContext(ctx, "disk out of space", "disk", disk)
			return pauseNoSpace
		case libvirt.DiskErrorUnspecified:
			v.log.WarnContext(ctx, "disk reported an I/O error", "disk", disk)
			code = pauseIO
		}
	}
	return code
}
