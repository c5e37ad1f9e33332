// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"govdsm/internal/dispatch"
	"govdsm/internal/network/ovsdb"
	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
	"govdsm/internal/network/tc"
	"govdsm/internal/network/vswitch"
)

// Where things are on a real host.
const (
	DefaultJournal    = "/var/lib/vdsm/netapply/journal"
	DefaultResolvConf = "/etc/resolv.conf"
)

// Options configure an Applier. Empty members take the defaults.
type Options struct {
	Journal    string        // file of the change under way
	Root       string        // prefix of /proc and /sys, for tests
	ResolvConf string        // file of the name servers
	Switch     string        // socket of Open vSwitch's database
	Datapath   string        // type of the datapath of its bridges; "" for the kernel's, "netdev" needs no module
	Settle     time.Duration // how long the kernel may take to show what it was told; 0 for 5 s
	Switching  time.Duration // how long ovs-vswitchd may take to act on its database; 0 for 30 s
	Log        *slog.Logger  // nil for silence

	dial func() (conn, error)
	tick func() // called before every write to a file of the kernel
}

// conn is a connection to the kernel that ends.
type conn interface {
	Conn
	io.Closer
}

// Applier changes the kernel of the network namespace that it runs in. Its
// methods may be called at once; there is one change at a time.
type Applier struct {
	o   Options
	one sync.Mutex // held while a change is open
}

var (
	// ErrBusy says that another change is open.
	ErrBusy = errors.New("another change of the network is under way")
	// ErrUnfinished says that a change of a former process must be undone
	// first: see Recover.
	ErrUnfinished = errors.New("a former change of the network was neither kept nor undone")
	// ErrNotReached says that the kernel took every step and yet is not in the
	// wanted state, as something else changes it, too.
	ErrNotReached = errors.New("the kernel is not in the wanted state")
)

// New returns an applier. Call Recover before the first change.
func New(o Options) *Applier {
	o.Journal = cmp.Or(o.Journal, DefaultJournal)
	o.ResolvConf = cmp.Or(o.ResolvConf, DefaultResolvConf)
	o.Settle = cmp.Or(o.Settle, 5*time.Second)
	o.Switch = cmp.Or(o.Switch, ovsdb.DefaultSocket)
	o.Switching = cmp.Or(o.Switching, 30*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.dial == nil {
		o.dial = func() (conn, error) { return rtnl.Dial() }
	}
	return &Applier{o: o}
}

// Plan returns in words what Begin would do. It changes nothing.
func (a *Applier) Plan(ctx context.Context, want Want) ([]string, error) {
	c, err := a.o.dial()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	_, steps, err := a.plan(ctx, c, want)
	words := make([]string, len(steps))
	for i, s := range steps {
		words[i] = s.String()
	}
	return words, err
}

// present is what a plan starts from.
type present struct {
	*snapshot.State
	control map[string]tc.Tree // of links that may be touched
	vs      *vswitch.State     // nil when the plan is not about Open vSwitch
}

func (a *Applier) plan(ctx context.Context, c Conn, want Want) (now present, steps []Step, err error) {
	s, err := snapshot.Take(ctx, c)
	if err != nil {
		return now, nil, fmt.Errorf("read the kernel's network: %w", err)
	}
	return a.planFrom(ctx, c, s, want)
}

func (a *Applier) planFrom(ctx context.Context, c Conn, s *snapshot.State, want Want) (now present, steps []Step, err error) {
	now.State = s
	if now.control, err = control(ctx, c, now.State, want); err != nil {
		return now, nil, err
	}
	if needsSwitch(want, now.State) {
		if now.vs, err = a.readSwitch(ctx); err != nil {
			return now, nil, err
		}
	}
	steps, err = plan(now, want, a.o)
	return now, steps, err
}

// readSwitch reads Open vSwitch's configuration. The error is an ErrSwitch.
func (a *Applier) readSwitch(ctx context.Context) (*vswitch.State, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, ovsdb.Patience, ovsdb.ErrSilent)
	defer cancel()
	vs, err := vswitch.Read(ctx, a.o.Switch)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSwitch, err)
	}
	return vs, nil
}

func (a *Applier) newRun(c Conn, now *snapshot.State) *run {
	r := newRun(c, a.o.Root, now)
	r.vs = switchRun{socket: a.o.Switch, limit: a.o.Switching, refused: map[int]bool{}}
	if a.o.tick != nil {
		r.tick = a.o.tick
	}
	return r
}

// Begin brings the kernel to want and sees whether it got there. When it
// returns an error the former state is back, in all that this change touched;
// what could not be brought back is among the errors.
//
// The note is for the caller: Recover hands it back when this process does not
// live to end the change. Without one, and without anything to be done, there
// is no journal either.
func (a *Applier) Begin(ctx context.Context, want Want, note json.RawMessage) (*Change, error) {
	if !a.one.TryLock() {
		return nil, ErrBusy
	}
	open := false
	defer func() {
		if !open { // after a panic, too: Recover undoes what its journal tells
			a.one.Unlock()
		}
	}()
	c, err := a.begin(ctx, want, note)
	if err != nil {
		return nil, err
	}
	open = true
	return c, nil
}

func (a *Applier) begin(ctx context.Context, want Want, note json.RawMessage) (*Change, error) {
	if _, err := os.Stat(a.o.Journal); err == nil {
		return nil, ErrUnfinished
	}
	kernel, err := a.o.dial()
	if err != nil {
		return nil, err
	}
	if note == nil && want.Seen != nil {
		// What changed since then is as good as what will change in a moment.
		if seen, steps, err := a.planFrom(ctx, kernel, want.Seen, want); err == nil && len(steps) == 0 {
			return &Change{a: a, conn: kernel, before: seen.State, failed: -1}, nil
		}
	}
	before, steps, err := a.plan(ctx, kernel, want)
	if err != nil {
		kernel.Close()
		return nil, err
	}
	if len(steps) == 0 && note == nil {
		return &Change{a: a, conn: kernel, before: before.State, failed: -1}, nil // nothing to undo, ever
	}
	boot, err := bootID(a.o.Root)
	if err != nil {
		kernel.Close()
		return nil, err
	}
	j, err := openJournal(a.o.Journal, header{Boot: boot, Flow: dispatch.OriginOf(ctx).FlowID, Time: time.Now(), Note: note}, steps)
	if err != nil {
		kernel.Close()
		return nil, err
	}
	c := &Change{a: a, conn: kernel, journal: j, before: before.State, switchBefore: before.vs, steps: steps, failed: -1}
	if err := c.act(ctx, before.State, want, 0); err != nil {
		return nil, errors.Join(err, c.undo(context.WithoutCancel(ctx), nil))
	}
	return c, nil
}

// Change is a change that was made and is still to be kept or undone. One of
// Keep and Undo must be called, once.
type Change struct {
	a       *Applier
	conn    conn
	journal *journal
	before  *snapshot.State
	// switchBefore is nil when Open vSwitch was not asked.
	switchBefore *vswitch.State

	steps   []Step
	touched int   // steps that may have been done
	failed  int   // index of the step that the kernel refused, or -1
	refusal error // of that step
	refused []int // steps that Open vSwitch did not do
}

// Steps returns in words what was done.
func (c *Change) Steps() []string {
	words := make([]string, len(c.steps))
	for i, s := range c.steps {
		words[i] = s.String()
	}
	return words
}

// act does the steps from a place on, and looks at what came of them.
func (c *Change) act(ctx context.Context, now *snapshot.State, want Want, from int) error {
	r := c.a.newRun(c.conn, now)
	r.mark = func(step int) error { return c.journal.begin(from + step) }
	touched, err := r.forward(ctx, c.steps[from:])
	c.touched = from + touched
	for step := range r.vs.refused {
		c.refused = append(c.refused, from+step)
	}
	if err != nil {
		if e, ok := errors.AsType[*StepError](err); ok {
			c.failed, c.refusal = from+e.Index, e.Err
		}
		return err
	}
	if len(c.steps) == from {
		return nil
	}
	return c.verify(ctx, want)
}

// verify plans again: when the kernel is in the wanted state nothing is left to
// be done. Some things take the kernel a moment.
func (c *Change) verify(ctx context.Context, want Want) error {
	want.BridgeOptions = nil // the kernel took them, and rounds times to its clock
	limit, cancel := context.WithTimeout(ctx, c.a.o.Settle)
	defer cancel()
	for pause := time.Millisecond; ; pause = min(2*pause, 200*time.Millisecond) {
		_, left, err := c.a.plan(ctx, c.conn, want)
		if err == nil && len(left) == 0 {
			return nil
		}
		if errors.Is(err, ErrNoLink) {
			return fmt.Errorf("%w: %w", ErrNotReached, err) // vanished, and will not come back
		}
		select {
		case <-limit.Done():
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				return fmt.Errorf("%w: %w", ErrNotReached, err)
			}
			return fmt.Errorf("%w: still to do: %s", ErrNotReached, words(left, 5))
		case <-time.After(pause):
		}
	}
}

// words names up to most steps.
func words(steps []Step, most int) string {
	var list []string
	for _, s := range steps[:min(most, len(steps))] {
		list = append(list, s.String())
	}
	if more := len(steps) - len(list); more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, "; ")
}

// Keep ends the change: from now on it outlives this process.
func (c *Change) Keep() error {
	defer c.a.one.Unlock()
	if c.journal == nil {
		return c.conn.Close()
	}
	return errors.Join(c.journal.remove(), c.conn.Close())
}

// Undo brings the former state back, and calls restore, which may be nil, for
// what the caller changed besides, before the change counts as undone.
func (c *Change) Undo(ctx context.Context, restore func() error) error {
	defer c.a.one.Unlock()
	return c.undo(context.WithoutCancel(ctx), restore)
}
