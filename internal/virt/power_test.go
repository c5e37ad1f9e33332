// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"testing"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

// A verb that fails because the VM ended meanwhile says that there is no such
// VM; one that fails for another reason does not.
func TestEndedUnderACall(t *testing.T) {
	t.Parallel()
	const running, shutOff, missing, unknown = "running", "shut off", "missing", "unknown"
	notRunning := &libvirt.Error{Code: libvirt.OperationInvalid, Message: "domain is not running"}
	monitor := &libvirt.Error{Code: libvirt.InternalError, Message: "End of file from qemu monitor"}
	for _, c := range []struct {
		name    string
		err     error
		domain  string
		general bool // the verb's own code
	}{
		{"undefined", &libvirt.Error{Code: libvirt.NoDomain, Message: "Domain not found"}, missing, false},
		{"undefined meanwhile", notRunning, missing, false},
		{"shut off meanwhile", notRunning, shutOff, false},
		{"the monitor closed", monitor, shutOff, false},
		{"something else", notRunning, running, true},
		{"libvirt lost meanwhile", monitor, unknown, true},
		{"libvirt away", libvirt.ErrUnavailable, shutOff, true},
		{"no answer", &libvirt.Error{Code: libvirt.OperationTimeout, Message: "timed out"}, shutOff, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			h := fakeHost(t, f, virt.Options{})
			s := newSketch()
			h.create(s.id, s.xml())
			h.awaitEvent(s.id, "Powering up")
			f.mu.Lock()
			f.onPower = func(string, string) error { return c.err }
			switch c.domain {
			case shutOff:
				f.domains[s.id].status.State = libvirt.StateShutoff
			case missing:
				delete(f.domains, s.id)
			case unknown:
				f.onState = func(context.Context, string) error { return libvirt.ErrUnavailable }
			}
			f.mu.Unlock()
			for verb, own := range map[string]*api.Code{
				"VM.reset": api.ErrResetFailed, "VM.pause": api.ErrGeneral, "VM.cont": api.ErrGeneral,
			} {
				if !c.general {
					own = api.ErrNoSuchVM
				}
				h.refused(verb, vmID(s.id), own)
			}
		})
	}
}
