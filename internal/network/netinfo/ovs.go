// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"context"
	"slices"

	"govdsm/api"
)

// switched adds the networks over Open vSwitch. Managers see them in the shape
// of those over Linux bridges, with a VLAN device and a bridge that the kernel
// does not have (the original's nmstate/ovs/info.py).
func (r *Reader) switched(ctx context.Context, s *state, running map[string]Network, c *api.VdsmNetworkCapabilities) {
	var names []string
	for name, n := range running {
		if n.Switch == "ovs" {
			names = append(names, name)
		}
	}
	if len(names) == 0 || r.options.Switch == nil {
		return
	}
	slices.Sort(names)
	ports, err := r.options.Switch.Ports(ctx)
	if err != nil {
		r.options.Log.WarnContext(ctx, "Open vSwitch does not tell its ports, what was set up is reported", "err", err)
	}
	for _, name := range names {
		n, l := running[name], s.byName[name]
		base := n.NIC
		if n.Bond != "" {
			base = n.Bond
		}
		tag := n.VLAN
		there := l != nil
		if there && err == nil {
			port, known := ports[name]
			below, carried := ports[base]
			there, tag = known && carried && port.Bridge == below.Bridge, port.Tag
		}
		if !there {
			r.options.Log.WarnContext(ctx, "a network that was set up is not there", "network", name, "device", base)
			continue
		}
		r.addSwitched(s, name, base, n, tag, l, c)
	}
}

// addSwitched adds one network, and what stands for its VLAN and its bridge.
func (r *Reader) addSwitched(s *state, name, base string, set Network, tag *int, l *device, c *api.VdsmNetworkCapabilities) {
	a := l.ip
	a.Addressing = set.Addressing
	southbound := base
	var vlanid *int64
	if tag != nil {
		southbound, vlanid = vlanName(base, *tag), new(int64(*tag))
		c.Vlans[southbound] = api.NetInfoVlan{
			Iface: base, Vlanid: *vlanid, MTU: mtu(l.Link),
			Ipv4addrs: []string{}, Ipv6addrs: []string{}, Ipv6gateway: "::",
		}
	}
	if !set.Bridged {
		n := s.bridgeless(l, nil, a, nil)
		n.Iface, n.Interface, n.Southbound, n.Vlanid, n.Switch = southbound, southbound, &southbound, vlanid, "ovs"
		c.Networks[name] = api.NetInfoNetwork{Union: api.Union{Value: n}}
		lend(n, southbound, c)
		return
	}
	n := s.bridged(l, nil, a, nil)
	n.Ports, n.Southbound, n.Vlanid, n.STP, n.Switch = []string{southbound}, &southbound, vlanid, "off", "ovs"
	c.Networks[name] = api.NetInfoNetwork{Union: api.Union{Value: n}}
	b := l.bridge(a)
	b.Ports, b.STP, b.Opts = []string{southbound}, "off", api.StringMap{}
	c.Bridges[name] = b
}

// lend gives the link that carries a network without a bridge the addresses of
// its port: managers look for them there.
func lend(n api.NetInfoBridgelessNetwork, southbound string, c *api.VdsmNetworkCapabilities) {
	if v, ok := c.Vlans[southbound]; ok {
		v.Addr, v.Netmask, v.Ipv4addrs, v.Gateway, v.Ipv4defaultroute = n.Addr, n.Netmask, n.Ipv4addrs, n.Gateway, n.Ipv4defaultroute
		v.Ipv6addrs, v.Ipv6gateway, v.MTU = n.Ipv6addrs, n.Ipv6gateway, n.MTU
		v.Dhcpv4, v.Dhcpv6, v.Ipv6autoconf = n.Dhcpv4, n.Dhcpv6, n.Ipv6autoconf
		c.Vlans[southbound] = v
	} else if v, ok := c.Bondings[southbound]; ok {
		v.Addr, v.Netmask, v.Ipv4addrs, v.Gateway, v.Ipv4defaultroute = n.Addr, n.Netmask, n.Ipv4addrs, n.Gateway, n.Ipv4defaultroute
		v.Ipv6addrs, v.Ipv6gateway, v.MTU = n.Ipv6addrs, n.Ipv6gateway, n.MTU
		v.Dhcpv4, v.Dhcpv6, v.Ipv6autoconf = n.Dhcpv4, n.Dhcpv6, n.Ipv6autoconf
		c.Bondings[southbound] = v
	} else if v, ok := c.Nics[southbound]; ok {
		v.Addr, v.Netmask, v.Ipv4addrs, v.Gateway, v.Ipv4defaultroute = n.Addr, n.Netmask, n.Ipv4addrs, n.Gateway, n.Ipv4defaultroute
		v.Ipv6addrs, v.Ipv6gateway, v.MTU = n.Ipv6addrs, n.Ipv6gateway, n.MTU
		v.Dhcpv4, v.Dhcpv6, v.Ipv6autoconf = n.Dhcpv4, n.Dhcpv6, n.Ipv6autoconf
		c.Nics[southbound] = v
	}
}
