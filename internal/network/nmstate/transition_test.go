// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/internal/network/netconf"
	"govdsm/internal/network/validate"
)

// Transitions that no example shows. Networks are given by what differs from
// a bridged network on eth0 without addresses; the wanted parts of the
// document are given, and the rest is not looked at.
func TestTransitions(t *testing.T) {
	const (
		static = `"ipaddr": "192.0.2.9", "netmask": "255.255.255.0", "gateway": "192.0.2.1"`
		own    = `"table-id": 42664264` // of "net"
	)
	route := func(via, more string) string {
		return `{"destination": "0.0.0.0/0", "next-hop-address": "` + via + `", "next-hop-interface": "net", ` + more + `}`
	}
	link := `{"destination": "192.0.2.0/24", "next-hop-address": "0.0.0.0", "next-hop-interface": "net", ` + own
	from := `{"ip-from": "192.0.2.0/24", "priority": 3200, "route-table": 42664264`
	to := `{"ip-to": "192.0.2.0/24", "priority": 3200, "route-table": 42664264`
	tests := map[string]struct {
		was, want string // the network before and after; "" if there is none
		routes    string // wanted, of the main table and the network's own
		rules     string
		dns       string
	}{
		"gateway without default route": {``, `{` + static + `}`,
			`[` + route("192.0.2.1", `"table-id": 0, "state": "absent"`) + `,` + route("192.0.2.1", own) + `,` + link + `}]`,
			`[` + from + `},` + to + `}]`, ``},
		"gateway changes": {`{"defaultRoute": true, ` + static + `}`, `{"defaultRoute": true, ` + static + `, "gateway": "192.0.2.2"}`,
			`[` + route("192.0.2.2", `"table-id": 0`) + `,` + route("192.0.2.1", `"table-id": 0, "state": "absent"`) + `,` +
				route("192.0.2.1", own+`, "metric": 425, "state": "absent"`) + `,` + link + `, "metric": 425, "state": "absent"},` +
				route("192.0.2.2", own) + `,` + link + `}]`,
			`[` + from + `, "state": "absent"},` + to + `, "state": "absent"},` + from + `},` + to + `}]`, `[]`},
		"default route lost": {`{"defaultRoute": true, ` + static + `, "nameservers": ["192.0.2.53"]}`, `{` + static + `}`,
			`[` + route("192.0.2.1", `"table-id": 0, "state": "absent"`) + `,` + route("192.0.2.1", own) + `,` + link + `}]`,
			`[` + from + `},` + to + `}]`, `[]`},
		"static becomes dynamic": {`{"defaultRoute": true, ` + static + `}`, `{"defaultRoute": true, "bootproto": "dhcp"}`,
			`[` + route("192.0.2.1", `"table-id": 0, "state": "absent"`) + `,` +
				route("192.0.2.1", own+`, "metric": 425, "state": "absent"`) + `,` + link + `, "metric": 425, "state": "absent"}]`,
			`[` + from + `, "state": "absent"},` + to + `, "state": "absent"}]`, `[]`},
		"IPv6 gateway of the manager": {``, `{"ipv6addr": "fd00::9/64", "ipv6gateway": "::"}`,
			`[{"destination": "::/0", "next-hop-address": "::", "next-hop-interface": "net", "table-id": 0, "state": "absent"}]`, ``, ``},
		"name servers beside dhcp": {``, `{"defaultRoute": true, "bootproto": "dhcp", "nameservers": ["192.0.2.53"]}`, ``, ``, `["192.0.2.53"]`},
		"removed":                  {`{"ipaddr": "192.0.2.9", "netmask": "255.255.255.0"}`, `{"remove": true}`, removedRoutes(route, link, own), removedRules(from, to), ``},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := Host{Current: currentOf(t, route("192.0.2.1", own+`, "metric": 425`), link+`, "metric": 425}`, from+`}`, to+`}`)}
			if test.was != "" {
				host.Running.Networks = map[string]netconf.Network{"net": networkOf(t, test.was)}
			}
			s := Generate(netconf.Request{Networks: map[string]netconf.Network{"net": networkOf(t, test.want)}}, host)
			wantJSON(t, "routes", test.routes, s.Routes, len(s.Routes) == 0)
			wantJSON(t, "rules", test.rules, s.Rules, len(s.Rules) == 0)
			wantJSON(t, "name servers", test.dns, append([]string{}, s.Nameservers...), !s.SetsDNS)
		})
	}
}

func removedRoutes(route func(string, string) string, link, own string) string {
	return `[` + route("192.0.2.1", own+`, "metric": 425, "state": "absent"`) + `,` + link + `, "metric": 425, "state": "absent"}]`
}

func removedRules(from, to string) string {
	return `[` + from + `, "state": "absent"},` + to + `, "state": "absent"}]`
}

func currentOf(t *testing.T, parts ...string) Current {
	t.Helper()
	text := `{"interfaces": [{"name": "eth0", "type": "ethernet", "state": "up", "mtu": 1500}], "routes": {"running": [` +
		parts[0] + `,` + parts[1] + `,
		{"destination": "0.0.0.0/0", "next-hop-address": "192.0.2.1", "next-hop-interface": "net", "table-id": 254},
		{"destination": "0.0.0.0/0", "next-hop-address": "203.0.113.1", "next-hop-interface": "other", "table-id": 7}]},
		"route-rules": {"config": [` + parts[2] + `,` + parts[3] + `, {"ip-from": "203.0.113.0/24", "priority": 1, "route-table": 7}]}}`
	var c Current
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func networkOf(t *testing.T, text string) netconf.Network {
	t.Helper()
	var n netconf.Network
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	if !n.Remove {
		n.NIC = "eth0"
	}
	return n
}

func wantJSON(t *testing.T, what, want string, got any, none bool) {
	t.Helper()
	if want == "" {
		if !none {
			t.Errorf("%s: %s, want none", what, encode(t, got))
		}
		return
	}
	if diff := cmp.Diff(tree(t, []byte(want)), tree(t, encode(t, got))); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

// TestLinks looks at the interfaces of small changes.
func TestLinks(t *testing.T) {
	current := `{"interfaces": [
		{"name": "eth0", "type": "ethernet", "state": "up", "mtu": 9000, "mac-address": "52:54:00:00:00:10"},
		{"name": "eth1", "type": "ethernet", "state": "down", "mtu": 1500},
		{"name": "bond0", "type": "bond", "state": "up", "mtu": 9000, "mac-address": "52:54:00:00:00:20",
		 "link-aggregation": {"mode": "active-backup", "port": ["eth2"], "options": {"miimon": 100}}},
		{"name": "eth2", "type": "ethernet", "state": "up", "mtu": 9000},
		{"name": "vdsmbr_x", "type": "ovs-bridge", "state": "up", "bridge": {"port": [{"name": "eth0"}, {"name": "net"}]}}]}`
	off := `"ipv4": {"enabled": false}, "ipv6": {"enabled": false}`
	tests := map[string]struct{ was, request, want string }{
		"bond goes, its ports are reset": {`{"bondings": {"bond0": {"nics": ["eth2"]}}}`, `{"bondings": {"bond0": {"remove": true}}}`,
			`[{"name": "bond0", "type": "bond", "state": "absent"}, {"name": "eth2", "state": "up", "mtu": 1500}]`},
		"bond that others made": {``, `{"bondings": {"bond0": {"nics": ["eth2"], "hwaddr": "52:54:00:00:00:20"}}}`,
			`[{"name": "bond0", "type": "bond", "state": "up", "mac-address": "52:54:00:00:00:20", ` + off + `,
			  "link-aggregation": {"mode": "balance-rr", "port": ["eth2"]}}]`},
		"bond with a mode alone": {`{"bondings": {"bond0": {"nics": ["eth2"]}}}`, `{"bondings": {"bond0": {"nics": ["eth2"], "options": "mode=4"}}}`,
			`[{"name": "bond0", "type": "bond", "state": "up", "link-aggregation": {"mode": "802.3ad", "port": ["eth2"], "options": {}}}]`},
		"VLAN on a link that is down": {``, `{"networks": {"net": {"nic": "eth1", "vlan": 0, "bridged": false}}}`,
			`[{"name": "eth1", "state": "up", "mtu": 1500, ` + off + `},
			  {"name": "eth1.0", "type": "vlan", "state": "up", "mtu": 1500, "vlan": {"id": 0, "base-iface": "eth1"}, ` + off + `}]`},
		"bridge no more": {`{"networks": {"net": {"nic": "eth0"}}}`, `{"networks": {"net": {"nic": "eth0", "bridged": false}}}`,
			`[{"name": "eth0", "state": "up", "mtu": 1500, ` + off + `}, {"name": "net", "state": "absent"}]`},
		"two on a link": {``, `{"networks": {"net": {"nic": "eth1", "mtu": 2000}, "tag": {"nic": "eth1", "vlan": 3, "mtu": 9000, "bridged": false}}}`,
			`[{"name": "eth1", "state": "up", "mtu": 9000, ` + off + `},
			  {"name": "eth1.3", "type": "vlan", "state": "up", "mtu": 9000, "vlan": {"id": 3, "base-iface": "eth1"}, ` + off + `},
			  {"name": "net", "type": "linux-bridge", "state": "up", "mtu": 2000, ` + off + `,
			   "bridge": {"port": [{"name": "eth1"}], "options": {"stp": {"enabled": false}}}}]`},
		"both leave a link": {`{"networks": {"net": {"nic": "eth0", "vlan": 1}, "tag": {"nic": "eth0", "vlan": 2}}}`,
			`{"networks": {"net": {"remove": true}, "tag": {"remove": true}}}`,
			`[{"name": "eth0", "mtu": 1500}, {"name": "eth0.1", "state": "absent"}, {"name": "eth0.2", "state": "absent"},
			  {"name": "net", "state": "absent"}, {"name": "tag", "state": "absent"}]`},
		"link that vanished": {`{"networks": {"net": {"nic": "eth9"}}}`, `{"networks": {"net": {"remove": true}}}`,
			`[{"name": "net", "state": "absent"}]`},
		"last of Open vSwitch": {`{"networks": {"net": {"nic": "eth0", "switch": "ovs"}}}`, `{"networks": {"net": {"remove": true}}}`,
			`[{"name": "eth0", "state": "up", "mtu": 1500}, {"name": "net", "state": "absent"}, {"name": "vdsmbr_x", "state": "absent"}]`},
		"second of Open vSwitch": {`{"networks": {"net": {"nic": "eth0", "switch": "ovs"}}}`,
			`{"networks": {"tag": {"nic": "eth0", "switch": "ovs", "vlan": 0, "mtu": 2000}}}`,
			`[{"name": "eth0", "state": "up", "mtu": 2000},
			  {"name": "tag", "type": "ovs-interface", "state": "up", "mtu": 2000, "mac-address": "52:54:00:00:00:10", ` + off + `},
			  {"name": "vdsmbr_x", "type": "ovs-bridge", "state": "up", "bridge": {"port": [
			   {"name": "eth0"}, {"name": "net"}, {"name": "tag", "vlan": {"mode": "access", "tag": 0}}]}}]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var host Host
			if err := json.Unmarshal([]byte(current), &host.Current); err != nil {
				t.Fatal(err)
			}
			if test.was != "" {
				host.Running = netconf.Config{}.Apply(requestOf(t, test.was))
			}
			wantJSON(t, "interfaces", test.want, Generate(requestOf(t, test.request), host).Interfaces, false)
		})
	}
}

func requestOf(t *testing.T, text string) netconf.Request {
	t.Helper()
	var r netconf.Request
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTableID(t *testing.T) {
	if got := TableID("ovirtmgmt"); got != 329647082 {
		t.Errorf("table %d", got)
	}
}

func TestVirtualFunctions(t *testing.T) {
	want := `{"interfaces": [{"name": "eth0", "state": "up", "ethernet": {"sr-iov": {"total-vfs": 2, "vfs": [{"id": 0}, {"id": 1}]}}}]}`
	wantJSON(t, "two", want, VirtualFunctions("eth0", 2), false)
	want = `{"interfaces": [{"name": "eth0", "state": "up", "ethernet": {"sr-iov": {"total-vfs": 0, "vfs": []}}}]}`
	wantJSON(t, "none", want, VirtualFunctions("eth0", 0), false)
}

// TestSwitchChange turns a host from Linux bridges to Open vSwitch and back, in
// the two steps that a set-up takes.
func TestSwitchChange(t *testing.T) {
	m := newModel()
	networks := func(switchType string) netconf.Request {
		return requestOf(t, `{"bondings": {"bond0": {"nics": ["eth2", "eth3"], "switch": "`+switchType+`"}}, "networks": {
			"a": {"nic": "eth0", "mtu": 9000, "switch": "`+switchType+`", "ipaddr": "192.0.2.9", "netmask": "255.255.255.0", "gateway": "192.0.2.1"},
			"b": {"bonding": "bond0", "vlan": 7, "switch": "`+switchType+`"}}}`)
	}
	for _, switchType := range []string{netconf.SwitchLegacy, netconf.SwitchOVS, netconf.SwitchLegacy} {
		r := networks(switchType)
		needed, err := validate.SwitchChange(r, m.running)
		if err != nil {
			t.Fatal(err)
		}
		if needed {
			gone := r.Removals()
			m.apply(gone, Generate(gone, m.host()))
			if len(m.current.Interfaces) != nics || len(m.running.Networks) != 0 || len(m.current.Routes) > 0 || len(m.current.Rules) > 0 {
				t.Fatalf("something stayed: %+v", m)
			}
		}
		if err := validate.Request(r, validate.Host{Info: m.info(), Running: m.running}); err != nil {
			t.Fatal(err)
		}
		m.apply(r, Generate(r, m.host()))
		wantType := map[string]string{netconf.SwitchLegacy: TypeLinuxBridge, netconf.SwitchOVS: TypeOVSInterface}[switchType]
		if a := m.current.Interfaces["a"]; a.Type != wantType || a.MTU != 9000 {
			t.Errorf("%s: a is %+v", switchType, a)
		}
		if again := Diff(m.current, Generate(r, m.host())); len(again) > 0 {
			t.Errorf("%s: not settled:\n%s", switchType, Text(again))
		}
	}
}
