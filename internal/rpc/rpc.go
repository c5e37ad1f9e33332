// SPDX-License-Identifier: GPL-2.0-or-later

// Package rpc puts the daemon's wire together: one port, on which the acceptor
// tells STOMP from HTTP, a broker for STOMP messages, JSON-RPC on its request
// queues, and an executor for the calls. It knows no pillar; verbs come in a
// dispatch.Table and events from an event.Bus.
package rpc

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/rpc/acceptor"
	"govdsm/internal/rpc/httpserver"
	"govdsm/internal/rpc/jsonrpc"
	"govdsm/internal/rpc/stomp"
	"govdsm/internal/work"
)

// Options configure a Server. The names in brackets are those of vdsm.conf.
type Options struct {
	Address string // where to listen [addresses.management_ip]
	Port    int    // 0 for any free one [addresses.management_port]
	// TLS returns the configuration of the next connection; nil for plain TCP
	// [vars.ssl].
	TLS func() (*tls.Config, error)
	// VerifyPeer refuses clients whose certificate is in order; nil accepts
	// them all [vars.verify_client_cert].
	VerifyPeer func(ctx context.Context, conn *tls.Conn) error

	RequestQueues []string // [addresses.request_queues]; default both of VDSM
	EventQueue    string   // [addresses.event_queue]; default jms.queue.events
	Limits        stomp.Limits
	Bounds        stomp.Bounds

	Workers   int           // calls that run at one time [rpc.worker_threads]; default 8
	Waiting   int           // calls that wait [worker_threads * tasks_per_worker]; default 80
	CallLimit time.Duration // after which a call is set aside [rpc.worker_timeout]; default 60 s

	Table  *dispatch.Table
	Events *event.Bus
	// HTTP is nil when HTTP is not served [vars.http_enable]. The metrics of
	// the wire are added to its registry, once; its log defaults to Log.
	HTTP *httpserver.Options
	// Detectors are further protocols on the port.
	Detectors []acceptor.Detector
	Log       *slog.Logger
}

// Server is the wire of one daemon.
type Server struct {
	acceptor *acceptor.Acceptor
	broker   *stomp.Server
	calls    *jsonrpc.Server
	executor *work.Executor
	http     *httpserver.Server
	events   *event.Bus
}

// Listen opens the port. Connections are served by Run; until SetReady calls
// are answered with ErrRecoveryInProgress.
func Listen(ctx context.Context, o Options) (*Server, error) {
	if o.RequestQueues == nil {
		o.RequestQueues = []string{"jms.topic.vdsm_requests", "jms.topic.vdsm_irs_requests"}
	}
	s := &Server{events: o.Events, executor: work.New(work.Options{
		Name: "jsonrpc", Workers: o.Workers, Queue: o.Waiting, Limit: o.CallLimit, Log: o.Log,
	})}
	s.broker = stomp.NewServer(stomp.Options{
		RequestQueues: o.RequestQueues,
		Requests:      func(ctx context.Context, r stomp.Request) { s.calls.Handle(ctx, r) },
		Limits:        o.Limits,
		Bounds:        o.Bounds,
		Log:           o.Log,
	})
	var observer jsonrpc.Observer
	var detectors []acceptor.Detector
	if o.HTTP != nil {
		options := *o.HTTP
		if options.Log == nil {
			options.Log = o.Log
		}
		if options.Registry != nil {
			observer = httpserver.NewCalls(options.Registry)
		}
		s.http = httpserver.New(options)
		detectors = append(detectors, s.http)
	}
	s.calls = jsonrpc.New(jsonrpc.Options{
		Table: o.Table, Executor: s.executor, Publish: s.broker.Publish,
		EventQueue: o.EventQueue, Observer: observer, Log: o.Log,
	})
	detectors = append(append(detectors, s.broker), o.Detectors...)
	var err error
	s.acceptor, err = acceptor.Listen(ctx, acceptor.Options{
		Address: o.Address, Port: o.Port, TLS: o.TLS, VerifyPeer: o.VerifyPeer,
		Detectors: detectors, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	if observer != nil {
		httpserver.RegisterSources(o.HTTP.Registry, httpserver.Sources{
			Acceptor: s.acceptor.Stats, Sessions: s.broker.Stats, Work: s.executor.Stats,
			Ready: s.calls.Ready, Dropped: s.calls.DroppedEvents,
		})
	}
	return s, nil
}

// Addr returns where the port is open.
func (s *Server) Addr() *net.TCPAddr { return s.acceptor.Addr() }

// SetReady opens or closes the gate in front of all verbs and events.
func (s *Server) SetReady(ready bool) { s.calls.SetReady(ready) }

// Sessions returns the counts of clients that speak STOMP.
func (s *Server) Sessions() stomp.Stats { return s.broker.Stats() }

// Work returns the counts of the executor.
func (s *Server) Work() work.Stats { return s.executor.Stats() }

// lastCalls is how long running calls may take when the daemon ends.
const lastCalls = 5 * time.Second

// Run serves until ctx is done, then closes the port and all connections, and
// waits a while for the calls that still run; those that do not end are in the
// error, as *work.StuckError. It must be called once. A Server that is not to
// be run is closed with Close.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.events != nil {
		defer s.events.Subscribe(s.calls.Notice)()
	}
	var http sync.WaitGroup
	var httpErr error
	if s.http != nil {
		http.Go(func() {
			if httpErr = s.http.Run(ctx); httpErr != nil {
				cancel() // as any other part that fails
			}
		})
	}
	err := s.acceptor.Run(ctx)
	cancel()
	http.Wait()
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), lastCalls)
	defer done()
	return errors.Join(err, httpErr, s.executor.Stop(grace))
}

// Close closes the port of a Server that is not run.
func (s *Server) Close() error { return s.acceptor.Close() }
