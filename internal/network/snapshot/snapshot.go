// SPDX-License-Identifier: GPL-2.0-or-later

// Package snapshot is what the kernel's network looks like at one moment:
// links, addresses, routes and rules, from four dumps of rtnetlink.
//
// It keeps what is needed to put an object back that was removed. Attributes
// that only the kernel understands are kept as they came, so that nothing is
// lost which this package has no name for. Interface indexes do not survive
// that, so objects refer to links by name.
package snapshot

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// Conn is the part of rtnl.Conn that reading takes.
type Conn interface {
	Dump(ctx context.Context, m rtnl.Message, reset func(), each func(rtnl.Message)) error
}

// State is a snapshot.
type State struct {
	Links  map[string]*Link
	Addrs  map[string][]Addr  // by link, in the kernel's order
	Routes map[string][]Route // by link
	Rules  []Rule

	names         map[int32]string
	sorted        []*Link
	ports, uppers map[string][]*Link
}

// Take reads everything. The four dumps are not one moment, so what refers to
// a link that is in none of them is left out.
func Take(ctx context.Context, c Conn) (*State, error) {
	s := &State{}
	for _, read := range []func(context.Context, Conn) error{s.readLinks, s.readAddrs, s.readRoutes, s.readRules} {
		if err := read(ctx, c); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Link returns the link of the name, nil if there is none.
func (s *State) Link(name string) *Link { return s.Links[name] }

// NameOf returns the name of the link with the index, "" if there is none.
func (s *State) NameOf(index int32) string { return s.names[index] }

// Sorted returns the links by name. The list is to be read only.
func (s *State) Sorted() []*Link { return s.sorted }

// Ports returns the links whose master is the named one, sorted by name.
func (s *State) Ports(master string) []*Link { return s.ports[master] }

// Uppers returns the links that lie on the named one, sorted by name.
func (s *State) Uppers(base string) []*Link { return s.uppers[base] }

func (s *State) readLinks(ctx context.Context, c Conn) error {
	body := rtnl.PutU32(rtnl.LinkHeader(unix.AF_UNSPEC, 0, 0, 0), unix.IFLA_EXT_MASK, skipStatistics)
	var raw []rawLink
	err := c.Dump(ctx, rtnl.Message{Type: unix.RTM_GETLINK, Body: body},
		func() { raw = raw[:0] },
		func(m rtnl.Message) {
			if l, ok := parseLink(m); ok {
				raw = append(raw, l)
			}
		})
	if err != nil {
		return err
	}
	s.Links, s.names = make(map[string]*Link, len(raw)), make(map[int32]string, len(raw))
	for _, l := range raw {
		s.names[l.Index] = l.Name
	}
	for _, l := range raw {
		l.Master = s.names[l.master]
		if !l.foreignBase {
			l.Base = s.names[l.base]
		}
		s.Links[l.Name] = &l.Link
		s.sorted = append(s.sorted, &l.Link)
	}
	slices.SortFunc(s.sorted, func(a, b *Link) int { return cmp.Compare(a.Name, b.Name) })
	s.ports, s.uppers = make(map[string][]*Link), make(map[string][]*Link)
	for _, l := range s.sorted {
		if l.Master != "" {
			s.ports[l.Master] = append(s.ports[l.Master], l)
		}
		if l.Base != "" && l.Base != l.Name {
			s.uppers[l.Base] = append(s.uppers[l.Base], l)
		}
	}
	return nil
}

func (s *State) readAddrs(ctx context.Context, c Conn) error {
	return c.Dump(ctx, rtnl.Message{Type: unix.RTM_GETADDR, Body: make([]byte, rtnl.SizeAddr)},
		func() { s.Addrs = make(map[string][]Addr) },
		func(m rtnl.Message) {
			if a, index, ok := parseAddr(m); ok && s.names[index] != "" {
				a.Dev = s.names[index]
				s.Addrs[a.Dev] = append(s.Addrs[a.Dev], a)
			}
		})
}

func (s *State) readRoutes(ctx context.Context, c Conn) error {
	question := make([]byte, rtnl.SizeRoute)
	question[routeType] = unix.RTN_UNICAST // most are not: the table "local" has several for each address
	return c.Dump(ctx, rtnl.Message{Type: unix.RTM_GETROUTE, Body: question},
		func() { s.Routes = make(map[string][]Route) },
		func(m rtnl.Message) {
			if r, index, ok := parseRoute(m); ok && s.names[index] != "" {
				r.Dev = s.names[index]
				s.Routes[r.Dev] = append(s.Routes[r.Dev], r)
			}
		})
}

func (s *State) readRules(ctx context.Context, c Conn) error {
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		body := make([]byte, rtnl.SizeRule)
		body[0] = family
		err := c.Dump(ctx, rtnl.Message{Type: unix.RTM_GETRULE, Body: body},
			func() { s.Rules = slices.DeleteFunc(s.Rules, func(r Rule) bool { return r.Family == family }) },
			func(m rtnl.Message) {
				if r, ok := parseRule(m); ok {
					s.Rules = append(s.Rules, r)
				}
			})
		// A kernel without IPv6, or without policy routing, has no rules.
		if err != nil && !errors.Is(err, unix.EAFNOSUPPORT) && !errors.Is(err, unix.EOPNOTSUPP) {
			return err
		}
	}
	return nil
}
