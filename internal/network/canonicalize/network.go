// SPDX-License-Identifier: GPL-2.0-or-later

package canonicalize

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	"govdsm/api"
	"govdsm/internal/network/netconf"
)

// network fills in one network. Nameservers are those of the host.
func network(a api.SetupNetworkNetAttributes, nameservers []string) (netconf.Network, error) {
	if removes(a) {
		return netconf.FromAttributes(a), nil
	}
	a.Custom = maps.Clone(a.Custom)
	if err := bridge(&a); err != nil {
		return netconf.Network{}, err
	}
	if err := ipv4(&a); err != nil {
		return netconf.Network{}, err
	}
	if err := ipv6(&a); err != nil {
		return netconf.Network{}, err
	}
	if ovs, given := a.Custom["ovs"]; given && bool(api.TobooleanOf(ovs)) {
		a.Switch = new(netconf.SwitchOVS)
	}
	n := netconf.FromAttributes(a)
	if n.Nameservers == nil {
		n.Nameservers = []string{}
		if n.DefaultRoute && !n.DHCPv4() {
			n.Nameservers = append(n.Nameservers, nameservers...)
		}
	}
	return n, nil
}

func bridge(a *api.SetupNetworkNetAttributes) error {
	if a.Bridged != nil && !bool(*a.Bridged) {
		return bridgeOptions(a)
	}
	if a.Stp == nil {
		a.Stp = a.STP
	}
	a.STP = nil
	if a.Stp != nil {
		on, err := spanningTree(*a.Stp)
		if err != nil {
			return err
		}
		a.Stp = &api.BridgeSTP{Union: api.Union{Value: on}}
	}
	return bridgeOptions(a)
}

// spanningTree reads a boolean or one of the words that older managers send.
func spanningTree(stp api.BridgeSTP) (bool, error) {
	var v any
	if err := stp.As(&v); err != nil {
		return false, err
	}
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case string:
		switch strings.ToLower(v) {
		case "true", "on", "yes":
			return true, nil
		case "false", "off", "no":
			return false, nil
		}
		return false, api.ErrNetBadParams.Says(fmt.Sprintf("\"%s\" is not a valid bridge STP value.", v))
	}
	raw, _ := json.Marshal(v)
	return false, api.ErrNetBadParams.Says(fmt.Sprintf("\"%s\" is not a valid bridge STP value.", raw))
}

// bridgeOptions puts the pairs of custom.bridge_opts in order. Of a name given
// twice the last value counts.
func bridgeOptions(a *api.SetupNetworkNetAttributes) error {
	text, _ := a.Custom["bridge_opts"].(string)
	if text == "" {
		return nil
	}
	values := make(map[string]string)
	for pair := range strings.FieldsSeq(text) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" || strings.ContainsAny(name, "/\x00") || name == "." || name == ".." {
			return api.ErrNetBadParams.Says(fmt.Sprintf("%q is not a valid bridge option", pair))
		}
		values[name] = value
	}
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, name+"="+value)
	}
	slices.Sort(pairs)
	a.Custom["bridge_opts"] = strings.Join(pairs, " ")
	return nil
}

// ipv4 turns a prefix into a netmask. What is given but empty is an error: only
// leaving it out means that there is none.
func ipv4(a *api.SetupNetworkNetAttributes) error {
	for _, member := range []struct {
		name  string
		value *string
	}{{"ipaddr", a.Ipaddr}, {"netmask", a.Netmask}, {"gateway", a.Gateway}} {
		if member.value != nil && *member.value == "" {
			return api.ErrNetBadAddr.Says("'' does not appear to be an IPv4 address (" + member.name + ")")
		}
	}
	prefix := a.Prefix
	a.Prefix = nil
	if prefix == nil || *prefix == 0 {
		return nil
	}
	if a.Netmask != nil {
		return api.ErrNetBadParams.Says("Both PREFIX and NETMASK supplied")
	}
	if *prefix < 0 || *prefix > 32 {
		return api.ErrNetBadAddr.Says(fmt.Sprintf(
			"Bad prefix: %d is not a valid prefix value. It must be between 0 and 32", *prefix))
	}
	a.Netmask = new(net.IP(net.CIDRMask(int(*prefix), 32)).String())
	return nil
}

// ipv6 writes a static address the short way, always with its prefix.
func ipv6(a *api.SetupNetworkNetAttributes) error {
	if a.Ipv6addr == nil || *a.Ipv6addr == "" {
		return nil
	}
	given := *a.Ipv6addr
	if !strings.Contains(given, "/") {
		given += "/128"
	}
	p, err := netip.ParsePrefix(given)
	if err != nil || !p.Addr().Is6() || p.Addr().Is4In6() {
		return api.ErrNetBadAddr.Says(fmt.Sprintf("%.80q does not appear to be an IPv6 address", *a.Ipv6addr))
	}
	a.Ipv6addr = new(p.String())
	return nil
}
