// SPDX-License-Identifier: GPL-2.0-or-later

package httpserver

import (
	"context"
	"net"
	"sync"
)

// handover is a listener whose connections were accepted by somebody else.
type handover struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newHandover() *handover {
	return &handover{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// serve hands conn over and returns when it is closed.
func (h *handover) serve(ctx context.Context, conn net.Conn) {
	c := &handed{Conn: conn, closed: make(chan struct{})}
	select {
	case h.conns <- c:
		<-c.closed
	case <-h.closed:
		_ = conn.Close()
	case <-ctx.Done():
		_ = conn.Close()
	}
}

// Accept returns the next connection.
func (h *handover) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (h *handover) Close() error {
	h.once.Do(func() { close(h.closed) })
	return nil
}

// Addr is asked for by net.Listener; the port is the acceptor's.
func (h *handover) Addr() net.Addr { return &net.TCPAddr{} }

// handed is a connection that says when it is closed.
type handed struct {
	net.Conn
	closed chan struct{}
	once   sync.Once
}

// Close closes the connection and tells serve.
func (c *handed) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { close(c.closed) })
	return err
}
