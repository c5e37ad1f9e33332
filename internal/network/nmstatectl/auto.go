// SPDX-License-Identifier: GPL-2.0-or-later

package nmstatectl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netswitch"
)

// Ways to choose an applier, as the option network_applier names them.
const (
	ChooseAuto    = "auto"
	ChooseBuiltIn = "builtin"
	ChooseNMState = "nmstatectl"
)

// Owner knows which devices somebody else looks after.
type Owner interface {
	Owns(ctx context.Context, devices []string) ([]string, error)
}

// Auto chooses the applier for each change: nmstatectl for what NetworkManager
// owns a part of, else the built-in one. They do not work on the same links at
// once: each change looks again.
type Auto struct {
	Choice  string // one of the above; "" is auto
	BuiltIn netswitch.Applier
	NMState netswitch.Applier
	Owner   Owner
	Log     *slog.Logger
}

// Plan implements netswitch.Applier.
func (a Auto) Plan(ctx context.Context, want linkapply.Want) ([]string, error) {
	chosen, explain, err := a.choose(ctx, want)
	if err != nil {
		return nil, err
	}
	steps, err := chosen.Plan(ctx, want)
	return steps, explain(err)
}

// Begin implements netswitch.Applier.
func (a Auto) Begin(ctx context.Context, want linkapply.Want, note json.RawMessage) (netswitch.Change, error) {
	chosen, explain, err := a.choose(ctx, want)
	if err != nil {
		return nil, err
	}
	change, err := chosen.Begin(ctx, want, note)
	return change, explain(err)
}

// Recover implements netswitch.Applier. Both have left a change when there were
// shares: the built-in one made its part last.
func (a Auto) Recover(ctx context.Context, restore func(linkapply.Recovered) error) error {
	return errors.Join(a.BuiltIn.Recover(ctx, restore), a.NMState.Recover(ctx, restore))
}

// choose returns the applier, and what makes its error understood.
func (a Auto) choose(ctx context.Context, want linkapply.Want) (netswitch.Applier, func(error) error, error) {
	same := func(err error) error { return err }
	switch a.Choice {
	case ChooseBuiltIn:
		return a.BuiltIn, same, nil
	case ChooseNMState:
		return withShares{a.NMState, a.BuiltIn}, same, nil
	}
	owned, err := a.Owner.Owns(ctx, devices(want))
	if err != nil {
		return nil, nil, fmt.Errorf("cannot tell whose the devices are: %w", err)
	}
	if len(owned) == 0 {
		return a.BuiltIn, same, nil
	}
	list := strings.Join(owned, ", ")
	a.Log.DebugContext(ctx, "nmstatectl is chosen", "owned", list)
	return withShares{a.NMState, a.BuiltIn}, func(err error) error {
		if errors.Is(err, ErrNoProgram) {
			return fmt.Errorf("%w; NetworkManager owns %s: install nmstate, have NetworkManager leave the devices alone"+
				" (unmanaged-devices), or set network_applier=builtin in vdsm.conf", err, list)
		}
		return err
	}, nil
}

// devices are those that a document is about, and those below them.
func devices(want linkapply.Want) []string {
	var names []string
	for _, i := range want.Interfaces {
		names = append(names, i.Name)
		if i.VLAN != nil {
			names = append(names, i.VLAN.BaseIface)
		}
	}
	return names
}
