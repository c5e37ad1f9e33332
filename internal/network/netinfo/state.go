// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/network/netlink"
)

// state is what the kernel told at one moment, sorted. It does not change once
// it is made, but for the shares, which are read when they are asked for.
type state struct {
	links   []netlink.Link
	devices []device // of the links, in their order
	byIndex map[int]*device
	byName  map[string]*device

	mu     sync.Mutex
	shares map[string]map[int]api.HostBandwidthParams // by device
}

// device is a link with what others say of it.
type device struct {
	*netlink.Link
	kind      kind
	ports     []string // names, sorted, of a bridge or bond
	addresses []netlink.Address
	ip        addressing
	speed     int64 // of cards and bonds
	bond      bondOptions
}

// read takes a dump and sorts it.
func (r *Reader) read(ctx context.Context) (*state, error) {
	d, err := r.options.Kernel.Dump(ctx)
	if err != nil {
		return nil, err
	}
	return r.sorted(ctx, d), nil
}

func (r *Reader) sorted(ctx context.Context, d *netlink.Dump) *state {
	s := newState(d)
	r.addAddresses(ctx, s, d)
	for i := range s.devices {
		d := &s.devices[i]
		if k := r.kind(d.Link); k != none && !r.hidden(s, d.Link, k) {
			d.kind = k
		}
		if d.kind == nic {
			d.speed = r.speeds.of(d.Link)
		}
	}
	for i := range s.devices { // when those of their ports are known
		if d := &s.devices[i]; d.kind == bond {
			d.bond = r.bonds.of(d.Link)
			d.speed = r.bondSpeed(s, d)
		}
	}
	r.speeds.forget(s.byIndex)
	r.bonds.forget(s.byIndex)
	return s
}

// newState knows the links and their ports.
func newState(d *netlink.Dump) *state {
	s := &state{
		links:   d.Links,
		devices: make([]device, len(d.Links)),
		byIndex: make(map[int]*device, len(d.Links)),
		byName:  make(map[string]*device, len(d.Links)),
		shares:  make(map[string]map[int]api.HostBandwidthParams),
	}
	for i := range d.Links {
		l := &d.Links[i]
		s.devices[i].Link = l
		s.byIndex[l.Index], s.byName[l.Name] = &s.devices[i], &s.devices[i]
	}
	for i := range d.Links {
		if master := s.byIndex[d.Links[i].Master]; master != nil {
			master.ports = append(master.ports, d.Links[i].Name)
		}
	}
	for i := range s.devices {
		slices.Sort(s.devices[i].ports)
	}
	return s
}

// addAddresses gives every device its addresses and gateways.
func (r *Reader) addAddresses(ctx context.Context, s *state, d *netlink.Dump) {
	for _, a := range d.Addresses {
		if on := s.byIndex[a.Link]; on != nil {
			on.addresses = append(on.addresses, a)
		}
	}
	ways := defaultWays(d.Routes)
	for i := range s.devices {
		d := &s.devices[i]
		w := ways[d.Index]
		if w.ambiguous4 || w.ambiguous6 {
			r.options.Log.WarnContext(ctx, "a link has several default gateways, none is reported", "link", d.Name)
		}
		d.ip = addressingOf(d.addresses, w)
	}
}

// kindOf is how a manager sees the link of a name.
func (s *state) kindOf(name string) kind {
	if d := s.byName[name]; d != nil {
		return d.kind
	}
	return none
}

// owner returns the name of the link that has an address.
func (s *state) owner(address netip.Addr) string {
	for i := range s.devices {
		for _, a := range s.devices[i].addresses {
			if a.Prefix.Addr() == address {
				return s.devices[i].Name
			}
		}
	}
	if address.IsLoopback() { // all of 127.0.0.0/8 is there without being listed
		for _, l := range s.links {
			if l.Flags&unix.IFF_LOOPBACK != 0 {
				return l.Name
			}
		}
	}
	return ""
}

// nameOf returns the name of a link, "" when it is of another namespace.
func (s *state) nameOf(index int) string {
	if d := s.byIndex[index]; d != nil {
		return d.Name
	}
	return ""
}

func vlanName(base string, tag int) string { return base + "." + strconv.Itoa(tag) }
