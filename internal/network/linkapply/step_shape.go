// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"fmt"
	"strings"

	"govdsm/internal/network/tc"
)

// shape changes how networks share a link. It looks at what is there when it
// acts, so that it also works half way: only the goals are in the journal.
//
// Before a link is deleted, a shape whose goals are the same remembers what it
// had.
type shape struct {
	Dev string  `json:"dev"`
	Old tc.Tree `json:"old"`
	New tc.Tree `json:"new"`
}

func (s *shape) kind() string    { return "shape" }
func (s *shape) subject() string { return s.Dev }
func (s *shape) String() string {
	switch list := s.New.Networks(); {
	case len(tc.Change(0, s.Old, s.New)) == 0:
		return "remember the traffic control of " + s.Dev
	case len(list) == 0:
		return fmt.Sprintf("remove the shares of %s", s.Dev)
	default:
		return fmt.Sprintf("shares of %s: %s", s.Dev, strings.Join(list, ", "))
	}
}

func (s *shape) do(ctx context.Context, r *run) error { return s.reach(ctx, r, s.New) }

func (s *shape) undo(ctx context.Context, r *run) error {
	if err := s.reach(ctx, r, s.Old); err != nil {
		return err
	}
	left, err := s.left(ctx, r, s.Old)
	if err == nil && left > 0 {
		return fmt.Errorf("%d parts of the traffic control of %s are not back", left, s.Dev)
	}
	return err
}

// reach turns what the link has into the goal.
func (s *shape) reach(ctx context.Context, r *run, goal tc.Tree) error {
	index, now, err := s.now(ctx, r)
	if err != nil {
		return err
	}
	for _, m := range tc.Change(index, now, goal) {
		if err := r.send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// left counts the requests that still lead to the goal.
func (s *shape) left(ctx context.Context, r *run, goal tc.Tree) (int, error) {
	index, now, err := s.now(ctx, r)
	return len(tc.Change(index, now, goal)), err
}

// now reads what the link has once the kernel has been told all that waits.
func (s *shape) now(ctx context.Context, r *run) (int32, tc.Tree, error) {
	if err := r.finish(ctx); err != nil {
		return 0, tc.Tree{}, err
	}
	index, err := r.index(ctx, s.Dev)
	if err != nil {
		return 0, tc.Tree{}, err
	}
	trees, err := tc.Read(ctx, r.conn, index)
	return index, trees[index], err
}
