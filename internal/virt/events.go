// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt/domxml"
)

// route puts an event into the queue of its VM. What takes time happens there.
func (m *VMs) route(e libvirt.Event) {
	switch e := e.(type) {
	case libvirt.Disconnected:
		m.doubtAgents()
	case libvirt.Lost:
		m.doubtAgents()
		m.work.Go(func() { m.reconcile(m.ctx) })
	case libvirt.Connected:
		m.work.Go(func() { m.reconcile(m.ctx) })
	case libvirt.Lifecycle:
		m.to(e.VM, func(ctx context.Context, v *VM) { v.onLifecycle(ctx, e) })
	case libvirt.Reboot:
		m.to(e.VM, func(ctx context.Context, v *VM) { v.onReboot(ctx) })
	case libvirt.IOError:
		m.to(e.VM, func(ctx context.Context, v *VM) { v.onIOError(ctx, e) })
	case libvirt.Graphics:
		m.to(e.VM, func(_ context.Context, v *VM) { v.onGraphics(e) })
	case libvirt.RTCChange:
		m.to(e.VM, func(_ context.Context, v *VM) {
			v.with(func(s *state) { s.timeOffset = &e.Offset })
		})
	case libvirt.Watchdog:
		m.to(e.VM, func(_ context.Context, v *VM) { v.onWatchdog(e) })
	case libvirt.AgentLifecycle:
		m.to(e.VM, func(_ context.Context, v *VM) { v.agent.set(e.Connected, false) })
	case libvirt.DeviceRemoved:
		m.to(e.VM, func(ctx context.Context, v *VM) { v.lookAgain(ctx) })
	}
}

// to queues the handling of an event for its VM, to be done when the VM's
// start is over. A stranger that runs is looked at later.
func (m *VMs) to(id string, handle func(context.Context, *VM)) {
	v := m.lookup(id)
	if v == nil {
		m.mu.Lock()
		m.strangers[id] = true
		m.mu.Unlock()
		return
	}
	v.queue.add(&m.work, func() {
		select {
		case <-v.started:
			handle(m.ctx, v)
		case <-m.ctx.Done():
		}
	})
}

func (v *VM) onLifecycle(ctx context.Context, e libvirt.Lifecycle) {
	switch e.Change {
	case libvirt.Stopped:
		v.onStopped(ctx)
	case libvirt.Shutdown:
		v.onShutdown(ctx, e.Detail)
	case libvirt.Suspended:
		v.onSuspended(ctx, e.Detail)
	case libvirt.Resumed:
		v.readCPU(ctx)
		if e.Detail == libvirt.ResumedUnpaused {
			v.observe(ctx, "after_vm_cont", v.view.Load().xml)
		}
	}
}

// onStopped ends the VM whose QEMU is gone.
func (v *VM) onStopped(ctx context.Context) {
	if v.down() {
		return
	}
	// The news may be about an earlier domain of the same id.
	if s, err := v.vms.libvirt.State(ctx, v.id); err == nil && !s.Off() {
		return
	}
	var reason *api.VmExitReason
	v.with(func(s *state) { reason, s.destroyRequested = s.reason, true })
	v.finish(ctx, exitFor(reason))
}

// finish gives back what a VM without QEMU holds and makes it Down.
func (v *VM) finish(ctx context.Context, e exit) {
	if err := v.release(ctx, 1); err != nil {
		v.log.ErrorContext(ctx, "what the VM held is not given back", "error", err)
		return
	}
	v.setDown(ctx, e)
}

// onShutdown notes who powered the guest off. From outside a guest that the
// host's own shutdown ends looks like one that its user ended.
func (v *VM) onShutdown(ctx context.Context, detail int) {
	reason := api.VmExitReasonUserShutdown
	if detail == libvirt.ShutdownByHost || v.vms.o.HostStopping(ctx) {
		reason = api.VmExitReasonHostShutdown
	}
	v.with(func(s *state) { s.because(reason) })
}

func (v *VM) onSuspended(ctx context.Context, detail int) {
	status := v.readCPU(ctx)
	switch detail {
	case libvirt.SuspendedIOError:
		code := v.readPauseCode(ctx, status)
		v.with(func(s *state) {
			if code != pauseNoError || s.pauseCode == "" {
				s.pauseCode = code
			}
		})
	case libvirt.SuspendedPaused:
	default:
		return
	}
	v.observe(ctx, "after_vm_pause", v.view.Load().xml)
}

// onReboot begins the guest's life anew, or ends it where that was asked for.
func (v *VM) onReboot(ctx context.Context) {
	destroy := false
	v.with(func(s *state) {
		s.startTime = time.Now()
		s.guestChange(api.VmStatusRebootInProgress, s.startTime)
		destroy = s.destroyOnReboot
	})
	v.agent.forget(v.vms.o.GuestAgent.Periods)
	v.powerOff.fire()
	if err := v.note(ctx, nil); err != nil {
		v.log.WarnContext(ctx, "the VM's notes are not stored", "error", err)
	}
	v.notify(ctx, v.guestDetails())
	if !destroy {
		return
	}
	if err := v.end(ctx, 1, api.VmExitReasonDestroyedOnReboot); err != nil {
		v.log.ErrorContext(ctx, "the VM is not ended at its reboot", "error", err)
	}
}

// onIOError notes why a disk stopped its guest, and tells managers.
func (v *VM) onIOError(ctx context.Context, e libvirt.IOError) {
	code := pauseOther
	if e.Reason != "" {
		code = strings.ToUpper(e.Reason)
	}
	if e.Action != libvirt.IOErrorPause {
		v.log.InfoContext(ctx, "I/O error left to the guest", "alias", e.Alias, "reason", code)
		return
	}
	v.log.WarnContext(ctx, "I/O error stopped the guest", "alias", e.Alias, "reason", code)
	v.with(func(s *state) {
		s.cpuStopped, s.pauseCode, s.pauseTime = true, code, monotonicSeconds()
	})
	info := map[string]string{"alias": e.Alias}
	for _, disk := range v.view.Load().disks {
		if disk.alias == e.Alias {
			info["name"], info["path"] = disk.name, disk.path
		}
	}
	v.notify(ctx, api.StatusDetails{"pauseCode": code, "ioerror": info})
	if err := v.note(ctx, func(domxml.Values) {}); err != nil {
		v.log.WarnContext(ctx, "the VM's notes are not stored", "error", err)
	}
}

// onGraphics keeps the address of who looks at the console.
func (v *VM) onGraphics(e libvirt.Graphics) {
	v.with(func(s *state) {
		switch {
		case e.Phase == libvirt.GraphicsInitialize && e.Client != "":
			s.clientIP = e.Client
		case e.Phase == libvirt.GraphicsDisconnect && e.Client == s.clientIP:
			s.clientIP = ""
		}
	})
}

// watchdogActions are libvirt's virDomainEventWatchdogAction, by number.
var watchdogActions = []api.WatchdogEventAction{
	api.WatchdogEventActionIgnore, api.WatchdogEventActionPause, api.WatchdogEventActionReset,
	api.WatchdogEventActionDestroy, api.WatchdogEventActionShutdown, api.WatchdogEventActionLog,
}

func (v *VM) onWatchdog(e libvirt.Watchdog) {
	if e.Action < 0 || e.Action >= len(watchdogActions) {
		return
	}
	now := float64(time.Now().UnixMicro()) / 1e6
	v.with(func(s *state) {
		s.watchdog = &api.WatchdogEvent{Action: watchdogActions[e.Action], Time: api.Float(now)}
	})
}

// monotonicSeconds is the clock that pause times are kept in, which begins
// with the host.
func monotonicSeconds() float64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0 // cannot happen on Linux
	}
	return float64(ts.Nano()) / 1e9
}
