// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"govdsm/api"
	"govdsm/internal/event"
	"govdsm/internal/logging"
	"govdsm/internal/network"
	"govdsm/internal/network/lldp"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/netinfo"
	"govdsm/internal/network/netlink"
	"govdsm/internal/network/persistence"
	"govdsm/internal/network/tc"
	"govdsm/internal/privileged"
)

// addNetwork builds the pillar of host networking. It reads the network of the
// process, which is the host's.
func (p *pillars) addNetwork(s *settings, logs *logging.Log) error {
	kernel, err := netlink.Open("")
	if err != nil {
		return err
	}
	log := logs.Logger("network")
	p.netinfo = netinfo.New(netinfo.Options{
		Kernel: kernel,
		Configuration: runningNetworks{
			store: persistence.At(filepath.Join(s.state, "staging", "netconf")), log: log,
		},
		QoS:         tc.Reader{},
		Switch:      rootsSwitch{p.root},
		HiddenNICs:  s.Vars.HiddenNICs,
		HiddenBonds: s.Vars.HiddenBonds,
		HiddenVLANs: s.Vars.HiddenVLANs,
		FakeNICs:    s.Vars.FakeNICs,
		Changed: func(ctx context.Context) {
			if err := event.Publish(p.bus, api.HostConnectionEvent, "no_id", api.NoParams{}); err != nil {
				log.ErrorContext(ctx, "cannot tell of a change of the network", "err", err)
			}
		},
		UnderWay: p.setup.UnderWay,
		Log:      log,
	})
	p.network = network.New(network.Options{
		Info:       p.netinfo,
		Neighbours: rootsNeighbours{p.root},
		Changes:    p.setup,
		Log:        log,
	})
	return nil
}

// runningNetworks is the configuration that supervdsmd has stored. It is read
// at each question, which comes seldom, so that no copy can be stale.
type runningNetworks struct {
	store *persistence.Store
	log   *slog.Logger
}

// Running implements netinfo.Configuration.
func (r runningNetworks) Running() (netinfo.Running, error) {
	config, problems, err := r.store.Load()
	if err != nil {
		return netinfo.Running{}, err
	}
	for _, p := range problems {
		r.log.Warn("a running network is not understood", "problem", p)
	}
	running := netinfo.Running{Networks: make(map[string]netinfo.Network, len(config.Networks))}
	for name, n := range config.Networks {
		running.Networks[name] = netinfo.Network{
			Switch: n.Switch, Bridged: n.Bridged, NIC: n.NIC, Bond: n.Bonding, VLAN: n.VLAN,
			Addressing: netinfo.Addressing{DHCPv4: n.DHCPv4(), DHCPv6: n.DHCPv6, Autoconf: n.IPv6Autoconf},
		}
	}
	for name, b := range config.Bonds {
		if b.Switch == netconf.SwitchOVS {
			running.OVSBonds = append(running.OVSBonds, name)
		}
	}
	return running, nil
}

// rootsSwitch is Open vSwitch as supervdsmd sees it.
type rootsSwitch struct{ client *privileged.Client }

// switchPatience keeps a database that hangs from delaying capabilities for
// longer: they say then what the kernel and the configuration tell.
const switchPatience = 3 * time.Second

// Ports implements netinfo.Switch.
func (r rootsSwitch) Ports(ctx context.Context) (map[string]netinfo.SwitchPort, error) {
	ctx, cancel := context.WithTimeout(ctx, switchPatience)
	defer cancel()
	result, err := privileged.Call(ctx, r.client, privileged.SwitchPorts, nil)
	if err != nil {
		return nil, err
	}
	ports := make(map[string]netinfo.SwitchPort, len(result.Ports))
	for name, p := range result.Ports {
		ports[name] = netinfo.SwitchPort(p)
	}
	return ports, nil
}

// rootsNeighbours are what supervdsmd hears.
type rootsNeighbours struct{ client *privileged.Client }

// Neighbours implements network.Neighbours.
func (r rootsNeighbours) Neighbours(ctx context.Context, devices []string) (map[string]lldp.Heard, error) {
	result, err := privileged.Call(ctx, r.client, privileged.LLDPNeighbours, &privileged.LLDPParams{Devices: devices})
	if err != nil {
		return nil, err
	}
	heard := make(map[string]lldp.Heard, len(result.Devices))
	for device, link := range result.Devices {
		h := lldp.Heard{Enabled: link.Enabled}
		for _, tlv := range link.TLVs {
			h.TLVs = append(h.TLVs, lldp.TLV(tlv))
		}
		heard[device] = h
	}
	return heard, nil
}
