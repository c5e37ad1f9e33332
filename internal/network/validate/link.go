// SPDX-License-Identifier: GPL-2.0-or-later

package validate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"govdsm/api"
	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/netconf"
)

const (
	longestName = 15 // bytes of an interface's name (IFNAMSIZ)
	longestFile = 255
	lastVLAN    = 4094

	leastMTU, greatestMTU = 68, 65535 // of Linux bridges (br_netdev_init)
)

// bondName is the pattern of the contract: word characters after "bond".
var bondName = regexp.MustCompile(`^bond[\pL\pN_]+$`)

func (c *check) bondNames() error {
	used := make(map[string]bool)
	for name := range c.request.Bondings {
		used[name] = true
	}
	for _, n := range c.request.Networks {
		if !n.Remove && n.Bonding != "" {
			used[n.Bonding] = true
		}
	}
	var bad []string
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if !bondName.MatchString(name) || len(name) > longestName {
			bad = append(bad, name)
		}
	}
	if bad != nil {
		return api.ErrNetBadBonding.Says("bad bond name(s): " + strings.Join(bad, ", "))
	}
	return nil
}

func (c *check) bondsHavePorts() error {
	for name, b := range inOrder(c.request.Bondings) {
		if !b.Remove && len(b.Nics) == 0 {
			return api.ErrNetBadParams.Says(name + ": Must specify nics for bonding")
		}
	}
	return nil
}

func (c *check) vlansHaveLinks() error {
	for name, n := range inOrder(c.request.Networks) {
		if !n.Remove && n.VLAN != nil && n.Base() == "" {
			return api.ErrNetBadVlan.Says(name + ": vlan device requires southbound device")
		}
	}
	return nil
}

func (c *check) bonds() error {
	for name, b := range inOrder(c.request.Bondings) {
		if err := c.bond(name, b); err != nil {
			return err
		}
	}
	return nil
}

func (c *check) bond(name string, b netconf.Bond) error {
	if b.Remove {
		for network, n := range inOrder(c.desired.Networks) {
			if n.Bonding == name {
				return api.ErrNetUsedBond.Says(fmt.Sprintf(
					"Cannot remove bonding %s: used by network ({'%s'}).", name, network))
			}
		}
		return nil
	}
	for _, nic := range b.Nics {
		if err := c.nicExists(nic); err != nil {
			return err
		}
	}
	return c.bondOptions(b.Options)
}

func (c *check) bondOptions(options string) error {
	mode := "0"
	var names []string
	for option := range strings.FieldsSeq(options) {
		name, value, ok := strings.Cut(option, "=")
		if !ok {
			return api.ErrNetBadBonding.Says("Error parsing bonding options: " + api.Repr(options))
		}
		if name == "mode" {
			number, known := kernelconfig.ModeNumber(value)
			if !known {
				return api.ErrNetBadBonding.Says(api.Repr(value) + " is not a valid bonding mode")
			}
			mode = number
		}
		if name == "" || strings.ContainsAny(name, "/\x00") {
			return api.ErrNetBadBonding.Says(api.Repr(name) + " is not a valid bonding option")
		}
		names = append(names, name)
	}
	defaults := c.host.Options.Defaults[mode]
	if len(defaults) == 0 {
		return nil // no scan of this kernel: it will tell itself
	}
	for _, name := range names {
		if _, known := defaults[name]; !known {
			return api.ErrNetBadBonding.Says(api.Repr(name) + " is not a valid bonding option")
		}
	}
	return nil
}

func (c *check) nicExists(nic string) error {
	if !slices.Contains(c.host.Info.Nics, nic) {
		return api.ErrNetBadNic.Says(fmt.Sprintf("Nic %s does not exist", nic))
	}
	return nil
}

// nicsUsedOnce refuses a NIC that is a port of a bond and carries a network,
// or a VLAN that others made.
func (c *check) nicsUsedOnce() error {
	ports := make(map[string]bool)
	for _, b := range c.desired.Bonds {
		for _, nic := range b.Nics {
			ports[nic] = true
		}
	}
	owned := make(map[string]bool)
	for _, n := range c.host.Info.Networks {
		owned[n.Southbound] = true
	}
	var byVLAN, byNetwork []string
	for device, v := range inOrder(c.host.Info.Vlans) {
		if !owned[device] && ports[v.Base] {
			byVLAN = append(byVLAN, v.Base)
		}
	}
	for _, n := range inOrder(c.desired.Networks) {
		if ports[n.NIC] {
			byNetwork = append(byNetwork, n.NIC)
		}
	}
	shared := byVLAN
	if len(shared) == 0 {
		shared = byNetwork
	}
	if len(shared) == 0 {
		return nil
	}
	slices.Sort(shared)
	quoted := slices.Compact(shared)
	for i, nic := range quoted {
		quoted[i] = api.Repr(nic)
	}
	return api.ErrNetUsedNic.Says("Nics with multiple usages: {" + strings.Join(quoted, ", ") + "}")
}

// bridgeName tells whether a bridge can have the name: what the contract
// forbids, and what the kernel does (dev_valid_name).
func bridgeName(name string) bool {
	return name != "" && len(name) <= longestName && !strings.HasPrefix(name, "-") && !strings.ContainsAny(name, ":./\x00") &&
		!strings.ContainsFunc(name, unicode.IsSpace)
}

// fileName tells whether a configuration can be stored under the name.
func fileName(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) <= longestFile && !strings.ContainsAny(name, "/\x00")
}
