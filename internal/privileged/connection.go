// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/dispatch"
)

// connection is one client of the server.
type connection struct {
	server *Server
	link   *link
	peer   *unix.Ucred

	running  sync.WaitGroup
	mu       sync.Mutex
	calls    map[uint64]context.CancelFunc // under way, by request
	refusals int                           // being answered
}

// serve answers requests until the peer hangs up, sends rubbish, or ctx ends.
// It returns when all handlers have.
func (c *connection) serve(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { c.link.conn.Close() })
	defer stop()
	defer c.running.Wait()
	defer cancel() // a caller that hung up wants no answer
	defer c.link.conn.Close()
	for {
		m, err := c.link.receive()
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			c.server.log.WarnContext(ctx, "connection ended", "uid", c.peer.Uid, "pid", c.peer.Pid, "err", err)
			return
		case m.Cancel:
			m.attached().close()
			c.cancel(m.ID)
		case !c.begin(ctx, m):
			return
		}
	}
}

func (c *connection) cancel(id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel, ok := c.calls[id]; ok {
		cancel()
	}
}

// begin starts a call in a goroutine of its own, or refuses it. It returns
// false when the peer sends and sends and reads nothing.
func (c *connection) begin(ctx context.Context, m *message) bool {
	h, err := c.server.handlers[m.Op], error(nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch _, twice := c.calls[m.ID]; {
	case twice:
		err = fmt.Errorf("request %d is under way already", m.ID)
	case h == nil:
		err = fmt.Errorf("%w: %q", ErrUnknownOperation, m.Op)
	case len(c.calls) >= mostCalls:
		err = ErrBusy
	}
	ctx = withOrigin(ctx, m)
	if err != nil {
		m.attached().close()
		c.server.log.WarnContext(ctx, "operation refused", "op", m.Op, "uid", c.peer.Uid, "pid", c.peer.Pid, "err", err)
		return c.refuse(ctx, &message{ID: m.ID, Error: toWire(err)})
	}
	limit := h.Timeout
	if m.Millis > 0 && m.Millis < int64(24*time.Hour/time.Millisecond) {
		limit = time.Duration(m.Millis) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	c.calls[m.ID] = cancel
	c.running.Go(func() {
		defer cancel()
		c.run(ctx, h, m)
	})
	return true
}

// refuse answers from a goroutine, for a peer that does not read its answers
// must not keep us from reading its cancellations. The lock is held.
func (c *connection) refuse(ctx context.Context, m *message) bool {
	if c.refusals >= mostCalls {
		return false
	}
	c.refusals++
	c.running.Go(func() {
		c.answer(ctx, m, attached{})
		c.mu.Lock()
		defer c.mu.Unlock()
		c.refusals--
	})
	return true
}

func withOrigin(ctx context.Context, m *message) context.Context {
	peer, _ := netip.ParseAddrPort(m.Peer) // zero when the call comes from inside vdsmd
	return dispatch.WithOrigin(ctx, dispatch.Origin{Verb: m.Verb, FlowID: m.FlowID, Peer: peer})
}

func (c *connection) run(ctx context.Context, h *handler, m *message) {
	log := c.server.log.With("op", h.Name, "uid", c.peer.Uid, "pid", c.peer.Pid)
	log.DebugContext(ctx, "operation begins", "params", m.Params)
	began := time.Now()
	result, err := guard(ctx, h, m)
	answer := &message{ID: m.ID}
	var files attached
	if err == nil {
		answer.Result, files, err = encode(result)
		answer.Files = files.fields
	}
	took := time.Since(began)
	switch {
	case err != nil:
		log.WarnContext(ctx, "operation failed", "took", took, "err", err)
		answer.Result, answer.Files, answer.Error = nil, nil, toWire(err)
	case h.Quiet:
		log.DebugContext(ctx, "operation done", "took", took)
	default:
		log.InfoContext(ctx, "operation done", "took", took)
	}
	// The caller may use the number again once it has the answer.
	c.mu.Lock()
	delete(c.calls, m.ID)
	c.mu.Unlock()
	c.answer(ctx, answer, files)
}

// guard turns a panic into an error: a fault in one operation must not take
// root's daemon from all the others.
func guard(ctx context.Context, h *handler, m *message) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s panicked: %v\n%s", h.Name, p, debug.Stack())
		}
	}()
	return h.run(ctx, m.Params, m.attached())
}

// answer sends and closes the files of the result.
func (c *connection) answer(ctx context.Context, m *message, files attached) {
	defer files.close()
	err := c.link.send(m, files.files)
	if errors.Is(err, errTooLong) {
		m.Result, m.Files = nil, nil
		m.Error = toWire(err)
		err = c.link.send(m, nil)
	}
	if err != nil && ctx.Err() == nil {
		c.server.log.WarnContext(ctx, "the answer cannot be sent", "uid", c.peer.Uid, "pid", c.peer.Pid, "err", err)
	}
}
