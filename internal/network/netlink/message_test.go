// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// message makes what the kernel sends of a link.
func message(index int32, attributes ...[]byte) []byte {
	b := rtnl.LinkHeader(unix.AF_UNSPEC, index, unix.IFF_UP|unix.IFF_RUNNING, 0)
	native.PutUint16(b[2:], unix.ARPHRD_ETHER)
	return append(b, bytes.Join(attributes, nil)...)
}

func nested(kind uint16, children ...[]byte) []byte {
	return rtnl.PutNested(nil, kind, bytes.Join(children, nil))
}

func bondMessage() []byte {
	return message(7,
		rtnl.PutString(nil, unix.IFLA_IFNAME, "bond0"),
		rtnl.PutU32(nil, unix.IFLA_MTU, 9000),
		nested(unix.IFLA_LINKINFO,
			rtnl.Put(nil, unix.IFLA_INFO_KIND, []byte("bond")),
			nested(unix.IFLA_INFO_DATA,
				rtnl.PutU8(nil, bondMode, 4),
				rtnl.PutU32(nil, bondActive, 3),
				nested(bondAD,
					rtnl.PutU16(nil, bondADNumber, 2),
					rtnl.Put(nil, bondADPartner, []byte{1, 2, 3, 4, 5, 6})))),
		rtnl.PutU32(nil, iflaEvent, eventFailover))
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
		rtnl.PutU32(nil, unix.IFLA_MASTER, 7),
		nested(unix.IFLA_LINKINFO,
			rtnl.Put(nil, unix.IFLA_INFO_SLAVE_KIND, []byte("bond\x00")),
			nested(unix.IFLA_INFO_SLAVE_DATA,
				rtnl.Put(nil, bondSlavePermanent, []byte{6, 5, 4, 3, 2, 1}),
				rtnl.PutU16(nil, bondSlaveAggregator, 2)))))
	if err != nil || port.Master != 7 || port.BondPort == nil || port.BondPort.Aggregator != 2 ||
		port.BondPort.Permanent.String() != "06:05:04:03:02:01" {
		t.Errorf("%+v, %v", port, err)
	}
}

func TestVLANMessage(t *testing.T) {
	t.Parallel()
	l, event, err := decodeLinkEvent(message(9,
		rtnl.PutU32(nil, unix.IFLA_LINK, 7),
		nested(unix.IFLA_LINKINFO,
			rtnl.Put(nil, unix.IFLA_INFO_KIND, []byte("vlan\x00")),
			nested(unix.IFLA_INFO_DATA, rtnl.PutU16(nil, unix.IFLA_VLAN_ID, 100)))))
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
