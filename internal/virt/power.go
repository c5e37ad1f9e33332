// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"errors"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
)

// reset restarts the guest as the reset button does.
func (m *VMs) reset(ctx context.Context, p *api.VMResetParams) (api.Nothing, error) {
	v, err := m.find(p.VMID)
	if err != nil {
		return api.Nothing{}, err
	}
	if v.down() {
		return api.Nothing{}, api.ErrNoSuchVM
	}
	v.with(func(s *state) { s.guestChange(api.VmStatusRebootInProgress, time.Now()) })
	switch err := v.tell(ctx, m.libvirt.Reset(ctx, v.id)); {
	case err == nil, errors.Is(err, api.ErrNoSuchVM):
		return api.Nothing{}, err
	default:
		return api.Nothing{}, api.ErrResetFailed.With().Caused(err)
	}
}

// setDestroyOnReboot makes the guest's next reboot its end.
func (m *VMs) setDestroyOnReboot(ctx context.Context, p *api.VMSetDestroyOnRebootParams) (api.Nothing, error) {
	v, err := m.find(p.VMID)
	if err != nil {
		return api.Nothing{}, err
	}
	v.with(func(s *state) { s.destroyOnReboot = true })
	if v.status() == api.VmStatusWaitForLaunch {
		return api.Nothing{}, nil // the start stores it
	}
	return api.Nothing{}, v.tell(ctx, v.note(ctx, nil))
}

// shutdown asks the guest to end, in the background: the reply is immediate.
func (m *VMs) shutdown(ctx context.Context, p *api.VMShutdownParams) (api.Nothing, error) {
	v, err := m.find(p.VMID)
	if err != nil {
		return api.Nothing{}, err
	}
	if v.down() {
		return api.Nothing{}, api.ErrNoSuchVM
	}
	wait := m.o.ShutdownTimeout
	if p.Timeout != nil {
		wait = time.Duration(*p.Timeout) * time.Second
	}
	guest := api.VmStatusPoweringDown
	if p.Reboot {
		guest = api.VmStatusRebootInProgress
	}
	v.with(func(s *state) { s.guestChange(guest, time.Now()) })
	ctx, cancel := m.background(ctx)
	m.work.Go(func() {
		defer cancel()
		v.powerDown(ctx, v.powerDownSteps(p.Reboot, p.Force), wait)
	})
	return api.Nothing{}, nil
}

// powerStep is one means of ending or rebooting a guest.
type powerStep struct {
	name string
	do   func(context.Context) error
}

// powerDownSteps lists the means, the gentle ones first. The oVirt agent will
// be the second one where it is connected.
func (v *VM) powerDownSteps(reboot, force bool) []powerStep {
	steps := []powerStep{{"guest agent", func(ctx context.Context) error { return v.askGuest(ctx, libvirt.ByAgent, reboot) }}}
	if v.view.Load().acpi {
		steps = append(steps, powerStep{"ACPI", func(ctx context.Context) error { return v.askGuest(ctx, libvirt.ByACPI, reboot) }})
	}
	switch {
	case force && reboot:
		steps = append(steps, powerStep{"reset", func(ctx context.Context) error { return v.vms.libvirt.Reset(ctx, v.id) }})
	case force:
		steps = append(steps, powerStep{"force", func(ctx context.Context) error {
			return v.end(ctx, 1, api.VmExitReasonAdminShutdown)
		}})
	}
	return steps
}

// powerDown takes one step after the other until the guest ends or reboots,
// giving each that much time. A step that fails makes room at once.
func (v *VM) powerDown(ctx context.Context, steps []powerStep, wait time.Duration) {
	over := v.powerOff.wait()
	for _, step := range steps {
		if err := step.do(ctx); err != nil {
			v.log.InfoContext(ctx, "cannot power the guest down this way", "by", step.name, "reason", err)
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-over:
			timer.Stop()
			return
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
			v.log.InfoContext(ctx, "the guest did not power down in time", "by", step.name)
		}
	}
}

// askGuest asks the guest to end or reboot.
func (v *VM) askGuest(ctx context.Context, by libvirt.Means, reboot bool) error {
	if err := v.running(); err != nil {
		return err
	}
	if reboot {
		return v.vms.libvirt.Reboot(ctx, v.id, by)
	}
	admin := api.VmExitReasonAdminShutdown
	v.with(func(s *state) { s.reason = &admin })
	return v.vms.libvirt.Shutdown(ctx, v.id, by)
}

// tell turns an error of libvirt into the one that managers get, and notes
// whether libvirt could reach the VM. A call that failed because the VM ended
// under it is answered as if it had come a moment later: there is no such VM.
func (v *VM) tell(ctx context.Context, err error) error {
	v.with(func(s *state) {
		s.silent = errors.Is(err, libvirt.OperationTimeout) || errors.Is(err, libvirt.ErrTimeout)
	})
	if err == nil {
		return nil
	}
	if v.endedUnder(ctx, err) {
		return api.ErrNoSuchVM.With("vmId", v.id).Caused(err)
	}
	return api.ErrGeneral.Of(words(err)).Caused(err)
}

// endedUnder reports whether a call failed because QEMU is gone, or just going.
// libvirt has many ways to say so: the domain is not found, it is not running,
// its monitor was closed.
func (v *VM) endedUnder(ctx context.Context, err error) bool {
	answer, ok := errors.AsType[*libvirt.Error](err)
	if !ok || answer.Code == libvirt.OperationTimeout {
		return false // no answer, and no hope that the next question gets one
	}
	if answer.Code == libvirt.NoDomain {
		return true
	}
	status, err := v.vms.libvirt.State(ctx, v.id)
	if err != nil {
		return errors.Is(err, libvirt.NoDomain)
	}
	ending := false
	v.with(func(s *state) { ending = s.destroyRequested })
	return ending || status.Off()
}
