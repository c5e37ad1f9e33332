// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"fmt"
	"strings"
	"testing"

	"govdsm/lab"
)

// jumbo is a bridged VLAN network with large packets on a new bond, and a
// small one beside it.
const jumbo = `{"interfaces": [
 {"name": "bond0", "type": "bond", "state": "up", "mtu": 9000, "ipv4": {"enabled": false}, "ipv6": {"enabled": false},
  "link-aggregation": {"mode": "active-backup", "port": ["eth0", "eth1"], "options": {"miimon": "150", "primary": "eth1", "updelay": "300"}}},
 {"name": "bond0.10", "type": "vlan", "state": "up", "mtu": 9000, "vlan": {"id": 10, "base-iface": "bond0"}, "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},
 {"name": "bond0.20", "type": "vlan", "state": "up", "mtu": 1500, "vlan": {"id": 20, "base-iface": "bond0"}, "ipv4": {"enabled": true, "address": [{"ip": "10.20.0.1", "prefix-length": 24}]},
  "ipv6": {"enabled": true, "autoconf": false, "address": [{"ip": "2001:db8:20::1", "prefix-length": 64}]}},
 {"name": "eth0", "state": "up", "mtu": 9000},
 {"name": "eth1", "state": "up", "mtu": 9000},
 {"name": "vlan10", "type": "linux-bridge", "state": "up", "mtu": 9000, "bridge": {"options": {"stp": {"enabled": false}}, "port": [{"name": "bond0.10"}]},
  "ipv4": {"enabled": false}, "ipv6": {"enabled": false}}],
 "routes": {"config": [{"destination": "10.99.0.0/16", "next-hop-address": "10.20.0.254", "next-hop-interface": "bond0.20", "table-id": 0}]}}`

const noJumbo = `{"interfaces": [
 {"name": "bond0", "mtu": 1500}, {"name": "bond0.10", "state": "absent"},
 {"name": "eth0", "state": "up", "mtu": 1500}, {"name": "eth1", "state": "up", "mtu": 1500},
 {"name": "vlan10", "state": "absent"}]}`

// bondIs changes the mode and options of the bond of jumbo.
func bondIs(mode, options string) string {
	return fmt.Sprintf(`{"interfaces": [{"name": "bond0", "type": "bond", "state": "up",
		"link-aggregation": {"mode": %q, "port": ["eth0", "eth1"], "options": {%s}}}]}`, mode, options)
}

// tryAndKeep makes a change, undoes it, compares, and makes it again.
func (b *bench) tryAndKeep(name string, want Want) {
	b.t.Helper()
	before := b.text() + b.bond()
	c, err := b.Begin(b.t.Context(), want, nil)
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	if err := c.Undo(b.t.Context(), nil); err != nil {
		b.t.Fatalf("%s: %v\n%s", name, err, strings.Join(c.Steps(), "\n"))
	}
	if after := b.text() + b.bond(); after != before {
		b.t.Fatalf("%s: undone:\n%s\nbefore:\n%s", name, after, before)
	}
	b.apply(want)
	if steps, err := b.Plan(b.t.Context(), want); err != nil || len(steps) > 0 {
		b.t.Fatalf("%s: left to do: %v, %v", name, steps, err)
	}
}

// bond describes the options of bond0.
func (b *bench) bond() string {
	options, err := readBond("", "bond0")
	if err != nil {
		return "no bond"
	}
	delete(options, "active_slave") // the bond's own choice
	return fmt.Sprint(options)
}

func TestBond(t *testing.T) {
	inside(t, func(b *bench) {
		b.ip(`addr add 10.0.0.1/24 dev eth0
			addr add 2001:db8::1/64 dev eth1 nodad`)
		b.tryAndKeep("bond with networks", document(b.t, jumbo))
		b.shows("cat /proc/net/bonding/bond0", "fault-tolerance (active-backup)", "Primary Slave: eth1", "MII Polling Interval (ms): 150", "Up Delay (ms): 300")
		b.shows("ip -d link show bond0.10", "mtu 9000", "master vlan10", "id 10")
		b.shows("ip route show 10.99.0.0/16", "via 10.20.0.254 dev bond0.20 proto static metric 400")
		for _, c := range []struct{ name, mode, options string }{
			{"LACP", "802.3ad", `"lacp_rate": "fast", "xmit_hash_policy": "layer3+4", "ad_select": "count", "min_links": "1"`},
			{"ARP", "active-backup", `"arp_interval": "500", "arp_ip_target": "10.20.0.2,10.20.0.3", "arp_validate": "active"`},
			{"round robin", "balance-rr", `"packets_per_slave": "3", "miimon": "100"`},
			{"XOR", "balance-xor", `"xmit_hash_policy": "2"`},
			{"broadcast", "broadcast", ``},
			{"TLB", "balance-tlb", `"tlb_dynamic_lb": "0", "downdelay": "200", "miimon": "100"`},
			{"ALB", "balance-alb", `"resend_igmp": "5", "num_grat_arp": "3", "primary": "eth0"`},
			{"backup again", "active-backup", `"miimon": "100", "active_slave": "eth1", "fail_over_mac": "none"`},
		} {
			b.tryAndKeep(c.name, document(b.t, bondIs(c.mode, c.options)))
			b.shows("ip route show 10.99.0.0/16", "via 10.20.0.254 dev bond0.20")
			b.shows("ip addr show dev bond0.20", "10.20.0.1/24", "2001:db8:20::1/64")
		}
		b.tryAndKeep("one port less", document(b.t, strings.Replace(bondIs("active-backup", `"miimon": "100"`), `"eth0", `, "", 1)))
		b.tryAndKeep("the other port", document(b.t, strings.Replace(bondIs("active-backup", `"miimon": "100"`), `"eth0", "eth1"`, `"eth0"`, 1)))
		b.tryAndKeep("without the large network", document(b.t, noJumbo))
		b.shows("cat /sys/class/net/eth0/mtu /sys/class/net/bond0/mtu", "1500\n1500\n")
		b.tryAndKeep("nothing", document(b.t, `{"interfaces": [{"name": "bond0", "type": "bond", "state": "absent"}, {"name": "bond0.20", "state": "absent"}]}`))

		_, err := b.Begin(b.t.Context(), document(b.t, strings.Replace(jumbo, `"150"`, `"many"`, 1)), nil)
		if err == nil || !strings.Contains(err.Error(), "miimon=many") {
			b.t.Errorf("error is %v", err)
		}
		if out := b.output("ip", "-br", "link"); strings.Contains(out, "bond0") {
			b.t.Errorf("the refused bond is there:\n%s", out)
		}
	}, lab.Bonding, lab.VLAN)
}

// TestVLANMoves moves a network from one card to another.
func TestVLANMoves(t *testing.T) {
	inside(t, func(b *bench) {
		b.ip(`link add link eth0 name eth0.10 type vlan id 10
			link add net1 type bridge
			link set eth0.10 up
			link set eth0.10 master net1
			link set net1 up
			addr add 10.10.0.1/24 dev net1
			route add 10.11.0.0/24 via 10.10.0.9`)
		b.tryAndKeep("move", document(b.t, `{"interfaces": [{"name": "eth0.10", "state": "absent"}, {"name": "eth1", "state": "up", "mtu": 1500},
			{"name": "eth1.10", "type": "vlan", "state": "up", "mtu": 1500, "vlan": {"id": 10, "base-iface": "eth1"}, "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},
			{"name": "net1", "type": "linux-bridge", "state": "up", "mtu": 1500, "bridge": {"port": [{"name": "eth1.10"}]}}]}`))
		b.shows("ip route", "10.11.0.0/24 via 10.10.0.9 dev net1")
		b.tryAndKeep("other tag below the same name", document(b.t, `{"interfaces": [
			{"name": "eth1.10", "type": "vlan", "state": "up", "mtu": 1500, "vlan": {"id": 11, "base-iface": "eth1"}},
			{"name": "net1", "type": "linux-bridge", "state": "up", "bridge": {"port": [{"name": "eth1.10"}]}}]}`))
		b.shows("ip -d link show eth1.10", "id 11", "master net1")
		_, err := b.Plan(b.t.Context(), document(b.t, `{"interfaces": [{"name": "eth1.10", "state": "absent"},
			{"name": "x", "type": "vlan", "state": "up", "vlan": {"id": 5, "base-iface": "gone"}}]}`))
		if err == nil {
			b.t.Error("a VLAN on nothing can be planned")
		}
	}, lab.VLAN)
}

// TestKilledWithBond is TestKilled for the kinds of links that need a kernel of
// their own.
func TestKilledWithBond(t *testing.T) {
	inside(t, func(b *bench) {
		b.ip(`addr add 10.0.0.1/24 dev eth0
			route add default via 10.0.0.254 dev eth0`)
		b.everywhere(jumbo, 30)
		b.everywhere(bondIs("802.3ad", `"lacp_rate": "fast"`), 8)
		b.everywhere(noJumbo, 5)
	}, lab.Bonding, lab.VLAN)
}
