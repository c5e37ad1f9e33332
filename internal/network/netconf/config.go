// SPDX-License-Identifier: GPL-2.0-or-later

// Package netconf has the values that host networking is made of: networks and
// bonds with every default filled in, a configuration of them, and a request
// to change it.
//
// A value reads the JSON that the original stores and writes JSON that the
// original reads. Members that nobody declared pass through unharmed. The
// package touches no file and no kernel; its values are not changed by the
// functions they are handed to.
package netconf

import (
	"encoding/json"
	"maps"

	"govdsm/api"
)

// A Config is what a host has, or shall have: its networks, bonds and settings
// of NICs, by name.
type Config struct {
	Networks map[string]Network
	Bonds    map[string]Bond
	Devices  map[string]Device
}

// A Request is a change with every default filled in: what it does not name
// stays. It is what hooks see, and may change, before a set-up.
type Request struct {
	Networks map[string]Network      `json:"networks"`
	Bondings map[string]Bond         `json:"bondings"`
	Options  api.SetupNetworkOptions `json:"options"`
}

// Clone returns a configuration whose maps are its own.
func (c Config) Clone() Config {
	return Config{Networks: cloned(c.Networks), Bonds: cloned(c.Bonds), Devices: cloned(c.Devices)}
}

func cloned[V any](m map[string]V) map[string]V {
	if m == nil {
		return make(map[string]V)
	}
	return maps.Clone(m)
}

// Apply returns what the configuration becomes when the request has been
// fulfilled.
func (c Config) Apply(r Request) Config {
	after := c.Clone()
	for name, n := range r.Networks {
		if n.Remove {
			delete(after.Networks, name)
		} else {
			after.Networks[name] = n
		}
	}
	for name, b := range r.Bondings {
		if b.Remove {
			delete(after.Bonds, name)
		} else {
			after.Bonds[name] = b
		}
	}
	return after
}

// Since returns the request that leads from another configuration to this one.
// Settings of NICs are not part of it.
func (c Config) Since(other Config) Request {
	r := Request{
		Networks: differing(c.Networks, other.Networks, Network.Equal),
		Bondings: differing(c.Bonds, other.Bonds, Bond.Equal),
	}
	for name := range other.Networks {
		if _, stays := c.Networks[name]; !stays {
			r.Networks[name] = Network{Remove: true}
		}
	}
	for name := range other.Bonds {
		if _, stays := c.Bonds[name]; !stays {
			r.Bondings[name] = Bond{Remove: true}
		}
	}
	return r
}

func differing[V any](want, have map[string]V, equal func(V, V) bool) map[string]V {
	changed := make(map[string]V)
	for name, w := range want {
		if h, there := have[name]; !there || !equal(w, h) {
			changed[name] = w
		}
	}
	return changed
}

// Equal tells whether two configurations have the same networks, bonds and
// settings of NICs.
func (c Config) Equal(other Config) bool {
	r := c.Since(other)
	return r.Empty() && maps.EqualFunc(c.Devices, other.Devices, func(a, b Device) bool { return sameJSON(a, b) })
}

// Empty tells whether the request changes nothing.
func (r Request) Empty() bool { return len(r.Networks) == 0 && len(r.Bondings) == 0 }

// Removals returns the request that removes everything this one names, which
// is the first half of a change of the switch type.
func (r Request) Removals() Request {
	gone := Request{Networks: make(map[string]Network), Bondings: make(map[string]Bond)}
	for name := range r.Networks {
		gone.Networks[name] = Network{Remove: true}
	}
	for name := range r.Bondings {
		gone.Bondings[name] = Bond{Remove: true}
	}
	return gone
}

// Params returns the request in its declared form, as a manager would send it.
func (r Request) Params() api.HostSetupNetworksParams {
	p := api.HostSetupNetworksParams{
		Networks: make(api.SetupNetworkNetConfig), Bondings: make(api.SetupNetworkBondConfig), Options: r.Options,
	}
	for name, n := range r.Networks {
		p.Networks[name] = n.Attributes()
	}
	for name, b := range r.Bondings {
		p.Bondings[name] = b.Attributes()
	}
	return p
}

// switchOf returns the switch type that an entry of the request is about. For a
// removal that is the type of the running entry, or legacy if there is none.
func switchOf(remove bool, asked string, running string) string {
	switch {
	case !remove:
		return asked
	case running != "":
		return running
	}
	return SwitchLegacy
}

// UsesOVS tells whether the request is about Open vSwitch: any of its entries
// is.
func (r Request) UsesOVS(running Config) bool { return r.uses(SwitchOVS, running) }

// UsesLegacy tells whether the request is about Linux bridges: any of its
// entries is.
func (r Request) UsesLegacy(running Config) bool { return r.uses(SwitchLegacy, running) }

func (r Request) uses(switchType string, running Config) bool {
	for name, n := range r.Networks {
		if switchOf(n.Remove, n.Switch, running.Networks[name].Switch) == switchType {
			return true
		}
	}
	for name, b := range r.Bondings {
		if switchOf(b.Remove, b.Switch, running.Bonds[name].Switch) == switchType {
			return true
		}
	}
	return false
}

var (
	_ json.Marshaler   = Network{}
	_ json.Unmarshaler = (*Network)(nil)
	_ json.Marshaler   = Bond{}
	_ json.Unmarshaler = (*Bond)(nil)
)

// Cards returns the names of the NICs that networks and bonds lie on.
func (c Config) Cards() map[string]bool {
	cards := make(map[string]bool)
	for _, n := range c.Networks {
		if n.NIC != "" {
			cards[n.NIC] = true
		}
	}
	for _, b := range c.Bonds {
		for _, nic := range b.Nics {
			cards[nic] = true
		}
	}
	return cards
}
