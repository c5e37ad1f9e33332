// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
	"govdsm/internal/network/vswitch"
)

// Steps that change Open vSwitch's database. They gather and become one
// transaction: see run_ovs.go. The database outlives the machine's end, so
// they are undone after a boot, too.

// switchBridge makes or removes a bridge without ports.
type switchBridge struct {
	Name   string      `json:"name"`
	Row    vswitch.Row `json:"row"`
	Remove bool        `json:"remove,omitzero"`
}

func (s *switchBridge) kind() string    { return "ovs-bridge" }
func (s *switchBridge) subject() string { return "" }
func (s *switchBridge) String() string {
	if s.Remove {
		return "delete Open vSwitch bridge " + s.Name
	}
	return "create Open vSwitch bridge " + s.Name
}

func (s *switchBridge) do(ctx context.Context, r *run) error   { return s.set(ctx, r, s.Remove) }
func (s *switchBridge) undo(ctx context.Context, r *run) error { return s.set(ctx, r, !s.Remove) }

func (s *switchBridge) set(ctx context.Context, r *run, remove bool) error {
	return r.onSwitch(ctx, func(c *vswitch.Change) error {
		if remove {
			return c.RemoveBridge(s.Name)
		}
		return c.AddBridge(s.Name, s.Row)
	})
}

// switchPort makes or removes a port of a bridge. With an internal one, Open
// vSwitch makes or removes a link.
type switchPort struct {
	Bridge string       `json:"bridge"`
	Port   vswitch.Port `json:"port"`
	Remove bool         `json:"remove,omitzero"`
}

func (s *switchPort) kind() string    { return "ovs-port" }
func (s *switchPort) subject() string { return s.Port.Name }
func (s *switchPort) String() string {
	text := s.Port.Name
	if tag := s.Port.Tag(); tag != nil {
		text = fmt.Sprintf("%s, vlan %d,", text, *tag)
	}
	if s.Remove {
		return fmt.Sprintf("remove port %s from Open vSwitch bridge %s", s.Port.Name, s.Bridge)
	}
	return fmt.Sprintf("add port %s to Open vSwitch bridge %s", text, s.Bridge)
}

func (s *switchPort) do(ctx context.Context, r *run) error   { return s.set(ctx, r, s.Remove) }
func (s *switchPort) undo(ctx context.Context, r *run) error { return s.set(ctx, r, !s.Remove) }

func (s *switchPort) set(ctx context.Context, r *run, remove bool) error {
	err := r.onSwitch(ctx, func(c *vswitch.Change) error {
		if remove {
			return c.RemovePort(s.Bridge, s.Port.Name)
		}
		return c.AddPort(s.Bridge, s.Port)
	})
	if err != nil {
		return err
	}
	q := &r.vs.queue[len(r.vs.queue)-1]
	if !remove {
		q.port = s.Port.Name
	}
	// A link of another kind is not Open vSwitch's: it has come back already.
	if kind, there := r.kinds[s.Port.Name]; s.Port.Internal() && (!there || bySwitch(kind)) {
		r.expect(s.Port.Name, !remove)
	}
	return nil
}

// bySwitch tells whether links of the kind may be Open vSwitch's: over the
// kernel's datapath, or over one of its own.
func bySwitch(kind string) bool { return kind == snapshot.KindSwitch || kind == "tun" }

// switchColumns sets columns of a port or of an interface.
type switchColumns struct {
	Name      string      `json:"name"`
	Interface bool        `json:"interface,omitzero"` // else a port
	Old       vswitch.Row `json:"old"`
	New       vswitch.Row `json:"new"`
}

func (s *switchColumns) kind() string    { return "ovs-columns" }
func (s *switchColumns) subject() string { return s.Name }
func (s *switchColumns) String() string {
	return fmt.Sprintf("%s in Open vSwitch:%s", s.Name, vswitch.Difference(s.Old, s.New))
}

func (s *switchColumns) do(ctx context.Context, r *run) error   { return s.set(ctx, r, s.New) }
func (s *switchColumns) undo(ctx context.Context, r *run) error { return s.set(ctx, r, s.Old) }

func (s *switchColumns) set(ctx context.Context, r *run, to vswitch.Row) error {
	return r.onSwitch(ctx, func(c *vswitch.Change) error {
		if s.Interface {
			return c.SetInterface(s.Name, to)
		}
		return c.SetPort(s.Name, to)
	})
}

// switchMappings tells OVN which bridge carries which network.
type switchMappings struct {
	Old *string `json:"old"`
	New string  `json:"new"`
}

func (s *switchMappings) kind() string    { return "ovs-mappings" }
func (s *switchMappings) subject() string { return "" }
func (s *switchMappings) String() string  { return fmt.Sprintf("mappings of OVN: %q", s.New) }

func (s *switchMappings) do(ctx context.Context, r *run) error   { return s.set(ctx, r, &s.New) }
func (s *switchMappings) undo(ctx context.Context, r *run) error { return s.set(ctx, r, s.Old) }

func (s *switchMappings) set(ctx context.Context, r *run, to *string) error {
	return r.onSwitch(ctx, func(c *vswitch.Change) error {
		c.SetMappings(to)
		return nil
	})
}

// takeDown takes a link down that Open vSwitch is going to remove. Undoing
// comes after Open vSwitch has made it again, and gives it what it had.
type takeDown struct {
	Link snapshot.Link `json:"link"`
}

func (s *takeDown) kind() string    { return "take-down" }
func (s *takeDown) subject() string { return s.Link.Name }
func (s *takeDown) String() string  { return "take " + s.Link.Name + " down" }

func (s *takeDown) do(ctx context.Context, r *run) error {
	return r.setUp(ctx, s.Link.Name, false)
}

func (s *takeDown) undo(ctx context.Context, r *run) error {
	attrs := rtnl.PutU32(nil, unix.IFLA_MTU, s.Link.MTU)
	if mac, err := net.ParseMAC(s.Link.MAC); err == nil {
		attrs = rtnl.Put(attrs, unix.IFLA_ADDRESS, mac)
	}
	if err := r.change(ctx, s.Link.Name, 0, 0, attrs); err != nil {
		return err
	}
	for _, t := range ipv6Settings(s.Link.Name, snapshot.IPv6{}, s.Link.IPv6) {
		if err := t.do(ctx, r); err != nil {
			return err
		}
	}
	return r.setUp(ctx, s.Link.Name, s.Link.Up)
}

// onDisk tells whether what a step changes outlives the machine's end.
func onDisk(s Step) bool {
	_, file := s.(*replaceFile)
	return file || strings.HasPrefix(s.kind(), "ovs-")
}

// already tells whether a step of undoing found its work done.
func already(err error) bool {
	return errors.Is(err, vswitch.ErrTaken) || errors.Is(err, vswitch.ErrGone)
}
