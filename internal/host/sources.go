// SPDX-License-Identifier: GPL-2.0-or-later

package host

import (
	"context"
	"errors"
	"strings"

	"govdsm/api"
	"govdsm/internal/host/link"
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

// askNetwork asks the network pillar, or does without: then cards and name
// servers are known, and there are no networks, bonds, VLANs or bridges of a
// manager's making.
func (h *Host) askNetwork(ctx context.Context) (api.VdsmNetworkCapabilities, error) {
	if h.options.Network != nil {
		return h.options.Network.Capabilities(ctx)
	}
	nics, err := link.NICs(h.fs)
	if err != nil {
		return api.VdsmNetworkCapabilities{}, err
	}
	return api.VdsmNetworkCapabilities{
		Nics:         nics,
		SupportsIPv6: link.IPv6(h.fs),
		Nameservers:  h.nameservers(),
	}, nil
}

// nameservers reads resolv.conf(5).
func (h *Host) nameservers() []string {
	text, err := h.fs.Bytes("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	var servers []string
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "nameserver" {
			servers = append(servers, fields[1])
		}
	}
	return servers
}

// netConfigDirty is "True" or "False", in that spelling.
func (h *Host) netConfigDirty() string {
	if h.options.Network != nil && h.options.Network.ConfigDirty() {
		return "True"
	}
	return "False"
}
