// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// errUnsent says that the connection ended before the request was written.
var errUnsent = fmt.Errorf("%w before the request was sent", ErrUnavailable)

// session is one connection of a client. Two goroutines serve it: receive,
// which ends when the connection does, and send, which receive ends.
type session struct {
	link    *link
	queue   chan *request // to send, which alone may wait for a slow peer
	stopped chan struct{} // closed when nothing will be received any more
	ended   chan struct{} // closed when both goroutines are done

	mu      sync.Mutex
	last    uint64              // number of the newest request
	waiting map[uint64]*request // for their answers
	reason  error               // why the session ended
}

// request is a call under way, or a cancellation, which nobody waits for.
type request struct {
	packed *packed
	answer chan *message // gets one message at most
	sent   bool          // the peer may have got it; guarded by session.mu
}

func newSession(conn *net.UnixConn) *session {
	s := &session{
		link:    &link{conn: conn},
		queue:   make(chan *request, mostCalls),
		stopped: make(chan struct{}),
		ended:   make(chan struct{}),
		waiting: make(map[uint64]*request),
	}
	sent := make(chan struct{})
	go func() { defer close(sent); s.send() }()
	go func() { s.receive(); <-sent; close(s.ended) }()
	return s
}

// receive hands out answers until the connection ends.
func (s *session) receive() {
	var reason error
	for reason == nil {
		m, err := s.link.receive()
		switch {
		case err != nil:
			reason = fmt.Errorf("%w: %w", ErrLost, err)
		case m.ID == 0: // the connection as a whole was refused
			m.attached().close()
			reason = ErrUnavailable
			if m.Error != nil {
				reason = fromWire("connect", m.Error)
			}
		default:
			s.deliver(m)
		}
	}
	s.mu.Lock()
	s.reason = reason
	s.mu.Unlock()
	s.link.conn.Close()
	close(s.stopped)
}

func (s *session) deliver(m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.waiting[m.ID]
	if !ok { // its caller has given up
		m.attached().close()
		return
	}
	delete(s.waiting, m.ID)
	r.answer <- m
}

// send writes requests until the session has stopped.
func (s *session) send() {
	for {
		select {
		case <-s.stopped:
			s.discard()
			return
		case r := <-s.queue:
			s.mark(r, true)
			if s.link.write(r.packed) == nil {
				continue
			}
			s.mark(r, false)
			// The peer has closed its end, and receive is about to read what
			// it said last, or it hangs, and nobody waits any longer.
			stop := time.AfterFunc(time.Second, func() { s.link.conn.Close() })
			<-s.stopped
			stop.Stop()
		}
	}
}

func (s *session) mark(r *request, sent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.sent = sent
}

// discard releases what was never sent.
func (s *session) discard() {
	for {
		select {
		case r := <-s.queue:
			r.packed.release()
		default:
			return
		}
	}
}

func (s *session) call(ctx context.Context, m message, files []*os.File) (*message, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s: %w", m.Op, context.Cause(ctx))
	}
	if deadline, ok := ctx.Deadline(); ok {
		m.Millis = max(1, time.Until(deadline).Milliseconds())
	}
	r, err := s.enqueue(ctx, &m, files)
	if err != nil {
		return nil, err
	}
	select {
	case a := <-r.answer:
		return open(m.Op, a)
	case <-s.ended:
		return s.afterEnd(m, r)
	case <-ctx.Done():
		if !s.forget(m.ID) {
			(<-r.answer).attached().close()
		}
		s.cancel(m.ID)
		return nil, fmt.Errorf("%s: %w", m.Op, context.Cause(ctx))
	}
}

// enqueue numbers the request and gives it to send.
func (s *session) enqueue(ctx context.Context, m *message, files []*os.File) (*request, error) {
	r := &request{answer: make(chan *message, 1)}
	s.mu.Lock()
	s.last++
	m.ID = s.last
	s.mu.Unlock()
	var err error
	if r.packed, err = pack(m, files); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Op, err)
	}
	s.mu.Lock()
	s.waiting[m.ID] = r
	s.mu.Unlock()
	select {
	case s.queue <- r:
		return r, nil
	case <-s.ended:
		err = s.because(errUnsent)
	case <-ctx.Done():
		err = fmt.Errorf("%s: %w", m.Op, context.Cause(ctx))
	}
	s.forget(m.ID)
	r.packed.release()
	return nil, err
}

// afterEnd returns the answer that came just before the end of the session, or
// why there is none.
func (s *session) afterEnd(m message, r *request) (*message, error) {
	if !s.forget(m.ID) {
		return open(m.Op, <-r.answer)
	}
	s.discard() // the request may have been queued after send ended
	s.mu.Lock()
	sent := r.sent
	s.mu.Unlock()
	if !sent {
		return nil, s.because(errUnsent)
	}
	return nil, s.because(nil)
}

// because returns what the peer said when it ended the session. Where it said
// nothing, otherwise is the error if there is one.
func (s *session) because(otherwise error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if otherwise != nil && errors.Is(s.reason, ErrLost) {
		return otherwise
	}
	return s.reason
}

// cancel tells the server that nobody waits for an answer. It is a courtesy:
// the server knows the deadline, too.
func (s *session) cancel(id uint64) {
	p, err := pack(&message{ID: id, Cancel: true}, nil)
	if err != nil {
		return
	}
	select {
	case s.queue <- &request{packed: p}:
	default: // the peer takes nothing
	}
}

// forget reports whether the request was still waiting; if not, its answer is
// in its channel.
func (s *session) forget(id uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, waiting := s.waiting[id]
	delete(s.waiting, id)
	return waiting
}

func open(op string, a *message) (*message, error) {
	if a.Error != nil {
		a.attached().close()
		return nil, fromWire(op, a.Error)
	}
	return a, nil
}
