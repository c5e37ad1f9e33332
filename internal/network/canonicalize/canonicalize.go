// SPDX-License-Identifier: GPL-2.0-or-later

// Package canonicalize fills every default into a request for networks, so
// that whatever comes after it (validation, hooks, the plan, the stored
// configuration) sees complete networks in one spelling.
//
// Canonicalizing what is canonical already changes nothing, with one
// exception that the contract wants: a request that gives the default route to
// a network also takes it from the one that has it.
//
// Source of the defaults: lib/vdsm/network/canonicalize.py.
package canonicalize

import (
	"maps"
	"slices"

	"govdsm/api"
	"govdsm/internal/network/netconf"
)

// Host is what the defaults of a request depend on.
type Host struct {
	Running     netconf.Config
	Bonds       map[string]Bond // of the kernel, ours and others
	Nameservers []string        // of resolv.conf, in order (Nameservers reads them)
}

// Bond is a bond that the kernel has.
type Bond struct {
	Ports  []string
	Hwaddr string
}

// Request returns the request in full. The error is one of host networking,
// with its code. The params are not changed.
func Request(params api.HostSetupNetworksParams, host Host) (netconf.Request, error) {
	request := netconf.Request{
		Networks: make(map[string]netconf.Network, len(params.Networks)),
		Bondings: make(map[string]netconf.Bond, len(params.Bondings)),
		Options:  params.Options,
	}
	networks, err := withDefaultRoute(params.Networks, host.Running)
	if err != nil {
		return netconf.Request{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(networks)) {
		n, err := network(networks[name], host.Nameservers)
		if err != nil {
			return netconf.Request{}, err
		}
		request.Networks[name] = n
	}
	for name, attributes := range params.Bondings {
		request.Bondings[name] = netconf.BondFromAttributes(attributes)
	}
	addImplicitBonds(request, host)
	for name, b := range request.Bondings {
		request.Bondings[name] = withHwaddr(name, b, host)
	}
	return request, nil
}

// withDefaultRoute settles which network has the default route. Where the role
// moves, the network that loses it joins the request.
func withDefaultRoute(networks api.SetupNetworkNetConfig, running netconf.Config) (api.SetupNetworkNetConfig, error) {
	settled := make(api.SetupNetworkNetConfig, len(networks)+1)
	chosen := 0
	for name, a := range networks {
		if !removes(a) {
			a.DefaultRoute = new(api.Truth(a.DefaultRoute != nil && bool(*a.DefaultRoute)))
			// the property is what managers sent before they knew the role
			if v := a.Custom["default_route"]; v != nil {
				*a.DefaultRoute = api.Truth(api.TobooleanOf(v))
			}
			if *a.DefaultRoute {
				chosen++
			}
		}
		settled[name] = a
	}
	if chosen > 1 {
		return nil, api.ErrNetBadParams.Says("Only a single default route network is allowed.")
	}
	if chosen == 0 {
		return settled, nil
	}
	for name, n := range running.Networks {
		if _, named := settled[name]; n.DefaultRoute && !named {
			n.DefaultRoute, n.Nameservers = false, nil
			n.Custom = maps.Clone(n.Custom)
			delete(n.Custom, "default_route") // it would claim the role again
			settled[name] = n.Attributes()
		}
	}
	return settled, nil
}

func removes(a api.SetupNetworkNetAttributes) bool { return a.Remove != nil && bool(*a.Remove) }

// addImplicitBonds names the bonds that networks use without naming them, so
// that a bond which others made becomes ours as it is.
func addImplicitBonds(request netconf.Request, host Host) {
	for _, n := range request.Networks {
		if n.Remove || n.Bonding == "" {
			continue
		}
		if _, named := request.Bondings[n.Bonding]; named {
			continue
		}
		bond, there := host.Bonds[n.Bonding]
		if !there {
			continue
		}
		request.Bondings[n.Bonding] = netconf.Bond{
			Nics:    slices.Sorted(slices.Values(bond.Ports)),
			Switch:  n.Switch,
			Options: host.Running.Bonds[n.Bonding].Options,
		}
	}
}

// withHwaddr keeps the address of a bond that is there already, unless it is
// one of ours that has its address by chance.
func withHwaddr(name string, b netconf.Bond, host Host) netconf.Bond {
	device, there := host.Bonds[name]
	if b.Remove || b.Hwaddr != "" || !there {
		return b
	}
	if ours, known := host.Running.Bonds[name]; !known || ours.Hwaddr != "" {
		b.Hwaddr = device.Hwaddr
	}
	return b
}
