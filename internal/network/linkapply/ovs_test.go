// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"strings"
	"testing"

	"govdsm/internal/network/ovstest"
	"govdsm/internal/network/vswitch"
	"govdsm/lab"
)

// onSwitch runs the body with an Open vSwitch beside two cards: over a
// datapath of its own, and, in the lab, over the kernel's.
func onSwitch(t *testing.T, body func(b *bench, s *ovstest.Switch)) {
	t.Run("netdev", func(t *testing.T) {
		inside(t, func(b *bench) {
			s := ovstest.Start(b.t)
			b.o.Switch, b.o.Datapath = s.Socket, "netdev"
			body(b, s)
		})
	})
	t.Run("kernel", func(t *testing.T) {
		inside(t, func(b *bench) {
			s := ovstest.Start(b.t)
			b.o.Switch = s.Socket
			b.t.Cleanup(func() { s.Vsctl("--if-exists", "del-br", "vdsmbr_AbCdEfGh") })
			body(b, s)
		}, lab.OpenVSwitch)
	})
}

// all is the network and the switch as they are now.
func (b *bench) all() string {
	b.t.Helper()
	vs, err := vswitch.Read(b.t.Context(), b.o.Switch)
	if err != nil {
		b.t.Fatal(err)
	}
	var lines []string
	for line := range strings.SplitSeq(b.text(), "\n") {
		if !strings.HasPrefix(line, "ovs-") { // the datapath itself, which comes with the first bridge
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n" + vs.Text()
}

// switched is a network with a VLAN and an address, and one without a VLAN, on a
// card that had an address.
const switched = `{
"interfaces": [
 {"name": "eth0", "state": "up", "mtu": 1600, "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},
 {"name": "net7", "type": "ovs-interface", "state": "up", "mtu": 1400, "mac-address": "52:54:00:00:00:10",
  "ipv4": {"enabled": true, "dhcp": false, "address": [{"ip": "198.51.100.5", "prefix-length": 24}]}, "ipv6": {"enabled": false}},
 {"name": "net8", "type": "ovs-interface", "state": "up", "mtu": 1600, "mac-address": "52:54:00:00:00:10",
  "ipv4": {"enabled": false}, "ipv6": {"enabled": true, "dhcp": false, "autoconf": false, "address": [{"ip": "2001:db8:1::1", "prefix-length": 64}]}},
 {"name": "vdsmbr_AbCdEfGh", "type": "ovs-bridge", "state": "up",
  "bridge": {"port": [{"name": "eth0"}, {"name": "net7", "vlan": {"mode": "access", "tag": 7}}, {"name": "net8"}]}}],
"routes": {"config": [
 {"destination": "0.0.0.0/0", "next-hop-address": "198.51.100.1", "next-hop-interface": "net7", "table-id": 0}]},
"ovs-db": {"external_ids": {"ovn-bridge-mappings": "net7:vdsmbr_AbCdEfGh,net8:vdsmbr_AbCdEfGh"}}}`

const unswitched = `{
"interfaces": [
 {"name": "eth0", "state": "up", "mtu": 1500},
 {"name": "net7", "state": "absent"}, {"name": "net8", "state": "absent"}, {"name": "vdsmbr_AbCdEfGh", "state": "absent"}],
"ovs-db": {"external_ids": {"ovn-bridge-mappings": ""}}}`

func TestSwitch(t *testing.T) {
	onSwitch(t, func(b *bench, s *ovstest.Switch) {
		b.ip("addr add 192.0.2.10/24 dev eth0\nroute add default via 192.0.2.1 dev eth0 metric 100")
		before := b.all()
		c, err := b.Begin(b.t.Context(), document(b.t, switched), nil)
		if err != nil {
			b.t.Fatal(err)
		}
		b.t.Log(strings.Join(c.Steps(), "\n"))
		b.shows("ip addr show dev net7", "mtu 1400", "52:54:00:00:00:10", "inet 198.51.100.5/24", ",UP")
		b.shows("ip addr show dev net8", "mtu 1600", "2001:db8:1::1/64", ",UP")
		b.shows("ip route", "default via 198.51.100.1 dev net7 proto static metric 800")
		if tag := s.Vsctl("get", "Port", "net7", "tag"); tag != "7\n" {
			b.t.Errorf("tag is %q", tag)
		}
		if ports := s.Vsctl("list-ports", "vdsmbr_AbCdEfGh"); ports != "eth0\nnet7\nnet8\n" {
			b.t.Errorf("ports are %q", ports)
		}
		if m := s.Vsctl("get", "Open_vSwitch", ".", "external_ids:ovn-bridge-mappings"); !strings.Contains(m, "net7:vdsmbr_AbCdEfGh,net8:vdsmbr_AbCdEfGh") {
			b.t.Errorf("mappings are %q", m)
		}
		if err := c.Undo(b.t.Context(), nil); err != nil {
			b.t.Fatal(err)
		}
		if after := b.all(); after != before {
			b.t.Errorf("undone:\n%s\nbefore:\n%s", after, before)
		}
		b.apply(document(b.t, switched))
		if steps := b.apply(document(b.t, switched)); len(steps) > 0 {
			b.t.Errorf("the same again does: %v", steps)
		}
		b.changes(s)

		// The way back, undone: everything comes again, with what others set.
		s.Vsctl("set", "Port", "net7", "external_ids:theirs=1", "--", "set", "Interface", "net8", "ingress_policing_rate=1000")
		b.ip("addr add 203.0.113.5/32 dev net7\nlink set net8 down")
		there := b.all()
		c, err = b.Begin(b.t.Context(), document(b.t, unswitched), nil)
		if err != nil {
			b.t.Fatal(err)
		}
		if left := s.Vsctl("list-br"); left != "" {
			b.t.Errorf("bridges are left: %s", left)
		}
		if err := c.Undo(b.t.Context(), nil); err != nil {
			b.t.Fatal(err)
		}
		if after := b.all(); after != there {
			b.t.Errorf("undone:\n%s\nbefore:\n%s", after, there)
		}
		b.apply(document(b.t, unswitched))
		if out := b.output("ip", "-br", "link"); strings.Contains(out, "net7") || strings.Contains(out, "net8") {
			b.t.Errorf("links are left:\n%s", out)
		}
	})
}

// changes gives a network another VLAN, MTU and address, and back.
func (b *bench) changes(s *ovstest.Switch) {
	b.t.Helper()
	there := b.all()
	c, err := b.Begin(b.t.Context(), document(b.t, `{"interfaces": [
		{"name": "net7", "type": "ovs-interface", "state": "up", "mtu": 1450, "mac-address": "52:54:00:00:00:10",
		 "ipv4": {"enabled": true, "dhcp": false, "address": [{"ip": "198.51.100.6", "prefix-length": 24}]}, "ipv6": {"enabled": false}},
		{"name": "vdsmbr_AbCdEfGh", "type": "ovs-bridge", "state": "up",
		 "bridge": {"port": [{"name": "eth0"}, {"name": "net7", "vlan": {"mode": "access", "tag": 9}}, {"name": "net8"}]}}]}`), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.shows("ip addr show dev net7", "mtu 1450", "198.51.100.6/24")
	if tag := s.Vsctl("get", "Port", "net7", "tag"); tag != "9\n" {
		b.t.Errorf("tag is %q", tag)
	}
	if err := c.Undo(b.t.Context(), nil); err != nil {
		b.t.Fatal(err)
	}
	if after := b.all(); after != there {
		b.t.Errorf("undone:\n%s\nbefore:\n%s", after, there)
	}
}
