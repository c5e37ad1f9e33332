// SPDX-License-Identifier: GPL-2.0-or-later

package netconf

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
)

func parse[V any](t *testing.T, text string) V {
	t.Helper()
	var v V
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestNetworkJSON reads what the original stores, or a hook makes of it, and
// writes it again.
func TestNetworkJSON(t *testing.T) {
	tests := map[string]struct{ in, out string }{
		"complete": {
			`{"bonding": "bond0", "vlan": 0, "mtu": 9000, "bridged": true, "stp": true, "switch": "legacy", "bootproto": "none",
			  "dhcpv6": false, "ipv6autoconf": true, "defaultRoute": false, "nameservers": [], "ipaddr": "192.0.2.9",
			  "netmask": "255.255.255.0", "gateway": "192.0.2.1", "hostQos": {"out": {"ul": {"m2": 8000000}}}, "custom": {"a": [1]}}`,
			`{"bootproto":"none","dhcpv6":false,"ipv6autoconf":true,"hostQos":{"out":{"ul":{"m2":8000000}}},"gateway":"192.0.2.1","vlan":0,"ipaddr":"192.0.2.9","custom":{"a":[1]},"bonding":"bond0","netmask":"255.255.255.0","defaultRoute":false,"nameservers":[],"switch":"legacy","mtu":9000,"bridged":true,"stp":true}`,
		},
		"old texts": {
			`{"nic": "eth0", "vlan": "7", "mtu": "1500", "bridged": false, "blockingdhcp": true, "bondingOptions": "x"}`,
			`{"bondingOptions":"x","bootproto":"none","bridged":false,"defaultRoute":false,"dhcpv6":false,"ipv6autoconf":false,"mtu":1500,"nic":"eth0","switch":"legacy","vlan":7}`,
		},
		"removal": {`{"remove": true, "custom": {"a": "b"}}`, `{"remove":true,"custom":{"a":"b"}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n := parse[Network](t, test.in)
			got, err := json.Marshal(n)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.out, string(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if again := parse[Network](t, string(got)); !again.Equal(n) {
				t.Errorf("(-read +again)\n%s", cmp.Diff(n, again))
			}
		})
	}
}

func TestDevices(t *testing.T) {
	n := Network{NIC: "eth0", VLAN: new(0)}
	if n.VLANDevice() != "eth0.0" || n.NextHop("net") != "eth0.0" {
		t.Errorf("VLAN 0: %q, %q", n.VLANDevice(), n.NextHop("net"))
	}
	n.Switch = SwitchOVS
	if n.NextHop("net") != "net" {
		t.Errorf("Open vSwitch: %q", n.NextHop("net"))
	}
	if n := (Network{Bonding: "bond0"}); n.NextHop("net") != "bond0" {
		t.Errorf("bond: %q", n.NextHop("net"))
	}
}

// TestSince leads back from any configuration to any other.
func TestSince(t *testing.T) {
	one := Config{
		Networks: map[string]Network{"a": {NIC: "eth0", MTU: 1500}, "b": {NIC: "eth1", MTU: 1500}},
		Bonds:    map[string]Bond{"bond0": {Nics: []string{"eth2"}}},
	}
	two := Config{
		Networks: map[string]Network{"a": {NIC: "eth0", MTU: 9000}, "c": {MTU: 1500}},
		Bonds:    map[string]Bond{"bond1": {Nics: []string{"eth3"}}},
	}
	r := one.Since(two)
	want := Request{
		Networks: map[string]Network{"a": one.Networks["a"], "b": one.Networks["b"], "c": {Remove: true}},
		Bondings: map[string]Bond{"bond0": one.Bonds["bond0"], "bond1": {Remove: true}},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !two.Apply(r).Equal(one) || two.Equal(one) || !one.Since(one).Empty() {
		t.Error("the difference does not lead back")
	}
	if gone := want.Removals(); len(gone.Networks) != 3 || !gone.Networks["a"].Remove || !gone.Bondings["bond0"].Remove {
		t.Errorf("removals are %+v", gone)
	}
}

func TestConnectivity(t *testing.T) {
	tests := map[string]struct {
		check   bool
		timeout time.Duration
	}{
		`{}`:                             {true, 4 * time.Second},
		`{"connectivityCheck": "false"}`: {false, 4 * time.Second},
		`{"connectivityCheck": 0}`:       {false, 4 * time.Second},
		`{"connectivityTimeout": 0.1}`:   {true, 0},
		`{"connectivityTimeout": "120"}`: {true, 2 * time.Minute},
		`{"connectivityTimeout": -5}`:    {true, 0},
		`{"connectivityTimeout": 1e15}`:  {true, 24 * time.Hour},
	}
	for in, test := range tests {
		check, timeout := Connectivity(parse[api.SetupNetworkOptions](t, in))
		if check != test.check || timeout != test.timeout {
			t.Errorf("%s: check %t, %v", in, check, timeout)
		}
	}
}

func TestBridgeOptions(t *testing.T) {
	n := Network{Custom: map[string]any{"bridge_opts": "multicast_querier=1 priority=9"}}
	if diff := cmp.Diff([]Option{{"multicast_querier", "1"}, {"priority", "9"}}, n.BridgeOptions()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
