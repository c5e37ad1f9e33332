// SPDX-License-Identifier: GPL-2.0-or-later

package netlink

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Dump is a namespace at one moment.
type Dump struct {
	Links     []Link // without counters
	Addresses []Address
	Routes    []Route // the default ones
}

// Dump reads everything but counters, which are half of a link's answer. Its
// parts are whole each, and taken one right after the other.
func (k *Kernel) Dump(ctx context.Context) (*Dump, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	d := &Dump{}
	var err error
	if d.Links, err = k.readLinks(ctx, skipStatistics); err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	if d.Addresses, err = read(ctx, k, unix.RTM_GETADDR, make([]byte, rtnl.SizeAddr), len(d.Links), decodeAddress); err != nil {
		return nil, fmt.Errorf("addresses: %w", err)
	}
	if d.Routes, err = k.readRoutes(ctx); err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	return d, nil
}

// Links reads the links alone, with their counters.
func (k *Kernel) Links(ctx context.Context) ([]Link, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	links, err := k.readLinks(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	return links, nil
}

// skipStatistics is RTEXT_FILTER_SKIP_STATS of linux/rtnetlink.h.
const skipStatistics = 1 << 3

func (k *Kernel) readLinks(ctx context.Context, filter uint32) ([]Link, error) {
	var last bridges
	question := rtnl.PutU32(rtnl.LinkHeader(unix.AF_UNSPEC, 0, 0, 0), unix.IFLA_EXT_MASK, filter)
	links, err := read(ctx, k, unix.RTM_GETLINK, question, k.links, func(m []byte) (Link, error) {
		l, _, err := decodeLink(m, &last)
		return l, err
	})
	k.links = len(links)
	return links, err
}

// readRoutes asks for unicast routes alone: the table "local" has several others
// for each address, most of all there are.
func (k *Kernel) readRoutes(ctx context.Context) ([]Route, error) {
	question := make([]byte, rtnl.SizeRoute)
	question[routeType] = unix.RTN_UNICAST
	return read(ctx, k, unix.RTM_GETROUTE, question, 0, decodeRoute)
}

// errSkipped leaves an object out of what is read.
var errSkipped = errors.New("not one of those that are wanted")

// read asks for the objects of a kind, of every address family. It expects about
// so many.
func read[T any](ctx context.Context, k *Kernel, ask uint16, question []byte, expected int, decode func([]byte) (T, error)) ([]T, error) {
	objects := make([]T, 0, expected)
	var failed error
	err := k.conn.Dump(ctx, rtnl.Message{Type: ask, Body: question}, func() { objects, failed = objects[:0], nil }, func(m rtnl.Message) {
		switch object, err := decode(m.Body); {
		case err == nil:
			objects = append(objects, object)
		case !errors.Is(err, errSkipped):
			failed = err
		}
	})
	return objects, errors.Join(err, failed)
}

// Discard takes a dump of all there is, counters and local routes included, and
// looks at nothing of it: what the kernel alone needs, for measuring what others
// add.
func (k *Kernel) Discard(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for ask, size := range map[uint16]int{
		unix.RTM_GETLINK: rtnl.SizeLink, unix.RTM_GETADDR: rtnl.SizeAddr,
		unix.RTM_GETROUTE: rtnl.SizeRoute, unix.RTM_GETRULE: rtnl.SizeRule,
	} {
		m := rtnl.Message{Type: ask, Body: make([]byte, size)}
		if err := k.conn.Dump(ctx, m, func() {}, func(rtnl.Message) {}); err != nil {
			return err
		}
	}
	return nil
}
