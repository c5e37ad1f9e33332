// SPDX-License-Identifier: GPL-2.0-or-later

package api_test

import (
	"encoding/json"
	"testing"

	"govdsm/api"
)

// What managers and older tools send for networks, and what is taken for it.
// Written again, a request reads the same.
func TestSetupNetworkDecoding(t *testing.T) {
	tests := map[string]struct{ in, out string }{
		"as the manager sends it": {
			`{"nic": "eth0", "vlan": "10", "bridged": "true", "STP": "no", "mtu": 1500, "prefix": "24", "defaultRoute": true}`,
			`{"nic":"eth0","vlan":10,"defaultRoute":true,"mtu":1500,"bridged":true,"prefix":24,"STP":"no"}`,
		},
		"only texts and booleans are true":   {`{"bridged": 1, "remove": "1"}`, `{"remove":true,"bridged":false}`},
		"any text is true":                   {`{"defaultRoute": "false", "dhcpv6": 0}`, `{"dhcpv6":false,"defaultRoute":true}`},
		"null and an empty tag are left out": {`{"nic": null, "vlan": "", "mtu": null, "nameservers": null}`, `{}`},
		"no name server is a choice":         {`{"nameservers": []}`, `{"nameservers":[]}`},
		"fractions are cut off":              {`{"mtu": 1500.9}`, `{"mtu":1500}`},
		"unknown members are kept":           {`{"nic": "eth0", "zone": {"a": [1, null]}}`, `{"nic":"eth0","zone":{"a":[1,null]}}`},
		"names are exact":                    {`{"NIC": "eth0"}`, `{"NIC":"eth0"}`},
		"both spellings of the protocol":     {`{"stp": true, "STP": "no"}`, `{"stp":true,"STP":"no"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var n api.SetupNetworkNetAttributes
			if err := json.Unmarshal([]byte(test.in), &n); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(n)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.out {
				t.Errorf("%s is taken for\n%s, want\n%s", test.in, got, test.out)
			}
		})
	}
}

// A member that cannot be understood refuses the network: without it, it would
// be another one.
func TestSetupNetworkRefusesWrongTypes(t *testing.T) {
	for _, in := range []string{
		`{"vlan": "ten"}`, `{"vlan": {}}`, `{"vlan": true}`, `{"mtu": "1500x"}`, `{"mtu": 1e300}`, `{"nic": ["eth0"]}`,
		`{"nameservers": "192.0.2.53"}`, `{"custom": "a"}`, `{"hostQos": 5}`, `[]`, `"eth0"`,
	} {
		var n api.SetupNetworkNetAttributes
		if err := json.Unmarshal([]byte(in), &n); err == nil {
			t.Errorf("%s is taken", in)
		}
	}
}

func TestSetupNetworkOptionsDecoding(t *testing.T) {
	var o api.SetupNetworkOptions
	in := `{"connectivityCheck": "false", "connectivityTimeout": 0.1, "commitOnSuccess": true, "_caller": "tests"}`
	if err := json.Unmarshal([]byte(in), &o); err != nil {
		t.Fatal(err)
	}
	if bool(*o.ConnectivityCheck) || *o.ConnectivityTimeout != 0 || !bool(*o.CommitOnSuccess) || o.InRollback != nil || o.Others["_caller"] == nil {
		t.Errorf("%s is taken for %+v", in, o)
	}
}
