// SPDX-License-Identifier: GPL-2.0-or-later

package nmstatectl

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"govdsm/api"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/tc"
)

// story is what two appliers are told.
type story struct{ told []string }

func (s *story) tell(what string) { s.told = append(s.told, what) }

type partner struct {
	netswitch.Applier

	name string
	*story
	fails error
}

func (p partner) Begin(_ context.Context, want linkapply.Want, _ json.RawMessage) (netswitch.Change, error) {
	if p.name == "links" && want.Shares != nil || p.name == "shares" && len(want.Interfaces) > 0 {
		p.tell(p.name + " of the other")
	}
	p.tell(p.name + " begin")
	return p, p.fails
}

func (p partner) Steps() []string { return []string{p.name} }
func (p partner) Keep() error     { p.tell(p.name + " keep"); return nil }
func (p partner) Undo(_ context.Context, restore func() error) error {
	p.tell(p.name + " undo")
	if restore != nil {
		return restore()
	}
	return nil
}

// keepless is a change that cannot be kept.
type keepless struct {
	netswitch.Change
	err error
}

func (k keepless) Keep() error { return k.err }

// Shares that cannot be kept end the change of the links as well: one that
// nobody ends refuses all others.
func TestSharesNotKept(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	s := &story{}
	err := both{partner{name: "links", story: s}, keepless{err: full}}.Keep()
	if !errors.Is(err, full) || !slices.Equal(s.told, []string{"links undo"}) {
		t.Errorf("%v, %v", s.told, err)
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	want := linkapply.Want{
		State:  nmstate.State{Interfaces: []nmstate.Interface{{Name: "eth0"}}},
		Shares: map[string]tc.Shares{"eth0": {7: {Ls: &api.BandwidthCurve{M2: 1}}}},
	}
	refused := errors.New("refused")
	for name, c := range map[string]struct {
		want   linkapply.Want
		fails  error
		end    func(netswitch.Change) error
		expect []string
	}{
		"kept": {
			want, nil, netswitch.Change.Keep,
			[]string{"links begin", "shares begin", "shares keep", "links keep"},
		},
		"undone": {
			want, nil, func(c netswitch.Change) error { return c.Undo(t.Context(), nil) },
			[]string{"links begin", "shares begin", "shares undo", "links undo"},
		},
		"refused": {want, refused, nil, []string{"links begin", "shares begin", "links undo"}},
		"none":    {linkapply.Want{State: want.State}, nil, netswitch.Change.Keep, []string{"links begin", "links keep"}},
	} {
		var s story
		a := withShares{Applier: partner{name: "links", story: &s}, shares: partner{name: "shares", story: &s, fails: c.fails}}
		change, err := a.Begin(t.Context(), c.want, nil)
		if !errors.Is(err, c.fails) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if err := c.end(change); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !slices.Equal(s.told, c.expect) {
			t.Errorf("%s: %q, want %q", name, s.told, c.expect)
		}
	}
}
