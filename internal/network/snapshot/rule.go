// SPDX-License-Identifier: GPL-2.0-or-later

package snapshot

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Rule sends packets from or to a network to a routing table. Rules that look
// at anything else are left out: none of ours do.
type Rule struct {
	Family   uint8        `json:"family"` // unix.AF_INET or AF_INET6
	From     netip.Prefix `json:"from,omitzero"`
	To       netip.Prefix `json:"to,omitzero"`
	Table    uint32       `json:"table"`
	Priority uint32       `json:"priority"`
}

const actionToTable = 1 // FR_ACT_TO_TBL of linux/fib_rules.h

// Body returns the body of a request about the rule.
func (r Rule) Body() []byte {
	b := make([]byte, rtnl.SizeRule, 64)
	b[0], b[7] = r.Family, actionToTable
	if r.Table < 256 {
		b[4] = uint8(r.Table)
	}
	if r.To.IsValid() {
		b[1] = uint8(r.To.Bits())
		b = rtnl.Put(b, unix.FRA_DST, r.To.Addr().AsSlice())
	}
	if r.From.IsValid() {
		b[2] = uint8(r.From.Bits())
		b = rtnl.Put(b, unix.FRA_SRC, r.From.Addr().AsSlice())
	}
	b = rtnl.PutU32(b, unix.FRA_TABLE, r.Table)
	return rtnl.PutU32(b, unix.FRA_PRIORITY, r.Priority)
}

func parseRule(m rtnl.Message) (r Rule, ok bool) {
	if m.Type != unix.RTM_NEWRULE || len(m.Body) < rtnl.SizeRule || m.Body[7] != actionToTable {
		return r, false
	}
	r.Family, r.Table = m.Body[0], uint32(m.Body[4])
	for t, v := range rtnl.Attrs(m.Body[rtnl.SizeRule:]) {
		switch t {
		case unix.FRA_DST:
			if a, ok := netip.AddrFromSlice(v); ok {
				r.To = netip.PrefixFrom(a, int(m.Body[1]))
			}
		case unix.FRA_SRC:
			if a, ok := netip.AddrFromSlice(v); ok {
				r.From = netip.PrefixFrom(a, int(m.Body[2]))
			}
		case unix.FRA_TABLE:
			r.Table = rtnl.U32(v)
		case unix.FRA_PRIORITY:
			r.Priority = rtnl.U32(v)
		case unix.FRA_IIFNAME, unix.FRA_OIFNAME, unix.FRA_FWMARK, unix.FRA_UID_RANGE, unix.FRA_TUN_ID,
			unix.FRA_L3MDEV, unix.FRA_SPORT_RANGE, unix.FRA_DPORT_RANGE, unix.FRA_IP_PROTO:
			if rtnl.U32(v) != 0 || len(v) > 4 {
				return r, false
			}
		}
	}
	return r, true
}
