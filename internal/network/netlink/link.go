// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"net"
	"slices"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Link is a network interface.
type Link struct {
	Index     int
	Name      string
	Kind      string // "bridge", "vlan", "bond", "veth", ...; "" for a device of hardware, and for lo
	Type      uint16 // of its hardware: ARPHRD_ETHER and so on
	Flags     uint32 // IFF_UP and so on, netdevice(7)
	MTU       uint32
	Address   net.HardwareAddr
	Permanent net.HardwareAddr // burnt in; nil when the driver does not tell
	Master    int              // index of the bridge or bond it is a port of; 0 for none
	Parent    int              // index of the link below a VLAN or macvlan; 0 for none
	Foreign   bool             // Parent is an index of another namespace
	VLAN      uint16           // tag, when Kind is "vlan"
	OperState uint8            // RFC 2863: IF_OPER_UP is 6
	// Carriers counts the changes of the carrier since the link is there.
	Carriers uint32
	Bridge   map[string]string // of a bridge: its options as /sys/class/net/*/bridge shows them
	Bond     *Bond             // of a bond
	BondPort *BondPort         // of a port of a bond
	Counters Counters
}

// Bond is what a bond does at present. Its options, in words, are in sysfs.
type Bond struct {
	Told       []byte // all that the kernel tells, options included
	Mode       uint8  // 4 is 802.3ad
	Active     int    // index of the active port; 0 for none
	Aggregator uint16
	Partner    net.HardwareAddr // of 802.3ad; nil without an active aggregator
}

// BondPort is what a bond says of a port.
type BondPort struct {
	Permanent  net.HardwareAddr // the address it had, and will have again
	Aggregator uint16           // of 802.3ad; 0 for none
}

// Counters count since the link was made. Hosts of 64 bits count in 64 bits;
// a driver may have less, and then starts again at 0 in between.
type Counters struct {
	RxBytes, TxBytes     uint64
	RxErrors, TxErrors   uint64 // packets
	RxDropped, TxDropped uint64 // packets
}

// IsUp reports whether the link is switched on.
func (l *Link) IsUp() bool { return l.Flags&unix.IFF_UP != 0 }

// OperUp reports whether the link is switched on and carries traffic, in the
// original's sense, which asks flags and not the operational state.
func (l *Link) OperUp() bool {
	const both = unix.IFF_UP | unix.IFF_RUNNING
	return l.Flags&both == both
}

// Attributes of a link that package unix has no name for; linux/if_link.h.
const (
	iflaEvent = 44
	// IFLA_EVENT's value for a bond that changes its active port.
	eventFailover = 3

	bondMode      = 1  // IFLA_BOND_MODE
	bondActive    = 2  // IFLA_BOND_ACTIVE_SLAVE
	bondAD        = 23 // IFLA_BOND_AD_INFO
	bondADNumber  = 1  // IFLA_BOND_AD_INFO_AGGREGATOR
	bondADPartner = 5  // IFLA_BOND_AD_INFO_PARTNER_MAC

	bondSlavePermanent  = 4 // IFLA_BOND_SLAVE_PERM_HWADDR
	bondSlaveAggregator = 6 // IFLA_BOND_SLAVE_AD_AGGREGATOR_ID
)

// decodeLinkEvent decodes a message and what it says has happened, 0 for
// nothing in particular. The options of bridges, which take the most time, are
// left to dumps: there are several messages for each link that is made.
func decodeLinkEvent(m []byte) (l Link, event uint32, err error) {
	return decodeLink(m, nil)
}

// decodeLink is decodeLinkEvent for one of the links of a dump, whose bridges
// came before.
func decodeLink(m []byte, last *bridges) (l Link, event uint32, err error) {
	if len(m) < rtnl.SizeLink {
		return l, 0, errShort
	}
	l.Type = native.Uint16(m[2:])
	l.Index = int(int32(native.Uint32(m[4:])))
	l.Flags = native.Uint32(m[8:])
	var info []byte
	for kind, v := range rtnl.Attrs(m[rtnl.SizeLink:]) {
		switch kind {
		case unix.IFLA_IFNAME:
			l.Name = rtnl.Text(v)
		case unix.IFLA_MTU:
			l.MTU = rtnl.U32(v)
		case unix.IFLA_ADDRESS:
			l.Address = hardware(v)
		case unix.IFLA_PERM_ADDRESS:
			l.Permanent = hardware(v)
		case unix.IFLA_MASTER:
			l.Master = int(rtnl.U32(v))
		case unix.IFLA_LINK:
			l.Parent = int(rtnl.U32(v))
		case unix.IFLA_LINK_NETNSID:
			l.Foreign = true
		case unix.IFLA_OPERSTATE:
			l.OperState = uint8(rtnl.U32(v))
		case unix.IFLA_CARRIER_CHANGES:
			l.Carriers = rtnl.U32(v)
		case unix.IFLA_STATS64:
			l.Counters = counters(v)
		case unix.IFLA_LINKINFO:
			info = v
		case iflaEvent:
			event = rtnl.U32(v)
		}
	}
	l.info(info, last)
	return l, event, nil
}

// info decodes what the driver of a kind of links adds.
func (l *Link) info(b []byte, last *bridges) {
	var portKind string
	var data, portData []byte
	for kind, v := range rtnl.Attrs(b) {
		switch kind {
		case unix.IFLA_INFO_KIND:
			l.Kind = rtnl.Text(v)
		case unix.IFLA_INFO_DATA:
			data = v
		case unix.IFLA_INFO_SLAVE_KIND:
			portKind = rtnl.Text(v)
		case unix.IFLA_INFO_SLAVE_DATA:
			portData = v
		}
	}
	switch l.Kind {
	case "vlan":
		l.VLAN = uint16(rtnl.U32(rtnl.Find(data, unix.IFLA_VLAN_ID)))
	case "bridge":
		if last != nil {
			l.Bridge = last.decode(data)
		}
	case "bond":
		l.Bond = decodeBond(data)
	}
	if portKind == "bond" {
		l.BondPort = &BondPort{
			Permanent:  hardware(rtnl.Find(portData, bondSlavePermanent)),
			Aggregator: uint16(rtnl.U32(rtnl.Find(portData, bondSlaveAggregator))),
		}
	}
}

func decodeBond(data []byte) *Bond {
	ad := rtnl.Find(data, bondAD)
	return &Bond{
		Told:       slices.Clone(data),
		Mode:       uint8(rtnl.U32(rtnl.Find(data, bondMode))),
		Active:     int(rtnl.U32(rtnl.Find(data, bondActive))),
		Aggregator: uint16(rtnl.U32(rtnl.Find(ad, bondADNumber))),
		Partner:    hardware(rtnl.Find(ad, bondADPartner)),
	}
}

// counters reads struct rtnl_link_stats64: packets, bytes, errors, dropped,
// each received first.
func counters(b []byte) Counters {
	if len(b) < 64 {
		return Counters{}
	}
	at := func(i int) uint64 { return native.Uint64(b[8*i:]) }
	return Counters{
		RxBytes: at(2), TxBytes: at(3),
		RxErrors: at(4), TxErrors: at(5),
		RxDropped: at(6), TxDropped: at(7),
	}
}
