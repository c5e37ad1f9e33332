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

	"govdsm/internal/dispatch"
)

// Client talks to supervdsmd. It connects at the first call and again after
// the connection was lost; while supervdsmd is away calls fail at once. Calls
// may run at the same time.
type Client struct {
	path string

	mu      sync.Mutex // held while connecting, which takes no time on a unix socket
	current *session
	closed  bool
}

// NewClient returns a client of the socket at path. Close ends it.
func NewClient(path string) *Client { return &Client{path: path} }

// Close hangs up. Calls under way fail with ErrLost, later ones with
// ErrUnavailable.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.current == nil {
		return nil
	}
	c.current.link.conn.Close()
	<-c.current.ended
	return nil
}

// call sends a request and waits for its answer. The error of the other side
// is among the errors.
func (c *Client) call(ctx context.Context, m message, files []*os.File) (*message, error) {
	origin := dispatch.OriginOf(ctx)
	m.FlowID, m.Verb = origin.FlowID, origin.Verb
	if origin.Peer.IsValid() {
		m.Peer = origin.Peer.String()
	}
	// A connection whose end has not been noticed yet refuses the request,
	// which then has not been seen by anybody: once more is safe.
	for attempt := 1; ; attempt++ {
		s, err := c.session(ctx)
		if err != nil {
			return nil, err
		}
		answer, err := s.call(ctx, m, files)
		if !errors.Is(err, errUnsent) || attempt == 2 {
			return answer, err
		}
	}
}

// session returns the connection, a new one if there is none.
func (c *Client) session(ctx context.Context) (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, fmt.Errorf("%w: the client is closed", ErrUnavailable)
	}
	if c.current != nil {
		select {
		case <-c.current.ended:
		default:
			return c.current, nil
		}
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, "unix", c.path)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	c.current = newSession(conn.(*net.UnixConn))
	return c.current, nil
}
