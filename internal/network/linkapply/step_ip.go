// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
)

const create = unix.NLM_F_CREATE | unix.NLM_F_EXCL

// verb words a step that adds or removes.
func verb(remove bool) string {
	if remove {
		return "remove"
	}
	return "add"
}

// address adds an address to a link or removes it.
type address struct {
	Addr   snapshot.Addr `json:"addr"`
	Remove bool          `json:"remove,omitzero"`
}

func (s *address) kind() string    { return "address" }
func (s *address) subject() string { return s.Addr.Dev }
func (s *address) String() string {
	return fmt.Sprintf("%s address %s on %s", verb(s.Remove), s.Addr.Prefix, s.Addr.Dev)
}
func (s *address) do(ctx context.Context, r *run) error   { return s.set(ctx, r, s.Remove, false) }
func (s *address) undo(ctx context.Context, r *run) error { return s.set(ctx, r, !s.Remove, true) }

// set takes an address that is gone already for removed: the kernel removes
// some by itself, secondary ones with their primary one.
func (s *address) set(ctx context.Context, r *run, remove, sure bool) error {
	index, err := r.index(ctx, s.Addr.Dev)
	if err != nil {
		return err
	}
	if remove {
		return r.send(ctx, rtnl.Message{Type: unix.RTM_DELADDR, Body: s.Addr.Body(index)}, unix.EADDRNOTAVAIL)
	}
	m := rtnl.Message{Type: unix.RTM_NEWADDR, Flags: create, Body: s.Addr.Body(index)}
	if sure {
		return r.send(ctx, m, unix.EEXIST)
	}
	return r.send(ctx, m)
}

// route adds a route or removes it.
type route struct {
	Route  snapshot.Route `json:"route"`
	Remove bool           `json:"remove,omitzero"`
	// Kept marks a route of somebody else's that is put back after what it
	// needs was changed. It may be impossible by now.
	Kept bool `json:"kept,omitzero"`
}

func (s *route) kind() string    { return "route" }
func (s *route) subject() string { return s.Route.Dev }
func (s *route) String() string {
	text := fmt.Sprintf("%s route %s", verb(s.Remove), s.Route.Dest)
	if s.Route.Gateway.IsValid() {
		text += " via " + s.Route.Gateway.String()
	}
	return fmt.Sprintf("%s dev %s table %d", text, s.Route.Dev, s.Route.Table)
}
func (s *route) do(ctx context.Context, r *run) error   { return s.set(ctx, r, s.Remove, s.Kept) }
func (s *route) undo(ctx context.Context, r *run) error { return s.set(ctx, r, !s.Remove, true) }

func (s *route) set(ctx context.Context, r *run, remove, sure bool) error {
	index, err := r.index(ctx, s.Route.Dev)
	if err != nil {
		return err
	}
	if remove {
		return r.send(ctx, rtnl.Message{Type: unix.RTM_DELROUTE, Body: s.Route.Body(index)}, unix.ESRCH)
	}
	m := rtnl.Message{Type: unix.RTM_NEWROUTE, Flags: create, Body: s.Route.Body(index)}
	switch {
	case s.Kept:
		return r.send(ctx, m, unix.EEXIST, unix.ENETUNREACH, unix.EHOSTUNREACH, unix.EINVAL)
	case sure:
		return r.send(ctx, m, unix.EEXIST)
	}
	return r.send(ctx, m)
}

// rule adds a policy routing rule or removes it.
type rule struct {
	Rule   snapshot.Rule `json:"rule"`
	Remove bool          `json:"remove,omitzero"`
}

func (s *rule) kind() string    { return "rule" }
func (s *rule) subject() string { return "" }
func (s *rule) String() string {
	text := verb(s.Remove) + " rule"
	if s.Rule.From.IsValid() {
		text += " from " + s.Rule.From.String()
	}
	if s.Rule.To.IsValid() {
		text += " to " + s.Rule.To.String()
	}
	return fmt.Sprintf("%s table %d", text, s.Rule.Table)
}
func (s *rule) do(ctx context.Context, r *run) error   { return s.set(ctx, r, s.Remove) }
func (s *rule) undo(ctx context.Context, r *run) error { return s.set(ctx, r, !s.Remove) }

func (s *rule) set(ctx context.Context, r *run, remove bool) error {
	if remove {
		return r.send(ctx, rtnl.Message{Type: unix.RTM_DELRULE, Body: s.Rule.Body()}, unix.ENOENT)
	}
	return r.send(ctx, rtnl.Message{Type: unix.RTM_NEWRULE, Flags: create, Body: s.Rule.Body()}, unix.EEXIST)
}
