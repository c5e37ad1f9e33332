// SPDX-License-Identifier: GPL-2.0-or-later

package nmstatectl

import (
	"context"
	"encoding/json"
	"errors"

	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netswitch"
)

// withShares adds to NetworkManager's part of a change the shares of networks,
// which its documents have no room for: the built-in applier makes them once the
// links are there. Both parts have a journal with the same note.
type withShares struct {
	netswitch.Applier // of the links

	shares netswitch.Applier
}

// parts splits what is wanted.
func parts(want linkapply.Want) (links, shares linkapply.Want) {
	shares.Shares = want.Shares
	want.Shares = nil
	return want, shares
}

// Plan implements netswitch.Applier. Shares of links that are not there yet
// cannot be planned in advance.
func (w withShares) Plan(ctx context.Context, want linkapply.Want) ([]string, error) {
	links, shares := parts(want)
	steps, err := w.Applier.Plan(ctx, links)
	if err != nil || len(shares.Shares) == 0 {
		return steps, err
	}
	more, err := w.shares.Plan(ctx, shares)
	if errors.Is(err, linkapply.ErrNoLink) {
		return append(steps, "set the shares of links that are not there yet"), nil
	}
	return append(steps, more...), err
}

// Begin implements netswitch.Applier.
func (w withShares) Begin(ctx context.Context, want linkapply.Want, note json.RawMessage) (netswitch.Change, error) {
	wantLinks, wantShares := parts(want)
	links, err := w.Applier.Begin(ctx, wantLinks, note)
	if err != nil || len(wantShares.Shares) == 0 {
		return links, err
	}
	shares, err := w.shares.Begin(ctx, wantShares, note)
	if err != nil {
		return nil, errors.Join(err, links.Undo(ctx, nil))
	}
	return both{links, shares}, nil
}

// both is a change in two parts.
type both struct{ links, shares netswitch.Change }

// Steps implements netswitch.Change.
func (b both) Steps() []string { return append(b.links.Steps(), b.shares.Steps()...) }

// Keep implements netswitch.Change. Shares come first: without them the links
// can be undone still.
func (b both) Keep() error {
	if err := b.shares.Keep(); err != nil {
		// The journal of the shares stands, and leads the caller back.
		return errors.Join(err, b.links.Undo(context.Background(), nil))
	}
	return b.links.Keep()
}

// Undo implements netswitch.Change.
func (b both) Undo(ctx context.Context, restore func() error) error {
	return errors.Join(b.shares.Undo(ctx, nil), b.links.Undo(ctx, restore))
}
