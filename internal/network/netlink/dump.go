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
	Routes    []Route
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
	if d.Routes, err = dump(ctx, k, unix.RTM_GETROUTE, unix.RTM_NEWROUTE, decodeRoute); err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	if d.Rules, err = dump(ctx, k, unix.RTM_GETRULE, unix.RTM_NEWRULE, decodeRule); err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	return d, nil
}

// Links reads the links alone, with their counters.
func (k *Kernel) Links(ctx context.Context) ([]Link, error) {
	links, err := dump(ctx, k, unix.RTM_GETLINK, unix.RTM_NEWLINK, decodeLink)
	if err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	return links, nil
}

// dump asks for all objects of a kind, of every address family.
func dump[T any](ctx context.Context, k *Kernel, ask, answer uint16, decode func([]byte) (T, error)) ([]T, error) {
	for range attempts {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		messages, err := k.raw(ask, answer)
		if errors.Is(err, nl.ErrDumpInterrupted) {
			continue // what came is incomplete
		}
		if err != nil {
			return nil, err
		}
		objects := make([]T, len(messages))
		for i, m := range messages {
			if objects[i], err = decode(m); err != nil {
				return nil, err
			}
		}
		return objects, nil
	}
	return nil, ErrRestless
}

// raw is one exchange: all answers, undecoded.
func (k *Kernel) raw(ask, answer uint16) ([][]byte, error) {
	request := nl.NetlinkRequest{
		NlMsghdr: unix.NlMsghdr{Len: unix.SizeofNlMsghdr, Type: ask, Flags: unix.NLM_F_REQUEST | unix.NLM_F_DUMP},
		Sockets:  map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: k.socket},
	}
	request.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	return request.Execute(unix.NETLINK_ROUTE, answer)
}
