// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
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

// Bond is what a bond does at present. Its options are in sysfs.
type Bond struct {
	Mode       uint8 // 4 is 802.3ad
	Active     int   // index of the active port; 0 for none
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
// nothing in particular.
func decodeLinkEvent(m []byte) (l Link, event uint32, err error) {
	return decodeLink(m, &bridges{})
}

// decodeLink is decodeLinkEvent for one of the links of a dump.
func decodeLink(m []byte, last *bridges) (l Link, event uint32, err error) {
	if len(m) < unix.SizeofIfInfomsg {
		return l, 0, errShort
	}
	l.Type = native.Uint16(m[2:])
	l.Index = int(int32(native.Uint32(m[4:])))
	l.Flags = native.Uint32(m[8:])
	var info []byte
	err = attributes(m[unix.SizeofIfInfomsg:], func(kind uint16, v []byte) {
		switch kind {
		case unix.IFLA_IFNAME:
			l.Name = text(v)
		case unix.IFLA_MTU:
			l.MTU = u32(v)
		case unix.IFLA_ADDRESS:
			l.Address = hardware(v)
		case unix.IFLA_PERM_ADDRESS:
			l.Permanent = hardware(v)
		case unix.IFLA_MASTER:
			l.Master = int(u32(v))
		case unix.IFLA_LINK:
			l.Parent = int(u32(v))
		case unix.IFLA_LINK_NETNSID:
			l.Foreign = true
		case unix.IFLA_OPERSTATE:
			l.OperState = u8(v)
		case unix.IFLA_CARRIER_CHANGES:
			l.Carriers = u32(v)
		case unix.IFLA_STATS64:
			l.Counters = counters(v)
		case unix.IFLA_LINKINFO:
			info = v
		case iflaEvent:
			event = u32(v)
		}
	})
	if err == nil {
		err = l.info(info, last)
	}
	if err != nil {
		return l, 0, fmt.Errorf("link %d %s: %w", l.Index, l.Name, err)
	}
	return l, event, nil
}

// info decodes what the driver of a kind of links adds.
func (l *Link) info(b []byte, last *bridges) error {
	var portKind string
	var data, portData []byte
	err := attributes(b, func(kind uint16, v []byte) {
		switch kind {
		case unix.IFLA_INFO_KIND:
			l.Kind = text(v)
		case unix.IFLA_INFO_DATA:
			data = v
		case unix.IFLA_INFO_SLAVE_KIND:
			portKind = text(v)
		case unix.IFLA_INFO_SLAVE_DATA:
			portData = v
		}
	})
	if err != nil {
		return err
	}
	switch l.Kind {
	case "vlan":
		err = attributes(data, func(kind uint16, v []byte) {
			if kind == unix.IFLA_VLAN_ID {
				l.VLAN = u16(v)
			}
		})
	case "bridge":
		l.Bridge, err = last.decode(data)
	case "bond":
		l.Bond, err = decodeBond(data)
	}
	if err != nil || portKind != "bond" {
		return err
	}
	l.BondPort = &BondPort{}
	return attributes(portData, func(kind uint16, v []byte) {
		switch kind {
		case bondSlavePermanent:
			l.BondPort.Permanent = hardware(v)
		case bondSlaveAggregator:
			l.BondPort.Aggregator = u16(v)
		}
	})
}

func decodeBond(data []byte) (*Bond, error) {
	b := &Bond{}
	var ad []byte
	err := attributes(data, func(kind uint16, v []byte) {
		switch kind {
		case bondMode:
			b.Mode = u8(v)
		case bondActive:
			b.Active = int(u32(v))
		case bondAD:
			ad = v
		}
	})
	if err != nil {
		return nil, err
	}
	return b, attributes(ad, func(kind uint16, v []byte) {
		switch kind {
		case bondADNumber:
			b.Aggregator = u16(v)
		case bondADPartner:
			b.Partner = hardware(v)
		}
	})
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
