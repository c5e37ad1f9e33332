// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"encoding/json"

	"govdsm/internal/network/linkapply"
)

// Applier brings the kernel to what a document wants. There is one over
// rtnetlink (BuiltIn) and one for hosts whose links NetworkManager owns
// (package nmstatectl). An applier has at most one change open at a time.
type Applier interface {
	// Plan tells in words what Begin would do. It changes nothing.
	Plan(ctx context.Context, want linkapply.Want) ([]string, error)
	// Begin makes the change and sees that it was made. After an error the
	// former state is back. The note comes back from Recover when this process
	// does not live to end the change.
	Begin(ctx context.Context, want linkapply.Want, note json.RawMessage) (Change, error)
	// Recover undoes a change that a former process left, and calls restore for
	// the caller's part of it.
	Recover(ctx context.Context, restore func(linkapply.Recovered) error) error
}

// Change is a change that was made: one of Keep and Undo ends it.
type Change interface {
	Steps() []string // in words
	Keep() error
	// Undo brings the former state back and calls restore, which may be nil,
	// for the caller's part of it.
	Undo(ctx context.Context, restore func() error) error
}

// BuiltIn is the applier over rtnetlink.
func BuiltIn(a *linkapply.Applier) Applier { return builtIn{a} }

type builtIn struct{ *linkapply.Applier }

// Begin implements Applier.
func (b builtIn) Begin(ctx context.Context, want linkapply.Want, note json.RawMessage) (Change, error) {
	c, err := b.Applier.Begin(ctx, want, note)
	if err != nil {
		return nil, err // and no change, rather than a nil one in an interface
	}
	return c, nil
}
