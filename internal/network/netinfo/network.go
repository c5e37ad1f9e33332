// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"context"
	"slices"
	"strings"

	"govdsm/api"
)

// networks adds the networks of the running configuration that are there, and
// their shares to the links that carry them. Networks of Open vSwitch are not
// known to the kernel; whoever speaks to it adds them.
func (r *Reader) networks(ctx context.Context, s *state, running map[string]Network, c *api.VdsmNetworkCapabilities) {
	for name, n := range running {
		if n.Switch != "" && n.Switch != "legacy" {
			continue
		}
		l := s.byName[n.device(name)]
		if l == nil || n.Bridged && l.Kind != "bridge" {
			r.options.Log.WarnContext(ctx, "a network that was set up is not there", "network", name, "device", n.device(name))
			continue
		}
		a := l.ip
		a.Addressing = n.Addressing
		sb := s.southbound(l, n.Bridged)
		qos := r.shares(ctx, s, name, l, c)
		if n.Bridged {
			c.Networks[name] = api.NetInfoNetwork{Union: api.Union{Value: s.bridged(l, sb, a, qos)}}
		} else {
			c.Networks[name] = api.NetInfoNetwork{Union: api.Union{Value: s.bridgeless(l, sb, a, qos)}}
		}
	}
	sortShares(c)
}

// southbound finds the link that carries a network: of a bridge, its one port
// that is a bond, or else a card, or else a VLAN. nil when it has none, or
// several of a kind.
func (s *state) southbound(l *device, bridged bool) *device {
	if !bridged {
		return l
	}
	for _, k := range []kind{bond, nic, vlan} {
		var found []string
		for _, port := range l.ports {
			if s.kindOf(port) == k {
				found = append(found, port)
			}
		}
		if len(found) == 1 {
			return s.byName[found[0]]
		}
	}
	return nil
}

func (s *state) bridged(l, sb *device, a addressing, qos *api.HostQoSParams) api.NetInfoBridgedNetwork {
	return api.NetInfoBridgedNetwork{
		Iface: l.Name, Bridged: true, Switch: "legacy", Southbound: name(sb), Vlanid: s.tag(sb), HostQoS: qos,
		Ports: l.portsOf(), STP: stp(l.Link), MTU: mtu(l.Link),
		Addr: a.addr, Netmask: a.netmask, Ipv4addrs: a.ipv4, Gateway: a.gateway, Ipv4defaultroute: a.defaultRoute,
		Ipv6addrs: a.ipv6, Ipv6gateway: a.ipv6gateway,
		Dhcpv4: a.DHCPv4, Dhcpv6: a.DHCPv6, Ipv6autoconf: a.Autoconf,
	}
}

func (s *state) bridgeless(l, sb *device, a addressing, qos *api.HostQoSParams) api.NetInfoBridgelessNetwork {
	return api.NetInfoBridgelessNetwork{
		Interface: l.Name, Iface: l.Name, Switch: "legacy", Southbound: name(sb), Vlanid: s.tag(sb), HostQoS: qos,
		MTU:  mtu(l.Link),
		Addr: a.addr, Netmask: a.netmask, Ipv4addrs: a.ipv4, Gateway: a.gateway, Ipv4defaultroute: a.defaultRoute,
		Ipv6addrs: a.ipv6, Ipv6gateway: a.ipv6gateway,
		Dhcpv4: a.DHCPv4, Dhcpv6: a.DHCPv6, Ipv6autoconf: a.Autoconf,
	}
}

func name(l *device) *string {
	if l == nil {
		return nil
	}
	return &l.Name
}

// tag is the VLAN's of a link that is a visible VLAN.
func (s *state) tag(l *device) *int64 {
	if l == nil || l.kind != vlan {
		return nil
	}
	return new(int64(l.VLAN))
}

// carrier finds the card or bond on which the traffic of a network is shared
// out, and the network's tag on it, -1 for none. ports of VMs do not count.
func (s *state) carrier(l *device) (device string, tag int, ok bool) {
	if l.kind == bridge {
		ports := slices.DeleteFunc(l.portsOf(), func(port string) bool { return strings.HasPrefix(port, "vnet") })
		if len(ports) != 1 {
			return "", 0, false
		}
		l = s.byName[ports[0]]
	}
	tag = -1
	if l.kind == vlan && !l.Foreign {
		tag = int(l.VLAN)
		if l = s.byIndex[l.Parent]; l == nil {
			return "", 0, false
		}
	}
	k := l.kind
	return l.Name, tag, k == nic || k == bond
}

// shares returns a network's share of its carrier, and notes it there, too.
func (r *Reader) shares(ctx context.Context, s *state, network string, l *device, c *api.VdsmNetworkCapabilities) *api.HostQoSParams {
	if r.options.QoS == nil {
		return nil
	}
	device, tag, ok := s.carrier(l)
	if !ok {
		return nil
	}
	curves, ok := r.sharesOf(ctx, s, device)[tag]
	if !ok {
		return nil
	}
	qos := api.HostQoSParams{Out: &curves}
	entry := api.DeviceQoSParams{HostQoS: qos, VLAN: int64(tag)}
	if n, ok := c.Nics[device]; ok {
		n.QoS = append(n.QoS, entry)
		c.Nics[device] = n
	} else if b, ok := c.Bondings[device]; ok {
		b.QoS = append(b.QoS, entry)
		c.Bondings[device] = b
	}
	return &qos
}

// sharesOf reads the shares on a device once per state.
func (r *Reader) sharesOf(ctx context.Context, s *state, device string) map[int]api.HostBandwidthParams {
	s.mu.Lock()
	defer s.mu.Unlock()
	if shares, ok := s.shares[device]; ok {
		return shares
	}
	shares, err := r.options.QoS.Shares(ctx, device)
	if err != nil {
		r.options.Log.WarnContext(ctx, "shares of a link are not known", "link", device, "err", err)
		return nil
	}
	s.shares[device] = shares
	return shares
}

func sortShares(c *api.VdsmNetworkCapabilities) {
	byTag := func(a, b api.DeviceQoSParams) int { return int(a.VLAN - b.VLAN) }
	for _, n := range c.Nics {
		slices.SortFunc(n.QoS, byTag)
	}
	for _, b := range c.Bondings {
		slices.SortFunc(b.QoS, byTag)
	}
}
