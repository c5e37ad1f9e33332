// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	mostConnections = 16
	mostCalls       = 64 // under way, per connection
	// grace is how long handlers may go on after the server was stopped.
	grace = 5 * time.Second
)

// ServerOptions say whom a server answers.
type ServerOptions struct {
	AllowUIDs []uint32 // users that may ask; root is not among them by itself
	Log       *slog.Logger
}

// Server carries out operations for the allowed users.
type Server struct {
	allowed  []uint32
	log      *slog.Logger
	handlers map[string]*handler
}

// NewServer returns a server without handlers; see Handle. Ping is bound.
func NewServer(o ServerOptions) *Server {
	s := &Server{allowed: o.AllowUIDs, log: o.Log, handlers: make(map[string]*handler)}
	Handle(s, Ping, func(context.Context, *None) (None, error) { return None{}, nil })
	return s
}

// Serve answers on the listener until ctx ends, and closes it. Calls under way
// are cancelled then; the error tells if some did not end within five seconds.
func (s *Server) Serve(ctx context.Context, l *net.UnixListener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	defer l.Close()
	var running sync.WaitGroup
	slots := make(chan struct{}, mostConnections)
	var failed error
	for {
		conn, err := l.AcceptUnix()
		if ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			break
		}
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				failed = err
				break
			}
			s.log.WarnContext(ctx, "cannot accept a connection", "err", err)
			sleep(ctx, 100*time.Millisecond) // out of descriptors, most likely
			continue
		}
		select {
		case slots <- struct{}{}:
			running.Go(func() {
				defer func() { <-slots }()
				s.admit(ctx, conn)
			})
		default:
			s.refuse(conn, ErrBusy)
		}
	}
	cancel()
	return errors.Join(failed, waitFor(&running, grace))
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func waitFor(running *sync.WaitGroup, limit time.Duration) error {
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }() // ends with the last handler
	select {
	case <-done:
		return nil
	case <-time.After(limit):
		return fmt.Errorf("operations were still running %v after the stop", limit)
	}
}

// admit asks the kernel who the peer is and serves it, if it may ask at all.
func (s *Server) admit(ctx context.Context, conn *net.UnixConn) {
	peer, err := credentials(conn)
	if err != nil {
		s.log.WarnContext(ctx, "cannot tell who connects", "err", err)
		conn.Close()
		return
	}
	if !slices.Contains(s.allowed, peer.Uid) {
		s.log.WarnContext(ctx, "connection refused", "uid", peer.Uid, "pid", peer.Pid)
		s.refuse(conn, ErrNotAllowed)
		return
	}
	c := &connection{
		server: s,
		link:   &link{conn: conn},
		peer:   peer,
		calls:  make(map[uint64]context.CancelFunc),
	}
	c.serve(ctx)
}

// refuse tells the peer why, in an answer to no request, and hangs up.
func (s *Server) refuse(conn *net.UnixConn, why error) {
	_ = (&link{conn: conn}).send(&message{Error: toWire(why)}, nil) // it may be gone already
	conn.Close()
}

// credentials are those that the peer had when it connected.
func credentials(conn *net.UnixConn) (*unix.Ucred, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var peer *unix.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		peer, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	return peer, errors.Join(err, credErr)
}
