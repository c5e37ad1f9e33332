// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"slices"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt/domxml"
)

// What is to become of a VM that an I/O error has stopped, once its storage is
// back; the manager says it with the VM.
const (
	autoResume  = "auto_resume" // also when nothing is said
	leavePaused = "leave_paused"
	killPaused  = "kill" // when it has stood still for so long that it may run elsewhere
)

// StorageIsBack lets the VMs run on that use a storage domain and that an I/O
// error has stopped, as each one's manager wants it. It waits for none of them.
// Source: lib/vdsm/clientIF.py, contEIOVms; virt/vm.py, maybe_resume.
func (m *VMs) StorageIsBack(domain string) {
	for _, v := range m.all() {
		if m.ctx.Err() != nil {
			return
		}
		if !v.uses(domain) {
			continue
		}
		v.queue.add(&m.work, func() {
			select {
			case <-v.started:
				v.afterIOError(m.ctx, true)
			default: // what starts is not stopped by what was before
			}
		})
	}
}

// uses reports whether one of the VM's disks is in a storage domain.
func (v *VM) uses(domain string) bool {
	v.notes.mu.Lock()
	defer v.notes.mu.Unlock()
	return slices.ContainsFunc(v.notes.m.Devices, func(e *domxml.DeviceEntry) bool {
		image, ok := imageOf(e.Values)
		return ok && image.DomainID == domain
	})
}

func (v *VM) behaviour() string {
	v.notes.mu.Lock()
	defer v.notes.mu.Unlock()
	if said := v.notes.m.Values.Text(domxml.ValueResumeBehavior); said != "" {
		return said
	}
	return autoResume
}

// afterIOError does with a VM that an I/O error has stopped what its manager
// wants: it may go on only if its storage is back.
func (v *VM) afterIOError(ctx context.Context, back bool) {
	if v.external.Load() || v.down() {
		return
	}
	status, err := v.vms.libvirt.State(ctx, v.id)
	if err != nil || status.State != libvirt.StatePaused || status.Reason != libvirt.PausedIOError {
		return
	}
	switch said := v.behaviour(); said {
	case autoResume:
	case killPaused:
		if v.pausedForLong() {
			v.kill(ctx)
			return
		}
	case leavePaused:
		v.log.InfoContext(ctx, "storage is back, and the VM stays paused, as its manager wants it")
		return
	default:
		v.log.ErrorContext(ctx, "the VM stays paused: unknown behaviour", "resumeBehavior", said)
		return
	}
	if !back {
		return
	}
	if err := v.cont(ctx); err != nil {
		v.log.ErrorContext(ctx, "storage is back, and the VM does not run on", "error", err)
		return
	}
	v.log.InfoContext(ctx, "storage is back, and the VM runs on")
}

// pausedForLong reports whether the VM has stood still for so long that others
// may have taken its leases.
func (v *VM) pausedForLong() bool {
	var since float64
	v.with(func(s *state) { since = s.pauseTime })
	limit := v.vms.o.KillPausedAfter
	return since > 0 && time.Duration((monotonicSeconds()-since)*float64(time.Second)) > limit
}

func (v *VM) kill(ctx context.Context) {
	v.log.WarnContext(ctx, "the VM was paused for too long and is destroyed, as its manager wants it")
	if err := v.end(ctx, 0, api.VmExitReasonDestroyedOnPauseTimeout); err != nil {
		v.log.ErrorContext(ctx, "a VM that was paused for too long is not destroyed", "error", err)
	}
}

// killLongPaused looks for VMs that have stood still for too long while their
// storage is not back. Those without room on their storage may get it yet.
func (m *VMs) killLongPaused(ctx context.Context) {
	for _, v := range m.all() {
		var code string
		v.with(func(s *state) { code = s.pauseCode })
		if v.status() != api.VmStatusPaused || code != pauseIO && code != pauseOther || v.behaviour() != killPaused {
			continue
		}
		v.queue.add(&m.work, func() { v.afterIOError(ctx, false) })
	}
}
