// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"slices"

	"govdsm/api"
	"govdsm/internal/virt/domxml"
)

// Secrets keeps what firmware and TPM of a VM store, which the manager sends
// along and which is never logged.
type Secrets interface {
	// Write stores the data of one kind, "tpm" or "nvram", encoded as the
	// manager sent it, before the VM starts.
	Write(ctx context.Context, vmID, kind, data string) error
}

// displayTypes are the values of the parameter display, which managers before
// 4.2 sent.
var displayTypes = []api.VmDisplayType{"vnc", "qxl", "qxlnc"}

// create checks the request, registers the VM and starts it in the background:
// the reply does not wait for QEMU. Everything that goes wrong later leaves the
// VM listed as Down.
func (m *VMs) create(ctx context.Context, p *api.VMCreateParams) (api.VmCreated, error) {
	none := api.VmCreated{}
	params := &p.VMParams
	if params.XML == nil || *params.XML == "" {
		return none, api.ErrMissingParameter.With("name", "xml")
	}
	dom, err := domxml.Parse(*params.XML)
	if err != nil {
		return none, api.ErrCannotCreateVM.Because(err.Error()).Caused(err)
	}
	if m.lookup(dom.UUID()) != nil {
		return none, api.ErrVMExists
	}
	notes, err := dom.Metadata()
	if err != nil {
		return none, api.ErrUnexpected.Because(err.Error()).Caused(err)
	}
	if params.Display != nil && !slices.Contains(displayTypes, *params.Display) {
		return none, api.ErrCannotCreateVM.Because("Unknown display type " + string(*params.Display))
	}
	if err := dom.CheckVNC(m.o.VNCSASL); err != nil {
		return none, api.ErrCannotCreateVM.Because(err.Error()).Caused(err)
	}
	if err := m.writeSecrets(ctx, dom.UUID(), params); err != nil {
		return none, err
	}

	v := m.newVM(dom.UUID(), dom.Name())
	v.notes.m = notes
	v.view.Store(viewOf(*params.XML, dom, notes, sentByManager))
	v.state.destroyOnReboot = dom.DestroyOnReboot()
	start, cancel := m.background(ctx)
	v.cancel = cancel
	if !m.add(v) {
		cancel()
		return none, api.ErrVMExists
	}
	m.work.Go(func() {
		defer cancel()
		v.start(start, dom)
	})
	return api.VmCreated{
		VMID:       api.UUID(v.id),
		Status:     api.VmStatusWaitForLaunch,
		StatusTime: statusTime(),
		XML:        *params.XML,
	}, nil
}

func (m *VMs) writeSecrets(ctx context.Context, id string, params *api.VmParameters) error {
	for kind, data := range map[string]*string{"tpm": params.XTpmdata, "nvram": params.XNvramdata} {
		if data == nil || *data == "" {
			continue
		}
		if m.o.Secrets == nil {
			return api.ErrExternalDataFailed.With("reason", "Unsupported data kind", "kind", kind)
		}
		if err := m.o.Secrets.Write(ctx, id, kind, *data); err != nil {
			return api.ErrExternalDataFailed.With("reason", "Failed to write data", "kind", kind).Caused(err)
		}
	}
	return nil
}
