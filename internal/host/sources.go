// SPDX-License-Identifier: GPL-2.0-or-later

package host

import (
	"context"
	"errors"
	"net/netip"
	"strconv"

	"govdsm/api"
	"govdsm/internal/host/virtcaps"
)

// errNoLibvirt stands for a daemon that runs without libvirt, as in tests.
var errNoLibvirt = errors.New("there is no libvirt")

func (h *Host) askHost(ctx context.Context) (*virtcaps.Host, error) {
	if h.options.Libvirt == nil {
		return nil, errNoLibvirt
	}
	document, err := h.options.Libvirt.Capabilities(ctx)
	if err != nil {
		return nil, err
	}
	return virtcaps.ParseHost(document)
}

func (h *Host) askDomain(ctx context.Context) (*virtcaps.Domain, error) {
	if h.options.Libvirt == nil {
		return nil, errNoLibvirt
	}
	virtType := "kvm"
	if h.options.FakeKVM {
		virtType = "qemu"
	}
	document, err := h.options.Libvirt.DomainCapabilities(ctx, h.kernel.Machine, "", virtType)
	if err != nil {
		return nil, err
	}
	return virtcaps.ParseDomain(document)
}

// versions are libvirt's and QEMU's own words, for hosts whose packages do not
// tell.
type versions struct{ libvirt, qemu version }

func (h *Host) askVersions(ctx context.Context) (versions, error) {
	if h.options.Libvirt == nil {
		return versions{}, errNoLibvirt
	}
	libvirt, qemu, err := h.options.Libvirt.Versions(ctx)
	if err != nil {
		return versions{}, err
	}
	return versions{libvirt: versionOfNumber(libvirt), qemu: versionOfNumber(qemu)}, nil
}

// askNetwork asks the network pillar, or does without.
func (h *Host) askNetwork(ctx context.Context) (api.VdsmNetworkCapabilities, error) {
	if h.options.Network == nil {
		return api.VdsmNetworkCapabilities{}, nil
	}
	return h.options.Network.Capabilities(ctx)
}

// owner names the link of one of our addresses, "" when that is not known.
func (h *Host) owner(ctx context.Context, address netip.Addr) string {
	if h.options.Network == nil || !address.IsValid() {
		return ""
	}
	name, err := h.options.Network.Owner(ctx, address)
	if err != nil {
		h.options.Log.WarnContext(ctx, "the client's interface is not known", "error", err)
	}
	return name
}

// countPackets adds the counters of the network. They are read now, so that
// the rates that a manager makes of them are right.
func (h *Host) countPackets(ctx context.Context, stats *api.HostStats) {
	if h.options.Network == nil {
		return
	}
	n, err := h.options.Network.Statistics(ctx)
	if err != nil {
		h.options.Log.WarnContext(ctx, "statistics are told without the network", "error", err)
		return
	}
	stats.Network = n.Network
	stats.RxDropped, stats.TxDropped = strconv.FormatInt(n.RxDropped, 10), strconv.FormatInt(n.TxDropped, 10)
}

// netConfigDirty is "True" or "False", in that spelling.
func (h *Host) netConfigDirty() string {
	if h.options.Network != nil && h.options.Network.ConfigDirty() {
		return "True"
	}
	return "False"
}
