// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Options say which libvirt to talk to and how patient to be. Zero values
// mean the defaults.
type Options struct {
	// URI is libvirt's connection URI: "qemu:///system",
	// "qemu:///system?socket=/run/x/libvirt-sock", "test:///default".
	URI string
	// Handler receives every event, one after the other, in order. What it
	// does delays the events after it, so it should hand long work on. It
	// must not be nil.
	Handler func(Event)
	Log     *slog.Logger

	// CallTimeout bounds a call whose context has no nearer deadline. Default
	// 60 s, the original's vm_command_timeout.
	CallTimeout time.Duration
	// MaxCalls is how many calls may be under way on one connection, abandoned
	// ones included. Default 32.
	MaxCalls int
	// Backoff is the first pause between attempts to connect; each following
	// one is twice as long, up to MaxBackoff. Defaults 100 ms and 5 s.
	Backoff, MaxBackoff time.Duration
	// KeepAlive is the pause between probes that notice a libvirtd which is
	// there but silent: a probe that is not answered for five such pauses ends
	// the connection. Default 5 s.
	KeepAlive time.Duration
}

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&o.CallTimeout, 60*time.Second)
	set(&o.Backoff, 100*time.Millisecond)
	set(&o.MaxBackoff, 5*time.Second)
	set(&o.KeepAlive, 5*time.Second)
	if o.MaxCalls == 0 {
		o.MaxCalls = 32
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Client talks to one libvirtd. Its methods may be called from any goroutine
// at any time; they answer ErrUnavailable while there is no connection.
type Client struct {
	loop  *Loop
	o     Options
	queue *queue
	calls sync.WaitGroup // calls under way, abandoned ones included

	mu      sync.Mutex
	session *session      // nil while there is none
	waiters chan struct{} // closed when conn becomes usable
	open    int           // connections that the C library still holds
}

// New returns a client that is not connected yet; Run connects it. The loop
// must run for as long as the client does. With nil, which is right for a
// process with one client, Run starts one and ends it.
func New(loop *Loop, o Options) *Client {
	o = o.withDefaults()
	return &Client{
		loop:    loop,
		o:       o,
		queue:   newQueue(o.Handler),
		waiters: make(chan struct{}),
	}
}

// Run keeps the client connected until the context ends, then closes the
// connection and returns. The error is nil, or says what could not be closed
// properly.
func (c *Client) Run(ctx context.Context) (err error) {
	if c.loop == nil {
		if c.loop, err = StartLoop(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.loop.Close()) }()
	}
	var events sync.WaitGroup
	events.Go(c.queue.run)
	defer events.Wait()
	defer c.queue.close()

	pause, silent := c.o.Backoff, false
	for ctx.Err() == nil {
		s, err := c.dial(ctx)
		if err != nil {
			if !silent && ctx.Err() == nil {
				c.o.Log.ErrorContext(ctx, "cannot connect to libvirt, trying on", "uri", c.o.URI, "error", err)
				silent = true // one line for one outage
			}
			sleep(ctx, pause)
			pause = min(2*pause, c.o.MaxBackoff)
			continue
		}
		pause, silent = c.o.Backoff, false
		c.serve(ctx, s)
	}
	return c.drain()
}

// serve publishes the connection, waits for its end and takes it back.
func (c *Client) serve(ctx context.Context, s *session) {
	c.o.Log.InfoContext(ctx, "connected to libvirt", "uri", c.o.URI)
	c.mu.Lock()
	c.session = s
	close(c.waiters)
	c.mu.Unlock()
	c.queue.put(Connected{})

	reason := c.watch(ctx, s)
	if ctx.Err() == nil {
		c.o.Log.ErrorContext(ctx, "lost the connection to libvirt", "reason", reason)
	}

	c.mu.Lock()
	c.session = nil
	c.waiters = make(chan struct{})
	c.mu.Unlock()
	close(s.gone)
	c.queue.put(Disconnected{Reason: reason})
	// The C library may wait for a peer that is silent: not on our way.
	c.calls.Go(func() { c.retire(s) })
}

// drain waits for what is still under way.
func (c *Client) drain() error {
	done := make(chan struct{})
	go func() { c.calls.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(c.o.CallTimeout):
		return fmt.Errorf("%w: calls were left behind", ErrTimeout)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open > 0 {
		return fmt.Errorf("%w: %d connections to libvirt", ErrNotFreed, c.open)
	}
	return nil
}

// Connected reports whether there is a connection now.
func (c *Client) Connected() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session != nil
}

// WaitConnected returns when there is a connection or the context ends.
func (c *Client) WaitConnected(ctx context.Context) error {
	c.mu.Lock()
	waiters := c.waiters
	c.mu.Unlock()
	select {
	case <-waiters:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnavailable, context.Cause(ctx))
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// expired says why a context ended, in our words where it was the time.
func expired(ctx context.Context) error {
	err := context.Cause(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return ErrTimeout
	}
	return err
}

// errClosed is the reason of a connection that libvirt reported closed.
var errClosed = errors.New("libvirt closed the connection")
