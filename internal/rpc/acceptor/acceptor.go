// SPDX-License-Identifier: GPL-2.0-or-later

// Package acceptor owns the daemon's one TCP port. It accepts connections,
// does the TLS handshake, looks at the first bytes and hands the connection to
// the protocol that recognises them.
//
// Protocols plug in as Detectors; the package knows none of them. Connections
// are independent of each other: neither a slow handshake nor a silent peer
// delays the next one, and a silent peer costs little more than its socket
// until its time is up.
package acceptor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Detector is a protocol that can be spoken on the port.
//
// The first bytes of two detectors must not both match the same connection;
// where they do, the one that needs fewer bytes wins, then the earlier one.
type Detector interface {
	// Name names the protocol in logs.
	Name() string
	// Peek is how many first bytes Detect needs to decide. It is constant.
	Peek() int
	// Detect reports whether a connection that starts with first, which has
	// exactly Peek bytes, speaks the protocol.
	Detect(first []byte) bool
	// Serve speaks the protocol on conn, from its first byte on, closes it and
	// returns when that is done. It ends soon after ctx is done.
	Serve(ctx context.Context, conn net.Conn)
}

// Options configure an Acceptor.
type Options struct {
	// Address is the host to listen on; "::" takes IPv4 too.
	Address string
	// Port 0 takes any free port.
	Port int
	// TLS returns the configuration for one connection; it is asked for each,
	// so that renewed certificates count at once. Nil means plain TCP.
	TLS func() (*tls.Config, error)
	// VerifyPeer, with TLS, has the last word on a client whose certificate is
	// in order; nil accepts them all. It is part of the handshake's time.
	VerifyPeer func(ctx context.Context, conn *tls.Conn) error
	// Detectors are the protocols, in the order in which they are asked.
	Detectors []Detector
	// HandshakeTimeout bounds the TLS handshake, DetectTimeout the wait for
	// the first bytes after it. Zero means 10 s.
	HandshakeTimeout time.Duration
	DetectTimeout    time.Duration
	Log              *slog.Logger
}

// Stats are counts for metrics.
type Stats struct {
	Accepted          uint64
	Open              int // connections now, in whichever state
	HandshakesRefused uint64
	Undetected        uint64 // closed without having spoken a known protocol
}

// Acceptor is a listening port.
type Acceptor struct {
	options  Options
	listener net.Listener
	tls      tlsSource

	accepted, refused, undetected atomic.Uint64
	open                          atomic.Int64
}

// Listen opens the port. Where "::" or "::1" is asked for on a host without
// IPv6 it listens on 0.0.0.0.
func Listen(ctx context.Context, o Options) (*Acceptor, error) {
	if o.HandshakeTimeout == 0 {
		o.HandshakeTimeout = 10 * time.Second
	}
	if o.DetectTimeout == 0 {
		o.DetectTimeout = 10 * time.Second
	}
	l, err := listen(ctx, o.Address, o.Port)
	if noIPv6(err) && (o.Address == "::" || o.Address == "::1") {
		l, err = listen(ctx, "0.0.0.0", o.Port)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s port %d: %w", o.Address, o.Port, err)
	}
	return &Acceptor{options: o, listener: l, tls: tlsSource{config: o.TLS}}, nil
}

func listen(ctx context.Context, host string, port int) (net.Listener, error) {
	var lc net.ListenConfig
	lc.SetMultipathTCP(false)
	return lc.Listen(ctx, "tcp", net.JoinHostPort(host, fmt.Sprint(port)))
}

func noIPv6(err error) bool {
	return errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EADDRNOTAVAIL)
}

// Addr returns where the port is open.
func (a *Acceptor) Addr() *net.TCPAddr {
	addr, _ := a.listener.Addr().(*net.TCPAddr)
	return addr
}

// Stats returns the current counts.
func (a *Acceptor) Stats() Stats {
	return Stats{
		Accepted:          a.accepted.Load(),
		Open:              int(a.open.Load()),
		HandshakesRefused: a.refused.Load(),
		Undetected:        a.undetected.Load(),
	}
}

// Close closes the port of an Acceptor that is not run.
func (a *Acceptor) Close() error { return a.listener.Close() }

// Run serves connections until ctx is done, then closes the port and returns
// when all connections have ended. Any other end is an error: the port is lost.
func (a *Acceptor) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = a.listener.Close() })
	defer stop()
	var connections sync.WaitGroup
	defer connections.Wait()
	defer cancel() // before waiting
	for {
		conn, err := a.accept(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accepting connections: %w", err)
		}
		a.accepted.Add(1)
		a.open.Add(1)
		connections.Go(func() {
			defer a.open.Add(-1)
			a.handle(ctx, conn)
		})
	}
}

// longestPause bounds the wait before accepting again after a shortage.
const longestPause = time.Second

// accept returns the next connection. It waits out what passes: a peer that
// gave up already, and a shortage of descriptors or memory.
func (a *Acceptor) accept(ctx context.Context) (net.Conn, error) {
	pause := 5 * time.Millisecond
	for reported := false; ; {
		conn, err := a.listener.Accept()
		if err == nil {
			return conn, nil
		}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, syscall.ECONNABORTED):
			continue
		case !shortage(err):
			return nil, err
		case !reported:
			reported = true
			a.options.Log.ErrorContext(ctx, "cannot accept connections for now", "error", err, "open", a.open.Load())
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		pause = min(2*pause, longestPause)
	}
}

func shortage(err error) bool {
	for _, e := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
