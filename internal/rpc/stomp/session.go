// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
)

// maxSubscriptions of one session; clients have a handful.
const maxSubscriptions = 1024

// errBye ends a session whose client said DISCONNECT.
var errBye = errors.New("client disconnected")

// session is the server's end of one connection. Its fields belong to the
// goroutine that reads; other sessions reach it through put alone.
type session struct {
	*link
	server      *Server
	subs        map[string]*subscription // by id
	peer, local netip.AddrPort
}

func newSession(s *Server, conn net.Conn) *session {
	return &session{
		link:   newLink(conn, s.options.Limits, s.options.Bounds),
		server: s,
		subs:   make(map[string]*subscription),
		peer:   addrPort(conn.RemoteAddr()),
		local:  addrPort(conn.LocalAddr()),
	}
}

// addrPort returns an address of TCP. An IPv4 peer of a socket for both
// families is shown as IPv4.
func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	p := tcp.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

// put queues a frame for the client. A frame for a session that has ended, or
// that is cut because of this frame, is dropped; serve reports the reason.
func (s *session) put(frame []byte) { _ = s.out.put(frame) }

func (s *session) serve(ctx context.Context) {
	go s.out.run()
	stop := context.AfterFunc(ctx, func() {
		s.out.close()
		<-s.out.ended
		_ = s.conn.Close()
	})
	err := s.read(ctx)
	stop()
	for _, sub := range s.subs {
		s.server.broker.remove(sub)
	}
	s.out.close()
	<-s.out.ended
	_ = s.conn.Close()
	s.report(ctx, err)
}

// read handles frames until there are no more.
func (s *session) read(ctx context.Context) error {
	var f Frame
	for {
		if err := s.reader.readInto(&f); err != nil {
			return err
		}
		if err := s.handle(ctx, &f); err != nil {
			return err
		}
	}
}

// report logs why a session ended, unless that is nobody's fault.
func (s *session) report(ctx context.Context, err error) {
	log := s.server.options.Log.With("peer", s.peer)
	cause := s.out.reason()
	switch {
	case errors.Is(cause, ErrSlowReader):
		s.server.stats.slow.Add(1)
		log.WarnContext(ctx, "client cut off", "error", cause)
	case errors.Is(err, ErrMalformed), errors.Is(err, ErrTooLarge):
		s.server.stats.refused.Add(1)
		log.WarnContext(ctx, "client sent what is no frame", "error", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		log.WarnContext(ctx, "client is silent, its heart-beats are missing", "limit", s.alive.limit)
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, errBye), ctx.Err() != nil:
		log.DebugContext(ctx, "client left")
	default:
		log.DebugContext(ctx, "connection to client lost", "error", err)
	}
}

// handle carries out one frame, of which it keeps the body at most. An error
// ends the connection.
func (s *session) handle(ctx context.Context, f *Frame) error {
	switch f.Command {
	case CmdSend:
		return s.send(ctx, f)
	case CmdConnect:
		return s.connect(f)
	case CmdSubscribe:
		s.subscribe(f)
		return nil
	case CmdUnsubscribe:
		s.unsubscribe(f)
		return nil
	case CmdDisconnect:
		receipt, wanted := f.Lookup(HdrReceipt)
		if !wanted {
			return errBye
		}
		s.put(Append(nil, New(CmdReceipt, HdrReceiptID, receipt)))
		return nil
	default:
		return fmt.Errorf("%w: command %.20q", ErrMalformed, f.Command)
	}
}

// refuse sends an ERROR frame. Unlike in STOMP 1.2 the connection stays open,
// as clients of VDSM expect.
func (s *session) refuse(text string) {
	s.put(Append(nil, &Frame{Command: CmdError, Body: []byte(text)}))
}

func (s *session) connect(f *Frame) error {
	if f.Get(HdrAcceptVersion) != "1.2" {
		s.refuse("Version unsupported")
		return nil
	}
	sends, wants := parseHeartBeat(f.Get(HdrHeartBeat))
	s.put(Append(nil, New(CmdConnected,
		HdrVersion, "1.2",
		HdrHeartBeat, formatHeartBeat(wants, sends))))
	s.out.beatEvery(wants)
	return s.alive.within(grace(sends))
}

func (s *session) subscribe(f *Frame) {
	destination, id := f.Get(HdrDestination), f.Get(HdrID)
	switch _, taken := s.subs[id]; {
	case destination == "" || id == "":
		s.refuse("Missing destination or subscription id header")
	case taken:
		s.refuse("Subscription id already exists")
	case len(s.subs) >= maxSubscriptions:
		s.refuse("Too many subscriptions")
	default:
		sub := &subscription{session: s, id: id, destination: destination}
		s.subs[id] = sub
		s.server.broker.add(sub)
	}
}

func (s *session) unsubscribe(f *Frame) {
	id := f.Get(HdrID)
	if id == "" {
		s.refuse("Missing id header")
		return
	}
	if sub, ok := s.subs[id]; ok {
		delete(s.subs, id)
		s.server.broker.remove(sub)
	}
}

func (s *session) send(ctx context.Context, f *Frame) error {
	destination := f.Get(HdrDestination)
	if destination == "" {
		return fmt.Errorf("%w: SEND without destination", ErrMalformed)
	}
	heard := s.server.forward(f, destination)
	if s.server.isRequest(destination) {
		s.server.options.Requests(ctx, Request{
			Body:    f.Body,
			ReplyTo: f.Get(HdrReplyTo),
			FlowID:  f.Get(HdrFlowID),
			Peer:    s.peer,
			Local:   s.local,
		})
		return nil
	}
	if !heard {
		s.refuse("Subscription not available")
	}
	return nil
}
