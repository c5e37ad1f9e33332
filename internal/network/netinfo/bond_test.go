// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/host/hosttest"
	"govdsm/internal/network/netlink"
)

// bondFiles are of a bond in mode 4 on Linux 5.14, read by an ordinary user.
const bondFiles = `-- sys/class/net/bond0/bonding/mode --
802.3ad 4
-- sys/class/net/bond0/bonding/miimon --
150
-- sys/class/net/bond0/bonding/xmit_hash_policy --
layer2+3 2
-- sys/class/net/bond0/bonding/lacp_rate --
slow 0
-- sys/class/net/bond0/bonding/lacp_active --
on 1
-- sys/class/net/bond0/bonding/ad_select --
stable 0
-- sys/class/net/bond0/bonding/ad_actor_sys_prio --

-- sys/class/net/bond0/bonding/arp_ip_target --
192.0.2.1 192.0.2.2
-- sys/class/net/bond0/bonding/arp_validate --
none 0
-- sys/class/net/bond0/bonding/primary --

-- sys/class/net/bond0/bonding/num_grat_arp --
1
-- sys/class/net/bond0/bonding/slaves --
eth0 eth1
-- sys/class/net/bond0/bonding/active_slave --

-- sys/class/net/bond0/bonding/mii_status --
up
-- sys/class/net/bond0/bonding/ad_aggregator --
2
-- sys/class/net/bond0/bonding/queue_id --
eth0:0 eth1:0
-- sys/class/net/eth0/speed --
10000
-- sys/class/net/eth1/speed --
25000
-- sys/class/net/eth2/speed --
4294967295
-- sys/class/net/vf7/device/physfn/ --
-- sys/class/net/vf7/device/driver -> ../../../bus/pci/drivers/enic --
-- sys/class/net/vf8/device/physfn/ --
-- sys/class/net/vf9/device/physfn/ --
`

func hw(last byte) net.HardwareAddr { return net.HardwareAddr{0x52, 0x54, 0, 0, 0, last} }

// bonded is a host with a bond of two cards, a VLAN on it and a bridge on that,
// and cards that nobody shall see.
func bonded() *netlink.Dump {
	const up = unix.IFF_UP | unix.IFF_RUNNING
	port := func(last byte) *netlink.BondPort { return &netlink.BondPort{Permanent: hw(last), Aggregator: 2} }
	card := func(index int, name string) netlink.Link {
		return netlink.Link{Index: index, Name: name, Type: unix.ARPHRD_ETHER, Flags: up, MTU: 1500, Address: hw(byte(index))}
	}
	links := []netlink.Link{
		{Index: 1, Name: "lo", Type: unix.ARPHRD_LOOPBACK, Flags: up | unix.IFF_LOOPBACK, MTU: 65536},
		card(2, "eth0"), card(3, "eth1"), card(4, "eth2"), card(5, "wlan0"), card(6, "eth3"),
		card(7, "vf7"), card(8, "vf8"), card(9, "vf9"),
		{Index: 20, Name: "bond0", Kind: "bond", Flags: up, MTU: 9000, Address: hw(2), Bond: &netlink.Bond{
			Mode: 4, Aggregator: 2, Partner: hw(0x99),
		}},
		{Index: 21, Name: "bond7", Kind: "bond", Address: hw(6), Bond: &netlink.Bond{}},
		{Index: 30, Name: "bond0.100", Kind: "vlan", Parent: 20, VLAN: 100, Flags: up, MTU: 1500, Address: hw(2)},
		{Index: 31, Name: "elsewhere", Kind: "vlan", Parent: 2, Foreign: true, VLAN: 5, MTU: 1500},
		{Index: 32, Name: "hidden.7", Kind: "vlan", Parent: 2, VLAN: 7},
		{Index: 40, Name: "blue", Kind: "bridge", Flags: up, MTU: 1500, Bridge: map[string]string{"stp_state": "1"}},
		{Index: 41, Name: ";vdsmdummy;", Kind: "bridge"},
		{Index: 50, Name: "vnet0", Kind: "tun", Master: 40, Flags: up, MTU: 1500},
		{Index: 51, Name: "tap8", Kind: "macvtap", Address: hw(8)},
	}
	links[1].Master, links[1].BondPort, links[1].MTU, links[1].Address = 20, port(2), 9000, hw(2)
	links[2].Master, links[2].BondPort, links[2].MTU, links[2].Address = 20, port(3), 9000, hw(2)
	links[5].Master = 21
	links[6].Address = make(net.HardwareAddr, 6)
	for i := range links {
		if links[i].Name == "bond0.100" {
			links[i].Master = 40
		}
	}
	return &netlink.Dump{Links: links}
}

func bondReader(t *testing.T, files string, q QoS) *Reader {
	return New(Options{
		Root: hosttest.Root(t, files), HiddenNICs: []string{"w*", "["}, HiddenBonds: []string{"bond7"},
		HiddenVLANs: []string{"hidden*"}, QoS: q, Log: slog.New(slog.DiscardHandler),
	})
}

func TestBond(t *testing.T) {
	t.Parallel()
	r := bondReader(t, bondFiles, nil)
	c := r.sorted(t.Context(), bonded()).capabilities(Running{}.addressing())
	want := api.NetInfoBond{
		Hwaddr: "52:54:00:00:00:02", Slaves: []string{"eth0", "eth1"}, MTU: "9000", Switch: "legacy", Speed: 35000,
		Opts: api.StringMap{
			"mode": "4", "miimon": "150", "xmit_hash_policy": "2", "arp_ip_target": "192.0.2.1,192.0.2.2",
		},
		AdAggregatorID: new("2"), AdPartnerMac: new("52:54:00:00:00:99"),
		Ipv4addrs: []string{}, Ipv6addrs: []string{}, Ipv6gateway: "::",
	}
	if diff := cmp.Diff(want, c.Bondings["bond0"]); diff != "" || len(c.Bondings) != 1 {
		t.Errorf("bonds: %d\n%s", len(c.Bondings), diff)
	}
	wantPort := api.NetInfoNic{
		Hwaddr: "52:54:00:00:00:02", Permhwaddr: new("52:54:00:00:00:03"), AdAggregatorID: new("2"), Speed: 25000,
		MTU: "9000", Ipv4addrs: []string{}, Ipv6addrs: []string{}, Ipv6gateway: "::",
	}
	if diff := cmp.Diff(wantPort, c.Nics["eth1"]); diff != "" {
		t.Errorf("port:\n%s", diff)
	}
	if c.Nics["eth2"].Speed != 0 {
		t.Errorf("a speed that is not known is %d", c.Nics["eth2"].Speed)
	}
}

func TestWhatIsHidden(t *testing.T) {
	t.Parallel()
	s := bondReader(t, bondFiles, nil).sorted(t.Context(), bonded())
	for k, want := range map[kind][]string{
		nic: {"eth0", "eth1", "eth2", "vf9"}, bond: {"bond0"}, vlan: {"bond0.100", "elsewhere"}, bridge: {"blue"},
	} {
		if got := visible(s, k); !slices.Equal(got, want) {
			t.Errorf("kind %d: %v, want %v", k, got, want)
		}
	}
}

func TestVLAN(t *testing.T) {
	t.Parallel()
	r := bondReader(t, bondFiles, nil)
	c := r.sorted(t.Context(), bonded()).capabilities(Running{}.addressing())
	if v := c.Vlans["bond0.100"]; v.Iface != "bond0" || v.Vlanid != 100 || v.MTU != "1500" {
		t.Errorf("%+v", v)
	}
	if v := c.Vlans["elsewhere"]; v.Iface != "" || v.Vlanid != 5 {
		t.Errorf("a base in another namespace: %+v", v)
	}
	if b := c.Bridges["blue"]; !slices.Equal(b.Ports, []string{"bond0.100", "vnet0"}) || b.STP != "on" {
		t.Errorf("%+v", b)
	}
}

// The modes of bonds add up the speeds of their ports differently.
func TestBondSpeed(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]int64{
		"balance-rr 0": 35000, "active-backup 1": 25000, "broadcast 3": 10000, "balance-alb 6": 35000,
	} {
		r := bondReader(t, bondFiles, nil)
		hosttest.Add(t, r.options.Root, "-- sys/class/net/bond0/bonding/mode --\n"+mode+"\n")
		d := bonded()
		for i := range d.Links {
			if d.Links[i].Name == "bond0" {
				d.Links[i].Bond.Active = 3
			}
		}
		b := r.sorted(t.Context(), d).capabilities(Running{}.addressing()).Bondings["bond0"]
		if b.Speed != want || mode == "active-backup 1" && b.ActiveSlave != "eth1" {
			t.Errorf("%s: %+v, want %d", mode, b, want)
		}
	}
}

// What the boot found to be the defaults counts before what we know of them.
func TestBondDefaults(t *testing.T) {
	t.Parallel()
	r := bondReader(t, bondFiles+`-- run/vdsm/bonding-defaults.json --
{"4": {"mode": ["balance-rr", "0"], "miimon": ["150"], "xmit_hash_policy": ["layer2+3", "2"],
"lacp_rate": ["fast", "1"], "lacp_active": ["on", "1"], "ad_select": ["stable", "0"], "arp_validate": ["none", "0"],
"num_grat_arp": ["1"]}}
`, nil)
	got := r.sorted(t.Context(), bonded()).byName["bond0"].bond.changed
	want := map[string]string{"mode": "4", "lacp_rate": "0", "arp_ip_target": "192.0.2.1,192.0.2.2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// shares is a traffic control that has shares on one device.
type shares struct{ asked []string }

func (s *shares) Shares(_ context.Context, device string) (map[int]api.HostBandwidthParams, error) {
	s.asked = append(s.asked, device)
	if device != "bond0" {
		return nil, errors.New("no such device")
	}
	curve := func(m2 int64) api.HostBandwidthParams {
		return api.HostBandwidthParams{Ls: &api.BandwidthCurve{M2: m2}}
	}
	return map[int]api.HostBandwidthParams{-1: curve(50), 100: curve(20), 200: curve(10)}, nil
}

func TestNetworksOnABond(t *testing.T) {
	t.Parallel()
	q := &shares{}
	r := bondReader(t, bondFiles, q)
	s := r.sorted(t.Context(), bonded())
	c := s.capabilities(Running{}.addressing())
	r.networks(t.Context(), s, map[string]Network{
		"blue":  {Switch: "legacy", Bridged: true, Bond: "bond0", VLAN: new(100)},
		"plain": {Switch: "legacy", Bond: "bond0"},
		"card":  {Switch: "legacy", NIC: "eth2"},
		"zero":  {Switch: "legacy", Bond: "bond0", VLAN: new(0)}, // bond0.0, which is not there
	}, &c)
	if len(c.Networks) != 3 {
		t.Fatalf("%d networks", len(c.Networks))
	}
	blue := c.Networks["blue"].Value.(api.NetInfoBridgedNetwork)
	if *blue.Southbound != "bond0.100" || *blue.Vlanid != 100 || blue.STP != "on" || blue.HostQoS.Out.Ls.M2 != 20 {
		t.Errorf("blue: %+v", blue)
	}
	plain := c.Networks["plain"].Value.(api.NetInfoBridgelessNetwork)
	if *plain.Southbound != "bond0" || plain.Vlanid != nil || plain.Interface != "bond0" || plain.HostQoS.Out.Ls.M2 != 50 {
		t.Errorf("plain: %+v", plain)
	}
	if card := c.Networks["card"].Value.(api.NetInfoBridgelessNetwork); card.HostQoS != nil || card.MTU != "1500" {
		t.Errorf("card: %+v", card)
	}
	var tags []int64
	for _, share := range c.Bondings["bond0"].QoS {
		tags = append(tags, share.VLAN)
	}
	if !slices.Equal(tags, []int64{-1, 100}) {
		t.Errorf("shares on the bond: %v", tags)
	}
}

// visible returns the names of the links of a kind, sorted.
func visible(s *state, k kind) []string {
	var names []string
	for _, d := range s.devices {
		if d.kind == k {
			names = append(names, d.Name)
		}
	}
	slices.Sort(names)
	return names
}
