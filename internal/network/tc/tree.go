// SPDX-License-Identifier: GPL-2.0-or-later

// Package tc is the kernel's traffic control: how networks share the card or
// bond that carries them, and copies of a bridge's traffic for machines that
// watch it.
//
// What a link has is read into a Tree; what it shall have is another Tree; and
// Change says what to tell the kernel so that the one becomes the other, with
// classes that stay left in place. It speaks rtnetlink and runs no program.
//
// The layout is the original's (lib/vdsm/network/configurators/qos.py), so that
// hosts can go from one to the other. Layouts of messages are those of
// linux/pkt_sched.h, linux/pkt_cls.h and linux/tc_ematch/tc_em_meta.h.
package tc

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Conn is the part of rtnl.Conn that reading takes.
type Conn interface {
	Dump(ctx context.Context, m rtnl.Message, reset func(), each func(rtnl.Message)) error
}

// Tree is the traffic control of one link, without what the kernel gives every
// link by itself. The zero Tree is that of a link that nobody has touched.
type Tree struct {
	Qdiscs  []Object `json:"qdiscs,omitzero"`
	Classes []Object `json:"classes,omitzero"`
	Filters []Object `json:"filters,omitzero"`
}

// Object is a queueing discipline, a class or a filter.
type Object struct {
	Kind   string `json:"kind"`
	Parent uint32 `json:"parent"`
	// Handle of a queueing discipline, or a class's id. Filters have none: the
	// kernel numbers them, and finds them by Info.
	Handle uint32 `json:"handle,omitzero"`
	Info   uint32 `json:"info,omitzero"` // of a filter: preference and protocol
	// Options are attributes of the kind in the form in which the kernel takes
	// them; nil for its defaults.
	Options []byte `json:"options,omitzero"`
}

// Handles that the kernel gives a meaning (linux/pkt_sched.h).
const (
	parentRoot    = 0xFFFFFFFF // TC_H_ROOT
	parentIngress = 0xFFFFFFF1 // TC_H_INGRESS
	handleIngress = 0xFFFF0000
	majorMask     = 0xFFFF0000
)

const sizeTC = 20 // struct tcmsg

// message returns a request about an object of a link.
func message(typ, flags uint16, index int32, o Object) rtnl.Message {
	body := make([]byte, sizeTC, 128)
	binary.NativeEndian.PutUint32(body[4:], uint32(index))
	binary.NativeEndian.PutUint32(body[8:], o.Handle)
	binary.NativeEndian.PutUint32(body[12:], o.Parent)
	binary.NativeEndian.PutUint32(body[16:], o.Info)
	if o.Kind != "" {
		body = rtnl.PutString(body, unix.TCA_KIND, o.Kind)
	}
	if o.Options != nil {
		body = rtnl.Put(body, unix.TCA_OPTIONS, o.Options)
	}
	return rtnl.Message{Type: typ, Flags: flags, Body: body}
}

// parse reads what a dump tells of an object.
func parse(m rtnl.Message) (o Object, index int32, ok bool) {
	if len(m.Body) < sizeTC {
		return o, 0, false
	}
	index = int32(binary.NativeEndian.Uint32(m.Body[4:]))
	o.Handle = binary.NativeEndian.Uint32(m.Body[8:])
	o.Parent = binary.NativeEndian.Uint32(m.Body[12:])
	o.Info = binary.NativeEndian.Uint32(m.Body[16:])
	for t, v := range rtnl.Attrs(m.Body[sizeTC:]) {
		switch t {
		case unix.TCA_KIND:
			o.Kind = rtnl.Text(v)
		case unix.TCA_OPTIONS:
			o.Options = slices.Clone(v)
		}
	}
	return o, index, o.Kind != ""
}

// Read returns the trees of the links with the indexes; links that nobody has
// touched are left out.
func Read(ctx context.Context, c Conn, indexes ...int32) (map[int32]Tree, error) {
	trees := make(map[int32]Tree)
	err := c.Dump(ctx, message(unix.RTM_GETQDISC, 0, 0, Object{}),
		func() { clear(trees) },
		func(m rtnl.Message) {
			o, index, ok := parse(m)
			// What the kernel made by itself has no handle.
			if !ok || m.Type != unix.RTM_NEWQDISC || o.Handle == 0 || !slices.Contains(indexes, index) {
				return
			}
			o.Info, o.Options = 0, settable(o) // the kernel counts users there
			t := trees[index]
			t.Qdiscs = append(t.Qdiscs, o)
			trees[index] = t
		})
	if err != nil && !errors.Is(err, unix.EOPNOTSUPP) { // a kernel without traffic control
		return nil, err
	}
	for index, t := range trees {
		if t.Classes, err = classes(ctx, c, index); err != nil {
			return nil, err
		}
		for _, q := range t.Qdiscs {
			if q.Parent != parentRoot && q.Parent != parentIngress {
				continue
			}
			found, err := filters(ctx, c, index, q.Handle)
			if err != nil {
				return nil, err
			}
			t.Filters = append(t.Filters, found...)
		}
		t.sort()
		trees[index] = t
	}
	return trees, nil
}

// hasClasses tells whether people make the classes of a kind, rather than the
// kernel.
func hasClasses(kind string) bool {
	return slices.Contains([]string{kindHFSC, "htb", "drr", "qfq"}, kind)
}

func classes(ctx context.Context, c Conn, index int32) (list []Object, err error) {
	err = c.Dump(ctx, message(unix.RTM_GETTCLASS, 0, index, Object{}),
		func() { list = nil },
		func(m rtnl.Message) {
			o, of, ok := parse(m)
			root := o.Kind == kindHFSC && o.Parent == parentRoot // comes and goes with the discipline
			if ok && m.Type == unix.RTM_NEWTCLASS && of == index && hasClasses(o.Kind) && !root {
				o.Info = 0 // the discipline below it
				list = append(list, o)
			}
		})
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENODEV) {
		return nil, nil
	}
	return list, err
}

func filters(ctx context.Context, c Conn, index int32, parent uint32) (list []Object, err error) {
	err = c.Dump(ctx, message(unix.RTM_GETTFILTER, 0, index, Object{Parent: parent}),
		func() { list = nil },
		func(m rtnl.Message) {
			o, of, ok := parse(m)
			if ok && m.Type == unix.RTM_NEWTFILTER && of == index && single(o) {
				o.Handle, o.Options = 0, settable(o)
				list = append(list, o)
			}
		})
	if errors.Is(err, unix.ENODEV) {
		return nil, nil
	}
	return list, err
}

// sort brings everything into one order: parents before children, and filters
// as the kernel tries them.
func (t *Tree) sort() {
	byPlace := func(a, b Object) int { return cmp.Or(cmp.Compare(a.Parent, b.Parent), cmp.Compare(a.Handle, b.Handle)) }
	// Root and ingress have the greatest numbers as their parents.
	slices.SortFunc(t.Qdiscs, func(a, b Object) int {
		return cmp.Or(-cmp.Compare(a.Parent/parentIngress, b.Parent/parentIngress), byPlace(a, b))
	})
	depth := func(o Object) (n int) {
		for p := o.Parent; p&^uint32(majorMask) != 0 && n < len(t.Classes); n++ {
			i := slices.IndexFunc(t.Classes, func(c Object) bool { return c.Handle == p })
			if i < 0 {
				break
			}
			p = t.Classes[i].Parent
		}
		return n
	}
	depths := make(map[uint32]int, len(t.Classes))
	for _, c := range t.Classes {
		depths[c.Handle] = depth(c)
	}
	slices.SortFunc(t.Classes, func(a, b Object) int {
		return cmp.Or(cmp.Compare(depths[a.Handle], depths[b.Handle]), byPlace(a, b))
	})
	slices.SortStableFunc(t.Filters, func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.Parent, b.Parent), cmp.Compare(a.Info, b.Info))
	})
}

// at returns what hangs at a place, the zero Object if nothing does.
func at(list []Object, parent uint32) Object {
	for _, o := range list {
		if o.Parent == parent {
			return o
		}
	}
	return Object{}
}
