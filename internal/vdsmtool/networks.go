// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"govdsm/api"
	"govdsm/internal/config"
	"govdsm/internal/network/drift"
	"govdsm/internal/network/netlink"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/persistence"
	"govdsm/internal/network/tc"
	"govdsm/internal/privileged"
	"govdsm/internal/supervdsm"
)

// networks is the host's networking as the commands need it.
type networks struct {
	t      *tool
	kernel *netlink.Kernel
	host   *drift.Host
	client *privileged.Client
	here   *netswitch.Configurator // of this process; nil while supervdsmd runs
}

// openNetworks reads and changes nothing yet.
func (t *tool) openNetworks() (*networks, error) {
	kernel, err := netlink.Open("")
	if err != nil {
		return nil, err
	}
	c, _ := config.Load(t.root) // validate-config tells what is wrong with it
	state := filepath.Join(t.root, supervdsm.DefaultState)
	return &networks{
		t: t, kernel: kernel, client: privileged.NewClient(filepath.Join(t.root, supervdsm.DefaultSocket)),
		host: drift.New(drift.Options{
			Kernel: kernel, Root: t.root,
			Persistent: persistence.At(filepath.Join(state, "persistence", "netconf")),
			Running:    persistence.At(filepath.Join(state, "staging", "netconf")),
			QoS:        tc.Reader{},
			HiddenNICs: c.Vars.HiddenNICs, HiddenBonds: c.Vars.HiddenBonds,
			HiddenVLANs: c.Vars.HiddenVLANs, FakeNICs: c.Vars.FakeNICs,
			Log: t.logs.Logger("network"),
		}),
	}, nil
}

func (n *networks) close() error { return errors.Join(n.client.Close(), n.kernel.Close()) }

func (n *networks) options() supervdsm.Options {
	return supervdsm.Options{
		Socket: filepath.Join(n.t.root, supervdsm.DefaultSocket),
		State:  filepath.Join(n.t.root, supervdsm.DefaultState),
		Root:   n.t.root,
	}
}

// planner tells what changes would be.
func (n *networks) planner(ctx context.Context) *netswitch.Configurator {
	return supervdsm.Planner(ctx, n.options(), n.t.logs)
}

// supervdsmdPatience is how long supervdsmd may take to say that it is there.
// A busy one answers all the same.
const supervdsmdPatience = 10 * time.Second

// act decides who changes networks: supervdsmd where it runs, so that what it
// keeps in memory stays true, or else this process.
func (n *networks) act(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, supervdsmdPatience)
	defer cancel()
	if _, err := privileged.Call(limited, n.client, privileged.Ping, nil); err == nil {
		n.t.log.InfoContext(ctx, "supervdsmd runs and will change the networks")
		return
	}
	n.here = supervdsm.Networks(ctx, n.options(), n.t.logs)
}

// Setup implements restore.Networks.
func (n *networks) Setup(ctx context.Context, p *api.HostSetupNetworksParams) error {
	if n.here != nil {
		return n.here.Setup(ctx, p)
	}
	_, err := privileged.Call(ctx, n.client, privileged.NetworkApply, p)
	return err
}

// SetNumVFs implements restore.VirtualFunctions.
func (n *networks) SetNumVFs(ctx context.Context, nic string, count int) error {
	if n.here != nil {
		return n.here.SetNumVFs(ctx, nic, count)
	}
	_, err := privileged.Call(ctx, n.client, privileged.NetworkNumVFs, &privileged.NumVFsParams{Device: nic, Count: uint64(max(0, count))})
	return err
}

// save makes the present networks those of the next boot.
func (n *networks) save(ctx context.Context) error {
	if n.here != nil {
		return n.here.SetSafe(ctx)
	}
	_, err := privileged.Call(ctx, n.client, privileged.NetworkSave, nil)
	return err
}

// forget takes out of the running configuration what is not there. supervdsmd
// reads that configuration anew for every change, and the lock keeps its
// changes apart from this one.
func (n *networks) forget(ctx context.Context) error {
	c := n.here
	if c == nil {
		c = n.planner(ctx)
	}
	_, err := c.Forget(ctx)
	return err
}
