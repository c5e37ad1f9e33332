// SPDX-License-Identifier: GPL-2.0-or-later

package restore

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/internal/network/drift"
	"govdsm/internal/network/netconf"
)

func burntIn(mac string) netconf.Device {
	raw, _ := json.Marshal(mac)
	return netconf.Device{Extra: map[string]json.RawMessage{"permhwaddr": raw}}
}

// saved lies on four cards and a bond.
func saved() netconf.Config {
	return netconf.Config{
		Networks: map[string]netconf.Network{
			"alone":   {Bridged: true},
			"blue":    {NIC: "eth0"},
			"red":     {NIC: "eth1", VLAN: new(7)},
			"onbond":  {Bonding: "bond0"},
			"unsaved": {Bonding: "bond9"},
		},
		Bonds: map[string]netconf.Bond{"bond0": {Nics: []string{"eth2", "eth3"}}},
	}
}

func TestAvailability(t *testing.T) {
	for name, test := range map[string]struct {
		nics    map[string]string
		devices map[string]netconf.Device
		nic     map[string]string // of networks that are available
		ports   []string          // of bond0
		lacks   []string
		renamed []string
	}{
		"all": {
			nics:  map[string]string{"eth0": "", "eth1": "", "eth2": "", "eth3": ""},
			nic:   map[string]string{"alone": "", "blue": "eth0", "red": "eth1", "onbond": ""},
			ports: []string{"eth2", "eth3"},
			lacks: []string{"network unsaved"},
		},
		"one of each is gone": {
			nics:  map[string]string{"eth0": "", "eth3": ""},
			nic:   map[string]string{"alone": "", "blue": "eth0", "onbond": ""},
			ports: []string{"eth3"},
			lacks: []string{"bond bond0", "network red", "network unsaved"},
		},
		"the bond's ports are gone": {
			nics:  map[string]string{"eth0": "", "eth1": ""},
			nic:   map[string]string{"alone": "", "blue": "eth0", "red": "eth1"},
			lacks: []string{"bond bond0", "network onbond", "network unsaved"},
		},
		"renamed": {
			nics:    map[string]string{"eth0": "", "ens4": "52:54:00:00:00:01", "ens5": "52:54:00:00:00:02", "eth3": ""},
			devices: map[string]netconf.Device{"eth1": burntIn("52:54:00:00:00:01"), "eth2": burntIn("52:54:00:00:00:02")},
			nic:     map[string]string{"alone": "", "blue": "eth0", "red": "ens4", "onbond": ""},
			ports:   []string{"ens5", "eth3"},
			lacks:   []string{"network unsaved"},
			renamed: []string{"eth1 is ens4 now", "eth2 is ens5 now"},
		},
		"two have changed places": {
			nics:    map[string]string{"eth0": "52:54:00:00:00:01", "eth1": "52:54:00:00:00:00", "eth2": "", "eth3": ""},
			devices: map[string]netconf.Device{"eth0": burntIn("52:54:00:00:00:00"), "eth1": burntIn("52:54:00:00:00:01")},
			nic:     map[string]string{"alone": "", "blue": "eth1", "red": "eth0", "onbond": ""},
			ports:   []string{"eth2", "eth3"},
			lacks:   []string{"network unsaved"},
			renamed: []string{"eth0 is eth1 now", "eth1 is eth0 now"},
		},
		"a card was replaced": {
			nics:    map[string]string{"eth0": "52:54:00:00:00:99", "eth1": "", "eth2": "", "eth3": ""},
			devices: map[string]netconf.Device{"eth0": burntIn("52:54:00:00:00:00")},
			nic:     map[string]string{"alone": "", "blue": "eth0", "red": "eth1", "onbond": ""},
			ports:   []string{"eth2", "eth3"},
			lacks:   []string{"network unsaved"},
		},
		"a name was taken over by another saved card": {
			nics:    map[string]string{"eth0": "52:54:00:00:00:01", "eth2": "", "eth3": ""},
			devices: map[string]netconf.Device{"eth1": burntIn("52:54:00:00:00:01")},
			nic:     map[string]string{"alone": "", "red": "eth0", "onbond": ""},
			ports:   []string{"eth2", "eth3"},
			lacks:   []string{"network blue", "network unsaved"},
			renamed: []string{"eth1 is eth0 now"},
		},
		"two have the address, and a device is nonsense": {
			nics:    map[string]string{"ens1": "52:54:00:00:00:01", "ens2": "52:54:00:00:00:01", "eth0": "", "eth2": "", "eth3": ""},
			devices: map[string]netconf.Device{"eth1": burntIn("52:54:00:00:00:01"), "eth0": {Extra: map[string]json.RawMessage{"permhwaddr": []byte("[]")}}},
			nic:     map[string]string{"alone": "", "blue": "eth0", "onbond": ""},
			ports:   []string{"eth2", "eth3"},
			lacks:   []string{"network red", "network unsaved"},
		},
		"virtual functions": {
			nics:    map[string]string{"eth0": "", "eth1": "", "eth2": "", "eth3": ""},
			devices: map[string]netconf.Device{"eth9": {NumVFs: new(4)}, "eth1": {NumVFs: new(2)}},
			nic:     map[string]string{"alone": "", "blue": "eth0", "red": "eth1", "onbond": ""},
			ports:   []string{"eth2", "eth3"},
			lacks:   []string{"4 virtual functions of eth9", "network unsaved"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := drift.View{Stored: saved(), NICs: test.nics}
			v.Stored.Devices = test.devices
			a := availability(v)
			nics, lacks := map[string]string{}, []string{}
			for name, n := range a.config.Networks {
				nics[name] = n.NIC
			}
			for _, f := range a.lacks {
				lacks = append(lacks, f.What)
			}
			for what, pair := range map[string][2]any{
				"networks": {test.nic, nics}, "lacking": {test.lacks, lacks}, "renamed": {test.renamed, a.renamed},
				"ports": {test.ports, a.config.Bonds["bond0"].Nics},
			} {
				if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
					t.Errorf("%s (-want +got)\n%s", what, diff)
				}
			}
			if name == "virtual functions" && a.vfs["eth1"] != 2 {
				t.Errorf("virtual functions: %v", a.vfs)
			}
		})
	}
}
