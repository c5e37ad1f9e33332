// SPDX-License-Identifier: GPL-2.0-or-later

package kernelconfig

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
)

func TestFromCapabilities(t *testing.T) {
	caps := api.VdsmNetworkCapabilities{
		Nics:     api.NetInfoNicMap{"eth0": {}},
		Bondings: api.NetInfoBondMap{"bond0": {Slaves: []string{"eth1"}, Opts: api.StringMap{"mode": "1"}, Hwaddr: "52:54:00:00:00:01", Switch: "legacy"}},
		Vlans:    api.NetInfoVlanMap{"bond0.7": {Iface: "bond0", Vlanid: 7}},
		Networks: api.NetInfoNetworkMap{
			"mgmt": {Union: api.Union{Value: api.NetInfoBridgedNetwork{
				Bridged: true, Switch: "legacy", Southbound: new("eth0"), STP: "on", MTU: "1500", Addr: "192.0.2.9", Netmask: "255.255.255.0",
				Gateway: "192.0.2.1", Ipv4defaultroute: true, Ipv6addrs: []string{"fd00::1/64"}, Ipv6gateway: "::",
			}}},
			"data": {Union: api.Union{Value: api.NetInfoBridgelessNetwork{
				Switch: "legacy", Southbound: new("bond0.7"), Vlanid: new(int64(7)), MTU: "9000", Dhcpv4: true, Ipv6gateway: "::",
			}}},
			"ovs": {Union: api.Union{Raw: []byte(`{"bridged": true, "switch": "ovs", "southbound": null, "stp": false, "mtu": 1500}`)}},
		},
		Nameservers: []string{"192.0.2.53"},
	}
	want := Info{
		Nics:  []string{"eth0"},
		Bonds: map[string]Bond{"bond0": {Ports: []string{"eth1"}, Options: map[string]string{"mode": "1"}, Hwaddr: "52:54:00:00:00:01", Switch: "legacy"}},
		Vlans: map[string]Vlan{"bond0.7": {Base: "bond0", Tag: 7}},
		Networks: map[string]Network{
			"mgmt": {
				Bridged: true, STP: true, Southbound: "eth0", MTU: 1500, Switch: "legacy", Addr: "192.0.2.9", Netmask: "255.255.255.0",
				Gateway: "192.0.2.1", DefaultRoute: true, IPv6Addrs: []string{"fd00::1/64"}, IPv6Gateway: "::",
			},
			"data": {Southbound: "bond0.7", VLAN: new(7), MTU: 9000, Switch: "legacy", DHCPv4: true, IPv6Gateway: "::"},
			"ovs":  {Bridged: true, MTU: 1500, Switch: "ovs"},
		},
		Nameservers: []string{"192.0.2.53"},
	}
	got, err := FromCapabilities(caps)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
