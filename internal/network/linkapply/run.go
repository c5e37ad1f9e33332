// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
)

// Conn is the part of rtnl.Conn that changes take.
type Conn interface {
	snapshot.Conn
	Do(ctx context.Context, requests []rtnl.Message) ([]rtnl.Result, error)
}

// run carries steps out, forwards or backwards. Requests gather until the next
// step needs what they bring about; then they go to the kernel in one piece.
type run struct {
	conn    Conn
	root    string // of /proc and /sys
	undoing bool   // missing links are fine then, and failures do not stop

	indexes map[string]int32 // 0: being made by a request that waits
	kinds   map[string]string
	waiting []request
	doomed  []string
	vs      switchRun

	steps []Step
	step  int                  // that is under way
	mark  func(step int) error // tells the journal, before the kernel is told
	tick  func()               // where tests may stop a change
	errs  []error              // of undoing
}

// request is a message that waits.
type request struct {
	step     int
	message  rtnl.Message
	tolerate []unix.Errno
	learn    string // the link whose index the answer tells
}

// StepError says which step failed.
type StepError struct {
	Index int    // of the step, from 0
	What  string // the step, in words
	Err   error
}

// Error names the step and the reason.
func (e *StepError) Error() string { return e.What + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *StepError) Unwrap() error { return e.Err }

// ErrVanished says that a link is not there any more.
var ErrVanished = errors.New("the interface has vanished")

func newRun(conn Conn, root string, s *snapshot.State) *run {
	r := &run{conn: conn, root: root, indexes: map[string]int32{}, kinds: map[string]string{}}
	for name, l := range s.Links {
		r.indexes[name], r.kinds[name] = l.Index, l.Kind
	}
	r.mark, r.tick = func(int) error { return nil }, func() {}
	return r
}

// forward does the steps. The number is how many of them may have been done;
// the error is a *StepError unless the kernel or the journal cannot be reached.
func (r *run) forward(ctx context.Context, steps []Step) (touched int, err error) {
	for i, s := range steps {
		r.step = i
		if err := ctx.Err(); err != nil {
			return i, errors.Join(context.Cause(ctx), r.named(steps, r.finish(context.WithoutCancel(ctx))))
		}
		if err := s.do(ctx, r); err != nil {
			return i + 1, r.named(steps, err)
		}
	}
	return len(steps), r.named(steps, r.finish(ctx))
}

// backward undoes the steps, the last one first, all of them whatever happens.
func (r *run) backward(ctx context.Context, steps []Step, skip func(int, Step) bool) error {
	r.undoing, r.steps = true, steps
	for i := len(steps) - 1; i >= 0; i-- {
		r.step = i
		if skip(i, steps[i]) {
			continue
		}
		if err := steps[i].undo(ctx, r); err != nil && !errors.Is(err, ErrVanished) {
			r.errs = append(r.errs, fmt.Errorf("undo %q: %w", steps[i], err))
		}
	}
	if err := r.finish(ctx); err != nil {
		r.errs = append(r.errs, err)
	}
	return errors.Join(r.errs...)
}

// named says which step an error belongs to.
func (r *run) named(steps []Step, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*StepError](err); ok {
		return err
	}
	return &StepError{Index: r.step, What: steps[r.step].String(), Err: err}
}

// known tells whether there is a link of the name, as far as we know.
func (r *run) known(name string) bool {
	_, ok := r.indexes[name]
	return ok && !slices.Contains(r.doomed, name)
}

// index returns the index of a link, also of one that is only just being made.
func (r *run) index(ctx context.Context, name string) (int32, error) {
	if i, ok := r.indexes[name]; ok && i == 0 {
		if err := r.flush(ctx); err != nil {
			return 0, err
		}
	}
	if i := r.indexes[name]; i != 0 && !slices.Contains(r.doomed, name) {
		return i, nil
	}
	return 0, fmt.Errorf("%s: %w", name, ErrVanished)
}

// send queues a request. The kernel may answer it with one of the error
// numbers without harm.
func (r *run) send(ctx context.Context, m rtnl.Message, tolerate ...unix.Errno) error {
	return r.queue(ctx, request{step: r.step, message: m, tolerate: tolerate})
}

func (r *run) queue(ctx context.Context, q request) error {
	if err := errors.Join(r.bury(ctx), r.flushSwitch(ctx)); err != nil {
		return err
	}
	if r.undoing {
		q.tolerate = append(q.tolerate, unix.ENODEV)
	}
	r.waiting = append(r.waiting, q)
	return nil
}

// finish sends what waits.
func (r *run) finish(ctx context.Context) error {
	return errors.Join(r.bury(ctx), r.flush(ctx))
}

// flush sends the requests that wait, and reports the first that was refused.
// Those behind it were carried out all the same, as far as they could be.
func (r *run) flush(ctx context.Context) error {
	if err := r.flushSwitch(ctx); err != nil {
		return err
	}
	if len(r.waiting) == 0 {
		return nil
	}
	requests := r.waiting
	r.waiting = nil
	if err := r.mark(requests[len(requests)-1].step); err != nil {
		return err
	}
	messages := make([]rtnl.Message, len(requests))
	for i, q := range requests {
		messages[i] = q.message
	}
	results, err := r.conn.Do(ctx, messages)
	var first error
	for i, res := range results {
		switch q := requests[i]; {
		case res.Err != nil && !tolerated(res.Err, q.tolerate):
			if q.learn != "" {
				delete(r.indexes, q.learn)
			}
			first = r.judge(first, q.step, res.Err)
		case q.learn != "":
			r.learn(q.learn, res)
		}
	}
	return errors.Join(err, first)
}

// judge keeps the first failure when doing, and all of them when undoing.
func (r *run) judge(first error, step int, err error) error {
	if r.undoing {
		r.errs = append(r.errs, fmt.Errorf("undo %q: %w", r.steps[step], err))
		return nil
	}
	if first == nil {
		r.step = step
		return err
	}
	return first
}

func tolerated(err error, list []unix.Errno) bool {
	return slices.ContainsFunc(list, func(e unix.Errno) bool { return errors.Is(err, e) })
}

// learn takes the index of a new link from the kernel's answer.
func (r *run) learn(name string, res rtnl.Result) {
	delete(r.indexes, name)
	for _, m := range res.Reply {
		if i, ok := snapshot.IndexOf(m); ok {
			r.indexes[name] = i
		}
	}
}

// remove lets a link be deleted, together with those removed right before and
// after it: the kernel waits for all its processors after every deletion, but
// only once for a group.
func (r *run) remove(ctx context.Context, name string) error {
	if _, err := r.index(ctx, name); err != nil {
		return err
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	r.doomed = append(r.doomed, name)
	return nil
}

// bury deletes the links that are to be removed.
func (r *run) bury(ctx context.Context) error {
	doomed := r.doomed
	if len(doomed) == 0 {
		return nil
	}
	r.doomed = nil
	last := rtnl.Message{Type: unix.RTM_DELLINK, Body: rtnl.LinkHeader(unix.AF_UNSPEC, r.indexes[doomed[0]], 0, 0)}
	if len(doomed) > 1 {
		group := 1<<30 | rand.Uint32N(1<<30) // nobody's
		for _, name := range doomed {
			body := rtnl.PutU32(rtnl.LinkHeader(unix.AF_UNSPEC, r.indexes[name], 0, 0), unix.IFLA_GROUP, group)
			r.waiting = append(r.waiting, request{
				step: r.step, message: rtnl.Message{Type: unix.RTM_SETLINK, Body: body},
				tolerate: []unix.Errno{unix.ENODEV},
			})
		}
		last.Body = rtnl.PutU32(rtnl.LinkHeader(unix.AF_UNSPEC, 0, 0, 0), unix.IFLA_GROUP, group)
	}
	r.waiting = append(r.waiting, request{step: r.step, message: last, tolerate: []unix.Errno{unix.ENODEV}})
	err := r.flush(ctx)
	for _, name := range doomed {
		delete(r.indexes, name)
		delete(r.kinds, name)
	}
	return err
}

// ErrForeignFile says that a name which came with a request leads out of the
// folder that it is for.
var ErrForeignFile = errors.New("a name leads to a file of something else")

// write writes a file of sysfs or procfs. Names of links and options are a part
// of the path, and nobody gets root to write another file with them.
func (r *run) write(ctx context.Context, path, value string) error {
	if path != filepath.Clean(path) || !filepath.IsLocal(path) {
		return fmt.Errorf("%w: %q", ErrForeignFile, path)
	}
	if err := r.finish(ctx); err != nil {
		return err
	}
	if err := r.mark(r.step); err != nil {
		return err
	}
	r.tick()
	f, err := os.OpenFile(filepath.Join(r.root, "/", path), os.O_WRONLY, 0)
	if err != nil {
		return r.missing(err)
	}
	// One write call: the kernel takes each for a value of its own.
	_, err = f.WriteString(value)
	return r.missing(errors.Join(err, f.Close()))
}

// missing takes a file that is gone, with its link, for undone.
func (r *run) missing(err error) error {
	if r.undoing && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV)) {
		return nil
	}
	return err
}
