// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"context"
	"errors"
	"fmt"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Dump is a namespace at one moment.
type Dump struct {
	Links     []Link
	Addresses []Address
	Routes    []Route // without the table "local", which the kernel keeps for itself
	Rules     []Rule
}

// attempts is how often a dump is taken that changes interrupt. A host where
// VMs come and go interrupts one, hardly ever two in a row.
const attempts = 20

// ErrRestless says that the namespace changed faster than it can be read.
var ErrRestless = errors.New("the network changes faster than the kernel can tell it")

// Dump reads everything. Its parts are whole each, and taken one right after
// the other.
func (k *Kernel) Dump(ctx context.Context) (*Dump, error) {
	d := &Dump{}
	var err error
	if d.Links, err = k.Links(ctx); err != nil {
		return nil, err
	}
	if d.Addresses, err = dump(ctx, k, unix.RTM_GETADDR, unix.RTM_NEWADDR, decodeAddress); err != nil {
		return nil, fmt.Errorf("addresses: %w", err)
	}
	if d.Routes, err = k.readRoutes(ctx); err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	if d.Rules, err = dump(ctx, k, unix.RTM_GETRULE, unix.RTM_NEWRULE, decodeRule); err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return d, nil
}

// Links reads the links alone, with their counters.
func (k *Kernel) Links(ctx context.Context) ([]Link, error) {
	var last bridges
	links := make([]Link, 0, k.links.Load())
	err := k.messages(ctx, unix.RTM_GETLINK, unix.RTM_NEWLINK, func() { links = links[:0] }, func(m []byte) error {
		l, _, err := decodeLink(m, &last)
		links = append(links, l)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	k.links.Store(int32(len(links)))
	return links, nil
}

// readRoutes passes over the table "local": it has several routes for each address,
// most of all there are.
func (k *Kernel) readRoutes(ctx context.Context) ([]Route, error) {
	routes := make([]Route, 0, k.routes.Load())
	err := k.messages(ctx, unix.RTM_GETROUTE, unix.RTM_NEWROUTE, func() { routes = routes[:0] }, func(m []byte) error {
		if len(m) >= unix.SizeofRtMsg && m[4] == unix.RT_TABLE_LOCAL {
			return nil
		}
		route, err := decodeRoute(m)
		routes = append(routes, route)
		return err
	})
	k.routes.Store(int32(len(routes)))
	return routes, err
}

// Discard takes a Dump and looks at nothing of it: what the kernel alone needs,
// for measuring what others add.
func (k *Kernel) Discard(ctx context.Context) error {
	for _, kind := range []uint16{unix.RTM_GETLINK, unix.RTM_GETADDR, unix.RTM_GETROUTE, unix.RTM_GETRULE} {
		if err := k.messages(ctx, kind, 0, func() {}, func([]byte) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// dump asks for all objects of a kind, of every address family.
func dump[T any](ctx context.Context, k *Kernel, ask, answer uint16, decode func([]byte) (T, error)) ([]T, error) {
	var objects []T
	err := k.messages(ctx, ask, answer, func() { objects = objects[:0] }, func(m []byte) error {
		object, err := decode(m)
		objects = append(objects, object)
		return err
	})
	return objects, err
}

// messages is one exchange that no change interrupts. It calls begin before
// each attempt, since what an interrupted one brought is incomplete, and take
// for each message.
func (k *Kernel) messages(ctx context.Context, ask, answer uint16, begin func(), take func([]byte) error) error {
	for range attempts {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		begin()
		request := nl.NetlinkRequest{
			NlMsghdr: unix.NlMsghdr{Len: unix.SizeofNlMsghdr, Type: ask, Flags: unix.NLM_F_REQUEST | unix.NLM_F_DUMP},
			Sockets:  map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: k.socket},
		}
		request.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
		var failed error
		err := request.ExecuteIter(unix.NETLINK_ROUTE, answer, func(m []byte) bool {
			failed = take(m)
			return failed == nil
		})
		if errors.Is(err, nl.ErrDumpInterrupted) {
			continue
		}
		return errors.Join(err, failed)
	}
	return ErrRestless
}
