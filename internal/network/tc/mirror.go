// SPDX-License-Identifier: GPL-2.0-or-later

package tc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

const (
	kindMirred = "mirred"
	kindPrio   = "prio"
)

// mirrorHandle is the discipline at the root of a bridge that is watched, where
// we make one; kernels give out numbers from 8000: on.
const mirrorHandle = 1 << 16

// mirrorPreference is what kernels give the first filter that comes without
// one, as those of the original do.
const mirrorPreference = 0xC000

// Mirror copies the traffic of bridges to interfaces that watch it: to a
// machine that looks for intruders. What comes in to a bridge and what leaves
// by it are copied by one filter each, with an action per watcher.
//
// Source: setPortMirroring in lib/vdsm/network/tc/__init__.py. The zero value
// is ready; its methods may be called at once.
type Mirror struct{ one sync.Mutex }

// Start copies a bridge's traffic to a watcher as well.
func (m *Mirror) Start(ctx context.Context, bridge, watcher string) error {
	to, err := net.InterfaceByName(watcher)
	if err != nil {
		return fmt.Errorf("mirror %s to %s: %w", bridge, watcher, err)
	}
	return m.change(ctx, bridge, func(watchers map[int32]bool) { watchers[int32(to.Index)] = true })
}

// Stop ends the copies to a watcher, which may have gone already. When it was
// the last one, nothing is left on the bridge.
func (m *Mirror) Stop(ctx context.Context, bridge, watcher string) error {
	to, err := net.InterfaceByName(watcher)
	if err != nil {
		to = &net.Interface{} // forgetting those that have gone is all there is to do
	}
	return m.change(ctx, bridge, func(watchers map[int32]bool) { delete(watchers, int32(to.Index)) })
}

// change brings a bridge from its watchers to others, or leaves it as it was.
func (m *Mirror) change(ctx context.Context, bridge string, edit func(watchers map[int32]bool)) error {
	m.one.Lock()
	defer m.one.Unlock()
	link, err := net.InterfaceByName(bridge)
	if err != nil {
		return fmt.Errorf("mirror %s: %w", bridge, err)
	}
	c, err := rtnl.Dial()
	if err != nil {
		return err
	}
	defer c.Close()
	index := int32(link.Index)
	trees, err := Read(ctx, c, index)
	if err != nil {
		return err
	}
	before := trees[index]
	watchers := before.watchers()
	maps.DeleteFunc(watchers, func(w int32, _ bool) bool {
		_, err := net.InterfaceByIndex(int(w))
		return err != nil
	})
	edit(watchers)
	err = reach(ctx, c, index, before, before.watched(slices.Sorted(maps.Keys(watchers))), len(watchers) > 0)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("mirror %s: %w", bridge, err)
	if trees, again := Read(context.WithoutCancel(ctx), c, index); again == nil {
		again = reach(context.WithoutCancel(ctx), c, index, trees[index], before, len(before.watchers()) > 0)
		return errors.Join(err, again)
	}
	return err
}

// reach sends what turns one tree into another, and makes the bridge see, or
// no longer see, what is not addressed to it.
func reach(ctx context.Context, c *rtnl.Conn, index int32, from, to Tree, all bool) error {
	requests := Change(index, from, to)
	var promisc uint32
	if all {
		promisc = unix.IFF_PROMISC
	}
	requests = append(requests, rtnl.Message{
		Type: unix.RTM_SETLINK, Body: rtnl.LinkHeader(unix.AF_UNSPEC, index, promisc, unix.IFF_PROMISC),
	})
	results, err := c.Do(ctx, requests)
	for _, r := range results {
		err = errors.Join(err, r.Err)
	}
	return err
}

// isMirror tells whether a filter is one of those that copy traffic: all of its
// actions do.
func isMirror(o Object) bool { return o.Kind == kindU32 && len(targets(o)) > 0 }

// targets returns where the actions of a filter copy packets to; 0 stands for
// an interface that is gone. A filter with another action copies nothing.
func targets(o Object) []int32 {
	var list []int32
	for _, action := range rtnl.Attrs(rtnl.Find(o.Options, u32Act)) {
		parms := rtnl.Find(rtnl.Find(action, actOptions), mirredParms)
		if rtnl.Text(rtnl.Find(action, actKind)) != kindMirred || len(parms) < 28 || binary.NativeEndian.Uint32(parms[20:]) != egressMirror {
			return nil
		}
		list = append(list, int32(binary.NativeEndian.Uint32(parms[24:])))
	}
	return list
}

// watchers are the indexes of the interfaces that a bridge is copied to.
func (t Tree) watchers() map[int32]bool {
	found := make(map[int32]bool)
	for _, o := range t.Filters {
		for _, index := range targets(o) {
			if index != 0 {
				found[index] = true
			}
		}
	}
	return found
}

// watched is the tree with copies to exactly these watchers. What else is there
// stays.
func (t Tree) watched(watchers []int32) Tree {
	want := Tree{Qdiscs: slices.Clone(t.Qdiscs), Classes: t.Classes, Filters: without(t.Filters, isMirror)}
	for _, place := range []Object{
		{Kind: kindIngress, Parent: parentIngress, Handle: handleIngress, Options: []byte{}},
		{Kind: kindPrio, Parent: parentRoot, Handle: mirrorHandle, Options: prioOptions()},
	} {
		have := at(want.Qdiscs, place.Parent)
		used := slices.ContainsFunc(want.Filters, func(o Object) bool { return o.Parent == have.Handle })
		switch {
		case len(watchers) == 0 && have.Kind == place.Kind && !used:
			want.Qdiscs = without(want.Qdiscs, func(o Object) bool { return o.Parent == place.Parent })
			continue
		case len(watchers) == 0:
			continue
		case have.Kind == "", have.Kind != place.Kind && place.Parent == parentRoot:
			// As in the original, another discipline at the root gives way.
			want.Qdiscs = without(want.Qdiscs, func(o Object) bool { return o.Parent == place.Parent })
			want.Qdiscs = append(want.Qdiscs, place)
			have = place
		}
		want.Filters = append(want.Filters, everything(have.Handle, mirrorPreference, 0, copies(watchers)))
	}
	want.sort()
	return want
}

const egressMirror = 2 // TCA_EGRESS_MIRROR

// copies are actions that copy a packet to each watcher and let it pass.
func copies(watchers []int32) []byte {
	const pipe = 3 // TC_ACT_PIPE
	var actions []byte
	for i, w := range watchers {
		parms := make([]byte, 28) // struct tc_mirred
		binary.NativeEndian.PutUint32(parms[8:], pipe)
		binary.NativeEndian.PutUint32(parms[20:], egressMirror)
		binary.NativeEndian.PutUint32(parms[24:], uint32(w))
		action := rtnl.PutString(nil, actKind, kindMirred)
		action = rtnl.Put(action, actOptions, rtnl.Put(nil, mirredParms, parms))
		actions = rtnl.Put(actions, uint16(i+1), action)
	}
	return actions
}

// prioOptions is a struct tc_prio_qopt with what tc(8) gives by default.
func prioOptions() []byte {
	bands := binary.NativeEndian.AppendUint32(nil, 3)
	return append(bands, 1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)
}

// anonymous returns a struct tc_mirred without what the kernel gave or counted:
// its index, references and bindings.
func anonymous(parms []byte) []byte {
	const size = 28
	if len(parms) < size {
		return parms
	}
	kept := make([]byte, size)
	copy(kept[8:12], parms[8:12]) // what becomes of the packet
	copy(kept[20:28], parms[20:28])
	return kept
}
