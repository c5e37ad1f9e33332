// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// Flags of SetEvent.
const (
	EventCurrentGeneration = 0x01 // whatever generation the host is in
	EventClearHost         = 0x02 // stop sending to the host
	EventClear             = 0x04 // stop sending the given bits
	EventReplace           = 0x08 // over an event that is still being sent
	EventAllHosts          = 0x10
)

// SetEvent sends an event to a host of a lockspace, with this host's next
// renewal.
func (c *Client) SetEvent(ctx context.Context, lockspace string, e Event, flags uint32) error {
	payload, err := Lockspace{Name: lockspace}.append(nil)
	if err != nil {
		return err
	}
	return c.do(ctx, request{cmd: cmdSetEvent, flags: flags, payload: e.append(payload)}, nil)
}

// Received is an event and the host that sent it.
type Received struct {
	Event
	FromHost, FromGeneration uint64
}

// Events receives the events of a lockspace, from RegisterEvents to End.
type Events struct {
	client    *Client
	conn      net.Conn
	lockspace string
}

// RegisterEvents begins to receive the events that are sent to this host.
func (c *Client) RegisterEvents(ctx context.Context, lockspace string) (*Events, error) {
	payload, err := Lockspace{Name: lockspace}.append(nil)
	if err != nil {
		return nil, err
	}
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	err = exchange(conn, request{cmd: cmdRegisterEvent, payload: Event{}.append(payload)}, nil)
	if !stop() { // the deadline is over, or will be at any moment
		err = fmt.Errorf("sanlock %v: %w", cmdRegisterEvent, context.Cause(ctx))
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Events{c, conn, lockspace}, nil
}

// Next waits for an event. An error that is not the context's is the end: the
// lockspace is gone, or the daemon.
func (e *Events) Next(ctx context.Context) (Received, error) {
	// A deadline of an earlier call must not end this one.
	if err := e.conn.SetReadDeadline(time.Time{}); err != nil {
		return Received{}, err
	}
	stop := context.AfterFunc(ctx, func() { e.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	var b [headerSize + eventSize + 16]byte
	if _, err := io.ReadFull(e.conn, b[:]); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return Received{}, fmt.Errorf("sanlock event: %w", err)
	}
	n := func(i int) uint64 { return order.Uint64(b[headerSize+8*i:]) }
	return Received{Event{n(0), n(1), n(2), n(3)}, n(4), n(5)}, nil
}

// End stops receiving. The connection is closed whatever is returned.
func (e *Events) End(ctx context.Context) error {
	// The daemon looks at connections like this one only when it is told to,
	// and takes four bytes on it for the wish to end.
	_, err := e.conn.Write(order.AppendUint32(nil, 1))
	if closeErr := e.conn.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("sanlock end_event: %w", err)
	}
	payload, err := Lockspace{Name: e.lockspace}.append(nil)
	if err != nil {
		return err
	}
	return e.client.do(ctx, request{cmd: cmdEndEvent, payload: payload}, nil)
}
