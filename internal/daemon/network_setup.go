// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"
	"path/filepath"

	"govdsm/api"
	"govdsm/internal/logging"
	"govdsm/internal/network/setup"
	"govdsm/internal/privileged"
)

// addNetworkSetup builds what changes networks.
func (p *pillars) addNetworkSetup(s *settings, logs *logging.Log) {
	p.setup = setup.New(setup.Options{
		Root:      networksAsRoot{p.root},
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
