// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"os"
	"strings"
	"testing"
)

// management is the first network of a host: the card's address moves to a
// bridge.
const management = `{
"dns-resolver": {"config": {"server": ["192.0.2.53"]}},
"interfaces": [
 {"name": "eth0", "state": "up", "mtu": 1500, "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},
 {"name": "ovirtmgmt", "type": "linux-bridge", "state": "up", "mtu": 1500, "mac-address": "52:54:00:00:00:10",
  "bridge": {"options": {"stp": {"enabled": false}}, "port": [{"name": "eth0"}]},
  "ipv4": {"enabled": true, "dhcp": false, "address": [{"ip": "192.0.2.10", "prefix-length": 24}]}, "ipv6": {"enabled": false}}],
"route-rules": {"config": [
 {"ip-from": "192.0.2.0/24", "priority": 3200, "route-table": 329647082},
 {"ip-to": "192.0.2.0/24", "priority": 3200, "route-table": 329647082}]},
"routes": {"config": [
 {"destination": "0.0.0.0/0", "next-hop-address": "192.0.2.1", "next-hop-interface": "ovirtmgmt", "table-id": 0},
 {"destination": "0.0.0.0/0", "next-hop-address": "192.0.2.1", "next-hop-interface": "ovirtmgmt", "table-id": 329647082},
 {"destination": "192.0.2.0/24", "next-hop-address": "0.0.0.0", "next-hop-interface": "ovirtmgmt", "table-id": 329647082}]}}`

const noManagement = `{
"dns-resolver": {"config": {"server": []}},
"interfaces": [
 {"name": "eth0", "state": "up", "mtu": 1500, "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},
 {"name": "ovirtmgmt", "state": "absent"}],
"route-rules": {"config": [
 {"ip-from": "192.0.2.0/24", "priority": 3200, "route-table": 329647082, "state": "absent"},
 {"ip-to": "192.0.2.0/24", "priority": 3200, "route-table": 329647082, "state": "absent"}]},
"routes": {"config": [
 {"destination": "0.0.0.0/0", "metric": 425, "next-hop-address": "192.0.2.1", "next-hop-interface": "ovirtmgmt", "state": "absent", "table-id": 329647082},
 {"destination": "192.0.2.0/24", "metric": 425, "next-hop-address": "0.0.0.0", "next-hop-interface": "ovirtmgmt", "state": "absent", "table-id": 329647082}]}}`

func TestManagementNetwork(t *testing.T) {
	inside(t, func(b *bench) {
		b.ip(`addr add 192.0.2.10/24 dev eth0
			addr add 192.0.2.11/24 dev eth0
			addr add 2001:db8::5/64 dev eth0 nodad
			route add default via 192.0.2.1 dev eth0 metric 100
			route add 198.51.100.0/24 via 192.0.2.7 dev eth0`)
		before := b.text()
		want := document(b.t, management)
		c, err := b.Begin(b.t.Context(), want, nil)
		if err != nil {
			b.t.Fatal(err)
		}
		b.t.Log(strings.Join(c.Steps(), "\n"))
		b.shows("ip -4 addr show dev ovirtmgmt", "inet 192.0.2.10/24 brd 192.0.2.255 scope global", "state UP")
		b.shows("ip route show", "default via 192.0.2.1 dev ovirtmgmt proto static metric 425")
		b.shows("ip route show table 329647082", "default via 192.0.2.1 dev ovirtmgmt", "192.0.2.0/24 dev ovirtmgmt")
		b.shows("ip rule show", "3200:	from 192.0.2.0/24 lookup 329647082", "3200:	from all to 192.0.2.0/24 lookup 329647082")
		b.shows("cat "+b.o.ResolvConf, "search example.org\n# The name", "(vdsm).\nnameserver 192.0.2.53\noptions edns0\n")
		b.shows("cat /proc/sys/net/ipv6/conf/eth0/disable_ipv6 /proc/sys/net/ipv6/conf/ovirtmgmt/disable_ipv6", "1\n1\n")
		if out := b.output("ip", "addr", "show", "dev", "eth0"); strings.Contains(out, "inet") {
			b.t.Errorf("the card still has addresses:\n%s", out)
		}
		if err := c.Undo(b.t.Context(), nil); err != nil {
			b.t.Fatal(err)
		}
		if after := b.text(); after != before {
			b.t.Errorf("undone:\n%s\nbefore:\n%s", after, before)
		}
		b.apply(want)
		if steps := b.apply(want); len(steps) > 0 {
			b.t.Errorf("the same again does: %v", steps)
		}
		b.apply(document(b.t, noManagement))
		if out := b.output("ip", "rule"); strings.Contains(out, "3200") {
			b.t.Errorf("rules are left:\n%s", out)
		}
		if _, err := os.Stat(b.o.Journal); err == nil {
			b.t.Error("the journal is left")
		}
	})
}

// TestRemovalIsUndone deletes a bridge that has a guest's port, an address,
// and settings of its own, and brings all that back.
func TestRemovalIsUndone(t *testing.T) {
	inside(t, func(b *bench) {
		b.apply(document(b.t, management))
		b.ip(`tuntap add dev vnet0 mode tap
			link set vnet0 master ovirtmgmt
			link set vnet0 up
			link set ovirtmgmt type bridge ageing_time 1234 priority 4096
			link set vnet0 type bridge_slave isolated on cost 7
			addr add 203.0.113.5/32 dev ovirtmgmt
			route add 203.0.113.0/24 via 192.0.2.9`)
		before := b.text()
		c, err := b.Begin(b.t.Context(), document(b.t, noManagement), nil)
		if err != nil {
			b.t.Fatal(err)
		}
		if out := b.output("ip", "-br", "link"); strings.Contains(out, "ovirtmgmt") || !strings.Contains(out, "vnet0") {
			b.t.Errorf("links are\n%s", out)
		}
		if err := c.Undo(b.t.Context(), nil); err != nil {
			b.t.Fatal(err)
		}
		if after := b.text(); after != before {
			b.t.Errorf("undone:\n%s\nbefore:\n%s", after, before)
		}
		b.shows("ip -d link show ovirtmgmt", "ageing_time 1234", "priority 4096")
		b.shows("ip -d link show vnet0", "isolated on", "cost 7")
	})
}
