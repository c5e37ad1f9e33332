// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"govdsm/internal/atomicfile"
)

// Extend goes on to another state as a part of the same change: Keep and Undo
// are about both then. It is for states that must come one after the other, as
// when a name changes its type. When Extend returns an error everything is
// undone and the change is over: neither Keep nor Undo may follow.
func (c *Change) Extend(ctx context.Context, want Want) error {
	err := c.extend(ctx, want)
	if err == nil {
		return nil
	}
	defer c.a.one.Unlock()
	return errors.Join(err, c.undo(context.WithoutCancel(ctx), nil))
}

func (c *Change) extend(ctx context.Context, want Want) error {
	now, steps, err := c.a.plan(ctx, c.conn, want)
	if err != nil {
		return err
	}
	if c.switchBefore == nil {
		c.switchBefore = now.vs
	}
	if err := c.journal.extend(steps); err != nil {
		return err
	}
	from := len(c.steps)
	c.steps = append(c.steps, steps...)
	return c.act(ctx, now.State, want, from)
}

// extend writes the journal again, with more steps. All former ones were begun.
func (j *journal) extend(steps []Step) error {
	b, err := os.ReadFile(j.path)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	first, rest, _ := bytes.Cut(b, []byte("\n"))
	var h header
	if err := json.Unmarshal(first, &h); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	lines := bytes.SplitAfterN(rest, []byte("\n"), j.steps+1)
	if len(lines) < j.steps {
		return errors.New("journal: steps are missing")
	}
	whole, err := plan2text(h, bytes.Join(lines[:j.steps], nil), steps, j.steps)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(j.path, whole, 0o600); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	old := j.file
	j.file, j.begun, j.steps = f, j.steps, j.steps+len(steps)
	return old.Close()
}

// plan2text is the text of a journal whose first steps, as they stand, are
// begun, and which has more.
func plan2text(h header, done []byte, steps []Step, begun int) ([]byte, error) {
	h.Steps = begun + len(steps)
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(h); err != nil {
		return nil, err
	}
	b.Write(done)
	for _, s := range steps {
		e, err := encode(s)
		if err == nil {
			err = lines.Encode(e)
		}
		if err != nil {
			return nil, fmt.Errorf("journal: %q: %w", s, err)
		}
	}
	err := lines.Encode(progress{begun})
	return b.Bytes(), err
}

// compareSwitch looks at what was touched in Open vSwitch: it shall be as
// before.
func (c *Change) compareSwitch(ctx context.Context) error {
	if c.switchBefore == nil {
		return nil
	}
	var names []string
	for _, s := range c.steps[:c.touched] {
		switch s := s.(type) {
		case *switchBridge:
			names = append(names, s.Name)
		case *switchPort:
			names = append(names, s.Port.Name)
		case *switchColumns:
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	after, err := c.a.readSwitch(ctx)
	if err != nil {
		return err
	}
	was, is := c.switchBefore.Described(), after.Described()
	var all []error
	for _, name := range names {
		if strings.TrimSpace(was[name]) != strings.TrimSpace(is[name]) {
			all = append(all, fmt.Errorf("%s in Open vSwitch: was %q, is %q", name, was[name], is[name]))
		}
	}
	return errors.Join(all...)
}
