// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/ovsdb"
	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
	"govdsm/internal/network/vswitch"
)

// ErrSwitch says that Open vSwitch could not be asked, or did not do what it
// was asked for.
var ErrSwitch = errors.New("from Open vSwitch")

// switchRun is the part of a run that is about Open vSwitch. What steps want of
// it gathers until the kernel is to be asked for something; then it is one
// transaction, and Open vSwitch is waited for. So either the kernel's queue is
// empty or this one.
type switchRun struct {
	socket string
	limit  time.Duration // for Open vSwitch to act
	queue  []switchRequest
	dead   error // of a former transaction; nobody waits for it again
	// refused are steps whose transaction was refused as a whole: what they would
	// have made may be there, and is somebody else's then.
	refused map[int]bool
}

// switchRequest is what a step wants of a transaction.
type switchRequest struct {
	step int
	plan func(*vswitch.Change) error
	port string // that is added, "" for none
	link string // that Open vSwitch makes or removes, "" for none
	made bool
}

// onSwitch queues a part of a transaction.
func (r *run) onSwitch(ctx context.Context, plan func(*vswitch.Change) error) error {
	if err := r.bury(ctx); err != nil {
		return err
	}
	if len(r.waiting) > 0 {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	r.vs.queue = append(r.vs.queue, switchRequest{step: r.step, plan: plan})
	return nil
}

// expect says that the last request makes a link, or removes it.
func (r *run) expect(link string, made bool) {
	q := &r.vs.queue[len(r.vs.queue)-1]
	q.link, q.made = link, made
	if !made {
		delete(r.indexes, link)
		delete(r.kinds, link)
		return
	}
	if _, known := r.indexes[link]; !known {
		r.indexes[link] = 0 // asked for when the transaction is through
	}
}

// flushSwitch carries out what waits. When undoing, a failure is noted and the
// rest goes on.
func (r *run) flushSwitch(ctx context.Context) error {
	requests := r.vs.queue
	if len(requests) == 0 {
		return nil
	}
	r.vs.queue = nil
	if err := r.mark(requests[len(requests)-1].step); err != nil {
		return err
	}
	r.tick()
	err := r.vs.dead
	if err == nil {
		err = r.transact(ctx, requests)
	}
	if errors.Is(err, ovsdb.ErrSilent) || errors.Is(err, ovsdb.ErrUnavailable) {
		r.vs.dead = err
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrSwitch, err)
	}
	if !r.undoing {
		return err
	}
	if err != nil {
		r.errs = append(r.errs, fmt.Errorf("undo %q: %w", r.steps[requests[0].step], err))
	}
	return nil
}

// transact is one transaction, and the wait for what comes of it.
func (r *run) transact(ctx context.Context, requests []switchRequest) error {
	conn, serial, err := r.commit(ctx, requests)
	if err != nil {
		return err
	}
	defer conn.Close()
	r.tick()
	settled := conn.Settle(ctx, serial, r.vs.limit)
	if settled != nil && !r.undoing {
		return r.blame(requests[0], settled)
	}
	// A bridge that nobody has made yet, or that nobody will miss, is undone
	// without ovs-vswitchd: only the links count.
	if err := r.learnLinks(ctx, conn, requests); err != nil {
		return errors.Join(err, settled)
	}
	return nil
}

// commit carries a transaction out. The connection is the caller's to close.
func (r *run) commit(ctx context.Context, requests []switchRequest) (_ *vswitch.Conn, serial int64, err error) {
	asked := false
	defer func() {
		silent := errors.Is(err, ovsdb.ErrSilent) || errors.Is(err, ovsdb.ErrUnavailable) || errors.Is(err, ovsdb.ErrProtocol)
		if err == nil || asked && silent { // nobody knows whether it was done
			return
		}
		for _, q := range requests {
			r.vs.refused[q.step] = true
		}
	}()
	limited, cancel := context.WithTimeoutCause(ctx, ovsdb.Patience, ovsdb.ErrSilent)
	defer cancel()
	conn, err := vswitch.Dial(limited, r.vs.socket)
	if err != nil {
		return nil, 0, r.blame(requests[0], err)
	}
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	state, err := conn.Read(limited)
	if err != nil {
		return nil, 0, r.blame(requests[0], err)
	}
	change := state.Change()
	ends := make([]int, len(requests))
	for i, q := range requests {
		if err := q.plan(change); err != nil && !(r.undoing && already(err)) {
			return nil, 0, r.blame(q, err)
		}
		ends[i] = change.Len()
	}
	asked = true
	serial, err = conn.Commit(limited, change)
	if err != nil {
		guilty := requests[len(requests)-1]
		if e, ok := errors.AsType[*ovsdb.Error](err); ok {
			for i := len(ends) - 1; i >= 0 && e.Index < ends[i]; i-- {
				guilty = requests[i]
			}
		}
		return nil, 0, r.blame(guilty, err)
	}
	return conn, serial, nil
}

// blame says which step a failure belongs to.
func (r *run) blame(q switchRequest, err error) error {
	if !r.undoing {
		r.step = q.step
	}
	return err
}

// learnLinks asks the kernel for the links that Open vSwitch was to make, and
// Open vSwitch for what it could not do.
func (r *run) learnLinks(ctx context.Context, conn *vswitch.Conn, requests []switchRequest) error {
	last := map[string]switchRequest{} // what is to be in the end
	var names []string
	var messages []rtnl.Message
	for _, q := range requests {
		if q.link != "" {
			if _, twice := last[q.link]; !twice {
				names = append(names, q.link)
				body := rtnl.PutString(rtnl.LinkHeader(unix.AF_UNSPEC, 0, 0, 0), unix.IFLA_IFNAME, q.link)
				messages = append(messages, rtnl.Message{Type: unix.RTM_GETLINK, Body: body})
			}
			last[q.link] = q
		}
	}
	results, err := r.conn.Do(ctx, messages)
	if err != nil {
		return err
	}
	for i, name := range names {
		q, there := last[name], results[i].Err == nil
		switch {
		case there && q.made:
			r.learn(name, results[i])
			r.kinds[name] = snapshot.KindSwitch
		case q.made:
			delete(r.indexes, name)
			err = errors.Join(err, r.blame(q, fmt.Errorf("%s: %w", name, ErrVanished)))
		case there:
			err = errors.Join(err, r.blame(q, fmt.Errorf("%s is still there", name)))
		}
	}
	if r.undoing {
		return err
	}
	return errors.Join(r.complaints(ctx, conn, requests), err)
}

// complaints are what Open vSwitch says of ports that were added.
func (r *run) complaints(ctx context.Context, conn *vswitch.Conn, requests []switchRequest) error {
	state, err := conn.Read(ctx)
	if err != nil {
		return err
	}
	for _, q := range requests {
		if q.port == "" {
			continue
		}
		p, _ := state.Port(q.port)
		if p == nil {
			return r.blame(q, fmt.Errorf("%s: %w", q.port, vswitch.ErrGone))
		}
		for _, i := range p.Interfaces {
			if i.Error != "" {
				return r.blame(q, fmt.Errorf("%s: %s", i.Name, i.Error))
			}
		}
	}
	return nil
}
