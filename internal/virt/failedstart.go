// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"errors"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt/domxml"
)

// doubt clears up a start whose answer got lost with the connection: when
// libvirt is back and the domain runs, the start has worked. However long that
// takes, the VM waits for it: a manager that hears of a failed start is free
// to start the VM elsewhere, on the same disks.
func (v *VM) doubt(ctx context.Context, cause error) error {
	if !connectionLost(cause) {
		return cause
	}
	return v.outcome(ctx, cause)
}

// outcome waits until it shows what became of a start. When it has not worked
// the cause is returned.
func (v *VM) outcome(ctx context.Context, cause error) error {
	half := halfStart{v: v}
	complained := false
	for pause := doubtPause; ; pause = min(2*pause, time.Second) {
		if err := v.vms.libvirt.WaitConnected(ctx); err != nil {
			return cause
		}
		status, err := v.vms.libvirt.State(ctx, v.id)
		switch {
		case err == nil && startingUp(status):
			// It goes on, or libvirt is about to end it: the one that began it
			// is gone. Or it has forgotten it.
			if half.over() {
				v.log.ErrorContext(ctx, "libvirt neither goes on with the start nor ends it", "error", cause)
				return cause
			}
		case err == nil && !status.Off():
			return nil
		case err == nil || !connectionLost(err):
			return cause
		case !complained:
			v.log.WarnContext(ctx, "libvirt went away during the start, waiting for it", "error", cause)
			complained = true
		}
		select { // the client may not have noticed yet
		case <-ctx.Done():
			return cause
		case <-time.After(pause):
		}
	}
}

// doubtPause is the first pause before a broken connection is tried again.
const doubtPause = 50 * time.Millisecond

// connectionLost reports whether a call may have failed with the connection, so
// that nobody knows what became of it. libvirt has no code of its own for that.
func connectionLost(err error) bool {
	for _, lost := range []error{
		libvirt.ErrUnavailable, libvirt.RPC, libvirt.InternalError, libvirt.SystemError,
	} {
		if errors.Is(err, lost) {
			return true
		}
	}
	return false
}

// startFailed ends what there is of the VM and says why.
func (v *VM) startFailed(start context.Context, cause error) {
	ctx := context.WithoutCancel(start)
	e := newExit(api.VmExitCodeERROR, api.VmExitReasonGenericError, words(cause))
	destroyed := false
	v.with(func(s *state) { destroyed = s.destroyRequested })
	switch {
	case destroyed || errors.Is(cause, errDestroyed):
		e = newExit(api.VmExitCodeNORMAL, api.VmExitReasonDestroyedOnStartup, "")
	case errors.Is(cause, libvirt.NoDomain):
		e = newExit(api.VmExitCodeERROR, api.VmExitReasonLibvirtDomainMissing, "")
	}
	if !destroyed {
		v.log.ErrorContext(ctx, "the VM did not start", "error", cause)
	}
	if v.releaseAtLast(start, ctx) {
		v.keepPlace(ctx)
		v.setDown(ctx, e)
	}
}

// releaseAtLast gives back what a failed start held, trying on while libvirt
// is away: as long as a QEMU may live the VM is not Down. It reports false when
// the start was cancelled first, and leaves the rest to whoever did that.
func (v *VM) releaseAtLast(start, ctx context.Context) bool {
	for complained := false; ; complained = true {
		err := v.release(ctx, 1)
		if err == nil {
			return true
		}
		if !complained {
			v.log.ErrorContext(ctx, "the rest of a failed start is not ended yet, trying on", "error", err)
		}
		select {
		case <-start.Done():
			return false
		case <-time.After(releasePause):
		}
	}
}

// releasePause is how often the end of a failed start is tried.
const releasePause = 500 * time.Millisecond

// keepPlace sees to it that there is a domain to keep the reason in, so that
// the VM is still listed after a restart of the daemon.
func (v *VM) keepPlace(ctx context.Context) {
	if _, err := v.vms.libvirt.State(ctx, v.id); !errors.Is(err, libvirt.NoDomain) {
		return
	}
	dom, err := domxml.Parse(v.view.Load().xml)
	if err != nil {
		return
	}
	placeholder, err := dom.Placeholder(v.vms.o.Arch)
	if err == nil {
		err = v.vms.libvirt.Define(ctx, placeholder)
	}
	if err != nil {
		v.log.DebugContext(ctx, "no place for the reason", "error", err)
	}
}

// words are what a manager is told of an error: libvirt's own where it is
// libvirt's.
func words(err error) string {
	if answer, ok := errors.AsType[*libvirt.Error](err); ok {
		return answer.Message
	}
	return err.Error()
}
