// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"

	"govdsm/api"
	"govdsm/internal/virt/domxml"
)

// setBalloonTarget asks the guest, through its balloon, to make do with so much
// memory. A VM without a balloon that may be used takes no notice.
func (m *VMs) setBalloonTarget(ctx context.Context, p *api.VMSetBalloonTargetParams) (api.Status, error) {
	v, err := m.find(p.VMID)
	if err != nil {
		return api.Status{}, err
	}
	if err := v.running(); err != nil {
		return api.Status{}, api.ErrBalloon
	}
	balloon := v.view.Load().balloon
	if balloon == nil || !balloon.enabled {
		return api.Done, nil
	}
	// Of two calls at once, the target of the
	// later one is both set and kept.
	v.setting.Lock()
	defer v.setting.Unlock()
	switch err := m.libvirt.SetMemory(ctx, v.id, p.Target); {
	case err == nil:
	case v.endedUnder(ctx, err):
		return api.Status{}, api.ErrNoSuchVM.With("vmId", v.id).Caused(err)
	default:
		return api.Status{}, api.ErrBalloon.Because(words(err)).Caused(err)
	}
	if err := v.note(ctx, func(values domxml.Values) {
		values[domxml.ValueBalloonTarget] = domxml.Int(int64(p.Target))
		vw := *v.view.Load()
		vw.balloon = &balloonView{minimum: balloon.minimum, target: int64(p.Target), enabled: true}
		v.view.Store(&vw)
	}); err != nil {
		v.log.WarnContext(ctx, "the VM's notes are not stored", "error", err)
	}
	return api.Done, nil
}
