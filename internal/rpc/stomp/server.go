// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
)

// Request is what a client sent to a request queue.
type Request struct {
	Body    []byte // the receiver's own
	ReplyTo string // the destination that wants the reply; "" for none
	FlowID  string // the client's correlation id; "" when it sent none
	Peer    netip.AddrPort
	Local   netip.AddrPort
}

// Options configure a Server.
type Options struct {
	// RequestQueues are the destinations whose messages are requests, each
	// together with all destinations below it.
	RequestQueues []string
	// Requests takes a request. It is called by the goroutine that reads the
	// client's connection: while it runs, nothing more of that client is read.
	Requests func(context.Context, Request)
	Limits   Limits
	Bounds   Bounds
	Log      *slog.Logger
}

// Server is the broker and the server's end of all its connections.
type Server struct {
	options Options
	broker  broker
	stats   counters
}

type counters struct {
	sessions atomic.Int64
	slow     atomic.Uint64
	refused  atomic.Uint64
}

// Stats are counts for metrics.
type Stats struct {
	Sessions      int    // connections that speak STOMP now
	Subscriptions int    // of all of them
	SlowReaders   uint64 // connections cut because their peer did not read
	BadFrames     uint64 // connections closed because of what their peer sent
}

// NewServer returns a server without connections.
func NewServer(options Options) *Server {
	return &Server{options: options, broker: broker{subs: make(map[string][]*subscription)}}
}

// Stats returns the current counts.
func (s *Server) Stats() Stats {
	return Stats{
		Sessions:      int(s.stats.sessions.Load()),
		Subscriptions: s.broker.count(),
		SlowReaders:   s.stats.slow.Load(),
		BadFrames:     s.stats.refused.Load(),
	}
}

// Name names the protocol to the acceptor.
func (s *Server) Name() string { return "stomp" }

// commandPrefix is as many bytes as tell the first commands of STOMP from
// other protocols. The whole command is checked when its frame is read.
const commandPrefix = 4

// Peek is how many first bytes Detect wants to see.
func (s *Server) Peek() int { return commandPrefix }

// Detect reports whether a connection that starts with first speaks STOMP.
// Neither the command STOMP nor a heart-beat opens a connection.
func (s *Server) Detect(first []byte) bool {
	for _, c := range []string{
		CmdConnect, CmdSubscribe, CmdSend, CmdUnsubscribe,
		CmdDisconnect, CmdMessage, CmdError, CmdReceipt,
	} {
		if bytes.HasPrefix(first, []byte(c[:commandPrefix])) {
			return true
		}
	}
	return false
}

// Serve speaks STOMP on conn until either side ends it or ctx is done, and
// closes it. What is queued for the peer still goes out when ctx ends.
func (s *Server) Serve(ctx context.Context, conn net.Conn) {
	s.stats.sessions.Add(1)
	defer s.stats.sessions.Add(-1)
	newSession(s, conn).serve(ctx)
}

// Publish sends body as JSON to every subscription of exactly this
// destination. It never waits for a client.
func (s *Server) Publish(destination string, body []byte) {
	for _, sub := range s.broker.of(destination) {
		sub.put(appendMessage(destination, sub.id, body))
	}
}

// appendMessage encodes a message of our own. Parts are put together directly:
// this is what every reply and every event passes through.
func appendMessage(destination, subscription string, body []byte) []byte {
	b := make([]byte, 0, len(body)+len(destination)+len(subscription)+112)
	b = append(b, CmdMessage+"\n"...)
	b = AppendHeader(b, HdrDestination, destination)
	b = append(b, HdrContentType+":"+JSON+"\n"...)
	b = AppendHeader(b, HdrSubscription, subscription)
	if len(body) > 0 {
		b = appendLength(b, len(body))
	}
	b = append(b, '\n')
	b = append(b, body...)
	return append(b, 0)
}

// forward sends a client's message on to the subscriptions of its destination
// and of that one's parents, parents first. It reports whether there was any.
func (s *Server) forward(f *Frame, destination string) bool {
	found := false
	for end := range len(destination) + 1 {
		if end < len(destination) && destination[end] != '.' {
			continue
		}
		for _, sub := range s.broker.of(destination[:end]) {
			found = true
			m := Frame{Command: CmdMessage, Body: f.Body, Headers: make([]Header, 0, len(f.Headers)+1)}
			m.Add(HdrSubscription, sub.id)
			m.Headers = append(m.Headers, f.Headers...)
			sub.put(Append(make([]byte, 0, len(f.Body)+256), &m))
		}
	}
	return found
}

// isRequest reports whether a destination is a request queue or below one.
func (s *Server) isRequest(destination string) bool {
	for _, q := range s.options.RequestQueues {
		if rest, ok := strings.CutPrefix(destination, q); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}
