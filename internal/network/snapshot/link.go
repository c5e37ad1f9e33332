// SPDX-License-Identifier: GPL-2.0-or-later

package snapshot

import (
	"encoding/binary"
	"net"
	"slices"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// skipStatistics is RTEXT_FILTER_SKIP_STATS of linux/rtnetlink.h: counters are
// half of a link's answer.
const skipStatistics = 1 << 3

// Kinds of links that are treated in a way of their own. A card has no kind.
const (
	KindBridge = "bridge"
	KindBond   = "bond"
	KindVLAN   = "vlan"
	// KindSwitch are the links that Open vSwitch makes over the kernel's
	// datapath: that one itself, and internal ports.
	KindSwitch = "openvswitch"
)

// Link is a network device.
type Link struct {
	Index   int32  `json:"index"`
	Name    string `json:"name"`
	Kind    string `json:"kind,omitzero"` // "" for a card
	MTU     uint32 `json:"mtu"`
	MAC     string `json:"mac,omitzero"`
	PermMAC string `json:"permMac,omitzero"` // burnt into the card
	Up      bool   `json:"up"`               // as the administrator wants it
	Running bool   `json:"-"`                // has a carrier
	Master  string `json:"master,omitzero"`  // bridge or bond that it is a port of
	Base    string `json:"base,omitzero"`    // link that it lies on
	Group   uint32 `json:"group,omitzero"`
	Queue   uint32 `json:"queue,omitzero"` // length, in packets
	Data    []byte `json:"data,omitzero"`  // attributes of its kind, as the kernel tells them
	Port    []byte `json:"port,omitzero"`  // attributes of it as a port
	IPv6    IPv6   `json:"ipv6"`
}

// IPv6 are the settings of a link below /proc/sys/net/ipv6/conf. A link whose
// MTU is below 1280 has none.
type IPv6 struct {
	Known         bool  `json:"known,omitzero"`
	Disabled      bool  `json:"disabled,omitzero"`
	Autoconf      int32 `json:"autoconf,omitzero"`
	AcceptRA      int32 `json:"acceptRA,omitzero"`
	DefaultRouter int32 `json:"defaultRouter,omitzero"` // accept_ra_defrtr
}

// OnSwitch tells whether a link is a port of Open vSwitch over the kernel's
// datapath. Its master is the datapath then, whatever the bridge is.
func (s *State) OnSwitch(l *Link) bool {
	if l == nil {
		return false
	}
	master := s.Link(l.Master)
	return master != nil && master.Kind == KindSwitch
}

// VLANTag returns the tag of a link of kind vlan, 0 for others.
func (l *Link) VLANTag() uint16 {
	if l.Kind != KindVLAN {
		return 0
	}
	return uint16(rtnl.U32(rtnl.Find(l.Data, unix.IFLA_VLAN_ID)))
}

// STP tells whether a bridge runs the spanning tree protocol.
func (l *Link) STP() bool {
	return l.Kind == KindBridge && rtnl.U32(rtnl.Find(l.Data, unix.IFLA_BR_STP_STATE)) != 0
}

// BondMode returns the number of a bond's mode.
func (l *Link) BondMode() uint8 {
	return uint8(rtnl.U32(rtnl.Find(l.Data, unix.IFLA_BOND_MODE)))
}

// rawLink refers to others by index, as they may come later in the dump.
type rawLink struct {
	Link

	master, base int32
	foreignBase  bool // the base is in another namespace, where indexes differ
}

func parseLink(m rtnl.Message) (l rawLink, ok bool) {
	if m.Type != unix.RTM_NEWLINK || len(m.Body) < rtnl.SizeLink || m.Body[0] != unix.AF_UNSPEC {
		return l, false
	}
	l.Index = int32(binary.NativeEndian.Uint32(m.Body[4:]))
	flags := binary.NativeEndian.Uint32(m.Body[8:])
	l.Up, l.Running = flags&unix.IFF_UP != 0, flags&unix.IFF_RUNNING != 0
	for t, v := range rtnl.Attrs(m.Body[rtnl.SizeLink:]) {
		switch t {
		case unix.IFLA_IFNAME:
			l.Name = rtnl.Text(v)
		case unix.IFLA_MTU:
			l.MTU = rtnl.U32(v)
		case unix.IFLA_ADDRESS:
			l.MAC = net.HardwareAddr(v).String()
		case unix.IFLA_PERM_ADDRESS:
			l.PermMAC = net.HardwareAddr(v).String()
		case unix.IFLA_MASTER:
			l.master = int32(rtnl.U32(v))
		case unix.IFLA_LINK:
			l.base = int32(rtnl.U32(v))
		case unix.IFLA_LINK_NETNSID:
			l.foreignBase = true
		case unix.IFLA_GROUP:
			l.Group = rtnl.U32(v)
		case unix.IFLA_TXQLEN:
			l.Queue = rtnl.U32(v)
		case unix.IFLA_LINKINFO:
			l.parseInfo(v)
		case unix.IFLA_AF_SPEC:
			l.IPv6 = parseIPv6(v)
		}
	}
	return l, l.Name != ""
}

func (l *rawLink) parseInfo(info []byte) {
	for t, v := range rtnl.Attrs(info) {
		switch t {
		case unix.IFLA_INFO_KIND:
			l.Kind = rtnl.Text(v)
		case unix.IFLA_INFO_DATA:
			l.Data = slices.Clone(v)
		case unix.IFLA_INFO_SLAVE_DATA:
			l.Port = slices.Clone(v)
		}
	}
}

// Places in the array IFLA_INET6_CONF, from linux/ipv6.h.
const (
	confAcceptRA      = 3
	confAutoconf      = 5
	confDefaultRouter = 17
	confDisabled      = 26
)

func parseIPv6(families []byte) (s IPv6) {
	conf := rtnl.Find(rtnl.Find(families, unix.AF_INET6), unix.IFLA_INET6_CONF)
	if len(conf) < 4*(confDisabled+1) {
		return s
	}
	at := func(i int) int32 { return int32(binary.NativeEndian.Uint32(conf[4*i:])) }
	return IPv6{
		Known: true, Disabled: at(confDisabled) != 0,
		Autoconf: at(confAutoconf), AcceptRA: at(confAcceptRA), DefaultRouter: at(confDefaultRouter),
	}
}
