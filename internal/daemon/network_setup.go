// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"
	"path/filepath"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/logging"
	"govdsm/internal/network/setup"
	"govdsm/internal/privileged"
)

// addNetworkSetup builds what changes networks.
func (p *pillars) addNetworkSetup(s *settings, logs *logging.Log) {
	p.setup = setup.New(setup.Options{
		Root:      networksAsRoot{p.root},
		Cards:     cards{p.libvirt},
		ClientLog: filepath.Join(s.run, "client.log"),
		Log:       logs.Logger("network"),
	})
}

// networksAsRoot carries changes of networks out through supervdsmd.
type networksAsRoot struct{ client *privileged.Client }

// Setup implements setup.Root.
func (r networksAsRoot) Setup(ctx context.Context, params *api.HostSetupNetworksParams) error {
	_, err := privileged.Call(ctx, r.client, privileged.NetworkApply, params)
	return err
}

// SetSafe implements setup.Root.
func (r networksAsRoot) SetSafe(ctx context.Context) error {
	_, err := privileged.Call(ctx, r.client, privileged.NetworkSave, nil)
	return err
}

// ChangeNumVFs implements setup.Root.
func (r networksAsRoot) ChangeNumVFs(ctx context.Context, device string, count uint64) error {
	_, err := privileged.Call(ctx, r.client, privileged.NetworkNumVFs, &privileged.NumVFsParams{Device: device, Count: count})
	return err
}

// cards are the network devices that libvirt knows.
type cards struct{ client *libvirt.Client }

// NetDevices implements setup.Cards.
func (c cards) NetDevices(ctx context.Context) ([]string, error) {
	devices, err := c.client.NodeDevices(ctx, "net")
	documents := make([]string, len(devices))
	for i, d := range devices {
		documents[i] = d.XML
	}
	return documents, err
}
