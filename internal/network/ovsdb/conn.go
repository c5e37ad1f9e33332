// SPDX-License-Identifier: GPL-2.0-or-later

// Package ovsdb is a client of OVSDB servers (RFC 7047) on this machine: JSON
// over a unix socket, one question at a time.
//
// It promises an answer or an error in bounded time. Every call ends with its
// context, or after Patience when that has no deadline, whatever the server
// does: hang, die, talk nonsense, or talk without end. A connection on which a
// call failed half way is of no use any more; dialling again costs nothing.
//
// There is no monitor: whoever waits for a change of the database asks the
// server to hold the answer back until then, see Wait.
package ovsdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// DefaultSocket is where Open vSwitch's own database is served.
const DefaultSocket = "/run/openvswitch/db.sock"

// Patience is how long a call waits when its context has no deadline.
const Patience = 10 * time.Second

// largest is the size of an answer, in bytes, beyond which it is not read. A
// database of 1,000 networks is about 3 MiB.
const largest = 64 << 20

// strays is how many messages may come that are not the answer.
const strays = 1000

var (
	// ErrUnavailable says that nobody serves the socket.
	ErrUnavailable = errors.New("the OVSDB server cannot be reached")
	// ErrSilent says that the server did not answer in time. What it was asked
	// to do may be done or not.
	ErrSilent = errors.New("the OVSDB server does not answer")
	// ErrProtocol says that what the server sends is no OVSDB.
	ErrProtocol = errors.New("the OVSDB server sends nonsense")
)

// Conn is a connection to a server. It is for one goroutine at a time.
type Conn struct {
	conn   net.Conn
	in     *json.Decoder
	limit  *limited
	seq    uint64
	broken error // of a former call
}

// Dial connects to the server on a unix socket.
func Dial(ctx context.Context, socket string) (*Conn, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	l := &limited{from: conn}
	return &Conn{conn: conn, in: json.NewDecoder(l), limit: l}, nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// bounded gives a context that has none a deadline.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, has := ctx.Deadline(); has {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, Patience, ErrSilent)
}

// Echo asks for a sign of life.
func (c *Conn) Echo(ctx context.Context) error {
	var back []string
	if err := c.call(ctx, "echo", []string{"vdsm"}, &back); err != nil {
		return err
	}
	if len(back) != 1 || back[0] != "vdsm" {
		return c.breaks(fmt.Errorf("%w: another echo", ErrProtocol))
	}
	return nil
}

// request is what either side asks. The id is null for what needs no answer.
type request struct {
	ID     any    `json:"id"`
	Method string `json:"method"`
	Params any    `json:"params"`
}

// message is what comes in: an answer, or a question of the server's.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

// call asks one question and waits for its answer.
func (c *Conn) call(ctx context.Context, method string, params, result any) error {
	if c.broken != nil {
		return c.broken
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	past := time.Unix(1, 0)
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(past) })
	defer func() {
		if stop() {
			return
		}
		// The deadline strikes the next call, which would be out of step anyway.
		_ = c.breaks(ErrSilent)
	}()
	c.seq++
	id := c.seq
	question, err := json.Marshal(request{id, method, params})
	if err != nil {
		return err
	}
	if _, err := c.conn.Write(question); err != nil {
		return c.breaks(c.failure(ctx, err))
	}
	answer, err := c.answer(id)
	if err != nil {
		return c.breaks(c.failure(ctx, err))
	}
	if len(answer.Error) > 0 && string(answer.Error) != "null" {
		return refusal(answer.Error)
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return c.breaks(fmt.Errorf("%w: %w", ErrProtocol, err))
	}
	return nil
}

// answer reads until the answer to a question comes. Questions of the server's
// in between are answered, if they are for a sign of life.
func (c *Conn) answer(id uint64) (message, error) {
	want := fmt.Sprint(id)
	c.limit.left = largest
	for range strays {
		var m message
		if err := c.in.Decode(&m); err != nil {
			return m, err
		}
		switch {
		case m.Method == "echo":
			reply, err := json.Marshal(map[string]any{"id": m.ID, "result": m.Params, "error": nil})
			if err != nil {
				return m, err
			}
			if _, err := c.conn.Write(reply); err != nil {
				return m, err
			}
		case m.Method == "" && string(m.ID) == want:
			return m, nil
		}
	}
	return message{}, errTooLong
}

// failure words what kept an answer from coming.
func (c *Conn) failure(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded):
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, ErrSilent) {
			return fmt.Errorf("%w: %w", ErrSilent, cause)
		}
		return ErrSilent
	case isSyntax(err), errors.Is(err, errTooLong):
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

func isSyntax(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, kind := errors.AsType[*json.UnmarshalTypeError](err)
	return syntax || kind
}

// breaks notes why the connection is of no use any more.
func (c *Conn) breaks(err error) error {
	if c.broken == nil {
		c.broken = err
	}
	return err
}

var errTooLong = errors.New("the answer is too long")

// limited reads so many bytes and no more.
type limited struct {
	from net.Conn
	left int
}

// Read reads what is allowed still.
func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.from.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}
