// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// base returns the card or bond of a network, "" for none.
func (a attrs) base() string {
	for _, key := range []string{"nic", "bonding"} {
		if name, ok := a[key].(string); ok {
			return name
		}
	}
	return ""
}

// southbound returns the link that carries a network.
func (a attrs) southbound() string {
	if tag, tagged := a["vlan"]; tagged {
		return fmt.Sprintf("%s.%v", a.base(), tag)
	}
	return a.base()
}

// bridged tells whether a network has a bridge.
func (a attrs) bridged() bool {
	yes, given := a["bridged"].(bool)
	return yes || !given
}

// top returns the link that has a network's addresses.
func (a attrs) top(name string) string {
	if a.bridged() {
		return name
	}
	return a.southbound()
}

// link returns the kernel's link that has a network's addresses. On Open vSwitch
// it is a port with the network's name, also where capabilities tell no bridge.
func (h *host) link(name string, a attrs) string {
	if h.sw == "ovs" {
		return name
	}
	return a.top(name)
}

// carrier returns the kernel's link that carries a network.
func (h *host) carrier(name string, a attrs) string {
	if h.sw == "ovs" {
		return name
	}
	return a.southbound()
}

// mtu returns the MTU that was asked for.
func (a attrs) mtu() int {
	if v, ok := a["mtu"].(int); ok {
		return v
	}
	return 1500
}

// hasNetwork fails the test unless the network is there as it was asked for: in
// the capabilities, and in the kernel.
func (h *host) hasNetwork(name string, a attrs) {
	h.Helper()
	n, there := h.caps.Networks[name]
	if !there {
		h.Fatalf("network %s is not in the capabilities", name)
	}
	_, bridge := h.caps.Bridges[name]
	equal(h, name+": bridged", n.Bridged, a.bridged())
	equal(h, name+": has an entry among bridges", bridge, a.bridged())
	if h.sw == "legacy" {
		equal(h, name+": iface", n.Iface, a.top(name))
	}
	equal(h, name+": switch", n.Switch, h.sw)
	equal(h, name+": mtu", n.mtu(), strconv.Itoa(a.mtu()))
	if sb := a.southbound(); sb == "" {
		if n.Southbound != nil {
			h.Errorf("%s: southbound is %s", name, *n.Southbound)
		}
	} else if n.Southbound == nil || *n.Southbound != sb {
		h.Errorf("%s: southbound is %s, not %s", name, text(n.Southbound), sb)
	}
	if tag, tagged := a["vlan"]; tagged {
		v, there := h.caps.Vlans[a.southbound()]
		if !there || v.VLAN == nil || *v.VLAN != tag || v.Iface != a.base() || n.VLAN == nil || *n.VLAN != tag {
			h.Errorf("%s: vlan is %s, network %s", name, text(v), text(n))
		}
	} else if n.VLAN != nil {
		h.Errorf("%s: has the tag %d", name, *n.VLAN)
	}
	h.hasAddresses(name, a)
	if h.sw == "legacy" {
		h.inKernel(name, a)
	} else {
		h.inSwitch(name, a)
	}
}

// inSwitch looks at the port of a network on Open vSwitch, which is on the
// bridge of its card or bond.
func (h *host) inSwitch(name string, a attrs) {
	h.Helper()
	links := takeInventory(h).Links
	equal(h, name+": MTU in the kernel", links[name].MTU, a.mtu())
	equal(h, name+": up", links[name].Up, true)
	equal(h, name+": base is up", links[a.base()].Up, true)
	equal(h, name+": master of "+a.base(), links[a.base()].Master, "ovs-system")
	tag := "[]"
	if t, tagged := a["vlan"]; tagged {
		tag = fmt.Sprint(t)
	}
	told := strings.Fields(h.sh(fmt.Sprintf("ovs-vsctl --timeout=20 port-to-br %s -- port-to-br %s -- get port %s tag", name, a.base(), name)))
	if len(told) != 3 || told[0] != told[1] || told[2] != tag {
		h.Errorf("%s: bridges and tag are %v, the tag should be %s", name, told, tag)
	}
	h.carries(name)
}

// inKernel looks at the links of a network on Linux bridges.
func (h *host) inKernel(name string, a attrs) {
	h.Helper()
	i := takeInventory(h)
	top := i.Links[a.top(name)]
	equal(h, name+": MTU in the kernel", top.MTU, a.mtu())
	equal(h, name+": up", top.Up, true)
	sb := i.Links[a.southbound()]
	if a.bridged() {
		equal(h, name+": kind", top.Kind, "bridge")
		if sb.Name != "" {
			equal(h, name+": master of "+sb.Name, sb.Master, name)
		}
		equal(h, name+": STP in the kernel", h.sysfs(name+"/bridge/stp_state") == "1", a["stp"] == true)
	}
	if sb.Name == "" {
		return
	}
	if tag, tagged := a["vlan"]; tagged {
		equal(h, name+": kind of "+sb.Name, sb.Kind, "vlan")
		equal(h, name+": tag", any(sb.VLAN), tag)
		equal(h, name+": base", sb.Base, a.base())
	}
	base := i.Links[a.base()]
	equal(h, name+": base is up", base.Up, true)
	if base.MTU < a.mtu() {
		h.Errorf("%s: MTU of %s is %d only", name, base.Name, base.MTU)
	}
	h.carries(a.top(name))
	for _, port := range i.ports(a.base()) {
		equal(h, port+" is up", i.Links[port].Up, true)
	}
}

// carries waits until a link is running: bonds and bridges take a moment, and
// so does the kernel to notice that they have carrier.
func (h *host) carries(dev string) {
	h.Helper()
	h.until(dev+" runs", func() bool {
		state := h.sysfs(dev + "/operstate")
		return h.sysfs(dev+"/carrier") == "1" && (state == "up" || state == "unknown")
	})
}

// hasAddresses compares a network's addresses and gateways, in the entries of
// the network and of its top device, with what was asked for.
func (h *host) hasAddresses(name string, a attrs) {
	h.Helper()
	entries := map[string]device{"network " + name: h.caps.Networks[name]}
	var top device
	switch {
	case a.bridged():
		top = h.caps.Bridges[name]
	case a["vlan"] != nil:
		top = h.caps.Vlans[a.southbound()]
	case a["bonding"] != nil:
		top = h.caps.Bondings[a.base()]
	default:
		top = h.caps.Nics[a.base()]
	}
	entries["top of "+name] = top
	for what, d := range entries {
		h.static(what, d, a)
	}
}

// static compares static addresses. Those of DHCP and router advertisements
// are other areas' business.
func (h *host) static(what string, d device, a attrs) {
	h.Helper()
	if a["bootproto"] != "dhcp" {
		addr, _ := a["ipaddr"].(string)
		gateway, _ := a["gateway"].(string)
		equal(h, what+": addr", d.Addr, addr)
		equal(h, what+": gateway", d.Gateway, gateway)
		equal(h, what+": ipv4defaultroute", d.DefRoute, a["defaultRoute"] == true && gateway != "")
		equal(h, what+": dhcpv4", d.DHCPv4, false)
		var list []string
		if addr != "" {
			mask := netmask(a)
			equal(h, what+": netmask", d.Netmask, mask)
			list = append(list, fmt.Sprintf("%s/%d", addr, bits(mask)))
		}
		if !slices.Equal(d.IPv4, list) {
			h.Errorf("%s: ipv4addrs are %v, not %v", what, d.IPv4, list)
		}
	}
	if a["dhcpv6"] == true || a["ipv6autoconf"] == true {
		return
	}
	var list []string
	if addr, given := a["ipv6addr"].(string); given {
		list = append(list, netip.MustParsePrefix(addr).String())
	}
	if !slices.Equal(d.IPv6, list) {
		h.Errorf("%s: ipv6addrs are %v, not %v", what, d.IPv6, list)
	}
	if a["defaultRoute"] == true {
		gateway, given := a["ipv6gateway"].(string)
		if !given {
			gateway = "::"
		}
		equal(h, what+": ipv6gateway", d.Gateway6, gateway)
	}
}

func netmask(a attrs) string {
	if mask, given := a["netmask"].(string); given {
		return mask
	}
	n, err := strconv.Atoi(fmt.Sprint(a["prefix"]))
	if err != nil {
		return ""
	}
	return net.IP(net.CIDRMask(n, 32)).String()
}

func bits(mask string) int {
	n, _ := net.IPMask(net.ParseIP(mask).To4()).Size()
	return n
}

// noAddresses fails the test if a device has any.
func (h *host) noAddresses(what string, d device) {
	h.Helper()
	if d.Addr != "" || len(d.IPv4)+len(d.IPv6) > 0 || d.DHCPv4 {
		h.Errorf("%s has addresses: %s", what, text(d))
	}
}

// hasNoNetwork fails the test if anything of the network is left.
func (h *host) hasNoNetwork(name string) {
	h.Helper()
	_, network := h.caps.Networks[name]
	_, bridge := h.caps.Bridges[name]
	_, stored := h.config().networks[name]
	_, there := takeInventory(h).Links[name]
	if network || bridge || stored || there {
		h.Errorf("of network %s are left: entry %v, bridge %v, configuration %v, link %v", name, network, bridge, stored, there)
	}
}

// hasNoLink fails the test if there is a link of the name.
func (h *host) hasNoLink(name string) {
	h.Helper()
	if l, there := takeInventory(h).Links[name]; there {
		h.Errorf("link %+v is there", l)
	}
	if _, there := h.caps.Vlans[name]; there {
		h.Errorf("vlan %s is in the capabilities", name)
	}
}

// hasBond fails the test unless the bond is there as it was asked for.
func (h *host) hasBond(name string, a attrs) {
	h.Helper()
	b, there := h.caps.Bondings[name]
	if !there {
		h.Fatalf("bond %s is not in the capabilities", name)
	}
	want := slices.Sorted(slices.Values(a["nics"].([]string)))
	if got := slices.Sorted(slices.Values(b.Slaves)); !slices.Equal(got, want) {
		h.Errorf("%s: slaves are %v, not %v", name, got, want)
	}
	i := takeInventory(h)
	if got := i.ports(name); !slices.Equal(got, want) {
		h.Errorf("%s: ports in the kernel are %v, not %v", name, got, want)
	}
	for _, port := range want {
		equal(h, port+" is up", i.Links[port].Up, true)
		h.noAddresses(port, h.caps.Nics[port])
	}
	equal(h, name+": is up", i.Links[name].Up, true)
	equal(h, name+": switch", b.Switch, h.sw)
	if hwaddr, chosen := a["hwaddr"]; chosen {
		equal(h, name+": hwaddr", any(b.Hwaddr), hwaddr)
		equal(h, name+": address in the kernel", any(i.Links[name].MAC), hwaddr)
	}
	if _, stored := h.config().bonds[name]; !stored {
		h.Errorf("bond %s is not stored", name)
	}
	options, _ := a["options"].(string)
	h.bondTook(name, options)
}

// hasNoBond fails the test if anything of the bond is left.
func (h *host) hasNoBond(name string) {
	h.Helper()
	_, bond := h.caps.Bondings[name]
	_, stored := h.config().bonds[name]
	_, there := takeInventory(h).Links[name]
	if bond || stored || there {
		h.Errorf("of bond %s are left: entry %v, configuration %v, link %v", name, bond, stored, there)
	}
}

// hasMTU fails the test unless the link has the MTU, for the capabilities and
// for the kernel.
func (h *host) hasMTU(dev string, want int) {
	h.Helper()
	if l, there := takeInventory(h).Links[dev]; there || h.sw == "legacy" {
		equal(h, "MTU of "+dev+" in the kernel", l.MTU, want)
	}
	for _, kind := range []map[string]device{h.caps.Nics, h.caps.Bondings, h.caps.Vlans, h.caps.Bridges} {
		if d, there := kind[dev]; there {
			equal(h, "MTU of "+dev+" in the capabilities", d.mtu(), strconv.Itoa(want))
			return
		}
	}
	h.Errorf("%s is not in the capabilities", dev)
}

func equal[T comparable](h *host, what string, got, want T) {
	h.Helper()
	if got != want {
		h.Errorf("%s: %v, not %v", what, got, want)
	}
}
