// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"net"
	"sync"

	"govdsm/lab/internal/wire"
)

// agent is our end of the conversation with the agent inside a machine.
type agent struct {
	conn   net.Conn
	kernel *record       // the kernel's log
	ready  chan struct{} // closed at the agent's first word
	gone   chan struct{} // closed when nothing more will come

	mu       sync.Mutex // orders requests, and guards what follows
	requests *gob.Encoder
	last     uint64
	calls    map[uint64]*call
}

// call is one conversation.
type call struct {
	id     uint64
	output func(wire.Reply) // called in order, from one goroutine
	done   chan wire.Done   // holds the end
}

var errGone = errors.New("the machine is gone")

// newAgent listens to a machine that has just been started.
func newAgent(conn net.Conn, kernel *record) *agent {
	a := &agent{
		conn: conn, kernel: kernel, requests: gob.NewEncoder(conn), calls: make(map[uint64]*call),
		ready: make(chan struct{}), gone: make(chan struct{}),
	}
	go a.listen()
	return a
}

// listen hands replies to whom they are for, until the machine is gone.
func (a *agent) listen() {
	defer close(a.gone)
	defer a.conn.Close()
	replies := gob.NewDecoder(bufio.NewReader(a.conn))
	for first := true; ; first = false {
		var r wire.Reply
		if err := replies.Decode(&r); err != nil {
			return
		}
		if first {
			close(a.ready)
		}
		if r.ID == 0 {
			_, _ = a.kernel.Write(r.Out)
			continue
		}
		a.mu.Lock()
		c := a.calls[r.ID]
		if r.Done != nil {
			delete(a.calls, r.ID)
		}
		a.mu.Unlock()
		switch {
		case c == nil:
		case r.Done != nil:
			c.done <- *r.Done
		case c.output != nil:
			c.output(r)
		}
	}
}

// begin opens a conversation with a request; output may be nil.
func (a *agent) begin(q wire.Request, output func(wire.Reply)) (*call, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	q.ID = a.last
	c := &call{id: q.ID, output: output, done: make(chan wire.Done, 1)}
	a.calls[c.id] = c
	if err := a.requests.Encode(q); err != nil {
		delete(a.calls, c.id)
		return nil, fmt.Errorf("%w (%v)", errGone, err)
	}
	return c, nil
}

// send adds a request to a conversation. It fails only when the machine is
// gone, and then the conversation ends with that.
func (a *agent) send(q wire.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = a.requests.Encode(q)
}

// end waits for the end of a conversation. When the context ends first, the
// conversation goes on without a listener.
func (a *agent) end(ctx context.Context, c *call) (wire.Done, error) {
	select {
	case d := <-c.done:
		return d, nil
	case <-a.gone:
		select {
		case d := <-c.done:
			return d, nil
		default:
			return wire.Done{}, errGone
		}
	case <-ctx.Done():
		return wire.Done{}, context.Cause(ctx)
	}
}

// ask opens a conversation and waits for its end.
func (a *agent) ask(ctx context.Context, q wire.Request, output func(wire.Reply)) error {
	c, err := a.begin(q, output)
	if err != nil {
		return err
	}
	d, err := a.end(ctx, c)
	if err == nil && d.Error != "" {
		err = errors.New(d.Error)
	}
	return err
}
