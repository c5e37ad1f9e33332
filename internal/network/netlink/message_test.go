// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// message makes what the kernel sends of a link, with the library's encoder.
func message(index int, attributes ...*nl.RtAttr) []byte {
	m := nl.NewIfInfomsg(unix.AF_UNSPEC)
	m.Index, m.Type, m.Flags = int32(index), unix.ARPHRD_ETHER, unix.IFF_UP|unix.IFF_RUNNING
	b := m.Serialize()
	for _, a := range attributes {
		b = append(b, a.Serialize()...)
	}
	return b
}

func nested(kind int, children ...*nl.RtAttr) *nl.RtAttr {
	a := nl.NewRtAttr(kind|unix.NLA_F_NESTED, nil)
	for _, c := range children {
		a.AddChild(c)
	}
	return a
}

func bondMessage() []byte {
	return message(7,
		nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated("bond0")),
		nl.NewRtAttr(unix.IFLA_MTU, nl.Uint32Attr(9000)),
		nested(unix.IFLA_LINKINFO,
			nl.NewRtAttr(unix.IFLA_INFO_KIND, []byte("bond")),
			nested(unix.IFLA_INFO_DATA,
				nl.NewRtAttr(bondMode, nl.Uint8Attr(4)),
				nl.NewRtAttr(bondActive, nl.Uint32Attr(3)),
				nested(bondAD,
					nl.NewRtAttr(bondADNumber, nl.Uint16Attr(2)),
					nl.NewRtAttr(bondADPartner, []byte{1, 2, 3, 4, 5, 6})))),
		nl.NewRtAttr(iflaEvent, nl.Uint32Attr(eventFailover)))
}

func TestBondMessage(t *testing.T) {
	t.Parallel()
	c, known, err := decodeChange(unix.RTM_NEWLINK, bondMessage())
	if err != nil || !known || !c.Failover || c.Gone {
		t.Fatalf("%+v, %t, %v", c, known, err)
	}
	c.Link.Bond.Told = nil // as it came
	want := &Link{
		Index: 7, Name: "bond0", Kind: "bond", Type: unix.ARPHRD_ETHER, Flags: unix.IFF_UP | unix.IFF_RUNNING, MTU: 9000,
		Bond: &Bond{Mode: 4, Active: 3, Aggregator: 2, Partner: []byte{1, 2, 3, 4, 5, 6}},
	}
	if diff := cmp.Diff(want, c.Link); diff != "" {
		t.Error(diff)
	}
	port, _, err := decodeLinkEvent(message(3,
		nl.NewRtAttr(unix.IFLA_MASTER, nl.Uint32Attr(7)),
		nested(unix.IFLA_LINKINFO,
			nl.NewRtAttr(unix.IFLA_INFO_SLAVE_KIND, []byte("bond\x00")),
			nested(unix.IFLA_INFO_SLAVE_DATA,
				nl.NewRtAttr(bondSlavePermanent, []byte{6, 5, 4, 3, 2, 1}),
				nl.NewRtAttr(bondSlaveAggregator, nl.Uint16Attr(2))))))
	if err != nil || port.Master != 7 || port.BondPort == nil || port.BondPort.Aggregator != 2 ||
		port.BondPort.Permanent.String() != "06:05:04:03:02:01" {
		t.Errorf("%+v, %v", port, err)
	}
}

func TestVLANMessage(t *testing.T) {
	t.Parallel()
	l, event, err := decodeLinkEvent(message(9,
		nl.NewRtAttr(unix.IFLA_LINK, nl.Uint32Attr(7)),
		nested(unix.IFLA_LINKINFO,
			nl.NewRtAttr(unix.IFLA_INFO_KIND, []byte("vlan\x00")),
			nested(unix.IFLA_INFO_DATA, nl.NewRtAttr(unix.IFLA_VLAN_ID, nl.Uint16Attr(100))))))
	if err != nil || event != 0 || l.Kind != "vlan" || l.VLAN != 100 || l.Parent != 7 {
		t.Errorf("%+v, %v", l, err)
	}
}

// A bridge's own messages about its ports are not links.
func TestBridgeFamilyIsNoLink(t *testing.T) {
	t.Parallel()
	m := message(7)
	m[0] = unix.AF_BRIDGE
	if _, known, err := decodeChange(unix.RTM_NEWLINK, m); known || err != nil {
		t.Errorf("%t, %v", known, err)
	}
}

func FuzzMessage(f *testing.F) {
	kinds := []uint16{unix.RTM_NEWLINK, unix.RTM_NEWADDR, unix.RTM_NEWROUTE, unix.RTM_NEWQDISC}
	for i := range kinds {
		f.Add(uint8(i), bondMessage())
		f.Add(uint8(i), bondMessage()[:40])
	}
	f.Fuzz(func(t *testing.T, kind uint8, m []byte) {
		_, _, _ = decodeChange(kinds[int(kind)%len(kinds)], m) // it returns
	})
}
