// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strconv"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
)

// createLink makes a link, down. Its master is set in the same request, except
// for ports of bonds, which have a step of their own.
type createLink struct {
	Link snapshot.Link `json:"link"`
}

func (s *createLink) kind() string    { return "create-link" }
func (s *createLink) subject() string { return s.Link.Name }
func (s *createLink) String() string {
	text := fmt.Sprintf("create %s %s", s.Link.Kind, s.Link.Name)
	if s.Link.Base != "" {
		text += " on " + s.Link.Base
	}
	if s.Link.Master != "" {
		text += ", port of " + s.Link.Master
	}
	return text
}

func (s *createLink) do(ctx context.Context, r *run) error { return r.create(ctx, &s.Link) }

// undo leaves a link of another kind alone: somebody else made it.
func (s *createLink) undo(ctx context.Context, r *run) error {
	if !r.known(s.Link.Name) || r.kinds[s.Link.Name] != s.Link.Kind {
		return nil
	}
	return r.remove(ctx, s.Link.Name)
}

// deleteLink removes a link, up or down. Its addresses, routes and ports have
// steps of their own, which come before, so that undoing brings them back.
type deleteLink struct {
	Link snapshot.Link `json:"link"`
}

func (s *deleteLink) kind() string    { return "delete-link" }
func (s *deleteLink) subject() string { return s.Link.Name }
func (s *deleteLink) String() string  { return fmt.Sprintf("delete %s %s", s.Link.Kind, s.Link.Name) }

func (s *deleteLink) do(ctx context.Context, r *run) error { return r.remove(ctx, s.Link.Name) }

func (s *deleteLink) undo(ctx context.Context, r *run) error {
	if r.known(s.Link.Name) {
		// Removing may have stopped after the link was put into the group.
		return r.change(ctx, s.Link.Name, 0, 0, rtnl.PutU32(nil, unix.IFLA_GROUP, s.Link.Group))
	}
	if err := r.create(ctx, &s.Link); err != nil {
		return err
	}
	for _, t := range ipv6Settings(s.Link.Name, snapshot.IPv6{}, s.Link.IPv6) {
		if err := t.do(ctx, r); err != nil {
			return err
		}
	}
	if !s.Link.Up {
		return nil
	}
	return r.change(ctx, s.Link.Name, unix.IFF_UP, unix.IFF_UP, nil)
}

// setUp changes the administrator's will about a link.
type setUp struct {
	Dev string `json:"dev"`
	Old bool   `json:"old"`
	New bool   `json:"new"`
}

func (s *setUp) kind() string    { return "set-up" }
func (s *setUp) subject() string { return s.Dev }
func (s *setUp) String() string {
	return fmt.Sprintf("set %s %s", s.Dev, map[bool]string{true: "up", false: "down"}[s.New])
}
func (s *setUp) do(ctx context.Context, r *run) error   { return r.setUp(ctx, s.Dev, s.New) }
func (s *setUp) undo(ctx context.Context, r *run) error { return r.setUp(ctx, s.Dev, s.Old) }

// setMTU changes a link's MTU, in bytes.
type setMTU struct {
	Dev string `json:"dev"`
	Old uint32 `json:"old"`
	New uint32 `json:"new"`
}

func (s *setMTU) kind() string    { return "set-mtu" }
func (s *setMTU) subject() string { return s.Dev }
func (s *setMTU) String() string {
	if s.Old == 0 || s.Old == s.New {
		return fmt.Sprintf("mtu of %s: %d", s.Dev, s.New)
	}
	return fmt.Sprintf("mtu of %s: %d to %d", s.Dev, s.Old, s.New)
}

func (s *setMTU) do(ctx context.Context, r *run) error {
	return r.change(ctx, s.Dev, 0, 0, rtnl.PutU32(nil, unix.IFLA_MTU, s.New))
}

func (s *setMTU) undo(ctx context.Context, r *run) error {
	return r.change(ctx, s.Dev, 0, 0, rtnl.PutU32(nil, unix.IFLA_MTU, s.Old))
}

// setMAC changes a link's hardware address.
type setMAC struct {
	Dev string `json:"dev"`
	Old string `json:"old"`
	New string `json:"new"`
}

func (s *setMAC) kind() string    { return "set-mac" }
func (s *setMAC) subject() string { return s.Dev }
func (s *setMAC) String() string {
	if s.Old == s.New {
		return fmt.Sprintf("keep mac address %s of %s", s.New, s.Dev)
	}
	return fmt.Sprintf("mac address of %s: %s to %s", s.Dev, cmp.Or(s.Old, "none"), s.New)
}
func (s *setMAC) do(ctx context.Context, r *run) error   { return s.set(ctx, r, s.New) }
func (s *setMAC) undo(ctx context.Context, r *run) error { return s.set(ctx, r, s.Old) }

func (s *setMAC) set(ctx context.Context, r *run, mac string) error {
	raw, err := net.ParseMAC(mac)
	if err != nil {
		return err
	}
	return r.change(ctx, s.Dev, 0, 0, rtnl.Put(nil, unix.IFLA_ADDRESS, raw))
}

// setMaster makes a link a port of another one, or of none.
type setMaster struct {
	Port    string `json:"port"`
	Old     string `json:"old,omitzero"`
	New     string `json:"new,omitzero"`
	OldBond bool   `json:"oldBond,omitzero"` // the old master is a bond
	NewBond bool   `json:"newBond,omitzero"`
	WasUp   bool   `json:"wasUp,omitzero"`
	// OldPort are the port's attributes below the old master.
	OldPort []byte `json:"oldPort,omitzero"`
}

func (s *setMaster) kind() string    { return "set-master" }
func (s *setMaster) subject() string { return s.Port }
func (s *setMaster) String() string {
	switch {
	case s.New == "":
		return fmt.Sprintf("release %s from %s", s.Port, s.Old)
	case s.Old == "":
		return fmt.Sprintf("make %s a port of %s", s.Port, s.New)
	}
	return fmt.Sprintf("move port %s from %s to %s", s.Port, s.Old, s.New)
}

// do takes ports of bonds down first: bonds accept no others. Who leaves a
// bond is taken down by it.
func (s *setMaster) do(ctx context.Context, r *run) error {
	if s.NewBond {
		if err := r.setUp(ctx, s.Port, false); err != nil {
			return err
		}
	}
	if err := r.setMaster(ctx, s.Port, s.New); err != nil {
		return err
	}
	if s.OldBond && !s.NewBond && s.WasUp {
		return r.setUp(ctx, s.Port, true)
	}
	return nil
}

func (s *setMaster) undo(ctx context.Context, r *run) error {
	if s.OldBond {
		if err := r.setUp(ctx, s.Port, false); err != nil {
			return err
		}
	}
	if err := r.setMaster(ctx, s.Port, s.Old); err != nil {
		return err
	}
	if len(s.OldPort) > 0 && !s.OldBond && s.Old != "" {
		if err := r.setPort(ctx, s.Port, s.OldPort); err != nil {
			return err
		}
	}
	return r.setUp(ctx, s.Port, s.WasUp)
}

// tune writes a file of sysfs or procfs.
type tune struct {
	Dev  string `json:"dev"`
	Path string `json:"path"` // below the root directory, no leading slash
	Old  string `json:"old"`
	New  string `json:"new"`
	// Option marks an option of a bridge that the caller chose.
	Option bool `json:"option,omitzero"`
}

func (s *tune) kind() string    { return "tune" }
func (s *tune) subject() string { return s.Dev }
func (s *tune) String() string {
	if s.Old == "" {
		return fmt.Sprintf("/%s: %s", s.Path, s.New)
	}
	return fmt.Sprintf("/%s: %s to %s", s.Path, s.Old, s.New)
}
func (s *tune) do(ctx context.Context, r *run) error {
	err := r.write(ctx, s.Path, s.New)
	if err != nil && s.Option {
		return fmt.Errorf("%w: %w", ErrBadBridgeOption, err)
	}
	return err
}
func (s *tune) undo(ctx context.Context, r *run) error {
	if s.Old == "" {
		return nil // of a link that was just made
	}
	return r.write(ctx, s.Path, s.Old)
}

// ipv6Settings returns the writes that lead from one set of settings to
// another. Nothing is known of the former ones of a link that is new.
func ipv6Settings(dev string, old, want snapshot.IPv6) []*tune {
	if !want.Known {
		return nil
	}
	var steps []*tune
	add := func(name string, from, to int32) {
		if old.Known && from == to {
			return
		}
		t := &tune{Dev: dev, Path: "proc/sys/net/ipv6/conf/" + dev + "/" + name, New: strconv.Itoa(int(to))}
		if old.Known {
			t.Old = strconv.Itoa(int(from))
		}
		steps = append(steps, t)
	}
	number := map[bool]int32{true: 1}
	if !want.Disabled {
		add("autoconf", old.Autoconf, want.Autoconf)
		add("accept_ra", old.AcceptRA, want.AcceptRA)
		add("accept_ra_defrtr", old.DefaultRouter, want.DefaultRouter)
	}
	add("disable_ipv6", number[old.Disabled], number[want.Disabled])
	return steps
}
