// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"strconv"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// bridgeFile names, for an attribute of a bridge, the file of
// /sys/class/net/*/bridge that shows the same value. A link dump has them all,
// which spares some forty files per bridge. Sources: linux/if_link.h and the
// kernel's net/bridge/br_sysfs_br.c.
func bridgeFile(kind uint16) string {
	switch kind {
	case unix.IFLA_BR_FORWARD_DELAY:
		return "forward_delay"
	case unix.IFLA_BR_HELLO_TIME:
		return "hello_time"
	case unix.IFLA_BR_MAX_AGE:
		return "max_age"
	case unix.IFLA_BR_AGEING_TIME:
		return "ageing_time"
	case unix.IFLA_BR_STP_STATE:
		return "stp_state"
	case unix.IFLA_BR_PRIORITY:
		return "priority"
	case unix.IFLA_BR_VLAN_FILTERING:
		return "vlan_filtering"
	case unix.IFLA_BR_VLAN_PROTOCOL:
		return "vlan_protocol"
	case unix.IFLA_BR_GROUP_FWD_MASK:
		return "group_fwd_mask"
	case unix.IFLA_BR_ROOT_ID:
		return "root_id"
	case unix.IFLA_BR_BRIDGE_ID:
		return "bridge_id"
	case unix.IFLA_BR_ROOT_PORT:
		return "root_port"
	case unix.IFLA_BR_ROOT_PATH_COST:
		return "root_path_cost"
	case unix.IFLA_BR_TOPOLOGY_CHANGE:
		return "topology_change"
	case unix.IFLA_BR_TOPOLOGY_CHANGE_DETECTED:
		return "topology_change_detected"
	case unix.IFLA_BR_HELLO_TIMER:
		return "hello_timer"
	case unix.IFLA_BR_TCN_TIMER:
		return "tcn_timer"
	case unix.IFLA_BR_TOPOLOGY_CHANGE_TIMER:
		return "topology_change_timer"
	case unix.IFLA_BR_GC_TIMER:
		return "gc_timer"
	case unix.IFLA_BR_GROUP_ADDR:
		return "group_addr"
	case unix.IFLA_BR_NF_CALL_IPTABLES:
		return "nf_call_iptables"
	case unix.IFLA_BR_NF_CALL_IP6TABLES:
		return "nf_call_ip6tables"
	case unix.IFLA_BR_NF_CALL_ARPTABLES:
		return "nf_call_arptables"
	case unix.IFLA_BR_VLAN_DEFAULT_PVID:
		return "default_pvid"
	case unix.IFLA_BR_VLAN_STATS_ENABLED:
		return "vlan_stats_enabled"
	case unix.IFLA_BR_VLAN_STATS_PER_PORT:
		return "vlan_stats_per_port"
	case unix.IFLA_BR_MULTI_BOOLOPT:
		return "no_linklocal_learn"
	default:
		return multicastFile(kind)
	}
}

func multicastFile(kind uint16) string {
	switch kind {
	case unix.IFLA_BR_MCAST_ROUTER:
		return "multicast_router"
	case unix.IFLA_BR_MCAST_SNOOPING:
		return "multicast_snooping"
	case unix.IFLA_BR_MCAST_QUERY_USE_IFADDR:
		return "multicast_query_use_ifaddr"
	case unix.IFLA_BR_MCAST_QUERIER:
		return "multicast_querier"
	case unix.IFLA_BR_MCAST_HASH_ELASTICITY:
		return "hash_elasticity"
	case unix.IFLA_BR_MCAST_HASH_MAX:
		return "hash_max"
	case unix.IFLA_BR_MCAST_LAST_MEMBER_CNT:
		return "multicast_last_member_count"
	case unix.IFLA_BR_MCAST_STARTUP_QUERY_CNT:
		return "multicast_startup_query_count"
	case unix.IFLA_BR_MCAST_LAST_MEMBER_INTVL:
		return "multicast_last_member_interval"
	case unix.IFLA_BR_MCAST_MEMBERSHIP_INTVL:
		return "multicast_membership_interval"
	case unix.IFLA_BR_MCAST_QUERIER_INTVL:
		return "multicast_querier_interval"
	case unix.IFLA_BR_MCAST_QUERY_INTVL:
		return "multicast_query_interval"
	case unix.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL:
		return "multicast_query_response_interval"
	case unix.IFLA_BR_MCAST_STARTUP_QUERY_INTVL:
		return "multicast_startup_query_interval"
	case unix.IFLA_BR_MCAST_STATS_ENABLED:
		return "multicast_stats_enabled"
	case unix.IFLA_BR_MCAST_IGMP_VERSION:
		return "multicast_igmp_version"
	case unix.IFLA_BR_MCAST_MLD_VERSION:
		return "multicast_mld_version"
	default:
		return ""
	}
}

func bridgeOptions(data []byte) map[string]string {
	options := make(map[string]string, 48)
	for kind, v := range rtnl.Attrs(data) {
		if name := bridgeFile(kind); name != "" {
			options[name] = bridgeValue(kind, v)
		}
	}
	return options
}

// bridges remembers the bridge that came last in a dump. The next one mostly
// differs from it in its identity and its timers alone, and a copy of a map
// costs a fraction of forty entries made one by one.
type bridges struct {
	data    []byte
	options map[string]string
}

// decode is bridgeOptions with what is remembered. The map is the caller's, to
// read.
func (b *bridges) decode(data []byte) map[string]string {
	options, alike := b.adapt(data)
	if !alike {
		options = bridgeOptions(data)
	}
	b.data, b.options = append(b.data[:0], data...), options
	return options
}

// adapt copies the options of the last bridge and replaces those that differ,
// if both have the same attributes in the same order.
func (b *bridges) adapt(data []byte) (options map[string]string, alike bool) {
	before := b.data
	if len(before) == 0 || len(data) != len(before) {
		return nil, false
	}
	options = maps.Clone(b.options)
	for {
		kind, v, rest, ok := rtnl.Cut(data)
		kindBefore, old, restBefore, okBefore := rtnl.Cut(before)
		switch {
		case kind != kindBefore || ok != okBefore:
			return nil, false
		case !ok:
			return options, true
		case !bytes.Equal(v, old):
			if name := bridgeFile(kind); name != "" {
				options[name] = bridgeValue(kind, v)
			}
		}
		data, before = rest, restBefore
	}
}

// bridgeValue writes a value as the file has it.
func bridgeValue(kind uint16, v []byte) string {
	switch {
	case kind == unix.IFLA_BR_GROUP_ADDR:
		return hardware(v).String()
	case (kind == unix.IFLA_BR_ROOT_ID || kind == unix.IFLA_BR_BRIDGE_ID) && len(v) == 8:
		return hex.EncodeToString(v[:2]) + "." + hex.EncodeToString(v[2:])
	case kind == unix.IFLA_BR_GROUP_FWD_MASK:
		return fmt.Sprintf("%#x", rtnl.U32(v))
	case kind == unix.IFLA_BR_VLAN_PROTOCOL && len(v) == 2:
		return fmt.Sprintf("%#04x", binary.BigEndian.Uint16(v))
	case kind == unix.IFLA_BR_MULTI_BOOLOPT: // bit 0 of struct br_boolopt_multi
		return strconv.FormatUint(uint64(rtnl.U32(v)&1), 10)
	}
	if len(v) == 8 {
		return strconv.FormatUint(native.Uint64(v), 10)
	}
	return strconv.FormatUint(uint64(rtnl.U32(v)), 10)
}
