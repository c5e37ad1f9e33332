// SPDX-License-Identifier: GPL-2.0-or-later

package suites

import (
	"testing"
	"time"

	"govdsm/lab"
	"govdsm/lab/fixture"
)

// bond: a bridge on a VLAN on a bond of two cards reaches the other host, and
// still does when the card in use loses its cable.
func (p pair) bond(t *testing.T) {
	p.server.Sh(t, `modprobe 8021q
		ip link set eth1 up
		ip link add link eth1 name eth1.7 type vlan id 7
		ip addr add 10.7.0.1/24 dev eth1.7
		ip link set eth1.7 up`)
	p.server.Cleanup(t, func() { p.server.Run(t, "ip", "link", "del", "eth1.7") })
	p.client.Sh(t, `modprobe -a bonding 8021q bridge
		ip link add bond0 type bond mode active-backup miimon 100
		ip link set eth1 down; ip link set eth1 master bond0
		ip link set eth2 down; ip link set eth2 master bond0
		ip link add link bond0 name bond0.7 type vlan id 7
		ip link add br7 type bridge
		ip link set bond0.7 master br7
		ip addr add 10.7.0.2/24 dev br7
		for i in bond0 bond0.7 br7; do ip link set $i up; done`)
	p.client.Cleanup(t, func() { p.client.Sh(t, "for i in br7 bond0.7 bond0; do ip link del $i; done") })
	p.client.Until(t, 30*time.Second, "ping -c1 -W1 10.7.0.1")

	const active = "cat /sys/class/net/bond0/bonding/active_slave"
	before := p.client.Sh(t, active)
	link := p.client.Link(1)
	if before == "eth2" {
		link = p.client.Link(2)
	}
	must(t, link.Unplug())
	t.Cleanup(func() { must(t, link.Plug()) })
	p.client.Until(t, 30*time.Second, "ping -c1 -W1 10.7.0.1")
	if after := p.client.Sh(t, active); after == before {
		t.Errorf("the bond still uses %s, whose cable is out", after)
	}
}

// openVSwitch: a bridge with a card and an internal port, each in a VLAN,
// carries packets to the other host.
func (p pair) openVSwitch(t *testing.T) {
	fixture.OpenVSwitch(t, p.client)
	p.client.Sh(t, `ovs-vsctl --timeout=20 add-br br-int -- add-port br-int eth1 -- \
			add-port br-int port8 tag=8 -- set interface port8 type=internal
		ip link set eth1 up; ip link set port8 up
		ip addr add 10.8.0.2/24 dev port8`)
	p.server.Sh(t, `modprobe 8021q
		ip link set eth1 up
		ip link add link eth1 name eth1.8 type vlan id 8
		ip addr add 10.8.0.1/24 dev eth1.8
		ip link set eth1.8 up`)
	p.server.Cleanup(t, func() { p.server.Run(t, "ip", "link", "del", "eth1.8") })
	p.explain(t, "ip -s link; ip neigh; ovs-vsctl show; ovs-appctl fdb/show br-int; ovs-appctl dpctl/dump-flows; ovs-appctl dpctl/show -s")
	p.client.Until(t, 30*time.Second, "ping -c1 -W1 10.8.0.1")

	p.client.Run(t, "ovs-vsctl", "--timeout=20", "set", "port", "port8", "tag=9")
	r := p.client.Try(t, lab.Command{Args: []string{"ping", "-c2", "-W1", "10.8.0.1"}})
	if r.Code == 0 {
		t.Error("packets of another VLAN reach the other host")
	}
}

// explain runs a script in both hosts if the test fails, for their stories.
func (p pair) explain(t *testing.T, script string) {
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		for _, h := range []*lab.Host{p.server, p.client} {
			h.Try(t, lab.Command{Args: []string{"sh", "-c", script}})
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
