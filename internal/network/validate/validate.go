// SPDX-License-Identifier: GPL-2.0-or-later

// Package validate refuses requests for networks that cannot be fulfilled, or
// that would break what is there. It looks at a canonical request; the first
// fault found is the answer, with the code and text of the contract.
//
// What passes here can still fail in the kernel. What does not pass would
// fail, or cut the host off, for certain.
//
// Sources: lib/vdsm/network/{link,ip,netswitch}/validator.py.
package validate

import (
	"govdsm/api"
	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/netconf"
)

// Host is what a request is checked against.
type Host struct {
	Info    kernelconfig.Info        // what is there
	Running netconf.Config           // what we set up
	Options kernelconfig.BondOptions // what the kernel's bonds know; empty: names are not checked
}

// Request checks a request. The error is one of host networking, with its
// code.
func Request(r netconf.Request, host Host) error {
	c := &check{request: r, host: host}
	c.desired = kernelconfig.From(host.Info, host.Running).Apply(r)
	for _, step := range []func() error{
		c.bondNames, c.bondsHavePorts, c.vlansHaveLinks, // link
		c.addresses, // ip
		c.oneSwitch, // netswitch
		c.distinctSouthbounds, c.networks, c.bonds, c.nicsUsedOnce,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// check is one look at a request. Its steps are taken in the contract's order;
// each goes through names in their order, so that of several faults the same
// one is told every time.
type check struct {
	request netconf.Request
	host    Host
	desired netconf.Config // the kernel's, with the request on top
}

// SwitchChange tells whether the request turns the host's networks from one
// switch type to the other. Such a request must name all of them.
func SwitchChange(r netconf.Request, running netconf.Config) (bool, error) {
	from := switchOf(running.Networks, running.Bonds)
	to := switchOf(r.Networks, r.Bondings)
	if from == "" || to == "" || from == to {
		return false, nil
	}
	for _, n := range r.Networks {
		if n.Remove {
			return true, api.ErrNetBadParams.Says("Switch type change request cannot contain removals")
		}
	}
	for _, b := range r.Bondings {
		if b.Remove {
			return true, api.ErrNetBadParams.Says("Switch type change request cannot contain removals")
		}
	}
	if !sameNames(running.Networks, r.Networks) {
		return true, api.ErrNetBadParams.Says("All networks must be reconfigured on switch type change")
	}
	if !sameNames(running.Bonds, r.Bondings) {
		return true, api.ErrNetBadParams.Says("All bondings must be reconfigured on switch type change")
	}
	return true, nil
}

// switchOf returns the one switch type of what is not removed, or "".
func switchOf(networks map[string]netconf.Network, bonds map[string]netconf.Bond) string {
	for _, n := range networks {
		if !n.Remove {
			return n.Switch
		}
	}
	for _, b := range bonds {
		if !b.Remove {
			return b.Switch
		}
	}
	return ""
}

func sameNames[V any](a, b map[string]V) bool {
	for name := range a {
		if _, there := b[name]; !there {
			return false
		}
	}
	return len(a) == len(b)
}
