// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"
	"errors"
	"fmt"

	binding "libvirt.org/go/libvirt"
)

// session is one connection with what is registered on it.
type session struct {
	conn      *binding.Connect
	callbacks []int
	closed    chan error    // gets the reason when libvirt says it is over
	gone      chan struct{} // closed when it is given up
	slots     chan struct{} // holds a token per call under way
}

// dial connects. The C library takes no context and may wait for a silent
// libvirtd for as long as that lives; when the context ends first, the attempt
// is left to itself and closes its connection should it ever come.
func (c *Client) dial(ctx context.Context) (*session, error) {
	type result struct {
		s   *session
		err error
	}
	done := make(chan result)
	c.calls.Go(func() {
		s, err := c.connect()
		select {
		case done <- result{s, err}:
		case <-ctx.Done():
			if s != nil {
				c.retire(s)
			}
		}
	})
	select {
	case r := <-done:
		return r.s, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// connect dials and registers what the client wants to hear.
func (c *Client) connect() (*session, error) {
	conn, err := binding.NewConnect(c.o.URI)
	if err != nil {
		return nil, plain(err)
	}
	c.count(+1)
	s := &session{
		conn:   conn,
		closed: make(chan error, 1),
		gone:   make(chan struct{}),
		slots:  make(chan struct{}, c.o.MaxCalls),
	}
	if err := s.register(c); err != nil {
		c.retire(s)
		return nil, plain(err)
	}
	return s, nil
}

func (s *session) register(c *Client) error {
	err := s.conn.RegisterCloseCallback(func(_ *binding.Connect, why binding.ConnectCloseReason) {
		select {
		case s.closed <- closeReason(why):
		default:
		}
	})
	if err != nil && !isCode(err, binding.ERR_NO_SUPPORT) {
		return fmt.Errorf("watch the connection: %w", err)
	}
	return s.subscribe(c.queue.put)
}

func closeReason(why binding.ConnectCloseReason) error {
	switch why {
	case binding.CONNECT_CLOSE_REASON_EOF:
		return fmt.Errorf("%w: end of file", errClosed)
	case binding.CONNECT_CLOSE_REASON_ERROR:
		return fmt.Errorf("%w: input or output error", errClosed)
	default:
		return errClosed
	}
}

// retire lets go of a connection that nobody gets any more.
func (c *Client) retire(s *session) {
	for _, id := range s.callbacks {
		_ = s.conn.DomainEventDeregister(id) // fails on a dead connection, and may
	}
	_ = s.conn.UnregisterCloseCallback()
	c.loop.pass() // a callback that runs right now holds a reference for a moment
	c.unref(s.conn)
}

// current returns the session that is on.
func (c *Client) current() (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		return nil, ErrUnavailable
	}
	return c.session, nil
}

// reference returns the session's connection with a reference of its own,
// which keeps it alive until unref, whatever happens to the session meanwhile.
func (c *Client) reference(s *session) (*binding.Connect, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != s {
		return nil, ErrUnavailable
	}
	if err := s.conn.Ref(); err != nil {
		return nil, errors.Join(ErrUnavailable, plain(err))
	}
	// A Connect value forgets its pointer with the last reference, so each
	// holder has a value of its own.
	own := *s.conn
	return &own, nil
}

// unref drops one reference. Every object of libvirt holds a reference to its
// connection, so a connection whose last reference is never dropped betrays
// an object that was not freed.
func (c *Client) unref(conn *binding.Connect) {
	if left, err := conn.Close(); err == nil && left == 0 {
		c.count(-1)
	}
}

// count changes the number of connections that libvirt still holds.
func (c *Client) count(by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open += by
}
