// SPDX-License-Identifier: GPL-2.0-or-later

package drift

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/persistence"
)

func TestStatus(t *testing.T) {
	network := netconf.Network{NIC: "eth0", MTU: 1500, Bridged: true, Switch: "legacy", BootProto: "none"}
	listed, shares, custom, jumbo, ovs := network, network, network, network, network
	listed.Nameservers = []string{}
	shares.HostQoS = &api.HostQoSParams{}
	custom.Custom = map[string]any{"bridge_opts": "priority=1"}
	jumbo.MTU = 9000
	ovs.Switch = netconf.SwitchOVS
	v := View{
		Persistent: netconf.Config{
			Networks: map[string]netconf.Network{"same": network, "shares": shares, "custom": network, "jumbo": jumbo, "lost": network, "ovs": ovs},
			Bonds:    map[string]netconf.Bond{"bond0": {Nics: []string{"eth1", "eth2"}, Switch: "legacy"}},
		},
		Running: netconf.Config{
			Networks: map[string]netconf.Network{"same": network, "shares": shares, "custom": custom, "jumbo": jumbo, "new": network, "ovs": ovs},
			Bonds:    map[string]netconf.Bond{"bond0": {Nics: []string{"eth1"}, Switch: "legacy"}},
		},
		Kernel: netconf.Config{
			Networks: map[string]netconf.Network{"same": listed, "shares": network, "custom": network, "jumbo": network},
			Bonds:    map[string]netconf.Bond{"bond0": {Nics: []string{"eth1"}, Switch: "legacy"}, "somebodys": {Nics: []string{"eth3"}}},
		},
		Problems: []persistence.Problem{{Path: "nets/x", Err: errors.New("not JSON")}},
	}
	want := Status{
		Kernel: []Difference{
			{Kind: "network", Name: "jumbo", What: Different, How: []string{"mtu: 1500, should be 9000"}},
			{Kind: "network", Name: "new", What: Missing},
		},
		Boot: []Difference{
			{Kind: "bond", Name: "bond0", What: Different, How: []string{`nics: ["eth1"], should be ["eth1","eth2"]`}},
			{Kind: "network", Name: "custom", What: Different, How: []string{`custom: {"bridge_opts":"priority=1"}, should be none`}},
			{Kind: "network", Name: "lost", What: Missing},
			{Kind: "network", Name: "new", What: Extra},
		},
		Problems: []string{"nets/x: not JSON"},
		Unseen:   []string{"ovs"},
	}
	got := v.Status()
	if diff := cmp.Diff(want, got); diff != "" || !got.Drifted() {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if line := got.Kernel[0].String(); line != "network jumbo is different: mtu: 1500, should be 9000" {
		t.Errorf("line: %s", line)
	}
	v.SeesQoS = true
	if diff := cmp.Diff([]string{"hostQos: none, should be {}"}, v.Status().Kernel[2].How); diff != "" {
		t.Errorf("shares (-want +got)\n%s", diff)
	}
	if (View{Persistent: v.Running, Running: v.Running, Kernel: v.Running}).Status().Drifted() {
		t.Error("a host differs from itself")
	}
}
