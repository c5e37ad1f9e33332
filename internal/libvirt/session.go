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
	closed    chan error // gets the reason when libvirt says it is over
}

// dial connects within DialTimeout. The C library takes no context: an attempt
// that hangs is left to itself and closes its connection should it ever come.
func (c *Client) dial(ctx context.Context) (*session, error) {
	type result struct {
		s   *session
		err error
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.o.DialTimeout, ErrTimeout)
	defer cancel()
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
		return nil, expired(ctx)
	}
}

// connect dials and registers what the client wants to hear.
func (c *Client) connect() (*session, error) {
	conn, err := binding.NewConnect(c.o.URI)
	if err != nil {
		return nil, plain(err)
	}
	c.count(+1)
	s := &session{conn: conn, closed: make(chan error, 1)}
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
	// Drivers inside our own process, such as test:///, have nothing to probe.
	err = s.conn.SetKeepAlive(int(c.o.KeepAlive.Seconds()+0.5), 5)
	if err != nil && !isCode(err, binding.ERR_NO_SUPPORT, binding.ERR_INTERNAL_ERROR) {
		return fmt.Errorf("probe the connection: %w", err)
	}
	return s.subscribe(c.queue.put)
}

func closeReason(why binding.ConnectCloseReason) error {
	switch why {
	case binding.CONNECT_CLOSE_REASON_EOF:
		return fmt.Errorf("%w: end of file", errClosed)
	case binding.CONNECT_CLOSE_REASON_KEEPALIVE:
		return fmt.Errorf("%w: it left probes unanswered", errClosed)
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

// reference returns the connection with a reference of its own, which keeps
// it alive until release, whatever happens to the session meanwhile.
func (c *Client) reference() (conn *binding.Connect, release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return nil, nil, ErrUnavailable
	}
	if err := c.conn.Ref(); err != nil {
		return nil, nil, errors.Join(ErrUnavailable, plain(err))
	}
	// A Connect value forgets its pointer with the last reference, so each
	// holder has a value of its own.
	own := *c.conn
	return &own, func() { c.unref(&own) }, nil
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
