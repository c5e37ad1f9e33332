// SPDX-License-Identifier: GPL-2.0-or-later

package ops

import (
	"context"

	"govdsm/api"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/ovn"
	"govdsm/internal/network/tc"
	"govdsm/internal/privileged"
)

// BindNetwork binds the operations that change the host's networks. Without a
// configurator they are refused: a sandbox must not change its machine.
func BindNetwork(s *privileged.Server, c *netswitch.Configurator) {
	n := network{configurator: c, mirrors: new(tc.Mirror)}
	privileged.Handle(s, privileged.NetworkApply, n.apply)
	privileged.Handle(s, privileged.NetworkMirror, n.mirror)
	privileged.Handle(s, privileged.NetworkNumVFs, n.numVFs)
	privileged.Handle(s, privileged.NetworkSave, n.save)
	privileged.Handle(s, privileged.SwitchPorts, n.switchPorts)
}

// BindOVN binds the question whether the host is a part of OVN.
func BindOVN(s *privileged.Server, h ovn.Host) {
	privileged.Handle(s, privileged.OVNConfigured, func(ctx context.Context, _ *privileged.None) (bool, error) {
		return h.Configured(ctx)
	})
}

type network struct {
	configurator *netswitch.Configurator
	mirrors      *tc.Mirror
}

func (n network) apply(ctx context.Context, p *api.HostSetupNetworksParams) (privileged.None, error) {
	if n.configurator == nil {
		return privileged.None{}, refused()
	}
	return privileged.None{}, n.configurator.Setup(ctx, p)
}

func (n network) numVFs(ctx context.Context, p *privileged.NumVFsParams) (privileged.None, error) {
	if n.configurator == nil {
		return privileged.None{}, refused()
	}
	return privileged.None{}, n.configurator.SetNumVFs(ctx, p.Device, int(min(p.Count, netswitch.MostVFs+1)))
}

func (n network) save(ctx context.Context, _ *privileged.None) (privileged.None, error) {
	if n.configurator == nil {
		return privileged.None{}, refused()
	}
	return privileged.None{}, n.configurator.SetSafe(ctx)
}

// switchPorts reads the database of Open vSwitch, which is root's.
func (n network) switchPorts(ctx context.Context, _ *privileged.None) (privileged.SwitchPortsResult, error) {
	result := privileged.SwitchPortsResult{Ports: map[string]privileged.SwitchPort{}}
	if n.configurator == nil {
		return result, refused()
	}
	vs, err := n.configurator.Switch(ctx)
	if err != nil {
		return result, err
	}
	for bridge, b := range vs.Bridges {
		for name, p := range b.Ports {
			result.Ports[name] = privileged.SwitchPort{Bridge: bridge, Tag: p.Tag()}
		}
	}
	return result, nil
}

func refused() error {
	return api.ErrUnsupportedOperation.With("reason", "a sandbox does not change the networks of its machine")
}
