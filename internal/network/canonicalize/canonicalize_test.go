// SPDX-License-Identifier: GPL-2.0-or-later

package canonicalize

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/network/netconf"
)

// TestExamples canonicalizes the recorded requests.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../nmstate/testdata/examples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var e struct {
				Request       api.HostSetupNetworksParams
				Canonicalized any
				Running       struct {
					Networks map[string]netconf.Network
					Bondings map[string]netconf.Bond
				}
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &e); err != nil {
				t.Fatal(err)
			}
			host := Host{
				Running:     netconf.Config{Networks: e.Running.Networks, Bonds: e.Running.Bondings},
				Nameservers: []string{"192.0.2.53"},
			}
			got, err := Request(e.Request, host)
			if err != nil {
				t.Fatal(err)
			}
			all := tree(t, got).(map[string]any)
			delete(all, "options")
			if diff := cmp.Diff(e.Canonicalized, any(all)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestNetworks goes through the members: what is given, what becomes of it.
// The wanted ones are beside the defaults.
func TestNetworks(t *testing.T) {
	defaults := `{"bootproto": "none", "bridged": true, "defaultRoute": false, "dhcpv6": false, "ipv6autoconf": false,
		"mtu": 1500, "nameservers": [], "stp": false, "switch": "legacy"}`
	tests := map[string]struct{ in, want string }{
		"nothing":                   {`{}`, `{}`},
		"a tag as text":             {`{"nic": "eth0", "vlan": "0"}`, `{"nic": "eth0", "vlan": 0}`},
		"no tag":                    {`{"vlan": ""}`, `{}`},
		"MTU as text":               {`{"mtu": "9000"}`, `{"mtu": 9000}`},
		"bridged as text":           {`{"bridged": "TRUE"}`, `{}`},
		"not bridged":               {`{"bridged": "false"}`, `{"bridged": false, "stp": null}`},
		"a number is not true":      {`{"bridged": 1}`, `{"bridged": false, "stp": null}`},
		"STP":                       {`{"STP": "yes"}`, `{"stp": true}`},
		"stp before STP":            {`{"stp": "On", "STP": "no"}`, `{"stp": true}`},
		"stp null":                  {`{"stp": null}`, `{}`},
		"STP without bridge stays":  {`{"bridged": false, "STP": "maybe"}`, `{"bridged": false, "stp": null, "STP": "maybe"}`},
		"dhcp":                      {`{"bootproto": "dhcp"}`, `{"bootproto": "dhcp"}`},
		"prefix":                    {`{"ipaddr": "192.0.2.9", "prefix": "20"}`, `{"ipaddr": "192.0.2.9", "netmask": "255.255.240.0"}`},
		"prefix as number":          {`{"ipaddr": "192.0.2.9", "prefix": 32}`, `{"ipaddr": "192.0.2.9", "netmask": "255.255.255.255"}`},
		"prefix nought":             {`{"prefix": 0}`, `{}`},
		"IPv6 short":                {`{"ipv6addr": "FD00:0:0::05/64"}`, `{"ipv6addr": "fd00::5/64"}`},
		"IPv6 without prefix":       {`{"ipv6addr": "fd00::5"}`, `{"ipv6addr": "fd00::5/128"}`},
		"any text is true":          {`{"dhcpv6": "false", "ipv6autoconf": ""}`, `{"dhcpv6": true}`},
		"name servers of the host":  {`{"defaultRoute": true}`, `{"defaultRoute": true, "nameservers": ["192.0.2.53", "fe80::1%eth0"]}`},
		"name servers of DHCP":      {`{"defaultRoute": true, "bootproto": "dhcp"}`, `{"defaultRoute": true, "bootproto": "dhcp"}`},
		"no name servers, meant so": {`{"defaultRoute": true, "nameservers": []}`, `{"defaultRoute": true}`},
		"old default route":         {`{"custom": {"default_route": "true"}, "nameservers": []}`, `{"defaultRoute": true, "custom": {"default_route": "true"}}`},
		"old default route, off":    {`{"custom": {"default_route": "no"}, "defaultRoute": true}`, `{"custom": {"default_route": "no"}}`},
		"old switch":                {`{"custom": {"ovs": true}}`, `{"switch": "ovs", "custom": {"ovs": true}}`},
		"old switch, number":        {`{"custom": {"ovs": 1}}`, `{"custom": {"ovs": 1}}`},
		"bridge options in order": {`{"custom": {"bridge_opts": " priority=1  multicast_querier=0 priority=2"}}`,
			`{"custom": {"bridge_opts": "multicast_querier=0 priority=2"}}`},
		"unknown members pass":  {`{"zone": ["a", {"b": null}]}`, `{"zone": ["a", {"b": null}]}`},
		"blockingdhcp does not": {`{"blockingdhcp": true}`, `{}`},
		"a removal is bare":     {`{"remove": "true"}`, `{"remove": true, "only": true}`},
		"no removal":            {`{"remove": "false"}`, `{}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := object(t, defaults)
			given := object(t, test.want)
			if given["only"] == true {
				want = map[string]any{}
				delete(given, "only")
			}
			for member, v := range given {
				if want[member] = v; v == nil {
					delete(want, member)
				}
			}
			got, err := one(t, test.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(any(want), tree(t, got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	tests := map[string]struct {
		in   string
		code *api.Code
		text string
	}{
		"prefix and netmask": {`{"prefix": 24, "netmask": "255.255.255.0"}`, api.ErrNetBadParams, "Both PREFIX and NETMASK supplied"},
		"prefix 33":          {`{"prefix": 33}`, api.ErrNetBadAddr, "Bad prefix: 33 is not a valid prefix value. It must be between 0 and 32"},
		"prefix -1":          {`{"prefix": "-1"}`, api.ErrNetBadAddr, "Bad prefix: -1 is not a valid prefix value. It must be between 0 and 32"},
		"STP word":           {`{"STP": "maybe"}`, api.ErrNetBadParams, `"maybe" is not a valid bridge STP value.`},
		"STP number":         {`{"stp": 1}`, api.ErrNetBadParams, `"1" is not a valid bridge STP value.`},
		"empty address":      {`{"ipaddr": ""}`, api.ErrNetBadAddr, "'' does not appear to be an IPv4 address (ipaddr)"},
		"IPv6 nonsense":      {`{"ipv6addr": "fd00::g/64"}`, api.ErrNetBadAddr, `"fd00::g/64" does not appear to be an IPv6 address`},
		"bridge option":      {`{"custom": {"bridge_opts": "../../x=1"}}`, api.ErrNetBadParams, `"../../x=1" is not a valid bridge option`},
		"half bridge option": {`{"custom": {"bridge_opts": "priority"}}`, api.ErrNetBadParams, `"priority" is not a valid bridge option`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := one(t, test.in)
			if !errors.Is(err, test.code) || err.Error() != test.text {
				t.Errorf("got %v, want %d %s", err, test.code.Number, test.text)
			}
		})
	}
}

func TestDefaultRouteMoves(t *testing.T) {
	running := netconf.Config{Networks: map[string]netconf.Network{
		"old": {NIC: "eth0", MTU: 1500, Bridged: true, Switch: "legacy", BootProto: "none", DefaultRoute: true,
			Nameservers: []string{"192.0.2.53"}, Custom: map[string]any{"default_route": "true", "a": "b"}},
	}}
	got, err := Request(params(t, `{"networks": {"new": {"nic": "eth1", "defaultRoute": true}}}`), Host{Running: running})
	if err != nil {
		t.Fatal(err)
	}
	old := got.Networks["old"]
	if old.NIC != "eth0" || old.DefaultRoute || len(old.Nameservers) != 0 || old.Custom["a"] != "b" || !got.Networks["new"].DefaultRoute {
		t.Errorf("got %+v", got)
	}
	if n := running.Networks["old"]; !n.DefaultRoute || n.Custom["default_route"] != "true" {
		t.Errorf("the running configuration was changed: %+v", n)
	}
	_, err = Request(params(t, `{"networks": {"a": {"defaultRoute": true}, "b": {"custom": {"default_route": true}}}}`), Host{})
	if !errors.Is(err, api.ErrNetBadParams) || err.Error() != "Only a single default route network is allowed." {
		t.Errorf("two default routes: %v", err)
	}
}

func TestBonds(t *testing.T) {
	host := Host{
		Running: netconf.Config{Bonds: map[string]netconf.Bond{
			"bond1": {Nics: []string{"eth1"}, Options: "mode=4", Switch: "legacy"},
			"bond2": {Nics: []string{"eth2"}, Switch: "legacy", Hwaddr: "52:54:00:00:00:02"},
		}},
		Bonds: map[string]Bond{
			"bond0": {Ports: []string{"eth9", "eth0"}, Hwaddr: "52:54:00:00:00:00"},
			"bond1": {Ports: []string{"eth1"}, Hwaddr: "52:54:00:00:00:01"},
			"bond2": {Ports: []string{"eth2"}, Hwaddr: "52:54:00:00:00:22"},
		},
	}
	got, err := Request(params(t, `{"networks": {
			"foreign": {"bonding": "bond0", "switch": "ovs"}, "ours": {"bonding": "bond1"},
			"missing": {"bonding": "bond7"}, "gone": {"bonding": "bond8", "remove": true}},
		"bondings": {"bond2": {"nics": ["eth3", "eth2"]}, "bond3": {"remove": "true"}}}`), host)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]netconf.Bond{
		"bond0": {Nics: []string{"eth0", "eth9"}, Switch: "ovs", Hwaddr: "52:54:00:00:00:00"},
		"bond1": {Nics: []string{"eth1"}, Options: "mode=4", Switch: "legacy"},
		"bond2": {Nics: []string{"eth2", "eth3"}, Switch: "legacy", Hwaddr: "52:54:00:00:00:22"},
		"bond3": {Remove: true},
	}
	if diff := cmp.Diff(want, got.Bondings); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNameservers(t *testing.T) {
	got := Nameservers("# a comment\nsearch example.org\n nameserver 192.0.2.53 # first\nnameserver\nnameserver\tfe80::1%eth0\nnameservers 1\n")
	if diff := cmp.Diff([]string{"192.0.2.53", "fe80::1%eth0"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func one(t *testing.T, network string) (netconf.Network, error) {
	t.Helper()
	r, err := Request(params(t, `{"networks": {"n": `+network+`}}`), Host{Nameservers: []string{"192.0.2.53", "fe80::1%eth0"}})
	return r.Networks["n"], err
}

func params(t *testing.T, text string) api.HostSetupNetworksParams {
	t.Helper()
	var p api.HostSetupNetworksParams
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func tree(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
