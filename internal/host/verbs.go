// SPDX-License-Identifier: GPL-2.0-or-later

package host

import (
	"context"
	"encoding/json"
	"slices"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/host/nodedev"
)

// deviceCapabilities are the kinds of devices a client may ask for.
var deviceCapabilities = []string{
	"system", "pci", "usb_device", "usb", "net", "scsi_host", "scsi_target", "scsi", "storage", "fc_host", "vports", "scsi_generic",
}

// Bind binds the handlers of the host's verbs.
func (h *Host) Bind(t *dispatch.Table) {
	dispatch.Bind(t, api.HostPing, h.ping, dispatch.Inline())
	dispatch.Bind(t, api.HostPing2, h.ping2, dispatch.Inline())
	dispatch.Bind(t, api.HostEcho, h.echo, dispatch.Inline())
	dispatch.Bind(t, api.HostGetCapabilities, h.getCapabilities)
	dispatch.Bind(t, api.HostGetStats, h.getStats, dispatch.InlineWhen(func() bool {
		return !h.hooked("before_get_stats") && !h.hooked("after_get_stats")
	}))
	dispatch.Bind(t, api.HostGetHardwareInfo, h.getHardwareInfo)
	dispatch.Bind(t, api.HostHostdevListByCaps, h.hostdevListByCaps)
	dispatch.Bind(t, api.HostFenceNode, h.fencer.Node)
	dispatch.Bind(t, api.HostSetKSMTune, h.setKSMTune)
	dispatch.Bind(t, api.HostSetMOMPolicy, h.setMOMPolicy)
	dispatch.Bind(t, api.HostSetMOMPolicyParameters, h.setMOMPolicyParameters)
	dispatch.Bind(t, api.HostSetLogLevel, h.setLogLevel)
	if h.options.Jobs != nil {
		dispatch.Bind(t, api.HostGetJobs, h.getJobs)
	}
}

// ping also confirms a change of the network, which ping2 does not.
func (h *Host) ping(context.Context, *api.NoParams) (api.Nothing, error) {
	if h.options.Network != nil {
		h.options.Network.ConfirmConnectivity()
	}
	return api.Nothing{}, nil
}

func (h *Host) ping2(context.Context, *api.NoParams) (api.Nothing, error) { return api.Nothing{}, nil }

func (h *Host) echo(_ context.Context, p *api.HostEchoParams) (string, error) { return p.Message, nil }

func (h *Host) getCapabilities(ctx context.Context, _ *api.NoParams) (api.VdsmCapabilities, error) {
	return h.Capabilities(ctx)
}

func (h *Host) getStats(ctx context.Context, _ *api.NoParams) (api.HostStats, error) {
	return h.Stats(ctx)
}

func (h *Host) getHardwareInfo(ctx context.Context, _ *api.NoParams) (api.HardwareInformation, error) {
	info, known, err := h.hardware.get(ctx, h.life, h.options.Privileged.HardwareInfo)
	if err != nil {
		if !known {
			return api.HardwareInformation{}, api.ErrCannotRetrieveHWInfo.Because("").Caused(err)
		}
		h.options.Log.WarnContext(ctx, "hardware information is not fresh", "error", err)
	}
	return info, nil
}

// knownCapabilities replaces the names that nobody knows by "system", of which
// there is one device: a client that asks for a new kind gets next to nothing,
// not everything.
func knownCapabilities(names []string) []string {
	known := slices.Clone(names)
	for i, name := range known {
		if !slices.Contains(deviceCapabilities, name) {
			known[i] = "system"
		}
	}
	return known
}

// hostdevListByCaps lists devices. It needs libvirt; the memory devices that
// libvirt does not know come on top and are left out when they cannot be read.
func (h *Host) hostdevListByCaps(ctx context.Context, p *api.HostHostdevListByCapsParams) (api.HostDevices, error) {
	if h.options.Libvirt == nil {
		return nil, api.ErrResourceUnavailable
	}
	documents, err := h.options.Libvirt.NodeDevices(ctx, knownCapabilities(p.Caps))
	if err != nil {
		return nil, api.ErrGeneral.Of(err.Error()).Caused(err)
	}
	devices, faults := nodedev.Describe(h.fs, documents)
	for _, f := range faults {
		h.options.Log.WarnContext(ctx, "device is left out", "error", f)
	}
	memory, err := nodedev.NVDIMMs(ctx, h.options.Ndctl)
	if err != nil {
		h.options.Log.WarnContext(ctx, "memory devices are left out", "error", err)
	}
	for name, d := range memory {
		devices[name] = d
	}
	return h.rewriteDevices(ctx, devices), nil
}

func (h *Host) rewriteDevices(ctx context.Context, devices api.HostDevices) api.HostDevices {
	const point = "after_hostdev_list_by_caps"
	document, ok := h.after(ctx, point, devices)
	if !ok {
		return devices
	}
	var rewritten api.HostDevices
	if err := json.Unmarshal(document, &rewritten); err != nil {
		h.options.Log.WarnContext(ctx, "hook left no list of devices, the answer is as it was", "point", point, "error", err)
		return devices
	}
	return rewritten
}

func (h *Host) getJobs(_ context.Context, p *api.HostGetJobsParams) (api.HostJobInfoMap, error) {
	var kind api.HostJobType
	if p.JobType != nil {
		kind = *p.JobType
	}
	return h.options.Jobs.Info(kind, p.JobIDs), nil
}
