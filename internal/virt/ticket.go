// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"errors"
	"slices"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt/domxml"
)

var errNoDisplay = errors.New("no graphics devices configured")

// ticket is a password for a display.
type ticket struct {
	password string // never logged
	ttl      int64  // s; 0 or less leaves the time as it is
	conflict api.VmTicketConflictAction
	params   api.StringMap
}

// setTicket gives the VM's first display a password.
func (m *VMs) setTicket(ctx context.Context, p *api.VMSetTicketParams) (api.Nothing, error) {
	v, err := m.find(p.VMID)
	if err != nil {
		return api.Nothing{}, err
	}
	return api.Nothing{}, v.setTicket(ctx, "", ticket{p.Password, p.TTL, p.ExistingConnAction, p.Params})
}

// updateDevice changes a device of a running VM: the password of a display.
func (m *VMs) updateDevice(ctx context.Context, p *api.VMUpdateDeviceParams) (api.EmptyObject, error) {
	none := api.EmptyObject{}
	v, err := m.find(p.VMID)
	if err != nil {
		return none, err
	}
	var device struct {
		DeviceType api.VmDeviceType `json:"deviceType"`
		XML        *string          `json:"xml"`
	}
	if err := p.Params.As(&device); err != nil {
		return none, api.ErrGeneral.Of(err.Error()).Caused(err)
	}
	switch {
	case device.DeviceType == "":
		return none, api.ErrMissingParameter.With("name", "deviceType")
	case device.DeviceType != "graphics" || device.XML != nil:
		return none, api.ErrMethodNotImplemented
	}
	var change api.VmUpdateGraphicsDeviceParams
	if err := p.Params.As(&change); err != nil {
		return none, api.ErrGeneral.Of(err.Error()).Caused(err)
	}
	t := ticket{password: change.Password, ttl: change.TTL, params: change.Params}
	if change.ExistingConnAction != nil {
		t.conflict = *change.ExistingConnAction
	}
	if err := v.setTicket(ctx, change.GraphicsType, t); !errors.Is(err, errNoDisplay) {
		return none, err
	}
	return none, api.ErrUpdateDeviceFailed
}

// setTicket gives the first display of that type, of any when it is "", a
// password.
func (v *VM) setTicket(ctx context.Context, kind api.VmGraphicsDeviceType, t ticket) error {
	if err := v.running(); err != nil {
		return err
	}
	dom, err := domxml.Parse(v.view.Load().xml)
	if err != nil {
		return err
	}
	displays := dom.Graphics()
	at := slices.IndexFunc(displays, func(g domxml.Graphics) bool { return kind == "" || g.Type == string(kind) })
	if at < 0 {
		return api.ErrSpiceTicket.Because(errNoDisplay.Error()).Caused(errNoDisplay)
	}
	display := displays[at]
	if err := t.check(display.Type); err != nil {
		return err
	}
	var validTo time.Time
	if t.ttl > 0 {
		validTo = time.Now().Add(time.Duration(min(t.ttl, maxTicketTTL)) * time.Second)
	}
	display.SetTicket(t.password, validTo, string(t.conflict))
	if err := v.ask(ctx, "before_vm_set_ticket"); err != nil {
		return err
	}
	err = v.vms.libvirt.UpdateDevice(ctx, v.id, display.XML())
	if errors.Is(err, libvirt.ErrTimeout) || errors.Is(err, libvirt.OperationTimeout) {
		return api.ErrSpiceTicket.Because(words(err)).Caused(err)
	}
	if err := v.tell(ctx, err); err != nil {
		return err
	}
	v.observe(ctx, "after_vm_set_ticket", v.view.Load().xml)
	return nil
}

// maxTicketTTL keeps a ticket's end within what can be written, s: 100 years.
const maxTicketTTL = 100 * 365 * 24 * 3600

// check refuses what cannot be done: a password of SASL, for hosts in FIPS
// mode, whose database QEMU reads beside the display's own password.
func (t ticket) check(display string) error {
	fips, given := t.params["fips"]
	_, named := t.params["vncUsername"]
	switch {
	case display != "vnc":
		return nil
	case given && fips != "true" && fips != "false":
		return api.ErrMissingParameter.Because(`fips param should either be "true", "false" or non-existent`)
	case fips == "true" && !named:
		return api.ErrGeneral.Of("FIPS mode requires vncUsername")
	case fips == "true":
		return api.ErrGeneral.Of("this host keeps no SASL passwords, which FIPS mode requires")
	}
	return nil
}
