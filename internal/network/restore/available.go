// SPDX-License-Identifier: GPL-2.0-or-later

package restore

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"govdsm/internal/network/drift"
	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/netswitch"
)

// available is the part of a saved configuration for which there are cards, in
// the names that these have now.
type available struct {
	config  netconf.Config
	vfs     map[string]int // virtual functions that cards shall have
	renamed []string       // for people
	lacks   []Fault        // what waits for a card
	nics    string         // which of the wanted cards are there
}

func (a available) complete() bool { return len(a.lacks) == 0 }

func sameCards(a, b available) bool { return a.nics == b.nics }

// availability filters what was saved. A bond keeps the ports that are there
// and goes without any; a network goes with its card or bond.
func availability(v drift.View) available {
	names := currentNames(v)
	a := available{
		config: netconf.Config{Networks: map[string]netconf.Network{}, Bonds: map[string]netconf.Bond{}},
		vfs:    map[string]int{},
	}
	a.cards(v, names)
	for name, b := range v.Stored.Bonds {
		a.bond(name, b, names)
	}
	for name, n := range v.Stored.Networks {
		switch here, there := names[n.NIC]; {
		case n.Bonding != "":
			a.onBond(name, n, v.Stored)
		case n.NIC != "" && !there:
			a.lack("network "+name, "its card "+n.NIC+" is not there")
		default:
			n.NIC = here
			a.config.Networks[name] = n
		}
	}
	slices.SortFunc(a.lacks, func(x, y Fault) int { return strings.Compare(x.What, y.What) })
	return a
}

func (a *available) lack(what, why string) { a.lacks = append(a.lacks, Fault{what, why}) }

// cards notes renamed cards and the virtual functions that cards shall have.
func (a *available) cards(v drift.View, names map[string]string) {
	for _, nic := range slices.Sorted(maps.Keys(names)) {
		if names[nic] != nic {
			a.renamed = append(a.renamed, fmt.Sprintf("%s is %s now", nic, names[nic]))
		}
		a.nics += nic + "=" + names[nic] + " "
	}
	for nic, d := range v.Stored.Devices {
		if d.NumVFs == nil {
			continue
		}
		if here, there := names[nic]; there {
			a.vfs[here] = *d.NumVFs
		} else {
			a.lack(fmt.Sprintf("%d virtual functions of %s", *d.NumVFs, nic), "the card is not there")
		}
	}
}

func (a *available) bond(name string, b netconf.Bond, names map[string]string) {
	var ports, gone []string
	for _, nic := range b.Nics {
		if here, there := names[nic]; there {
			ports = append(ports, here)
		} else {
			gone = append(gone, nic)
		}
	}
	if len(gone) > 0 {
		why := "not there: " + strings.Join(gone, ", ")
		if len(ports) > 0 {
			why += "; it has its other ports"
		}
		a.lack("bond "+name, why)
	}
	if len(ports) > 0 {
		slices.Sort(ports)
		b.Nics = ports
		a.config.Bonds[name] = b
	}
}

func (a *available) onBond(name string, n netconf.Network, stored netconf.Config) {
	_, saved := stored.Bonds[n.Bonding]
	_, there := a.config.Bonds[n.Bonding]
	switch {
	case !saved:
		a.lack("network "+name, "its bond "+n.Bonding+" was not saved")
	case !there:
		a.lack("network "+name, "none of the ports of its bond "+n.Bonding+" is there")
	default:
		a.config.Networks[name] = n
	}
}

// currentNames returns, for each saved card that is there, the name it has now.
// The burnt-in address decides where it was saved and one card alone has it;
// else the name does, so that a card that was replaced counts as the same.
func currentNames(v drift.View) map[string]string {
	byMAC := make(map[string][]string)
	for nic, mac := range v.NICs {
		if mac != "" {
			byMAC[mac] = append(byMAC[mac], nic)
		}
	}
	wanted := v.Stored.Cards()
	for nic := range v.Stored.Devices {
		wanted[nic] = true
	}
	names, taken := make(map[string]string), make(map[string]bool)
	for nic := range wanted {
		var mac string
		if raw, saved := v.Stored.Devices[nic].Extra[netswitch.PermanentMAC]; saved {
			_ = json.Unmarshal(raw, &mac) // what is no text is no address
		}
		if here := byMAC[strings.ToLower(mac)]; len(here) == 1 {
			names[nic], taken[here[0]] = here[0], true
		}
	}
	for nic := range wanted {
		_, there := v.NICs[nic]
		if _, found := names[nic]; !found && there && !taken[nic] {
			names[nic] = nic
		}
	}
	return names
}

// changes returns what has to be set up for the kernel to have what is
// available.
func changes(v drift.View, a available) netconf.Request {
	wanted := kernelconfig.Normalize(a.config, v.Bonds)
	todo := kernelconfig.Drift(wanted, v.Kernel)
	r := netconf.Request{Networks: make(map[string]netconf.Network), Bondings: make(map[string]netconf.Bond)}
	for name, n := range todo.Networks {
		if !n.Remove {
			r.Networks[name] = a.config.Networks[name]
		}
	}
	for name := range todo.Bondings {
		r.Bondings[name] = a.config.Bonds[name]
	}
	return r
}
