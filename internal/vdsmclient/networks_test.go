// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const networkCapabilities = `{
"nics": {
 "eth0": {"hwaddr": "52:54:00:00:00:01", "mtu": "1500", "speed": 1000, "ipv4addrs": [], "ipv6addrs": ["fe80::1/64"], "gateway": "", "ipv6gateway": "::"},
 "eth1": {"hwaddr": "52:54:00:00:00:02", "mtu": "9000", "speed": 0}, "eth2": {"hwaddr": "52:54:00:00:00:02", "mtu": 9000},
 "eth3": {"hwaddr": "52:54:00:00:00:04", "mtu": "1500", "ipv4addrs": ["10.0.0.5/8"], "dhcpv4": true, "gateway": "10.0.0.1"}},
"bondings": {"bond0": {"hwaddr": "52:54:00:00:00:02", "mtu": "9000", "speed": 2000, "slaves": ["eth1", "eth2"], "active_slave": "eth2", "opts": {"mode": "1", "miimon": "100"}}},
"vlans": {"bond0.7": {"iface": "bond0", "vlanid": 7, "mtu": "9000"}, "bond0.8": {"iface": "bond0", "vlanid": 8, "mtu": "1500", "ipv6addrs": ["2001:db8::8/64"]}},
"bridges": {"mgmt": {"ports": ["eth0", "vnet0", "vnet1"], "stp": "off", "mtu": "1500", "ipv4addrs": ["192.0.2.10/24"]}, "blue": {"ports": ["bond0.7"], "stp": "on", "mtu": "9000"}, "alone": {"ports": [], "mtu": "1500"}},
"networks": {
 "mgmt": {"iface": "mgmt", "southbound": "eth0", "bridged": true, "switch": "legacy", "mtu": "1500", "ipv4addrs": ["192.0.2.10/24"], "gateway": "192.0.2.1", "ipv4defaultroute": true, "ipv6gateway": "::"},
 "blue": {"iface": "blue", "southbound": "bond0.7", "bridged": true, "switch": "legacy", "mtu": "9000", "vlanid": 7},
 "green": {"iface": "bond0.8", "southbound": "bond0.8", "bridged": false, "switch": "legacy", "mtu": "1500", "ipv6addrs": ["2001:db8::8/64"], "ipv6autoconf": true, "ipv6gateway": "fe80::9"},
 "sw": {"iface": "sw", "southbound": "eth0", "bridged": true, "switch": "ovs", "mtu": 1500},
 "alone": {"iface": "alone", "southbound": null, "bridged": true, "switch": "legacy", "mtu": "1500"}}}`

const networkStatistics = `{"network": {"eth0": {"name": "eth0", "state": "up", "speed": "1000", "duplex": "full", "rx": "10", "tx": "20", "rxDropped": "1", "txDropped": "2", "rxErrors": "3", "txErrors": "4", "sampleTime": 1.5},
 "bond0": {"state": "up"}, "mgmt": {"state": "up"}, "eth1": {"state": "down"}, "eth2": {"state": "up"}, "bond0.8": {"state": "up"}}, "rxDropped": 0, "txDropped": 0}`

func show(t *testing.T, format, verb, result string, more ask) string {
	t.Helper()
	var b bytes.Buffer
	s := &settings{output: format}
	if err := s.print(t.Context(), &b, verb, nil, json.RawMessage(result), more); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return strings.Join(lines, "\n") + "\n"
}

func statistics(context.Context, string, map[string]any) (json.RawMessage, error) {
	return json.RawMessage(networkStatistics), nil
}

func TestNetworkTree(t *testing.T) {
	t.Parallel()
	want := `NAME              KIND     STATE  MTU   ADDRESSES       DETAIL
eth0              nic      up     1500  -               1000 Mbit/s, 52:54:00:00:00:01
├─ mgmt           bridge   up     1500  -               ports vnet0 vnet1
│  └─ mgmt        network  up     1500  192.0.2.10/24   legacy, bridged, default route, via 192.0.2.1
└─ sw             network  up     1500  -               ovs, bridged
eth1              nic      down   9000  -               52:54:00:00:00:02
└─ bond0          bond     up     9000  -               mode active-backup, active eth2, 2000 Mbit/s, 52:54:00:00:00:02
   ├─ bond0.7     vlan     -      9000  -               tag 7
   │  └─ blue     bridge   -      9000  -               stp
   │     └─ blue  network  -      9000  -               legacy, bridged
   └─ bond0.8     vlan     up     1500  -               tag 8
      └─ green    network  up     1500  2001:db8::8/64  legacy, autoconf, via fe80::9
eth2              nic      up     9000  -               52:54:00:00:00:02
└─ bond0          bond     -      -     -               see above
eth3              nic      -      1500  10.0.0.5/8      52:54:00:00:00:04, dhcp, via 10.0.0.1
alone             bridge   -      1500  -               -
└─ alone          network  -      1500  -               legacy, bridged
`
	got := show(t, "tree", "Host.getNetworkCapabilities", networkCapabilities, statistics)
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNetworkTable(t *testing.T) {
	t.Parallel()
	got := show(t, "table", "Host.getNetworkCapabilities", networkCapabilities,
		func(context.Context, string, map[string]any) (json.RawMessage, error) { return nil, errors.New("lost") })
	for _, line := range []string{
		"NAME     KIND     STATE  ON         MTU   ADDRESSES       DETAIL",
		"mgmt     network  -      mgmt       1500  192.0.2.10/24   legacy, bridged, default route, via 192.0.2.1",
		"bond0    bond     -      eth1 eth2  9000  -               mode active-backup, active eth2, 2000 Mbit/s, 52:54:00:00:00:02",
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	if lines := strings.Count(got, "\n"); lines != 16 {
		t.Errorf("%d lines:\n%s", lines, got)
	}
	got = show(t, "table", "Host.getNetworkStatistics", networkStatistics, nil)
	if want := "eth0     up     1000   full    10  20  1          2          3         4\n"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}

// A hostile or strange server gets a tree that ends, on lines that stay lines.
func TestStrangeNetworks(t *testing.T) {
	t.Parallel()
	got := show(t, "tree", "Host.getNetworkCapabilities", `{"vlans": {"a": {"iface": "b"}, "b": {"iface": "a"}},
		"bondings": {"c": {"slaves": ["c"], "opts": null}}, "nics": {"x\ny\tz": {}}, "networks": {"n": {"iface": null}}}`, statistics)
	if lines := strings.Count(got, "\n"); lines > 12 || !strings.Contains(got, "x y z") {
		t.Errorf("tree:\n%s", got)
	}
	for _, bad := range []string{`[]`, `{"nics": 5}`} {
		s := &settings{output: "tree"}
		if err := s.print(t.Context(), &bytes.Buffer{}, "Host.getNetworkCapabilities", nil, json.RawMessage(bad), statistics); err == nil {
			t.Errorf("%s is understood", bad)
		}
	}
}
