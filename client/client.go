// SPDX-License-Identifier: GPL-2.0-or-later

// Package client calls the verbs of a host and hears its events, over
// JSON-RPC, STOMP and TLS:
//
//	host, err := client.Dial(ctx, client.Options{Address: "host1:54321", TLS: config})
//	...
//	defer host.Close()
//	stats, err := api.VMGetStats.Call(ctx, host, api.VMGetStatsParams{VMID: id})
//
// A Host may be used by any number of goroutines. Every call ends with its
// context; there is no other time-out.
package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/rpc/stomp"
)

var _ api.Caller = (*Host)(nil)

var (
	// ErrClosed is the error of every use of a Host after Close.
	ErrClosed = errors.New("connection is closed")
	// ErrLost is the error of a call whose connection broke before the answer
	// came: whether the host carried it out is not known.
	ErrLost = errors.New("connection was lost before the answer came")
)

// Options say which host to call and how.
type Options struct {
	// Address is host:port of the agent.
	Address string
	// TLS is this client's identity and whom it trusts; nil for plain TCP.
	TLS *tls.Config
	// RequestQueue is where calls are sent; "" for jms.topic.vdsm_requests.
	RequestQueue string
	// HeartBeat is how often the host must be heard; 0 for 24 s, as the
	// original's library asks, negative for never.
	HeartBeat time.Duration
	// Reconnect keeps a lost connection coming back until Close. Calls under
	// way end with ErrLost all the same, later ones wait for the host.
	Reconnect bool
}

const (
	defaultQueue = "jms.topic.vdsm_requests"
	defaultBeat  = 24 * time.Second
	firstRetry   = 500 * time.Millisecond
	lastRetry    = 30 * time.Second
	dialTimeout  = 30 * time.Second
)

// Host is a connection to a host's agent.
type Host struct {
	options Options
	done    context.Context // ends with Close
	close   context.CancelFunc
	ended   chan struct{} // closed when run has returned

	mu      sync.Mutex // guards what follows; never held across I/O
	link    *link      // nil while there is no connection
	err     error      // why there never will be one again
	changed chan struct{}
	subs    map[string]*Subscription
}

// Dial connects to a host within the time of ctx, which does not bind what
// comes after.
func Dial(ctx context.Context, o Options) (*Host, error) {
	if o.RequestQueue == "" {
		o.RequestQueue = defaultQueue
	}
	if o.HeartBeat == 0 {
		o.HeartBeat = defaultBeat
	}
	h := &Host{
		options: o,
		ended:   make(chan struct{}),
		changed: make(chan struct{}),
		subs:    make(map[string]*Subscription),
	}
	l, err := h.connect(ctx)
	if err != nil {
		return nil, err
	}
	h.link = l
	h.done, h.close = context.WithCancel(context.Background())
	go h.run(l)
	return h, nil
}

// Close ends the connection, all calls and all subscriptions.
func (h *Host) Close() error {
	h.close()
	<-h.ended
	return nil
}

// connect makes one connection and subscribes to a reply queue of its own.
func (h *Host) connect(ctx context.Context) (*link, error) {
	var dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} = &net.Dialer{}
	if h.options.TLS != nil {
		dialer = &tls.Dialer{Config: h.options.TLS}
	}
	conn, err := dialer.DialContext(ctx, "tcp", h.options.Address)
	if err != nil {
		return nil, err
	}
	wire, err := stomp.NewClient(ctx, conn, stomp.ClientOptions{Wants: max(0, h.options.HeartBeat)})
	if err != nil {
		return nil, err
	}
	l := &link{
		wire:    wire,
		replies: uuid.NewString(),
		pending: make(map[string]chan<- reply),
		ended:   make(chan struct{}),
	}
	if err := wire.Subscribe(uuid.NewString(), l.replies); err != nil {
		_ = wire.Close()
		return nil, fmt.Errorf("subscribing to replies: %w", err)
	}
	return l, nil
}

// run reads from one connection after the other until Close.
func (h *Host) run(l *link) {
	defer close(h.ended)
	for {
		stop := context.AfterFunc(h.done, func() { _ = l.wire.Close() })
		err := l.read(h.deliver)
		stop()
		_ = l.wire.Close()
		h.set(nil, nil)
		if h.done.Err() != nil {
			err = ErrClosed
		} else if h.options.Reconnect {
			l, err = h.reconnect()
		}
		if err != nil {
			h.set(nil, err)
			h.endSubscriptions()
			return
		}
		h.set(l, nil)
	}
}

// reconnect tries until it has a connection with all subscriptions on it; it
// fails only when the Host is closed.
func (h *Host) reconnect() (*link, error) {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		select {
		case <-h.done.Done():
			return nil, ErrClosed
		case <-time.After(wait):
		}
		ctx, cancel := context.WithTimeout(h.done, dialTimeout)
		l, err := h.connect(ctx)
		cancel()
		if err == nil && h.resubscribe(l) == nil {
			return l, nil
		}
	}
}

// set makes l the connection in use, or tells with err that there is no other.
func (h *Host) set(l *link, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.link, h.err = l, err
	close(h.changed)
	h.changed = make(chan struct{})
}

// current returns the connection in use, waiting for one within the time of
// ctx where the Host reconnects.
func (h *Host) current(ctx context.Context) (*link, error) {
	for {
		h.mu.Lock()
		l, err, changed := h.link, h.err, h.changed
		h.mu.Unlock()
		switch {
		case l != nil:
			return l, nil
		case err != nil:
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
