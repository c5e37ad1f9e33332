// SPDX-License-Identifier: GPL-2.0-or-later

package tc

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"govdsm/api"
	"govdsm/internal/network/rtnl"
)

const (
	kindHFSC    = "hfsc"
	kindFair    = "fq_codel"
	kindIngress = "ingress"
)

// Untagged is the key of the network without a VLAN among shares.
const Untagged = -1

// The layout of the original: the root's handle, and the minor number of the
// class of all traffic that is of no network with shares. VLAN tags, which are
// the minor numbers of the other classes, are smaller.
const (
	rootHandle   = 0x1389 << 16
	defaultMinor = 0x1388
	lastTag      = 4094
)

// Attributes of a class (linux/pkt_sched.h): guaranteed, share, limit.
const (
	hfscRSC, hfscFSC, hfscUSC = 1, 2, 3
)

// Shares are the curves of the networks on a link, by VLAN tag or Untagged.
type Shares map[int]api.HostBandwidthParams

// ErrBadShares says that there is no class for some curves.
var ErrBadShares = errors.New("QoS")

// Check tells what of the shares the kernel would refuse, or twist.
func (s Shares) Check() error {
	for _, tag := range slices.Sorted(maps.Keys(s)) {
		if tag != Untagged && (tag < 1 || tag > lastTag) {
			return fmt.Errorf("%w: traffic of VLAN %d cannot be told apart", ErrBadShares, tag)
		}
		p := s[tag]
		for _, c := range curves(p) {
			if err := c.check(); err != nil {
				return fmt.Errorf("%w: %s: %w", ErrBadShares, c.name, err)
			}
		}
		switch {
		case nothing(p.Ls) && nothing(p.Rt):
			return fmt.Errorf("%w: neither ls nor rt is given", ErrBadShares)
		case nothing(p.Ls) && !nothing(p.Ul):
			return fmt.Errorf("%w: ul limits what ls gives, which is not given", ErrBadShares)
		}
	}
	return nil
}

// curve is a curve with what it is written as.
type curve struct {
	*api.BandwidthCurve

	name string
	attr uint16
	unit int64 // of a rate, in bytes per second, is 1/unit
}

// curves returns the curves of a network in the order of the kernel's dumps.
// Shares are relative: the original writes them without the 8 bits of a byte,
// so that none is rounded.
func curves(p api.HostBandwidthParams) []curve {
	return []curve{{p.Rt, "rt", hfscRSC, 8}, {p.Ls, "ls", hfscFSC, 1}, {p.Ul, "ul", hfscUSC, 8}}
}

// nothing tells whether a curve is none to the kernel.
func nothing(c *api.BandwidthCurve) bool { return c == nil || c.M2 == 0 && (c.M1 == nil || *c.M1 == 0) }

func (c curve) check() error {
	if c.BandwidthCurve == nil {
		return nil
	}
	rates := []int64{c.M2}
	if c.M1 != nil {
		rates = append(rates, *c.M1)
	}
	for _, rate := range rates {
		if rate < 0 || rate/c.unit > math.MaxUint32 {
			return fmt.Errorf("rate %d is out of range", rate)
		}
	}
	if !nothing(c.BandwidthCurve) && c.M2/c.unit == 0 && (c.M1 == nil || *c.M1/c.unit == 0) {
		return fmt.Errorf("rate %d is less than a byte per second", c.M2)
	}
	if c.D != nil && *c.D > math.MaxUint32 {
		return fmt.Errorf("time %d is out of range", *c.D)
	}
	return nil
}

// put writes a struct tc_service_curve. The time means nothing without the
// first rate.
func (c curve) put(b []byte) []byte {
	if nothing(c.BandwidthCurve) {
		return b
	}
	var m1, d uint32
	if c.M1 != nil {
		m1 = uint32(*c.M1 / c.unit)
		if c.D != nil {
			d = uint32(*c.D)
		}
	}
	v := binary.NativeEndian.AppendUint32(nil, m1)
	v = binary.NativeEndian.AppendUint32(v, d)
	return rtnl.Put(b, c.attr, binary.NativeEndian.AppendUint32(v, uint32(c.M2/c.unit)))
}

func class(minor uint16, p api.HostBandwidthParams) Object {
	var options []byte
	for _, c := range curves(p) {
		options = c.put(options)
	}
	return Object{Kind: kindHFSC, Parent: rootHandle, Handle: rootHandle | uint32(minor), Options: options}
}

// params reads the curves of a class. All members of a curve are told.
func params(o Object) api.HostBandwidthParams {
	var p api.HostBandwidthParams
	for _, c := range []struct {
		attr uint16
		unit int64
		into **api.BandwidthCurve
	}{{hfscRSC, 8, &p.Rt}, {hfscFSC, 1, &p.Ls}, {hfscUSC, 8, &p.Ul}} {
		v := rtnl.Find(o.Options, c.attr)
		if len(v) != 12 {
			continue
		}
		at := func(i int) int64 { return int64(binary.NativeEndian.Uint32(v[4*i:])) }
		*c.into = &api.BandwidthCurve{M1: new(at(0) * c.unit), D: new(uint64(at(1))), M2: at(2) * c.unit}
	}
	return p
}

// layout is the tree of a link whose networks have shares.
func layout(s Shares) Tree {
	root := binary.NativeEndian.AppendUint16(nil, defaultMinor)
	t := Tree{
		Qdiscs:  []Object{{Kind: kindHFSC, Parent: parentRoot, Handle: rootHandle, Options: root}},
		Filters: []Object{everything(rootHandle, defaultMinor, defaultMinor, nil)},
	}
	add := func(minor uint16, p api.HostBandwidthParams) {
		c := class(minor, p)
		t.Classes = append(t.Classes, c)
		t.Qdiscs = append(t.Qdiscs, Object{Kind: kindFair, Parent: c.Handle, Handle: uint32(minor) << 16})
	}
	for tag, p := range s {
		if tag == Untagged {
			continue
		}
		add(uint16(tag), p)
		t.Filters = append(t.Filters, tagged(rootHandle, uint16(tag), rootHandle|uint32(tag)))
	}
	add(defaultMinor, s.rest())
	return t
}

// rest are the shares of traffic that belongs to no tagged network: those of
// the untagged network, or else as much as the tagged one with the most gets.
func (s Shares) rest() api.HostBandwidthParams {
	if p, ok := s[Untagged]; ok {
		return p
	}
	var most *api.BandwidthCurve
	for _, tag := range slices.Sorted(maps.Keys(s)) {
		share := s[tag].Ls
		if nothing(share) {
			share = &api.BandwidthCurve{M2: 1} // it has a guarantee instead
		}
		if most == nil || share.M2 > most.M2 {
			most = share
		}
	}
	return api.HostBandwidthParams{Ls: most}
}

// Shaped returns the tree of a link whose networks shall have exactly the
// shares. What others have put there stays, but for a discipline at the root:
// there is only one.
func Shaped(now Tree, s Shares) Tree {
	ours := isOurs(at(now.Qdiscs, parentRoot))
	foreign := now.foreign()
	if len(s) == 0 && !ours {
		return now
	}
	var want Tree
	entry := at(now.Qdiscs, parentIngress)
	used := slices.ContainsFunc(now.Filters, func(o Object) bool { return o.Parent&majorMask == handleIngress })
	switch {
	case len(s) > 0:
		want = layout(s)
		if entry.Kind == "" {
			entry = Object{Kind: kindIngress, Parent: parentIngress, Handle: handleIngress}
		}
	case len(foreign.Classes) > 0:
		want = now.withoutTags()
	case entry.Kind == kindIngress && !used:
		entry = Object{}
	}
	if ours && len(s) > 0 {
		want.Qdiscs = append(want.Qdiscs, foreign.Qdiscs...)
		want.Classes = append(want.Classes, foreign.Classes...)
		want.Filters = append(want.Filters, foreign.Filters...)
	}
	if entry.Kind != "" && at(want.Qdiscs, parentIngress).Kind == "" {
		want.Qdiscs = append(want.Qdiscs, entry)
		want.Filters = append(want.Filters, without(now.Filters, func(o Object) bool { return o.Parent&majorMask != handleIngress })...)
	}
	want.sort()
	return want
}

func isOurs(root Object) bool { return root.Kind == kindHFSC && root.Handle == rootHandle }

// ofNetwork tells whether a class is one that this package makes.
func ofNetwork(handle uint32) bool {
	minor := handle &^ uint32(majorMask)
	return handle&majorMask == rootHandle && (minor == defaultMinor || minor >= 1 && minor <= lastTag)
}

// foreign is the part of a tree below our root that others have made.
func (t Tree) foreign() Tree {
	byPref := func(o Object) bool {
		pref := uint16(o.Info >> 16)
		return o.Parent == rootHandle && (pref == defaultMinor || pref <= lastTag && ofNetwork(classOf(o)))
	}
	return Tree{
		Qdiscs:  without(t.Qdiscs, func(o Object) bool { return o.Parent >= parentIngress || ofNetwork(o.Parent) }),
		Classes: without(t.Classes, func(o Object) bool { return ofNetwork(o.Handle) }),
		Filters: without(t.Filters, func(o Object) bool { return o.Parent&majorMask == handleIngress || byPref(o) }),
	}
}

// withoutTags is the tree without the classes of tagged networks.
func (t Tree) withoutTags() Tree {
	gone := func(handle uint32) bool { return ofNetwork(handle) && handle != rootHandle|defaultMinor }
	return Tree{
		Qdiscs:  without(t.Qdiscs, func(o Object) bool { return gone(o.Parent) }),
		Classes: without(t.Classes, func(o Object) bool { return gone(o.Handle) }),
		Filters: without(t.Filters, func(o Object) bool { return gone(classOf(o)) }),
	}
}

// Networks names the networks that have shares in a tree, for people.
func (t Tree) Networks() []string {
	var list []string
	for _, c := range t.Classes {
		if minor := c.Handle &^ uint32(majorMask); ofNetwork(c.Handle) {
			list = append(list, cmp.Or(map[uint32]string{defaultMinor: "others"}[minor], fmt.Sprintf("vlan %d", minor)))
		}
	}
	return list
}
