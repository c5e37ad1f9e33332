// SPDX-License-Identifier: GPL-2.0-or-later

package tc

import (
	"bytes"
	"slices"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Flags of requests: make it, and refuse if it is there.
const (
	create = unix.NLM_F_CREATE | unix.NLM_F_EXCL
)

// Change returns the requests that turn one tree of a link into another, none
// if they are the same. Classes that stay keep their packets; a class whose
// rates alone change is changed in place.
func Change(index int32, from, to Tree) []rtnl.Message {
	c := change{index: index, from: from, to: to, gone: map[uint32]bool{}}
	c.roots()
	c.doom()
	c.filtersOff()
	c.classesOff()
	c.qdiscsOff()
	c.rootsOn()
	c.classesOn()
	c.qdiscsOn()
	c.filtersOn()
	return slices.Concat(c.off, c.on)
}

// change is the work of Change.
type change struct {
	index    int32
	from, to Tree
	gone     map[uint32]bool // classes that go, or must be made anew
	off, on  []rtnl.Message
}

func (c *change) remove(typ uint16, o Object) {
	c.off = append(c.off, message(typ, 0, c.index, o))
}

func (c *change) make(typ, flags uint16, o Object) {
	if o.Kind == kindFair && o.Options != nil {
		o.Options = fair(o.Options)
	}
	c.on = append(c.on, message(typ, flags, c.index, o))
}

// fair returns the options of fq_codel as they must be given to be told like
// that: the kernel counts time in 1024 ns and rounds down both ways (codel_time_t
// in net/codel.h).
func fair(told []byte) []byte {
	const target, interval, threshold = 1, 3, 7
	var given []byte
	for t, v := range rtnl.Attrs(told) {
		if t == target || t == interval || t == threshold {
			given = rtnl.PutU32(given, t, rtnl.U32(v)+1)
		} else {
			given = rtnl.Put(given, t, v)
		}
	}
	return given
}

// same tells whether an object is as wanted; without options anything is.
func same(have, want Object) bool {
	return have.Kind == want.Kind && have.Parent == want.Parent && have.Handle == want.Handle && have.Info == want.Info &&
		(want.Options == nil || bytes.Equal(have.Options, want.Options))
}

// roots removes disciplines at the root and at the entry that are not wanted,
// and with them all that hangs there.
func (c *change) roots() {
	for _, parent := range []uint32{parentRoot, parentIngress} {
		have, want := at(c.from.Qdiscs, parent), at(c.to.Qdiscs, parent)
		if have.Kind == "" || same(have, want) {
			continue
		}
		c.remove(unix.RTM_DELQDISC, Object{Kind: have.Kind, Parent: have.Parent, Handle: have.Handle})
		below := func(o Object) bool { return (o.Parent&majorMask == majorMask) == (parent == parentIngress) }
		c.from.Filters = without(c.from.Filters, below)
		c.from.Qdiscs = without(c.from.Qdiscs, func(o Object) bool {
			return o.Parent == parent || parent == parentRoot && o.Parent < parentIngress
		})
		if parent == parentRoot {
			c.from.Classes = nil
		}
	}
}

func without(list []Object, gone func(Object) bool) []Object {
	return slices.DeleteFunc(slices.Clone(list), gone)
}

// doom finds the classes that cannot stay: those that are not wanted, or whose
// set of curves is another, and those below them.
func (c *change) doom() {
	for _, have := range c.from.Classes { // parents come first
		i := slices.IndexFunc(c.to.Classes, func(o Object) bool { return o.Handle == have.Handle })
		stays := i >= 0 && (same(have, c.to.Classes[i]) || changeable(have, c.to.Classes[i]))
		c.gone[have.Handle] = !stays || c.gone[have.Parent]
	}
}

// changeable tells whether the kernel can turn one class into another: it
// changes curves, and never takes one away.
func changeable(have, want Object) bool {
	if have.Kind != kindHFSC || want.Kind != kindHFSC || have.Parent != want.Parent {
		return false
	}
	var a, b []uint16
	for t := range rtnl.Attrs(have.Options) {
		a = append(a, t)
	}
	for t := range rtnl.Attrs(want.Options) {
		b = append(b, t)
	}
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// group returns the filters of one place and preference: the kernel removes
// them together.
func group(list []Object, of Object) []Object {
	return without(list, func(o Object) bool { return o.Parent != of.Parent || o.Info != of.Info })
}

// staysGroup tells whether the filters of a preference can stay. Classes that
// go must have none.
func (c *change) staysGroup(of Object) bool {
	have, want := group(c.from.Filters, of), group(c.to.Filters, of)
	return slices.EqualFunc(have, want, same) && !slices.ContainsFunc(have, func(o Object) bool { return c.gone[classOf(o)] })
}

func (c *change) filtersOff() {
	for i, o := range c.from.Filters {
		first := len(group(c.from.Filters[:i], o)) == 0
		if first && !c.staysGroup(o) {
			c.remove(unix.RTM_DELTFILTER, Object{Kind: o.Kind, Parent: o.Parent, Info: o.Info})
		}
	}
}

func (c *change) classesOff() {
	for _, o := range slices.Backward(c.from.Classes) {
		if c.gone[o.Handle] {
			c.remove(unix.RTM_DELTCLASS, Object{Parent: o.Parent, Handle: o.Handle})
		}
	}
}

// qdiscsOff removes what hangs below classes that stay.
func (c *change) qdiscsOff() {
	for _, have := range c.from.Qdiscs {
		if have.Parent >= parentIngress || c.gone[have.Parent] {
			continue
		}
		if want := at(c.to.Qdiscs, have.Parent); !same(have, want) {
			c.remove(unix.RTM_DELQDISC, Object{Kind: have.Kind, Parent: have.Parent, Handle: have.Handle})
		}
	}
}

func (c *change) rootsOn()  { c.qdiscs(func(o Object) bool { return o.Parent >= parentIngress }) }
func (c *change) qdiscsOn() { c.qdiscs(func(o Object) bool { return o.Parent < parentIngress }) }

func (c *change) qdiscs(which func(Object) bool) {
	for _, want := range c.to.Qdiscs {
		if which(want) && (c.gone[want.Parent] || !same(at(c.from.Qdiscs, want.Parent), want)) {
			c.make(unix.RTM_NEWQDISC, create, want)
		}
	}
}

func (c *change) classesOn() {
	for _, want := range c.to.Classes {
		i := slices.IndexFunc(c.from.Classes, func(o Object) bool { return o.Handle == want.Handle })
		switch {
		case i < 0 || c.gone[want.Handle]:
			c.make(unix.RTM_NEWTCLASS, create, want)
		case !same(c.from.Classes[i], want):
			c.make(unix.RTM_NEWTCLASS, 0, want)
		}
	}
}

func (c *change) filtersOn() {
	for _, o := range c.to.Filters {
		if !c.staysGroup(o) {
			c.make(unix.RTM_NEWTFILTER, create, o)
		}
	}
}
