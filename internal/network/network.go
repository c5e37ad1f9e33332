// SPDX-License-Identifier: GPL-2.0-or-later

// Package network is the pillar of host networking. It answers what the host's
// networking is (package netinfo) and who its neighbours are (package lldp).
package network

import (
	"context"
	"log/slog"
	"net/netip"

	"govdsm/api"
	"govdsm/internal/network/lldp"
	"govdsm/internal/network/netinfo"
)

// Neighbours knows what switches announce on the host's links. Listening takes
// root, so it is supervdsmd that knows.
type Neighbours interface {
	// Neighbours returns what is known of each of the devices.
	Neighbours(ctx context.Context, devices []string) (map[string]lldp.Heard, error)
}

// Changes are the changes of networks that managers ask for.
type Changes interface {
	// ConfigDirty reports changes that are not saved, from memory.
	ConfigDirty() bool
	// ConfirmConnectivity notes at once that a manager still reaches us.
	ConfirmConnectivity()
}

// Options configure a Network.
type Options struct {
	Info       *netinfo.Reader
	Neighbours Neighbours
	Changes    Changes // nil: nothing is ever changed
	Log        *slog.Logger
}

// Network answers for one host. Its methods may be called at once.
type Network struct{ options Options }

// New returns a Network. The caller runs the Reader.
func New(o Options) *Network { return &Network{options: o} }

// Capabilities describes the host's networking.
func (n *Network) Capabilities(ctx context.Context) (api.VdsmNetworkCapabilities, error) {
	c, err := n.options.Info.Capabilities(ctx)
	c.NetConfigDirty = "False" // text on the wire, in this spelling
	if n.ConfigDirty() {
		c.NetConfigDirty = "True"
	}
	return c, err
}

// Statistics reads the counters of every link.
func (n *Network) Statistics(ctx context.Context) (api.HostNetworkStatistics, error) {
	return n.options.Info.Statistics(ctx)
}

// Owner names the link that has an address, "" when none has.
func (n *Network) Owner(ctx context.Context, address netip.Addr) (string, error) {
	return n.options.Info.Owner(ctx, address)
}

// ConfigDirty reports changes that are not saved, from memory.
func (n *Network) ConfigDirty() bool { return n.options.Changes != nil && n.options.Changes.ConfigDirty() }

// ConfirmConnectivity notes at once that a manager still reaches us.
func (n *Network) ConfirmConnectivity() {
	if n.options.Changes != nil {
		n.options.Changes.ConfirmConnectivity()
	}
}
