// SPDX-License-Identifier: GPL-2.0-or-later

// Package drift compares the three configurations that a host has: the one that
// the next boot restores, the one that was set up, and the one that the kernel's
// state amounts to. Restoring and people look at the same View.
package drift

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/netinfo"
	"govdsm/internal/network/netlink"
	"govdsm/internal/network/persistence"
)

// Files that the scan of the bonding driver leaves at boot, see
// kernelconfig.ParseBondOptions.
const (
	bondDefaultsFile = "/run/vdsm/bonding-defaults.json"
	bondNumbersFile  = "/run/vdsm/bonding-name2numeric.json"
)

// Options configure a Host.
type Options struct {
	Kernel     *netlink.Kernel
	Persistent *persistence.Store
	Running    *persistence.Store
	Root       string      // of the host's file system, "" for the real one
	QoS        netinfo.QoS // nil: the shares of networks are not looked at

	HiddenNICs, HiddenBonds, HiddenVLANs, FakeNICs []string // patterns, as in package netinfo

	Log *slog.Logger
}

// Host is looked at.
type Host struct{ o Options }

// New returns a Host. It reads nothing yet.
func New(o Options) *Host { return &Host{o} }

// View is a host at one moment. The configurations are in their normal
// spelling, see kernelconfig.Normalize, save Stored, which is as it was saved.
type View struct {
	Stored     netconf.Config // what the next boot restores
	Persistent netconf.Config // the same
	Running    netconf.Config // what was set up
	Kernel     netconf.Config // what is there

	Bonds    kernelconfig.BondOptions
	NICs     map[string]string     // cards and their burnt-in addresses, "" where the driver does not tell
	Problems []persistence.Problem // files that cannot be understood
	SeesQoS  bool                  // Kernel tells of the shares of networks
}

// Look reads everything.
func (h *Host) Look(ctx context.Context) (View, error) {
	v := View{Bonds: h.bondOptions(ctx), SeesQoS: h.o.QoS != nil}
	stored, problems, err := h.o.Persistent.Load()
	if err != nil {
		return v, err
	}
	running, more, err := h.o.Running.Load()
	if err != nil {
		return v, err
	}
	v.Problems = append(problems, more...)
	reader := h.reader(running)
	caps, err := reader.Capabilities(ctx)
	if err != nil {
		return v, err
	}
	links, err := reader.Links(ctx)
	if err != nil {
		return v, err
	}
	v.NICs = make(map[string]string, len(caps.Nics))
	for _, l := range links {
		if _, card := caps.Nics[l.Name]; card {
			v.NICs[l.Name] = l.Permanent.String()
		}
	}
	info, err := kernelconfig.FromCapabilities(caps)
	if err != nil {
		return v, err
	}
	v.Stored = stored
	v.Persistent = kernelconfig.Normalize(stored, v.Bonds)
	v.Running = kernelconfig.Normalize(running, v.Bonds)
	v.Kernel = kernelconfig.Normalize(kernelconfig.From(info, running), v.Bonds)
	return v, nil
}

// reader reads the kernel as managers see it.
func (h *Host) reader(running netconf.Config) *netinfo.Reader {
	return netinfo.New(netinfo.Options{
		Kernel: h.o.Kernel, Root: h.o.Root,
		Configuration: configuration(running),
		QoS:           h.o.QoS,
		HiddenNICs:    h.o.HiddenNICs, HiddenBonds: h.o.HiddenBonds, HiddenVLANs: h.o.HiddenVLANs, FakeNICs: h.o.FakeNICs,
		Log: h.o.Log,
	})
}

// bondOptions are none where nothing has scanned the driver: then a value's
// name and its number look different, and a bond is set up once too often.
func (h *Host) bondOptions(ctx context.Context) kernelconfig.BondOptions {
	defaults, errDefaults := os.ReadFile(filepath.Join(h.o.Root, bondDefaultsFile))
	numbers, errNumbers := os.ReadFile(filepath.Join(h.o.Root, bondNumbersFile))
	if errDefaults != nil || errNumbers != nil {
		return kernelconfig.BondOptions{}
	}
	known, err := kernelconfig.ParseBondOptions(defaults, numbers)
	if err != nil {
		h.o.Log.WarnContext(ctx, "what was found out about the bonding driver cannot be read", "error", err)
	}
	return known
}

// configuration is a running configuration in netinfo's words.
type configuration netconf.Config

// Running implements netinfo.Configuration.
func (c configuration) Running() (netinfo.Running, error) {
	running := netinfo.Running{Networks: make(map[string]netinfo.Network, len(c.Networks))}
	for name, n := range c.Networks {
		running.Networks[name] = netinfo.Network{
			Switch: n.Switch, Bridged: n.Bridged, NIC: n.NIC, Bond: n.Bonding, VLAN: n.VLAN,
			Addressing: netinfo.Addressing{DHCPv4: n.DHCPv4(), DHCPv6: n.DHCPv6, Autoconf: n.IPv6Autoconf},
		}
	}
	for name, b := range c.Bonds {
		if b.Switch == netconf.SwitchOVS {
			running.OVSBonds = append(running.OVSBonds, name)
		}
	}
	return running, nil
}
