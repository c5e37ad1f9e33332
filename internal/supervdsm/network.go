// SPDX-License-Identifier: GPL-2.0-or-later

package supervdsm

import (
	"cmp"
	"context"
	"path/filepath"

	"govdsm/internal/config"
	"govdsm/internal/hook"
	"govdsm/internal/logging"
	"govdsm/internal/network/bondscan"
	"govdsm/internal/network/dhcp"
	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/ovsdb"
	"govdsm/internal/network/persistence"
)

// DefaultState is where configurations of networks are kept.
const DefaultState = "/var/lib/vdsm"

// hooksDir is where administrators put scripts.
const hooksDir = "/usr/libexec/vdsm/hooks"

// leases keeps what DHCP servers lend this host; nil for a sandbox.
func (o *Options) leases(logs *logging.Log) *dhcp.Clients {
	if o.sandboxed() {
		return nil
	}
	settings, _ := config.Load(o.Root) // vdsmd reports what is wrong with it
	return dhcp.New(dhcp.Options{
		Foreign:    foreign(settings.Vars.NetworkApplier),
		Dir:        filepath.Join(cmp.Or(o.State, DefaultState), "dhcp"),
		ResolvConf: filepath.Join(o.Root, linkapply.DefaultResolvConf),
		Log:        logs.Logger("network"),
	})
}

func (o *Options) sandboxed() bool { return len(o.AllowUIDs) > 0 && o.State == "" }

// network builds what changes the host's networks, and finishes what a former
// process could not. From then on leases, if not nil, keeps what the running
// networks have by DHCP. It is nil for a sandbox.
func (o *Options) network(ctx context.Context, logs *logging.Log, leases *dhcp.Clients) *netswitch.Configurator {
	if o.sandboxed() {
		return nil
	}
	state := cmp.Or(o.State, DefaultState)
	settings, _ := config.Load(o.Root) // vdsmd reports what is wrong with it
	log := logs.Logger("network")
	run := filepath.Dir(o.Socket)
	c := netswitch.New(netswitch.Options{
		Running:     persistence.At(filepath.Join(state, "staging", "netconf")),
		Persistent:  persistence.At(filepath.Join(state, "persistence", "netconf")),
		Lock:        filepath.Join(state, "netapply", "lock"),
		Applier:     o.applier(state, settings.Vars.NetworkApplier, log),
		Clients:     leases,
		Switch:      filepath.Join(o.Root, ovsdb.DefaultSocket),
		Hooks:       hook.New(hook.Options{Dir: filepath.Join(o.Root, hooksDir), PythonPath: hook.Modules(), Log: logs.Logger("hook")}),
		BondOptions: func(ctx context.Context) (kernelconfig.BondOptions, error) { return bondscan.Known(ctx, run) },
		ClientLog:   filepath.Join(run, "client.log"),
		ResolvConf:  filepath.Join(o.Root, linkapply.DefaultResolvConf),
		FakeNICs:    settings.Vars.FakeNICs,
		HiddenNICs:  settings.Vars.HiddenNICs,
		Log:         log,
	})
	if o.looks {
		return c
	}
	if err := c.Recover(ctx); err != nil {
		log.ErrorContext(ctx, "a change of the network that was not finished could not be undone", "error", err)
	}
	if leases == nil {
		return c
	}
	if err := c.Leases(ctx); err != nil {
		log.ErrorContext(ctx, "DHCP: the running networks cannot be read", "error", err)
	}
	return c
}
