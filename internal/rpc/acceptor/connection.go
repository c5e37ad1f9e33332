// SPDX-License-Identifier: GPL-2.0-or-later

package acceptor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// handle takes a connection from its handshake to its end.
func (a *Acceptor) handle(ctx context.Context, conn net.Conn) {
	// Until a detector owns the connection, the end of the daemon closes it.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	log := a.options.Log.With("peer", conn.RemoteAddr())
	secured, err := a.secure(ctx, conn)
	if err != nil {
		a.refused.Add(1)
		_ = conn.Close()
		log.InfoContext(ctx, "handshake failed", "error", err)
		return
	}
	detector, first, err := a.detect(secured)
	if err != nil {
		a.undetected.Add(1)
		_ = conn.Close() // without TLS's farewell: the peer speaks something else
		log.DebugContext(ctx, "connection closed, no known protocol", "error", err, "first", fmt.Sprintf("%q", first))
		return
	}
	if !stop() {
		_ = conn.Close()
		return
	}
	detector.Serve(ctx, &replay{Conn: secured, first: first})
}

// secure does the TLS handshake, if there is one to do.
func (a *Acceptor) secure(ctx context.Context, conn net.Conn) (net.Conn, error) {
	if a.options.TLS == nil {
		return conn, nil
	}
	config, err := a.tls.get()
	if err != nil {
		return nil, fmt.Errorf("TLS configuration: %w", err)
	}
	deadline := time.Now().Add(a.options.HandshakeTimeout)
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	secured := tls.Server(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	if a.options.VerifyPeer != nil {
		ctx, cancel := context.WithDeadline(ctx, deadline)
		defer cancel()
		if err := a.options.VerifyPeer(ctx, secured); err != nil {
			return nil, err
		}
	}
	return secured, conn.SetDeadline(time.Time{})
}

// errUnknown is the end of a connection whose first bytes no protocol knows.
var errUnknown = errors.New("first bytes are of no known protocol")

// detect reads until a protocol recognises the first bytes, none can any more,
// or the time is up. It returns the bytes that were read.
func (a *Acceptor) detect(conn net.Conn) (Detector, []byte, error) {
	if err := conn.SetReadDeadline(time.Now().Add(a.options.DetectTimeout)); err != nil {
		return nil, nil, err
	}
	var first []byte
	asked := make([]bool, len(a.options.Detectors))
	for {
		need := 0 // bytes for the next decision
		for i, d := range a.options.Detectors {
			switch n := d.Peek(); {
			case asked[i]:
			case n > len(first):
				if need == 0 || n < need {
					need = n
				}
			default:
				asked[i] = true
				if d.Detect(first[:n]) {
					return d, first, conn.SetReadDeadline(time.Time{})
				}
			}
		}
		if need == 0 {
			return nil, first, errUnknown
		}
		more := make([]byte, need-len(first))
		n, err := io.ReadFull(conn, more)
		first = append(first, more[:n]...)
		if err != nil {
			return nil, first, err
		}
	}
}

// replay is a connection whose first bytes have been read already. Reads are
// not concurrent with each other, as with any stream.
type replay struct {
	net.Conn
	first []byte
}

// Read returns what was read before, then what comes.
func (r *replay) Read(p []byte) (int, error) {
	if len(r.first) == 0 {
		return r.Conn.Read(p)
	}
	n := copy(p, r.first)
	if r.first = r.first[n:]; len(r.first) == 0 {
		r.first = nil
	}
	return n, nil
}

// SyscallConn gives the socket of a plain connection to who writes to it
// without waiting.
func (r *replay) SyscallConn() (syscall.RawConn, error) {
	plain, ok := r.Conn.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return plain.SyscallConn()
}

// tlsSource prepares the caller's TLS configurations for use here.
type tlsSource struct {
	config func() (*tls.Config, error)

	mu       sync.Mutex
	original *tls.Config
	prepared *tls.Config
}

// get returns the present configuration, changed so that a frame up to 16 KiB
// goes out as one record: the manager's client takes a record for a frame.
func (s *tlsSource) get() (*tls.Config, error) {
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.original != c {
		s.original, s.prepared = c, prepare(c)
	}
	return s.prepared, nil
}

func prepare(c *tls.Config) *tls.Config {
	p := c.Clone()
	p.DynamicRecordSizingDisabled = true
	p.MinVersion = max(p.MinVersion, tls.VersionTLS12)
	if choose := c.GetConfigForClient; choose != nil {
		p.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			chosen, err := choose(hello)
			if chosen == nil || err != nil {
				return nil, err
			}
			return prepare(chosen), nil
		}
	}
	return p
}
