// SPDX-License-Identifier: GPL-2.0-or-later

package validate

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/network/canonicalize"
	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/netconf"
)

// host has four NICs: eth0 carries the network mgmt untagged and vlan5, eth1
// is a port of bond0 with the network data, eth2 has a VLAN of somebody else,
// eth3 is free.
func host() Host {
	network := func(nic, bond string, tag *int, bridged bool) netconf.Network {
		return netconf.Network{
			NIC: nic, Bonding: bond, VLAN: tag, MTU: 1500, Bridged: bridged, Switch: "legacy", BootProto: "none", Nameservers: []string{},
		}
	}
	mode := map[string]map[string][]string{
		"0": {"mode": {"balance-rr", "0"}, "miimon": {"0"}},
		"1": {"mode": {"balance-rr", "0"}, "miimon": {"0"}, "primary": {}},
	}
	return Host{
		Info: kernelconfig.Info{
			Nics: []string{"eth0", "eth1", "eth2", "eth3", "verylongnic12"},
			Networks: map[string]kernelconfig.Network{
				"mgmt":  {Bridged: true, Southbound: "eth0", MTU: 1500, Switch: "legacy"},
				"vlan5": {Southbound: "eth0.5", VLAN: new(5), MTU: 1500, Switch: "legacy"},
				"data":  {Bridged: true, Southbound: "bond0", MTU: 1500, Switch: "legacy"},
			},
			Vlans: map[string]kernelconfig.Vlan{"eth0.5": {Base: "eth0", Tag: 5}, "eth2.9": {Base: "eth2", Tag: 9}},
			Bonds: map[string]kernelconfig.Bond{"bond0": {Ports: []string{"eth1"}, Switch: "legacy"}},
		},
		Running: netconf.Config{
			Networks: map[string]netconf.Network{
				"mgmt": network("eth0", "", nil, true), "vlan5": network("eth0", "", new(5), false), "data": network("", "bond0", nil, true),
			},
			Bonds: map[string]netconf.Bond{"bond0": {Nics: []string{"eth1"}, Switch: "legacy"}},
		},
		Options: kernelconfig.BondOptions{Defaults: mode},
	}
}

func TestRefused(t *testing.T) {
	static := `"nic": "eth3", "ipaddr": "192.0.2.9", "netmask": "255.255.255.0"`
	noBridge := "Bridge name isn't valid: "
	tests := map[string]struct {
		networks, bondings string
		code               *api.Code
		text               string
	}{
		// bad parameters
		"bond without ports":   {``, `"bond1": {"nics": []}`, api.ErrNetBadParams, "bond1: Must specify nics for bonding"},
		"bond without nics":    {``, `"bond1": {}`, api.ErrNetBadParams, "bond1: Must specify nics for bonding"},
		"name servers":         {`"n": {"nic": "eth3", "nameservers": ["192.0.2.53"]}`, ``, api.ErrNetBadParams, "Name servers may only be defined on the default host network"},
		"both switches":        {`"a": {"nic": "eth3", "switch": "ovs"}, "b": {"nic": "eth2", "vlan": 1}`, ``, api.ErrNetBadParams, "Mixing of legacy and OVS networks is not supported inside one setupNetworks() call."},
		"removal is legacy":    {`"a": {"nic": "eth3", "switch": "ovs"}, "mgmt": {"remove": true}`, ``, api.ErrNetBadParams, "Mixing of legacy and OVS networks is not supported inside one setupNetworks() call."},
		"unknown removal":      {`"a": {"nic": "eth3", "switch": "ovs"}, "x": {"remove": true}`, ``, api.ErrNetBadParams, "Mixing of legacy and OVS networks is not supported inside one setupNetworks() call."},
		"bond of other switch": {`"a": {"nic": "eth3", "switch": "ovs"}`, `"bond0": {"nics": ["eth1"]}`, api.ErrNetBadParams, "Mixing of legacy and OVS networks is not supported inside one setupNetworks() call."},
		"strange switch":       {`"a": {"nic": "eth3", "switch": "vpp"}`, ``, api.ErrNetBadParams, `a: "vpp" is not a switch type`},
		"nothing below":        {`"a": {"bridged": false}`, ``, api.ErrNetBadParams, `southbound device not specified for non-bridged network "a"`},
		"nothing below OVS":    {`"a": {"switch": "ovs"}`, ``, api.ErrNetBadParams, `southbound device not specified for OVS network "a"`},
		"same link":            {`"a": {"nic": "eth0"}`, ``, api.ErrNetBadParams, "multiple networks/similar vlans cannot be defined on a single underlying device. networks: a, mgmt, device: eth0"},
		"same tag":             {`"a": {"nic": "eth0", "vlan": "5"}`, ``, api.ErrNetBadParams, "multiple networks/similar vlans cannot be defined on a single underlying device. networks: a, vlan5, device: eth0.5"},
		"same tag, both new":   {`"a": {"nic": "eth3", "vlan": 1}, "b": {"nic": "eth3", "vlan": 1}`, ``, api.ErrNetBadParams, "multiple networks/similar vlans cannot be defined on a single underlying device. networks: a, b, device: eth3.1"},
		"removal with more":    {`"mgmt": {"remove": true, "nic": "eth0"}`, ``, api.ErrNetBadParams, "Cannot specify any attribute when removing (except custom))."},
		"MTU":                  {`"a": {"nic": "eth3", "mtu": 0}`, ``, api.ErrNetBadParams, "a: MTU 0 is out of range, must be 68..65535"},
		// bad addresses
		"address":         {`"a": {"nic": "eth3", "ipaddr": "192.0.2.300", "netmask": "255.255.255.0"}`, ``, api.ErrNetBadAddr, "'192.0.2.300/255.255.255.0' does not appear to be an IPv4 or IPv6 interface"},
		"netmask":         {`"a": {"nic": "eth3", "ipaddr": "192.0.2.9", "netmask": "255.0.255.0"}`, ``, api.ErrNetBadAddr, "'192.0.2.9/255.0.255.0' does not appear to be an IPv4 or IPv6 interface"},
		"no netmask":      {`"a": {"nic": "eth3", "ipaddr": "192.0.2.9"}`, ``, api.ErrNetBadAddr, "'192.0.2.9/' does not appear to be an IPv4 or IPv6 interface"},
		"gateway":         {`"a": {` + static + `, "gateway": "x"}`, ``, api.ErrNetBadAddr, "'x' does not appear to be an IPv4 or IPv6 interface"},
		"gateway alone":   {`"a": {"nic": "eth3", "gateway": "192.0.2.1"}`, ``, api.ErrNetBadAddr, "gateway or netmask were given without ip address"},
		"netmask alone":   {`"a": {"nic": "eth3", "netmask": "255.255.255.0"}`, ``, api.ErrNetBadAddr, "gateway or netmask were given without ip address"},
		"static and dhcp": {`"a": {` + static + `, "bootproto": "dhcp"}`, ``, api.ErrNetBadAddr, "mixing static ip configuration with dhcp is not allowed"},
		"name server":     {`"a": {"nic": "eth3", "defaultRoute": true, "nameservers": ["ns.example.org"]}`, ``, api.ErrNetBadAddr, "'ns.example.org' does not appear to be an IPv4 or IPv6 interface"},
		"IPv6 gateway":    {`"a": {"nic": "eth3", "ipv6gateway": "192.0.2.1"}`, ``, api.ErrNetBadAddr, "'192.0.2.1' does not appear to be an IPv6 address"},
		// bad links
		"NIC of network":     {`"a": {"nic": "eth7"}`, ``, api.ErrNetBadNic, "Nic eth7 does not exist"},
		"hostile NIC":        {`"a": {"nic": "../../eth0"}`, ``, api.ErrNetBadNic, "Nic ../../eth0 does not exist"},
		"NIC of bond":        {``, `"bond1": {"nics": ["eth3", "eth7"]}`, api.ErrNetBadNic, "Nic eth7 does not exist"},
		"port with network":  {``, `"bond1": {"nics": ["eth0", "eth3"]}`, api.ErrNetUsedNic, "Nics with multiple usages: {'eth0'}"},
		"port with VLAN":     {``, `"bond1": {"nics": ["eth2", "eth3"]}`, api.ErrNetUsedNic, "Nics with multiple usages: {'eth2'}"},
		"network on port":    {`"a": {"nic": "eth1"}`, ``, api.ErrNetUsedNic, "Nics with multiple usages: {'eth1'}"},
		"port twice in call": {`"a": {"nic": "eth3"}`, `"bond1": {"nics": ["eth3"]}`, api.ErrNetUsedNic, "Nics with multiple usages: {'eth3'}"},
		// bad bonds
		"bond name":          {``, `"team0": {"nics": ["eth3"]}`, api.ErrNetBadBonding, "bad bond name(s): team0"},
		"bond name, removed": {``, `"bond-0": {"remove": true}`, api.ErrNetBadBonding, "bad bond name(s): bond-0"},
		"bond name, bare":    {``, `"bond": {"nics": ["eth3"]}, "xbond0": {"nics": ["eth3"]}`, api.ErrNetBadBonding, "bad bond name(s): bond, xbond0"},
		"bond name, newline": {``, `"bond0\n": {"nics": ["eth3"]}`, api.ErrNetBadBonding, "bad bond name(s): bond0\n"},
		"bond name, path":    {`"a": {"bonding": "bond0/.."}`, ``, api.ErrNetBadBonding, "bad bond name(s): bond0/.."},
		"bond name, long":    {``, `"bond0123456789ab": {"nics": ["eth3"]}`, api.ErrNetBadBonding, "bad bond name(s): bond0123456789ab"},
		"no bond":            {`"a": {"bonding": "bond7"}`, ``, api.ErrNetBadBonding, "Bond bond7 does not exist"},
		"bond that goes":     {`"a": {"bonding": "bond0"}, "data": {"remove": true}`, `"bond0": {"remove": true}`, api.ErrNetBadBonding, "Bond bond0 does not exist"},
		"option without =":   {``, `"bond1": {"nics": ["eth3"], "options": "mode=1 miimon"}`, api.ErrNetBadBonding, "Error parsing bonding options: 'mode=1 miimon'"},
		"option of mode":     {``, `"bond1": {"nics": ["eth3"], "options": "mode=0 primary=eth3"}`, api.ErrNetBadBonding, "'primary' is not a valid bonding option"},
		"option with a path": {``, `"bond1": {"nics": ["eth3"], "options": "mode=0 ../../x=1"}`, api.ErrNetBadBonding, "'../../x' is not a valid bonding option"},
		"unknown mode":       {``, `"bond1": {"nics": ["eth3"], "options": "mode=7"}`, api.ErrNetBadBonding, "'7' is not a valid bonding mode"},
		"used bond":          {``, `"bond0": {"remove": true}`, api.ErrNetUsedBond, "Cannot remove bonding bond0: used by network ({'data'})."},
		// bad VLANs
		"VLAN on nothing":     {`"a": {"vlan": 5}`, ``, api.ErrNetBadVlan, "a: vlan device requires southbound device"},
		"VLAN 4095":           {`"a": {"nic": "eth3", "vlan": 4095}`, ``, api.ErrNetBadVlan, "VLAN id out of range: 4095, must be 0..4094"},
		"VLAN -1":             {`"a": {"nic": "eth3", "vlan": "-1"}`, ``, api.ErrNetBadVlan, "VLAN id out of range: -1, must be 0..4094"},
		"VLAN with long name": {`"a": {"nic": "verylongnic12", "vlan": 400}`, ``, api.ErrNetBadVlan, "name of VLAN device verylongnic12.400 is longer than 15 characters"},
		// bad bridges
		"unknown network":     {`"x": {"remove": true}`, ``, api.ErrNetBadBridge, "Cannot delete network x: It doesn't exist in the system"},
		"no name":             {`"": {"nic": "eth3"}`, ``, api.ErrNetBadBridge, noBridge},
		"16 characters":       {`"abcdefghijklmnop": {"nic": "eth3"}`, ``, api.ErrNetBadBridge, noBridge + "abcdefghijklmnop"},
		"colon":               {`"a:b": {"nic": "eth3"}`, ``, api.ErrNetBadBridge, noBridge + "a:b"},
		"dot":                 {`"a.b": {"nic": "eth3"}`, ``, api.ErrNetBadBridge, noBridge + "a.b"},
		"space":               {`"a b": {"nic": "eth3"}`, ``, api.ErrNetBadBridge, noBridge + "a b"},
		"tab":                 {`"a\tb": {"nic": "eth3"}`, ``, api.ErrNetBadBridge, noBridge + "a\tb"},
		"hyphen":              {`"-a": {"nic": "eth3"}`, ``, api.ErrNetBadBridge, noBridge + "-a"},
		"slash":               {`"a/b": {"nic": "eth3"}`, ``, api.ErrNetBadBridge, noBridge + "a/b"},
		"newline":             {`"a\nb": {"nic": "eth3"}`, ``, api.ErrNetBadBridge, noBridge + "a\nb"},
		"path, bridgeless":    {`"../../x": {"nic": "eth3", "bridged": false}`, ``, api.ErrNetBadBridge, noBridge + "../../x"},
		"parent, bridgeless":  {`"..": {"nic": "eth3", "bridged": false}`, ``, api.ErrNetBadBridge, noBridge + ".."},
		"too long for a file": {`"` + strings.Repeat("a", 256) + `": {"nic": "eth3", "bridged": false}`, ``, api.ErrNetBadBridge, noBridge + strings.Repeat("a", 256)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := Request(canonical(t, test.networks, test.bondings), host())
			var e *api.Error
			if !errors.As(err, &e) || e.Number != test.code.Number || err.Error() != test.text {
				t.Errorf("got %v, want %d %s", err, test.code.Number, test.text)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	tests := map[string]struct{ networks, bondings string }{
		"nothing":                    {``, ``},
		"VLAN 0":                     {`"a": {"nic": "eth3", "vlan": 0}`, ``},
		"VLAN 4094 beside untagged":  {`"a": {"nic": "eth0", "vlan": 4094}`, ``},
		"bridge alone":               {`"a": {}`, ``},
		"15 characters":              {`"abcdefghijklmno": {}`, ``},
		"any name without a bridge":  {`"a network: of mine": {"nic": "eth3", "bridged": false}`, ``},
		"bond with its network":      {`"a": {"bonding": "bond1"}`, `"bond1": {"nics": ["eth3"], "options": "mode=active-backup primary=eth3"}`},
		"bond and network go":        {`"data": {"remove": true}`, `"bond0": {"remove": true}`},
		"network changes place":      {`"mgmt": {"remove": true}, "a": {"nic": "eth0"}`, ``},
		"removal with custom":        {`"mgmt": {"remove": true, "custom": {"a": "b"}}`, ``},
		"name server with zone":      {`"mgmt": {"nic": "eth0", "defaultRoute": true, "nameservers": ["fe80::1%eth0", "192.0.2.53"]}`, ``},
		"no IPv6 gateway":            {`"a": {"nic": "eth3", "ipv6addr": "fd00::1/64", "ipv6gateway": "::"}`, ``},
		"VLAN beside VLAN of others": {`"a": {"nic": "eth2", "vlan": 10}`, ``},
		"bond named in letters":      {``, `"bondträger": {"nics": ["eth3"]}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := Request(canonical(t, test.networks, test.bondings), host()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSwitchChange(t *testing.T) {
	everything := `"mgmt": {"nic": "eth0", "switch": "ovs"}, "vlan5": {"nic": "eth0", "vlan": 5, "switch": "ovs"}, "data": {"bonding": "bond0", "switch": "ovs"}`
	bonds := `"bond0": {"nics": ["eth1"], "switch": "ovs"}`
	tests := map[string]struct {
		networks, bondings string
		needed             bool
		text               string // of the error with code 21
	}{
		"same switch":   {`"mgmt": {"nic": "eth0"}`, ``, false, ""},
		"only removals": {`"mgmt": {"remove": true}`, ``, false, ""},
		"all":           {everything, bonds, true, ""},
		"a removal":     {everything, `"bond0": {"remove": true}`, true, "Switch type change request cannot contain removals"},
		"one network":   {`"mgmt": {"nic": "eth0", "switch": "ovs"}`, bonds, true, "All networks must be reconfigured on switch type change"},
		"a new one":     {everything + `, "x": {"nic": "eth3", "switch": "ovs"}`, bonds, true, "All networks must be reconfigured on switch type change"},
		"no bonds":      {everything, ``, true, "All bondings must be reconfigured on switch type change"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			needed, err := SwitchChange(canonical(t, test.networks, test.bondings), host().Running)
			if needed != test.needed {
				t.Errorf("needed: %t", needed)
			}
			if test.text == "" && err == nil {
				return
			}
			if !errors.Is(err, api.ErrNetBadParams) || err.Error() != test.text {
				t.Errorf("got %v, want %s", err, test.text)
			}
		})
	}
}

func canonical(t *testing.T, networks, bondings string) netconf.Request {
	t.Helper()
	var p api.HostSetupNetworksParams
	if err := json.Unmarshal([]byte(`{"networks": {`+networks+`}, "bondings": {`+bondings+`}}`), &p); err != nil {
		t.Fatal(err)
	}
	r, err := canonicalize.Request(p, canonicalize.Host{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
