// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"fmt"
	"net"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
)

// create queues a request for a link, down, and one that tells its index.
func (r *run) create(ctx context.Context, l *snapshot.Link) error {
	body := rtnl.PutString(rtnl.LinkHeader(unix.AF_UNSPEC, 0, 0, 0), unix.IFLA_IFNAME, l.Name)
	if l.MTU != 0 {
		body = rtnl.PutU32(body, unix.IFLA_MTU, l.MTU)
	}
	if l.MAC != "" {
		mac, err := net.ParseMAC(l.MAC)
		if err != nil {
			return err
		}
		body = rtnl.Put(body, unix.IFLA_ADDRESS, mac)
	}
	if l.Group != 0 {
		body = rtnl.PutU32(body, unix.IFLA_GROUP, l.Group)
	}
	for _, other := range []struct {
		attr uint16
		name string
	}{{unix.IFLA_LINK, l.Base}, {unix.IFLA_MASTER, l.Master}} {
		if other.name == "" {
			continue
		}
		index, err := r.index(ctx, other.name)
		if err != nil {
			return err
		}
		body = rtnl.PutU32(body, other.attr, uint32(index))
	}
	info := rtnl.PutString(nil, unix.IFLA_INFO_KIND, l.Kind)
	if data := snapshot.Settable(l.Kind, l.Data); len(data) > 0 {
		info = rtnl.PutNested(info, unix.IFLA_INFO_DATA, data)
	}
	body = rtnl.PutNested(body, unix.IFLA_LINKINFO, info)
	if err := r.send(ctx, rtnl.Message{Type: unix.RTM_NEWLINK, Flags: create, Body: body}); err != nil {
		return err
	}
	ask := rtnl.PutString(rtnl.LinkHeader(unix.AF_UNSPEC, 0, 0, 0), unix.IFLA_IFNAME, l.Name)
	if err := r.queue(ctx, request{step: r.step, message: rtnl.Message{Type: unix.RTM_GETLINK, Body: ask}, learn: l.Name}); err != nil {
		return err
	}
	r.indexes[l.Name], r.kinds[l.Name] = 0, l.Kind
	return nil
}

// change queues a request that changes flags and attributes of a link.
func (r *run) change(ctx context.Context, name string, flags, mask uint32, attrs []byte) error {
	index, err := r.index(ctx, name)
	if err != nil {
		return err
	}
	body := append(rtnl.LinkHeader(unix.AF_UNSPEC, index, flags, mask), attrs...)
	return r.send(ctx, rtnl.Message{Type: unix.RTM_SETLINK, Body: body})
}

func (r *run) setUp(ctx context.Context, name string, up bool) error {
	var flags uint32
	if up {
		flags = unix.IFF_UP
	}
	return r.change(ctx, name, flags, unix.IFF_UP, nil)
}

func (r *run) setMaster(ctx context.Context, port, master string) error {
	var index int32
	if master != "" {
		var err error
		if index, err = r.index(ctx, master); err != nil {
			return fmt.Errorf("master %w", err)
		}
	}
	return r.change(ctx, port, 0, 0, rtnl.PutU32(nil, unix.IFLA_MASTER, uint32(index)))
}

// setPort restores what a bridge knew of its port.
func (r *run) setPort(ctx context.Context, port string, data []byte) error {
	info := rtnl.PutString(nil, unix.IFLA_INFO_SLAVE_KIND, snapshot.KindBridge)
	info = rtnl.PutNested(info, unix.IFLA_INFO_SLAVE_DATA, snapshot.SettablePort(data))
	index, err := r.index(ctx, port)
	if err != nil {
		return err
	}
	body := rtnl.PutNested(rtnl.LinkHeader(unix.AF_UNSPEC, index, 0, 0), unix.IFLA_LINKINFO, info)
	// Only NEWLINK looks at the kind of the port.
	return r.send(ctx, rtnl.Message{Type: unix.RTM_NEWLINK, Body: body})
}
