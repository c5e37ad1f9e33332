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
	links     []netlink.Link
	byIndex   map[int]*netlink.Link
	byName    map[string]*netlink.Link
	ports     map[int][]string // names, by the index of their bridge or bond
	addresses map[int][]netlink.Address
	ways      map[int]gateways
	ip        map[string]addressing
	kinds     map[string]kind // of the visible links
	speeds    map[string]int64
	bonds     map[string]bondOptions

	mu     sync.Mutex
	shares map[string]map[int]api.HostBandwidthParams // by device
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
	s := &state{
		links:     d.Links,
		byIndex:   make(map[int]*netlink.Link, len(d.Links)),
		byName:    make(map[string]*netlink.Link, len(d.Links)),
		ports:     make(map[int][]string),
		addresses: make(map[int][]netlink.Address, len(d.Links)),
		ip:        make(map[string]addressing, len(d.Links)),
		kinds:     make(map[string]kind, len(d.Links)),
		speeds:    make(map[string]int64),
		bonds:     make(map[string]bondOptions),
		shares:    make(map[string]map[int]api.HostBandwidthParams),
	}
	for i := range d.Links {
		l := &d.Links[i]
		s.byIndex[l.Index], s.byName[l.Name] = l, l
		if l.Master != 0 {
			s.ports[l.Master] = append(s.ports[l.Master], l.Name)
		}
	}
	for _, ports := range s.ports {
		slices.Sort(ports)
	}
	for _, a := range d.Addresses {
		s.addresses[a.Link] = append(s.addresses[a.Link], a)
	}
	s.ways = defaultWays(d.Routes)
	for index, w := range s.ways {
		if l := s.byIndex[index]; l != nil && (w.ambiguous4 || w.ambiguous6) {
			r.options.Log.WarnContext(ctx, "a link has several default gateways, none is reported", "link", l.Name)
		}
	}
	for name, l := range s.byName {
		s.ip[name] = s.addressingOf(l.Index)
	}
	r.speeds.forget(s.byIndex)
	r.classify(s)
	for name, k := range s.kinds {
		if k == nic {
			s.speeds[name] = r.speeds.of(s.byName[name])
		}
	}
	var defaults map[string]map[string][]string // read for the first bond
	for name, k := range s.kinds {
		if k == bond {
			if defaults == nil {
				defaults = bondDefaults(r.fs)
			}
			s.bonds[name] = readBond(r.fs, name, defaults)
			s.speeds[name] = r.bondSpeed(s, s.byName[name])
		}
	}
	return s
}

// owner returns the name of the link that has an address.
func (s *state) owner(address netip.Addr) string {
	for index, all := range s.addresses {
		for _, a := range all {
			if a.Prefix.Addr() == address && s.byIndex[index] != nil {
				return s.byIndex[index].Name
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
	if l := s.byIndex[index]; l != nil {
		return l.Name
	}
	return ""
}

func vlanName(base string, tag int) string { return base + "." + strconv.Itoa(tag) }
