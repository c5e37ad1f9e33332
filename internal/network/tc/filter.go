// SPDX-License-Identifier: GPL-2.0-or-later

package tc

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Kinds of filters.
const (
	kindU32   = "u32"
	kindBasic = "basic"
)

// everyProtocol is ETH_P_ALL as it stands in tcm_info, in network order.
var everyProtocol = uint32(binary.NativeEndian.Uint16([]byte{0, unix.ETH_P_ALL}))

// preference returns the Info of a filter for all protocols. Lower numbers are
// tried first.
func preference(n uint16) uint32 { return uint32(n)<<16 | everyProtocol }

// Attributes of filters (linux/pkt_cls.h).
const (
	u32ClassID, u32Sel, u32Act, u32Mark          = 1, 5, 7, 10
	basicClassID, basicEmatches, basicAct        = 1, 2, 3
	ematchHeader, ematchList                     = 1, 2
	metaHeader, metaLeft, metaRight              = 1, 2, 3
	actKind, actOptions                          = 1, 2
	mirredParms                                  = 2
	ematchMeta                            uint16 = 4 // TCF_EM_META
)

// single tells whether an entry of a dump is a filter. Each preference also has
// an entry for itself, and u32 has some for its tables.
func single(o Object) bool {
	const tableEntry = 0xfff
	return o.Handle != 0 && (o.Kind != kindU32 || o.Handle&tableEntry != 0)
}

// settable returns those options of an object that the kernel takes back:
// without counters, and without numbers that it has given.
func settable(o Object) []byte {
	switch o.Kind {
	case kindU32:
		return withActions(o.Options, u32Act, u32ClassID, u32Sel, u32Mark)
	case kindBasic:
		return withActions(o.Options, basicAct, basicClassID, basicEmatches)
	case "htb":
		// struct tc_htb_glob begins with a version, which is told as 3.17 and
		// taken as 3, and ends with counters.
		const initial, size = 2, 20
		if v := rtnl.Find(o.Options, initial); len(v) == size {
			kept := slices.Concat(v[2:4], []byte{0, 0}, v[4:12], make([]byte, 8))
			return rtnl.Put(nil, initial, kept)
		}
	}
	return o.Options
}

// withActions keeps attributes, and the actions.
func withActions(options []byte, actions uint16, types ...uint16) []byte {
	kept := rtnl.Keep(options, types...)
	raw := rtnl.Find(options, actions)
	if raw == nil {
		return kept
	}
	var list []byte
	for order, action := range rtnl.Attrs(raw) {
		kind, parms := rtnl.Text(rtnl.Find(action, actKind)), rtnl.Find(action, actOptions)
		if kind == kindMirred {
			parms = rtnl.Put(nil, mirredParms, anonymous(rtnl.Find(parms, mirredParms)))
		}
		list = rtnl.Put(list, order, rtnl.Put(rtnl.PutString(nil, actKind, kind), actOptions, parms))
	}
	return rtnl.Put(kept, actions, list)
}

// everything is a filter that lets all traffic that no other took go to a
// class: "u32 match u8 0 0 flowid …".
func everything(parent uint32, pref uint16, class uint32, actions []byte) Object {
	options := rtnl.Put(nil, u32Sel, matchAll()) // in the order of the kernel's dumps
	if class != 0 {
		options = rtnl.PutU32(options, u32ClassID, class)
	}
	if actions != nil {
		options = rtnl.Put(options, u32Act, actions)
	}
	return Object{Kind: kindU32, Parent: parent, Info: preference(pref), Options: options}
}

// matchAll is a struct tc_u32_sel with one key whose mask is 0.
func matchAll() []byte {
	const header, key = 16, 16
	const terminal = 1 // TC_U32_TERMINAL
	sel := make([]byte, header+key)
	sel[0], sel[2] = terminal, 1 // one key
	return sel
}

// tagged is a filter that lets the traffic of a VLAN go to a class: "basic
// match meta(vlan eq TAG) flowid …".
func tagged(parent uint32, tag uint16, class uint32) Object {
	// struct tcf_meta_hdr: two of kind, shift and operator. A kind is a type,
	// here TCF_META_TYPE_INT, and what to look at.
	const typeInt = 1 << 12
	const vlanTag = 46 // TCF_META_ID_VLAN_TAG
	header := binary.NativeEndian.AppendUint16(nil, typeInt|vlanTag)
	header = append(header, 0, 0) // TCF_EM_OPND_EQ
	header = binary.NativeEndian.AppendUint16(header, typeInt)
	header = append(header, 0, 0)

	match := binary.NativeEndian.AppendUint16(nil, 0)
	match = binary.NativeEndian.AppendUint16(match, ematchMeta)
	match = append(match, 0, 0, 0, 0)
	match = rtnl.Put(match, metaHeader, header)
	match = rtnl.PutU32(match, metaLeft, 0) // no mask
	match = rtnl.PutU32(match, metaRight, uint32(tag))

	count := binary.NativeEndian.AppendUint16(nil, 1)
	tree := rtnl.Put(nil, ematchHeader, append(count, 0, 0))
	tree = rtnl.Put(tree, ematchList, rtnl.Put(nil, 1, match))

	options := rtnl.PutU32(nil, basicClassID, class)
	return Object{Kind: kindBasic, Parent: parent, Info: preference(tag), Options: rtnl.Put(options, basicEmatches, tree)}
}

// classOf returns the class that a filter leads to, 0 if there is none.
func classOf(o Object) uint32 {
	switch o.Kind {
	case kindU32:
		return rtnl.U32(rtnl.Find(o.Options, u32ClassID))
	case kindBasic:
		return rtnl.U32(rtnl.Find(o.Options, basicClassID))
	}
	return 0
}
