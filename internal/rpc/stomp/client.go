// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"context"
	"fmt"
	"net"
	"time"
)

// ClientOptions configure a Client.
type ClientOptions struct {
	// Sends is the interval at which we can send heart-beats, Wants the one at
	// which we want them; 0 for none.
	Sends, Wants time.Duration
	Limits       Limits
	Bounds       Bounds
}

// Client is the client's end of a connection. Send, Subscribe, Unsubscribe and
// Close may be called by several goroutines at once, Read by one.
type Client struct {
	*link
}

// NewClient introduces itself on conn and waits for the answer, both within
// the time of ctx. From then on the connection belongs to the Client. On error
// conn is closed.
func NewClient(ctx context.Context, conn net.Conn, o ClientOptions) (*Client, error) {
	c := &Client{newLink(conn, o.Limits, o.Bounds)}
	go c.out.run()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err := c.connect(o)
	if !stop() { // whatever the closed connection says, this is why
		err = context.Cause(ctx)
	}
	if err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("STOMP connection to %s: %w", conn.RemoteAddr(), err)
	}
	return c, nil
}

func (c *Client) connect(o ClientOptions) error {
	hello := New(CmdConnect, HdrAcceptVersion, "1.2", HdrHeartBeat, formatHeartBeat(o.Sends, o.Wants))
	if err := c.put(hello); err != nil {
		return err
	}
	f, err := c.reader.ReadFrame()
	if err != nil {
		return err
	}
	if f.Command != CmdConnected {
		return fmt.Errorf("refused with %s %.200q", f.Command, f.Body)
	}
	sends, wants := parseHeartBeat(f.Get(HdrHeartBeat))
	if o.Sends > 0 && wants > 0 {
		c.out.beatEvery(max(o.Sends, wants))
	}
	if o.Wants > 0 && sends > 0 {
		return c.alive.within(grace(max(o.Wants, sends)))
	}
	return nil
}

func (c *Client) put(f *Frame) error { return c.out.put(Append(nil, f)) }

// Subscribe asks for what arrives at the destination. The id, unique on this
// connection, is on every message that comes of it.
func (c *Client) Subscribe(id, destination string) error {
	return c.put(New(CmdSubscribe, HdrDestination, destination, HdrAck, "auto", HdrID, id))
}

// Unsubscribe ends a subscription.
func (c *Client) Unsubscribe(id string) error { return c.put(New(CmdUnsubscribe, HdrID, id)) }

// Send sends a JSON body to a destination, with further headers as pairs of
// key and value.
func (c *Client) Send(destination string, body []byte, headers ...string) error {
	f := New(CmdSend, append([]string{HdrDestination, destination, HdrContentType, JSON}, headers...)...)
	f.Body = body
	return c.put(f)
}

// Read returns the next frame from the server. A server whose heart-beats are
// missing ends the connection with os.ErrDeadlineExceeded.
func (c *Client) Read() (*Frame, error) { return c.reader.ReadFrame() }

// Close sends what is queued, for a short time, and closes the connection.
func (c *Client) Close() error {
	c.out.close()
	<-c.out.ended
	return c.conn.Close()
}
