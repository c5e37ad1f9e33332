// SPDX-License-Identifier: GPL-2.0-or-later

package kernelconfig

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/network/netconf"
)

func TestFrom(t *testing.T) {
	info := Info{
		Nics: []string{"eth0", "eth1", "eth2"},
		Bonds: map[string]Bond{
			"bond0": {Ports: []string{"eth2", "eth1"}, Options: map[string]string{"mode": "1", "miimon": "100"}, Hwaddr: "52:54:00:00:00:01", Switch: "legacy"},
			"bond1": {Hwaddr: "52:54:00:00:00:02", Switch: "legacy"},
		},
		Vlans:       map[string]Vlan{"bond0.7": {Base: "bond0", Tag: 7}},
		Nameservers: []string{"192.0.2.53"},
		Networks: map[string]Network{
			"mgmt": {
				Bridged: true, STP: true, Southbound: "eth0", MTU: 1500, Switch: "legacy", DefaultRoute: true,
				Addr: "192.0.2.9", Netmask: "255.255.255.0", Gateway: "192.0.2.1",
				IPv6Addrs: []string{"fd00::1/64", "fd00::2/64"}, IPv6Gateway: "::",
			},
			"data": {
				Southbound: "bond0.7", VLAN: new(7), MTU: 9000, Switch: "legacy", DHCPv4: true, DHCPv6: true,
				Addr: "198.51.100.9", Netmask: "255.255.255.0", IPv6Addrs: []string{"fd01::1/64"}, STP: true,
				HostQoS: &api.HostQoSParams{Out: &api.HostBandwidthParams{
					Ls: &api.BandwidthCurve{M1: new(int64(4000)), D: new(uint64(10)), M2: 3000},
					Ul: &api.BandwidthCurve{M1: new(int64(0)), D: new(uint64(0)), M2: 8000},
				}},
			},
			"alone": {Bridged: true, MTU: 1500, Switch: "legacy"},
		},
	}
	running := netconf.Config{Bonds: map[string]netconf.Bond{"bond1": {Hwaddr: "52:54:00:00:00:99"}}}
	want := netconf.Config{
		Networks: map[string]netconf.Network{
			"mgmt": {
				NIC: "eth0", MTU: 1500, Bridged: true, STP: true, Switch: "legacy", BootProto: "none", DefaultRoute: true,
				IPAddr: "192.0.2.9", Netmask: "255.255.255.0", Gateway: "192.0.2.1", IPv6Addr: "fd00::1/64",
				Nameservers: []string{"192.0.2.53"},
			},
			"data": {
				Bonding: "bond0", VLAN: new(7), MTU: 9000, Switch: "legacy", BootProto: "dhcp", DHCPv6: true, Nameservers: []string{},
				HostQoS: &api.HostQoSParams{Out: &api.HostBandwidthParams{
					Ls: &api.BandwidthCurve{M1: new(int64(4000)), D: new(uint64(10)), M2: 3000}, Ul: &api.BandwidthCurve{M2: 8000},
				}},
			},
			"alone": {MTU: 1500, Bridged: true, Switch: "legacy", BootProto: "none", Nameservers: []string{}},
		},
		Bonds: map[string]netconf.Bond{
			"bond0": {Nics: []string{"eth1", "eth2"}, Options: "miimon=100 mode=1", Switch: "legacy"},
			"bond1": {Switch: "legacy", Hwaddr: "52:54:00:00:00:02"},
		},
		Devices: map[string]netconf.Device{},
	}
	if diff := cmp.Diff(want, From(info, running)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The role of the default route is read from what is reported of IPv4, but where
// a network has it over IPv6 alone.
func TestDefaultRouteOverIPv6(t *testing.T) {
	role := netconf.Network{DefaultRoute: true, BootProto: "none", DHCPv6: true}
	for name, c := range map[string]struct {
		stored  netconf.Network
		gateway string
		want    bool
	}{
		"over IPv6 alone":    {role, "fe80::1", true},
		"its gateway is not": {role, "::", false},
		"not the role":       {netconf.Network{DHCPv6: true}, "fe80::1", false},
		"both, DHCP":         {netconf.Network{DefaultRoute: true, BootProto: "dhcp", DHCPv6: true}, "fe80::1", false},
		"both, static":       {netconf.Network{DefaultRoute: true, BootProto: "none", Gateway: "192.0.2.1"}, "fe80::1", false},
		"not stored":         {netconf.Network{}, "fe80::1", false},
	} {
		info := Info{Networks: map[string]Network{"red": {IPv6Gateway: c.gateway, DHCPv6: true}}}
		got := From(info, netconf.Config{Networks: map[string]netconf.Network{"red": c.stored}})
		if got.Networks["red"].DefaultRoute != c.want {
			t.Errorf("%s: default route is %v", name, !c.want)
		}
	}
}

func TestNormalize(t *testing.T) {
	known, err := ParseBondOptions(
		[]byte(`{"0": {"mode": ["balance-rr", "0"], "miimon": ["0"], "primary": []},
			"4": {"mode": ["balance-rr", "0"], "miimon": ["0"], "xmit_hash_policy": ["layer2", "0"], "lacp_rate": ["slow", "0"]}}`),
		[]byte(`{"4": {"xmit_hash_policy": {"layer2": "0", "layer2+3": "2"}, "lacp_rate": {"slow": "0"}}}`),
	)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"":                "mode=0",
		"miimon=0":        "mode=0",
		"mode=balance-rr": "mode=0",
		"miimon=100":      "miimon=100 mode=0",
		"mode=802.3ad miimon=100 xmit_hash_policy=layer2+3": "miimon=100 mode=4 xmit_hash_policy=2",
		"mode=4 xmit_hash_policy=layer2 lacp_rate=slow":     "mode=4",
		"mode=4 custom=yes": "mode=4",
		"mode=9 rubbish":    "mode=0 rubbish=",
	} {
		c := netconf.Config{Bonds: map[string]netconf.Bond{"bond0": {Options: in}}}
		if got := Normalize(c, known).Bonds["bond0"].Options; got != want {
			t.Errorf("%q is normally %q, want %q", in, got, want)
		}
		if c.Bonds["bond0"].Options != in {
			t.Error("the original was changed")
		}
	}
}

func TestDrift(t *testing.T) {
	network := netconf.Network{NIC: "eth0", MTU: 1500, Bridged: true, Switch: "legacy", BootProto: "none"}
	same := network
	same.Nameservers = []string{}
	custom := network
	custom.Custom = map[string]any{"bridge_opts": "priority=1"} // which no capabilities show
	other := network
	other.MTU = 9000
	wanted := netconf.Config{
		Networks: map[string]netconf.Network{"same": same, "custom": custom, "changed": other, "missing": network},
		Bonds:    map[string]netconf.Bond{"bond0": {Nics: []string{"eth1"}}},
	}
	kernel := netconf.Config{
		Networks: map[string]netconf.Network{"same": network, "custom": network, "changed": network, "extra": network},
		Bonds:    map[string]netconf.Bond{"bond0": {Nics: []string{"eth1"}}, "bond1": {Nics: []string{"eth2"}}},
	}
	want := netconf.Request{
		Networks: map[string]netconf.Network{"custom": custom, "changed": other, "missing": network, "extra": {Remove: true}},
		Bondings: map[string]netconf.Bond{},
	}
	if diff := cmp.Diff(want, Drift(wanted, kernel)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
