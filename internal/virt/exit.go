// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt/domxml"
)

// exit says how a VM ended.
type exit struct {
	code    api.VmExitCode
	reason  api.VmExitReason
	message string
}

// exitTexts are the original's words (lib/vdsm/virt/vmexitreason.py); clients
// match them, the misspelling included.
var exitTexts = map[api.VmExitReason]string{
	api.VmExitReasonSuccess:                 "VM terminated succesfully",
	api.VmExitReasonGenericError:            "VM terminated with error",
	api.VmExitReasonLostQemuConnection:      "Lost connection with qemu process",
	api.VmExitReasonLibvirtStartFailed:      "failed to start libvirt vm",
	api.VmExitReasonMigrationSucceeded:      "Migration succeeded",
	api.VmExitReasonSaveStateSucceeded:      "SaveState succeeded",
	api.VmExitReasonAdminShutdown:           "Admin shut down from the engine",
	api.VmExitReasonUserShutdown:            "User shut down from within the guest",
	api.VmExitReasonMigrationFailed:         "VM failed to migrate",
	api.VmExitReasonLibvirtDomainMissing:    "Failed to find the libvirt domain",
	api.VmExitReasonDestroyedOnStartup:      "VM destroyed during the startup",
	api.VmExitReasonHostShutdown:            "VM has been terminated on the host",
	api.VmExitReasonPostcopyFailed:          "Migration failed in post-copy",
	api.VmExitReasonDestroyedOnReboot:       "Down as a part of the reboot process",
	api.VmExitReasonDestroyedOnPauseTimeout: "Down because paused for too long",
}

// exitFor returns the exit of a VM that ended for the reason, or that just
// ended when there is none.
func exitFor(reason *api.VmExitReason) exit {
	if reason == nil {
		return newExit(api.VmExitCodeERROR, api.VmExitReasonLostQemuConnection, "")
	}
	switch *reason {
	case api.VmExitReasonHostShutdown, api.VmExitReasonDestroyedOnPauseTimeout:
		return newExit(api.VmExitCodeERROR, *reason, "")
	}
	return newExit(api.VmExitCodeNORMAL, *reason, "")
}

// newExit makes an exit; an empty message becomes the reason's text.
func newExit(code api.VmExitCode, reason api.VmExitReason, message string) exit {
	if message == "" {
		message = exitTexts[reason]
	}
	if message == "" {
		message = "VM terminated"
	}
	return exit{code, reason, message}
}

// exitOfShutoff says how a domain ended that we find shut off, from libvirt's
// reason alone.
func exitOfShutoff(s libvirt.Status) exit {
	if s.State == libvirt.StateShutoff {
		switch s.Reason {
		case libvirt.ShutoffShutdown:
			return newExit(api.VmExitCodeNORMAL, api.VmExitReasonUserShutdown, "")
		case libvirt.ShutoffDestroyed:
			return newExit(api.VmExitCodeNORMAL, api.VmExitReasonAdminShutdown, "")
		case libvirt.ShutoffMigrated:
			return newExit(api.VmExitCodeNORMAL, api.VmExitReasonMigrationSucceeded, "")
		case libvirt.ShutoffSaved:
			return newExit(api.VmExitCodeNORMAL, api.VmExitReasonSaveStateSucceeded, "")
		case libvirt.ShutoffFailed:
			return newExit(api.VmExitCodeERROR, api.VmExitReasonLibvirtStartFailed, "")
		}
	}
	return newExit(api.VmExitCodeERROR, api.VmExitReasonGenericError, "")
}

// setDown makes the VM Down, keeps the reason in the domain for after a restart
// of the daemon, and tells managers. Only the first call does anything: a
// manager must not hear of the same end twice.
func (v *VM) setDown(ctx context.Context, e exit) {
	first := false
	v.with(func(s *state) {
		if first = s.move(ended); first {
			s.exit, s.sampledSince = e, time.Time{}
		}
	})
	if !first {
		return
	}
	v.log.InfoContext(ctx, "VM is down", "reason", int(e.reason), "message", e.message)
	v.powerOff.fire()
	if err := v.note(ctx, func(values domxml.Values) {
		values[domxml.ValueExitCode] = domxml.Int(int64(e.code))
		values[domxml.ValueExitReason] = domxml.Int(int64(e.reason))
		values[domxml.ValueExitMessage] = domxml.Text(e.message)
	}); err != nil {
		v.log.DebugContext(ctx, "the reason is not kept in the domain", "error", err)
	}
	v.notify(ctx, v.exitDetails())
}

// savedExit reads the reason that setDown kept.
func savedExit(values domxml.Values) (exit, bool) {
	code, hasCode := values.Int(domxml.ValueExitCode)
	reason, hasReason := values.Int(domxml.ValueExitReason)
	if !hasCode || !hasReason {
		return exit{}, false
	}
	return newExit(api.VmExitCode(code), api.VmExitReason(reason), values.Text(domxml.ValueExitMessage)), true
}
