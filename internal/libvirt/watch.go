// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// patience is how many pauses a probe may take.
const patience = 5

// errSilent is the reason of a connection whose libvirtd does not answer.
var errSilent = errors.New("libvirtd does not answer")

// watch returns the reason why the session has ended: libvirt closed it, or
// left a probe unanswered, or the context ended.
//
// libvirt has keep-alive messages of its own. They do not help where it
// matters: while a call waits for its answer libvirt 9 sees the peer's silence
// and does not close the connection.
func (c *Client) watch(ctx context.Context, s *session) error {
	ticks := time.NewTicker(c.o.KeepAlive)
	defer ticks.Stop()
	answered := make(chan struct{}, 1)
	var asked time.Time // zero while no probe is under way
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.closed:
			return err
		case <-answered:
			asked = time.Time{}
		case now := <-ticks.C:
			switch silence := now.Sub(asked); {
			case asked.IsZero():
				asked = now
				c.probe(s, answered)
			case silence > patience*c.o.KeepAlive:
				return fmt.Errorf("%w for %v", errSilent, silence.Round(time.Second))
			}
		}
	}
}

// probe asks libvirtd something it answers from memory. What it answers does
// not matter.
func (c *Client) probe(s *session, answered chan<- struct{}) {
	conn, err := c.reference(s)
	if err != nil {
		return // it closed; the callback tells
	}
	c.calls.Go(func() {
		_, _ = conn.GetLibVersion()
		c.unref(conn)
		answered <- struct{}{}
	})
}
