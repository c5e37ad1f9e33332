// SPDX-License-Identifier: GPL-2.0-or-later

package jsonrpc

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
)

// call is a request that is carried out.
type call struct {
	request
	exchange *exchange
	handler  *dispatch.Handler
	ctx      context.Context
	origin   dispatch.Origin
	received time.Time
	queued   bool // it waited for a worker
}

// run carries a call out and answers it.
func (s *Server) run(c *call) {
	started := c.received
	if c.queued {
		started = time.Now()
	}
	b := s.buffers.borrow()
	err := s.invoke(c, b)
	if err != nil {
		number, message := wire(err)
		b.bytes = appendError(b.bytes[:0], c.id, number, message)
	}
	if c.wantsReply() {
		c.exchange.answer(b)
	} else {
		s.buffers.giveBack(b)
	}
	s.end(c, started.Sub(c.received), time.Since(started), err)
}

// invoke calls the handler and writes the reply with its result to b. A panic,
// of the handler or of its result's encoding, is the end of its call alone.
func (s *Server) invoke(c *call, b *buffer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.options.Log.ErrorContext(c.ctx, "handler panicked", "verb", c.handler.Name,
				"panic", p, "stack", string(debug.Stack()))
			err = api.ErrJsonRpcInternal.With("reason", fmt.Sprint(p))
		}
	}()
	result, err := s.options.Table.Call(c.ctx, c.handler, c.params)
	if err != nil || !c.wantsReply() {
		return err
	}
	if b.bytes, err = appendResult(b.bytes, c.id, result); err != nil {
		return api.ErrJsonRpcInternal.With("reason", err.Error())
	}
	return nil
}

// end reports a call that has ended, in one line. Verb, flow and peer are put
// onto it by the log, which finds them in the context.
func (s *Server) end(c *call, wait, work time.Duration, err error) {
	code, outcome := 0, "done"
	if err != nil {
		code, _ = wire(err)
		outcome = "failed"
	}
	if s.options.Observer != nil {
		s.options.Observer.Called(c.origin.Verb, code, wait, work)
	}
	level := s.level(c, wait+work, code)
	if !s.options.Log.Enabled(c.ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("outcome", outcome),
		slog.Duration("wait", wait),
		slog.Duration("work", work),
	}
	if err != nil {
		attrs = append(attrs, slog.Int("code", code), slog.Any("error", err))
	}
	if s.options.Log.Enabled(c.ctx, slog.LevelDebug) {
		attrs = append(attrs, slog.Any("params", masked(c.params)))
	}
	s.options.Log.LogAttrs(c.ctx, level, "call", attrs...)
}

// level decides who is to see the end of a call: what takes long or fails for
// reasons of our own is a warning, what changes the host is worth a line, and
// what managers ask again and again is not.
func (s *Server) level(c *call, took time.Duration, code int) slog.Level {
	switch {
	case code == api.ErrJsonRpcInternal.Number, code == api.ErrGeneral.Number,
		code == api.ErrResourceExhausted.Number, took > s.options.Slow:
		return slog.LevelWarn
	case code == 0 && reads(c.method):
		return slog.LevelDebug
	default:
		return slog.LevelInfo
	}
}

// reads reports whether a verb, by its name, only looks.
func reads(verb string) bool {
	_, method, _ := strings.Cut(verb, ".")
	for _, prefix := range []string{"get", "ping", "echo", "list", "dumpxmls", "query"} {
		if strings.HasPrefix(method, prefix) {
			return true
		}
	}
	return false
}
