// SPDX-License-Identifier: GPL-2.0-or-later

package validate

import (
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"govdsm/api"
	"govdsm/internal/network/netconf"
)

// inOrder goes through a map by the order of its names.
func inOrder[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}

func (c *check) addresses() error {
	for _, n := range inOrder(c.request.Networks) {
		if n.Remove {
			continue
		}
		if err := staticIPv4(n); err != nil {
			return err
		}
		if err := nameservers(n); err != nil {
			return err
		}
		if err := ipv6Gateway(n); err != nil {
			return err
		}
	}
	return nil
}

func staticIPv4(n netconf.Network) error {
	if n.IPAddr == "" {
		if n.Gateway != "" || n.Netmask != "" {
			return api.ErrNetBadAddr.Says("gateway or netmask were given without ip address")
		}
		return nil
	}
	if !isIPv4(n.IPAddr) || !isNetmask(n.Netmask) {
		return api.ErrNetBadAddr.Says(fmt.Sprintf("'%s/%s' does not appear to be an IPv4 or IPv6 interface", n.IPAddr, n.Netmask))
	}
	if n.Gateway != "" && !isIPv4(n.Gateway) {
		return api.ErrNetBadAddr.Says(fmt.Sprintf("'%s' does not appear to be an IPv4 or IPv6 interface", n.Gateway))
	}
	if n.DHCPv4() {
		return api.ErrNetBadAddr.Says("mixing static ip configuration with dhcp is not allowed")
	}
	return nil
}

func isIPv4(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

// isNetmask tells whether s is a dotted mask of leading ones.
func isNetmask(s string) bool {
	a, err := netip.ParseAddr(s)
	if err != nil || !a.Is4() {
		return false
	}
	b := a.As4()
	mask := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	return ^mask&(^mask+1) == 0
}

func nameservers(n netconf.Network) error {
	if len(n.Nameservers) > 0 && !n.DefaultRoute {
		return api.ErrNetBadParams.Says("Name servers may only be defined on the default host network")
	}
	for _, server := range n.Nameservers {
		address, _, _ := strings.Cut(server, "%") // the zone is not ours to judge
		if _, err := netip.ParseAddr(address); err != nil {
			return api.ErrNetBadAddr.Says(fmt.Sprintf("'%.80s' does not appear to be an IPv4 or IPv6 interface", address))
		}
	}
	return nil
}

// ipv6Gateway goes beyond the original, which lets the kernel refuse the
// gateway half way through the change.
func ipv6Gateway(n netconf.Network) error {
	if n.IPv6Gateway == "" {
		return nil
	}
	if a, err := netip.ParseAddr(n.IPv6Gateway); err != nil || !a.Is6() {
		return api.ErrNetBadAddr.Says(fmt.Sprintf("'%.80s' does not appear to be an IPv6 address", n.IPv6Gateway))
	}
	return nil
}

// oneSwitch refuses to mix Linux bridges and Open vSwitch in one call.
func (c *check) oneSwitch() error {
	for name, n := range inOrder(c.request.Networks) {
		if err := knownSwitch(name, n.Remove, n.Switch); err != nil {
			return err
		}
	}
	for name, b := range inOrder(c.request.Bondings) {
		if err := knownSwitch(name, b.Remove, b.Switch); err != nil {
			return err
		}
	}
	if c.request.UsesOVS(c.host.Running) && c.request.UsesLegacy(c.host.Running) {
		return api.ErrNetBadParams.Says(
			"Mixing of legacy and OVS networks is not supported inside one setupNetworks() call.")
	}
	return nil
}

func knownSwitch(name string, remove bool, s string) error {
	if remove || s == netconf.SwitchLegacy || s == netconf.SwitchOVS {
		return nil
	}
	return api.ErrNetBadParams.Says(fmt.Sprintf("%s: %.80q is not a switch type", name, s))
}

// distinctSouthbounds refuses two networks on one tag of one link, untagged
// counting as a tag.
func (c *check) distinctSouthbounds() error {
	users := make(map[string]string)
	for name, n := range inOrder(c.desired.Networks) {
		if n.Base() == "" {
			if !n.Bridged {
				return api.ErrNetBadParams.Says(fmt.Sprintf(
					"southbound device not specified for non-bridged network %q", name))
			}
			continue
		}
		device := n.Base()
		if n.VLAN != nil {
			device = n.VLANDevice()
		}
		if other, used := users[device]; used {
			return api.ErrNetBadParams.Says(fmt.Sprintf(
				"multiple networks/similar vlans cannot be defined on a single underlying device. "+
					"networks: %s, %s, device: %s", other, name, device))
		}
		users[device] = name
	}
	return nil
}

func (c *check) networks() error {
	for name, n := range inOrder(c.request.Networks) {
		var err error
		if n.Remove {
			err = c.removal(name, n)
		} else {
			err = c.network(name, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *check) removal(name string, n netconf.Network) error {
	if len(n.Extra) > 0 {
		return api.ErrNetBadParams.Says("Cannot specify any attribute when removing (except custom)).")
	}
	_, there := c.host.Info.Networks[name]
	_, ours := c.host.Running.Networks[name]
	if !there && !ours {
		return api.ErrNetBadBridge.Says(fmt.Sprintf("Cannot delete network %s: It doesn't exist in the system", name))
	}
	return nil
}

func (c *check) network(name string, n netconf.Network) error {
	if n.VLAN != nil && (*n.VLAN < 0 || *n.VLAN > lastVLAN) {
		return api.ErrNetBadVlan.Says(fmt.Sprintf("VLAN id out of range: %d, must be 0..%d", *n.VLAN, lastVLAN))
	}
	if n.MTU < leastMTU || n.MTU > greatestMTU {
		return api.ErrNetBadParams.Says(fmt.Sprintf("%s: MTU %d is out of range, must be %d..%d", name, n.MTU, leastMTU, greatestMTU))
	}
	switch {
	case n.NIC != "":
		if err := c.nicExists(n.NIC); err != nil {
			return err
		}
	case n.Bonding != "":
		if _, there := c.desired.Bonds[n.Bonding]; !there {
			return api.ErrNetBadBonding.Says(fmt.Sprintf("Bond %s does not exist", n.Bonding))
		}
	case n.Switch == netconf.SwitchOVS:
		return api.ErrNetBadParams.Says(fmt.Sprintf("southbound device not specified for OVS network %q", name))
	}
	if n.Bridged && !bridgeName(name) || !fileName(name) {
		return api.ErrNetBadBridge.Says("Bridge name isn't valid: " + name)
	}
	if n.VLAN != nil && n.Switch == netconf.SwitchLegacy && len(n.VLANDevice()) > longestName {
		return api.ErrNetBadVlan.Says(fmt.Sprintf("name of VLAN device %s is longer than %d characters", n.VLANDevice(), longestName))
	}
	return nil
}
