// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/snapshot"
)

// ErrNotUndone says that a part of the former state could not be brought back.
var ErrNotUndone = errors.New("the former network could not be brought back wholly")

// undo undoes what was touched and ends the change, whatever comes of it: the
// journal of a change that cannot be undone is set aside for people to read.
func (c *Change) undo(ctx context.Context, restore func() error) error {
	defer c.conn.Close()
	if c.journal == nil {
		if restore != nil {
			return restore()
		}
		return nil
	}
	c.a.o.Log.WarnContext(ctx, "the change of the network is being undone", "steps", c.touched)
	err := c.a.backward(ctx, c.conn, c.steps, c.touched, func(s Step, i int) bool {
		_, made := s.(*createLink)
		return made && i == c.failed && errors.Is(c.refusal, unix.EEXIST) || // somebody else's
			slices.Contains(c.refused, i)
	})
	if err == nil {
		err = c.compare(ctx)
	}
	if restore != nil {
		err = errors.Join(err, restore())
	}
	return errors.Join(c.a.aside(ctx, err), c.journal.file.Close())
}

// aside removes the journal, or renames it after a failure.
func (a *Applier) aside(ctx context.Context, failure error) error {
	if failure == nil {
		return removeJournal(a.o.Journal)
	}
	failed := a.o.Journal + ".failed"
	a.o.Log.ErrorContext(ctx, "the network could not be brought back", "error", failure, "journal", failed)
	return errors.Join(fmt.Errorf("%w: %w", ErrNotUndone, failure), os.Rename(a.o.Journal, failed))
}

// backward undoes the first touched steps. It tries twice: what stands in the
// way of one step may be removed by a later one.
func (a *Applier) backward(ctx context.Context, c Conn, steps []Step, touched int, except func(Step, int) bool) error {
	names := created(steps)
	var err error
	for range 2 {
		var now *snapshot.State
		if now, err = snapshot.Take(ctx, c); err != nil {
			continue
		}
		r := a.newRun(c, now)
		err = r.backward(ctx, steps[:touched], func(i int, s Step) bool {
			if except(s, i) {
				return true
			}
			return !makesOrRemoves(s) && names[s.subject()] && !hadBefore(steps, s.subject())
		})
		if err == nil {
			return nil
		}
	}
	return err
}

// hadBefore tells whether a link that the steps make was there before, too, and
// was deleted by them.
func hadBefore(steps []Step, name string) bool {
	return slices.ContainsFunc(steps, func(s Step) bool {
		switch s := s.(type) {
		case *deleteLink:
			return s.Link.Name == name
		case *takeDown:
			return s.Link.Name == name
		}
		return false
	})
}

func makesOrRemoves(s Step) bool {
	switch s.(type) {
	case *createLink, *deleteLink, *switchPort:
		return true
	}
	return false
}

// compare looks at the links that were touched: they shall be as before.
func (c *Change) compare(ctx context.Context) error {
	after, err := snapshot.Take(ctx, c.conn)
	if err != nil {
		return err
	}
	var all []error
	seen := map[string]bool{}
	for _, s := range c.steps[:c.touched] {
		if name := s.subject(); name != "" && !seen[name] {
			seen[name] = true
			all = append(all, snapshot.Differ(c.before, after, name))
		}
	}
	all = append(all, c.compareSwitch(ctx))
	return errors.Join(all...)
}

// Recovered is what Recover found.
type Recovered struct {
	Flow string          // of the call that made the change
	Note json.RawMessage // what was given to Begin
}

// Recover undoes the change that a former process left, if there is one, and
// calls restore for the caller's part of it before the journal is removed.
// After a boot the kernel has nothing left to undo; files have.
func (a *Applier) Recover(ctx context.Context, restore func(Recovered) error) error {
	if !a.one.TryLock() {
		return ErrBusy
	}
	defer a.one.Unlock()
	j, err := readJournal(a.o.Journal)
	if err != nil {
		// It was written whole, so nobody can say what it was about.
		return a.aside(ctx, err)
	}
	if j == nil {
		return nil
	}
	boot, err := bootID(a.o.Root)
	if err != nil {
		return err
	}
	same := boot == j.Boot
	a.o.Log.WarnContext(ctx, "a change of the network was not finished and is being undone",
		"flow", j.Flow, "since", j.Time, "steps", len(j.begun), "booted", !same)
	c, err := a.o.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	steps := j.begun
	if !same {
		steps = j.all // how far it got is not told where a disk is asked
	}
	err = a.backward(ctx, c, steps, len(steps), func(s Step, _ int) bool {
		return !same && !onDisk(s)
	})
	if restore != nil {
		err = errors.Join(err, restore(Recovered{Flow: j.Flow, Note: j.Note}))
	}
	return a.aside(ctx, err)
}
