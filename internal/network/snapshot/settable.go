// SPDX-License-Identifier: GPL-2.0-or-later

package snapshot

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Settable returns those of a link's attributes that may be given when it is
// made; the others are findings, which the kernel would refuse. Options of
// bonds depend on one another in too many ways to be given at once: only the
// mode is.
func Settable(kind string, data []byte) []byte {
	switch kind {
	case KindBridge:
		kept := rtnl.Keep(data, bridgeSettable()...)
		if rtnl.U32(rtnl.Find(data, unix.IFLA_BR_VLAN_FILTERING)) != 0 {
			kept = append(kept, rtnl.Keep(data, unix.IFLA_BR_VLAN_FILTERING)...)
		} // a kernel without it refuses even the word "off"
		return kept
	case KindBond:
		return rtnl.Keep(data, unix.IFLA_BOND_MODE)
	case KindVLAN:
		kept := rtnl.Keep(data, unix.IFLA_VLAN_ID, unix.IFLA_VLAN_PROTOCOL,
			unix.IFLA_VLAN_EGRESS_QOS, unix.IFLA_VLAN_INGRESS_QOS)
		return append(kept, vlanFlags(rtnl.Find(data, unix.IFLA_VLAN_FLAGS))...)
	}
	return data
}

// vlanFlags returns the flags of a VLAN with a mask that the kernel takes: it
// tells one of all ones, and refuses it.
func vlanFlags(v []byte) []byte {
	if len(v) != 8 {
		return nil
	}
	flags := binary.NativeEndian.Uint32(v)
	const known = 0xf // VLAN_FLAG_… of linux/if_vlan.h, as old as they are
	v = binary.NativeEndian.AppendUint32(nil, flags)
	return rtnl.Put(nil, unix.IFLA_VLAN_FLAGS, binary.NativeEndian.AppendUint32(v, flags|known))
}

func bridgeSettable() []uint16 {
	return []uint16{
		unix.IFLA_BR_FORWARD_DELAY, unix.IFLA_BR_HELLO_TIME, unix.IFLA_BR_MAX_AGE, unix.IFLA_BR_AGEING_TIME,
		unix.IFLA_BR_STP_STATE, unix.IFLA_BR_PRIORITY, unix.IFLA_BR_VLAN_PROTOCOL,
		unix.IFLA_BR_GROUP_FWD_MASK, unix.IFLA_BR_VLAN_DEFAULT_PVID, unix.IFLA_BR_VLAN_STATS_ENABLED,
		unix.IFLA_BR_MCAST_ROUTER, unix.IFLA_BR_MCAST_SNOOPING, unix.IFLA_BR_MCAST_QUERY_USE_IFADDR,
		unix.IFLA_BR_MCAST_QUERIER, unix.IFLA_BR_MCAST_HASH_MAX, unix.IFLA_BR_MCAST_LAST_MEMBER_CNT,
		unix.IFLA_BR_MCAST_STARTUP_QUERY_CNT, unix.IFLA_BR_MCAST_LAST_MEMBER_INTVL,
		unix.IFLA_BR_MCAST_MEMBERSHIP_INTVL, unix.IFLA_BR_MCAST_QUERIER_INTVL, unix.IFLA_BR_MCAST_QUERY_INTVL,
		unix.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, unix.IFLA_BR_MCAST_STARTUP_QUERY_INTVL,
		unix.IFLA_BR_MCAST_STATS_ENABLED, unix.IFLA_BR_MCAST_IGMP_VERSION, unix.IFLA_BR_MCAST_MLD_VERSION,
		unix.IFLA_BR_NF_CALL_IPTABLES, unix.IFLA_BR_NF_CALL_IP6TABLES, unix.IFLA_BR_NF_CALL_ARPTABLES,
	}
}

// SettablePort is Settable for what a bridge knows of its port.
func SettablePort(data []byte) []byte {
	return rtnl.Keep(data,
		unix.IFLA_BRPORT_PRIORITY, unix.IFLA_BRPORT_COST, unix.IFLA_BRPORT_MODE, unix.IFLA_BRPORT_GUARD,
		unix.IFLA_BRPORT_PROTECT, unix.IFLA_BRPORT_FAST_LEAVE, unix.IFLA_BRPORT_LEARNING,
		unix.IFLA_BRPORT_UNICAST_FLOOD, unix.IFLA_BRPORT_PROXYARP, unix.IFLA_BRPORT_PROXYARP_WIFI,
		unix.IFLA_BRPORT_MULTICAST_ROUTER, unix.IFLA_BRPORT_MCAST_TO_UCAST, unix.IFLA_BRPORT_MCAST_FLOOD,
		unix.IFLA_BRPORT_BCAST_FLOOD, unix.IFLA_BRPORT_GROUP_FWD_MASK, unix.IFLA_BRPORT_NEIGH_SUPPRESS,
		unix.IFLA_BRPORT_VLAN_TUNNEL, unix.IFLA_BRPORT_ISOLATED, unix.IFLA_BRPORT_LOCKED)
}

// NewVLAN returns the attributes of a VLAN link.
func NewVLAN(tag uint16) []byte { return rtnl.PutU16(nil, unix.IFLA_VLAN_ID, tag) }

// NewBridge returns the attributes of a bridge.
func NewBridge(stp bool) []byte {
	var on uint32
	if stp {
		on = 1
	}
	return rtnl.PutU32(nil, unix.IFLA_BR_STP_STATE, on)
}

// NewBond returns the attributes of a bond.
func NewBond(mode uint8) []byte { return rtnl.PutU8(nil, unix.IFLA_BOND_MODE, mode) }

// IndexOf returns the index of the link that an answer is about.
func IndexOf(m rtnl.Message) (int32, bool) {
	if m.Type != unix.RTM_NEWLINK || len(m.Body) < rtnl.SizeLink {
		return 0, false
	}
	return int32(binary.NativeEndian.Uint32(m.Body[4:])), true
}
