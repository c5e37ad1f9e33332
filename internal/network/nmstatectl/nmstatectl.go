// SPDX-License-Identifier: GPL-2.0-or-later

// Package nmstatectl applies desired states on hosts whose links NetworkManager
// owns: it gives the document to the program of nmstate 2, which keeps a
// checkpoint in NetworkManager until the change is kept or undone. A change that
// nobody ends, because everybody died, ends by itself when the checkpoint's time
// is over: the former networks are back.
//
// Auto chooses between this applier and the built-in one.
//
// Source: nmstatectl(8) of nmstate 2.2.
package nmstatectl

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"govdsm/internal/atomicfile"
	"govdsm/internal/dispatch"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netswitch"
)

// DefaultJournal is the file of the change under way.
const DefaultJournal = "/var/lib/vdsm/netapply/nmstatectl"

// Options configure an Applier. Empty members take the defaults.
type Options struct {
	Program    string        // "nmstatectl", found in the search path
	Journal    string        // file of the change under way
	Checkpoint time.Duration // how long a change may stay open before NetworkManager undoes it; 0 for 15 min
	Patience   time.Duration // how long a call of the program may take; 0 for 10 min
	Root       string        // prefix of /proc and /sys, for tests
	// Open tells whether NetworkManager has a checkpoint.
	Open func(ctx context.Context) (bool, error)
	Log  *slog.Logger // nil for silence
}

// Applier implements netswitch.Applier.
type Applier struct {
	o   Options
	one sync.Mutex // held while a change is open
}

// refusal is the error of what cannot be done here. It is an ErrUnsupported to
// callers, whose words are about the other applier.
type refusal string

func (r refusal) Error() string        { return string(r) }
func (r refusal) Is(target error) bool { return target == linkapply.ErrUnsupported }

// ErrNoProgram says that NetworkManager cannot be given documents here.
const ErrNoProgram = refusal("nmstatectl is not installed")

// ErrFailed says that the program did not do it; its words follow.
var ErrFailed = errors.New("nmstatectl")

// New returns an applier. Call Recover before the first change.
func New(o Options) *Applier {
	o.Program = cmp.Or(o.Program, "nmstatectl")
	o.Journal = cmp.Or(o.Journal, DefaultJournal)
	o.Checkpoint = cmp.Or(o.Checkpoint, 15*time.Minute)
	o.Patience = cmp.Or(o.Patience, 10*time.Minute)
	if o.Open == nil {
		o.Open = NetworkManager{}.HasCheckpoint
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Applier{o: o}
}

// Plan implements netswitch.Applier. What NetworkManager does in which order
// nobody knows beforehand.
func (a *Applier) Plan(_ context.Context, want linkapply.Want) ([]string, error) {
	if _, err := exec.LookPath(a.o.Program); err != nil {
		return nil, ErrNoProgram
	}
	steps := []string{fmt.Sprintf("nmstatectl applies the document about %d interfaces", len(want.Interfaces))}
	options, err := a.bridgeOptions(want)
	if err == nil {
		err = refuseShares(want)
	}
	for _, o := range options {
		steps = append(steps, "write "+o.Value+" to "+o.File)
	}
	return steps, err
}

// Begin implements netswitch.Applier. The program verifies what it has done,
// and undoes what it could not finish.
func (a *Applier) Begin(ctx context.Context, want linkapply.Want, note json.RawMessage) (netswitch.Change, error) {
	if !a.one.TryLock() {
		return nil, linkapply.ErrBusy
	}
	open := false
	defer func() {
		if !open {
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

func (a *Applier) begin(ctx context.Context, want linkapply.Want, note json.RawMessage) (*change, error) {
	if _, err := os.Stat(a.o.Journal); err == nil {
		return nil, linkapply.ErrUnfinished
	}
	if _, err := exec.LookPath(a.o.Program); err != nil {
		return nil, ErrNoProgram
	}
	options, err := a.bridgeOptions(want)
	if err == nil {
		err = refuseShares(want)
	}
	if err != nil {
		return nil, err
	}
	document, err := json.Marshal(want.State) // JSON is YAML, too
	if err != nil {
		return nil, err
	}
	boot, err := a.bootID()
	if err != nil {
		return nil, err
	}
	c := &change{a: a, options: options, journal: journal{
		Version: journalVersion, Boot: boot, Flow: dispatch.OriginOf(ctx).FlowID, Time: time.Now(), Note: note,
	}}
	if err := a.write(c.journal); err != nil {
		return nil, err
	}
	if err := c.apply(ctx, document); err != nil {
		return nil, err
	}
	return c, nil
}

// refuseShares refuses host QoS: NetworkManager would take it away again when it
// activates the link anew.
func refuseShares(want linkapply.Want) error {
	for link, shares := range want.Shares {
		if len(shares) > 0 {
			return refusal("host QoS on " + link + ", which NetworkManager owns, is not supported")
		}
	}
	return nil
}

// change is a checkpoint that is open.
type change struct {
	a       *Applier
	journal journal
	options []bridgeOption
}

// Steps implements netswitch.Change.
func (c *change) Steps() []string {
	steps := []string{"nmstatectl apply"}
	for _, o := range c.options {
		steps = append(steps, "write "+o.Value+" to "+o.File)
	}
	return steps
}

// apply has the document applied and writes bridge options, or leaves nothing
// of both.
func (c *change) apply(ctx context.Context, document []byte) error {
	file := c.a.o.Journal + ".json"
	if err := atomicfile.Write(file, document, 0o600); err != nil {
		return errors.Join(err, c.a.remove())
	}
	defer os.Remove(file) // nobody reads it again
	seconds := strconv.Itoa(max(1, int(c.a.o.Checkpoint/time.Second)))
	err := c.a.run(ctx, "apply", "--no-commit", "--timeout", seconds, file)
	if err != nil {
		// A program that failed has rolled back; one that was stopped may have not.
		return errors.Join(err, c.a.rollbackIfOpen(context.WithoutCancel(ctx)), c.a.remove())
	}
	if err := c.write(); err != nil {
		return errors.Join(err, c.undo(context.WithoutCancel(ctx), nil))
	}
	return nil
}

// Keep implements netswitch.Change.
func (c *change) Keep() error {
	defer c.a.one.Unlock()
	// From here on a checkpoint that is gone was committed.
	c.journal.Committing = true
	if err := c.a.write(c.journal); err != nil {
		return err
	}
	if err := c.a.run(context.Background(), "commit"); err != nil {
		// Its time was over, most likely, and the former networks are back.
		c.journal.Committing = false
		return errors.Join(err, c.a.write(c.journal))
	}
	return c.a.remove()
}

// Undo implements netswitch.Change.
func (c *change) Undo(ctx context.Context, restore func() error) error {
	defer c.a.one.Unlock()
	return c.undo(context.WithoutCancel(ctx), restore)
}

func (c *change) undo(ctx context.Context, restore func() error) error {
	c.a.o.Log.WarnContext(ctx, "the change of the network is being undone by nmstatectl")
	err := c.a.rollbackIfOpen(ctx)
	c.a.putBack(ctx, c.journal.BridgeOptions)
	if restore != nil {
		err = errors.Join(err, restore())
	}
	return errors.Join(err, c.a.remove())
}

// rollbackIfOpen rolls back. Without a checkpoint there is nothing to roll back:
// the program did it, or NetworkManager when the time was over.
func (a *Applier) rollbackIfOpen(ctx context.Context) error {
	open, err := a.o.Open(ctx)
	if err != nil || open {
		return a.run(ctx, "rollback")
	}
	return nil
}

// Recover implements netswitch.Applier.
func (a *Applier) Recover(ctx context.Context, restore func(linkapply.Recovered) error) error {
	if !a.one.TryLock() {
		return linkapply.ErrBusy
	}
	defer a.one.Unlock()
	j, err := a.read()
	if err != nil || j == nil {
		return err
	}
	boot, err := a.bootID()
	if err != nil {
		return err
	}
	if j.Boot == boot {
		open, err := a.o.Open(ctx)
		if err == nil && !open && j.Committing {
			return a.remove() // committed: only the journal was left to be removed
		}
		if err := a.rollbackIfOpen(ctx); err != nil {
			return err // the journal stays, for the next start
		}
		a.putBack(ctx, j.BridgeOptions)
	}
	a.o.Log.WarnContext(ctx, "a change of the network was not finished and has been undone", "flow", j.Flow, "since", j.Time)
	if restore != nil {
		err = restore(linkapply.Recovered{Flow: j.Flow, Note: j.Note})
	}
	return errors.Join(err, a.remove())
}

// run runs the program. When ctx ends the program is interrupted, upon which it
// rolls back, and killed if it does not end.
func (a *Applier) run(ctx context.Context, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, a.o.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, a.o.Program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said // its answer is the document again
	began := time.Now()
	err := cmd.Run()
	a.o.Log.InfoContext(ctx, "ran", "command", "nmstatectl "+strings.Join(args, " "), "took", time.Since(began), "err", err)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%w %s was stopped: %w", ErrFailed, args[0], context.Cause(ctx))
	}
	why := lastLines(said.String())
	if strings.Contains(why, "VerificationError") {
		return fmt.Errorf("%w: %w %s: %s", linkapply.ErrNotReached, ErrFailed, args[0], why)
	}
	return fmt.Errorf("%w %s: %w: %s", ErrFailed, args[0], err, why)
}

// lastLines are where the program says what is wrong.
func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "; ")
}

func (a *Applier) bootID() (string, error) {
	b, err := os.ReadFile(filepath.Join(a.o.Root, "/proc/sys/kernel/random/boot_id"))
	return strings.TrimSpace(string(b)), err
}
