// SPDX-License-Identifier: GPL-2.0-or-later

package supervdsm

import (
	"context"
	"log/slog"
	"path/filepath"

	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/nmstatectl"
	"govdsm/internal/network/ovsdb"
)

// applier is who changes the kernel: the built-in one, or nmstatectl where
// NetworkManager owns the links.
func (o *Options) applier(state, choice string, log *slog.Logger) netswitch.Applier {
	manager := nmstatectl.NetworkManager{}
	return nmstatectl.Auto{
		Choice: choice,
		BuiltIn: netswitch.BuiltIn(linkapply.New(linkapply.Options{
			Journal:    filepath.Join(state, "netapply", "journal"),
			ResolvConf: filepath.Join(o.Root, linkapply.DefaultResolvConf),
			Switch:     filepath.Join(o.Root, ovsdb.DefaultSocket),
			Datapath:   o.Datapath,
			Log:        log,
		})),
		NMState: nmstatectl.New(nmstatectl.Options{
			Journal: filepath.Join(state, "netapply", "nmstatectl"),
			Open:    manager.HasCheckpoint,
			Log:     log,
		}),
		Owner: manager,
		Log:   log,
	}
}

// foreign tells whose leases a device has, by the same choice: NetworkManager
// keeps those of what it owns.
func foreign(choice string) func(ctx context.Context, device string) (bool, error) {
	return func(ctx context.Context, device string) (bool, error) {
		if choice == nmstatectl.ChooseBuiltIn || choice == nmstatectl.ChooseNMState {
			return choice == nmstatectl.ChooseNMState, nil
		}
		owned, err := nmstatectl.NetworkManager{}.Owns(ctx, []string{device})
		return len(owned) > 0, err
	}
}
