// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"encoding/base64"

	"govdsm/api"
)

// screenshot answers a picture of the VM's first display, in the format that
// QEMU makes.
func (m *VMs) screenshot(ctx context.Context, p *api.VMScreenshotParams) (api.ScreenshotResponse, error) {
	none := api.ScreenshotResponse{}
	v, err := m.find(p.VMID)
	if err != nil {
		return none, err
	}
	if v.running() != nil {
		return none, api.ErrVMIsDown
	}
	picture, mime, err := m.libvirt.Screenshot(ctx, v.id)
	if err := v.tell(ctx, err); err != nil {
		return none, err
	}
	return api.ScreenshotResponse{
		Data: base64.StdEncoding.EncodeToString(picture), Encoding: "base64", MimeType: mime,
	}, nil
}
