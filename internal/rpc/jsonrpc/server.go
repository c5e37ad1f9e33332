// SPDX-License-Identifier: GPL-2.0-or-later

// Package jsonrpc answers JSON-RPC 2.0 requests that arrive in STOMP messages,
// and turns published events into messages.
//
// Every request that carries an id is answered exactly once, to the destination
// that came with it. What a handler does can end a call, never the server: a
// panic becomes an error reply and a line in the log.
//
// Handlers that never block run where the request was read; all others run on
// the executor, whose queue is bounded. So heart-beats and pings keep their
// pace when every worker is stuck.
package jsonrpc

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/rpc/stomp"
	"govdsm/internal/work"
)

// Publish sends a body to all subscriptions of exactly this destination. It
// does not wait and does not keep the body.
type Publish func(destination string, body []byte)

// Observer is told of every call, for metrics. Verb is "unknown" for names
// that are no verb; code is 0 for success.
type Observer interface {
	Called(verb string, code int, wait, work time.Duration)
}

// Options configure a Server.
type Options struct {
	Table    *dispatch.Table
	Executor *work.Executor
	Publish  Publish
	// ResponseQueue hears of faults in messages that name no reply-to;
	// default jms.topic.vdsm_responses.
	ResponseQueue string
	// EventQueue hears events; default jms.queue.events.
	EventQueue string
	// Slow is the duration from which a call is reported; default 1 s.
	Slow time.Duration
	// Observer may be nil.
	Observer Observer
	Log      *slog.Logger
}

// Server carries out requests. Its methods may be called at once.
type Server struct {
	options Options
	ready   atomic.Bool
	dropped atomic.Uint64
	buffers buffers
}

// New returns a server that is not ready: it answers every call with
// ErrRecoveryInProgress until SetReady.
func New(o Options) *Server {
	if o.ResponseQueue == "" {
		o.ResponseQueue = "jms.topic.vdsm_responses"
	}
	if o.EventQueue == "" {
		o.EventQueue = "jms.queue.events"
	}
	if o.Slow == 0 {
		o.Slow = time.Second
	}
	return &Server{options: o}
}

// SetReady opens or closes the gate in front of all verbs and events.
func (s *Server) SetReady(ready bool) { s.ready.Store(ready) }

// Ready reports whether the gate is open.
func (s *Server) Ready() bool { return s.ready.Load() }

// DroppedEvents returns how many events nobody was sent because the server was
// not ready.
func (s *Server) DroppedEvents() uint64 { return s.dropped.Load() }

// Notice sends an event to its subscribers, as a sink of event.Bus. While the
// server is not ready events are dropped: nobody may act on half a picture.
func (s *Server) Notice(n event.Notice) {
	if !s.ready.Load() {
		s.dropped.Add(1)
		s.options.Log.Warn("event dropped, the host is not ready", "event", n.ID)
		return
	}
	b := s.buffers.borrow()
	b.bytes = appendEvent(b.bytes, n.ID, n.Params)
	s.options.Publish(s.options.EventQueue, b.bytes)
	s.buffers.giveBack(b)
}

// Handle carries out what a client sent. It returns when inline calls are
// answered and all others have a place in the queue or were refused. The
// context is that of the calls; it outlives the client's connection.
func (s *Server) Handle(ctx context.Context, in stomp.Request) {
	x := &exchange{server: s, replyTo: in.ReplyTo}
	calls := s.read(x, in.Body)
	received := time.Now()
	for i := range calls {
		c := &calls[i]
		c.exchange, c.received = x, received
		c.origin = dispatch.Origin{Verb: c.method, FlowID: in.FlowID, Peer: in.Peer, Local: in.Local}
		if c.wantsReply() {
			x.expected++
		}
		if c.fault != nil && x.replyTo == "" {
			x.replyTo = s.options.ResponseQueue
		}
	}
	x.missing.Store(int32(x.expected))
	for i := range calls {
		if c := &calls[i]; c.fault == nil {
			s.start(ctx, c)
		} else {
			s.options.Log.DebugContext(ctx, "request refused", "error", c.fault, "from", in.Peer)
			s.refuse(c, c.fault)
		}
	}
}

// read finds the calls of a message. A message that as a whole is at fault is
// one call with that fault.
func (s *Server) read(x *exchange, body []byte) []call {
	one := x.only[:]
	if !valid(body) {
		one[0].fault = api.ErrJsonRpcParse
		return one
	}
	members, fault := split(body)
	switch {
	case fault != nil:
		one[0].fault = fault
		return one
	case members == nil:
		one[0].parse(body)
		return one
	}
	calls := make([]call, len(members))
	for i := range calls {
		calls[i].parse(members[i])
	}
	return calls
}

// refuse answers a request that is not carried out. A request at fault is
// answered without its id, as the original does.
func (s *Server) refuse(c *call, err error) {
	if !c.wantsReply() {
		return
	}
	number, message := wire(err)
	b := s.buffers.borrow()
	id := c.id
	if c.fault != nil {
		id = nil
	}
	b.bytes = appendError(b.bytes, id, number, message)
	c.exchange.answer(b)
}

// start finds the handler of a call and runs it here or on the executor.
func (s *Server) start(ctx context.Context, c *call) {
	if !s.ready.Load() {
		s.refuse(c, api.ErrRecoveryInProgress)
		return
	}
	c.ctx = dispatch.WithOrigin(ctx, c.origin)
	handler, err := s.options.Table.Lookup(c.method)
	if err != nil {
		if errors.Is(err, api.ErrJsonRpcMethodNotFound) {
			c.origin.Verb = "unknown"
		}
		s.end(c, 0, 0, err)
		s.refuse(c, err)
		return
	}
	c.handler = handler
	if handler.Inline() {
		s.run(c)
		return
	}
	c.queued = true
	if err := s.options.Executor.Submit(c.ctx, handler.Name, func() { s.run(c) }); err != nil {
		err = s.tooMuch(err)
		s.end(c, 0, 0, err)
		s.refuse(c, err)
	}
}

// tooMuch returns what a client hears when the executor takes no call.
func (s *Server) tooMuch(err error) error {
	if errors.Is(err, work.ErrStopped) {
		return api.ErrRecoveryInProgress
	}
	return api.ErrResourceExhausted.With(
		"resource", "jsonrpc",
		"current_tasks", s.options.Executor.Queue(),
		"reason", "Too many tasks").Caused(err)
}
