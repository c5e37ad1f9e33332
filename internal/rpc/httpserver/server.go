// SPDX-License-Identifier: GPL-2.0-or-later

// Package httpserver serves HTTP on the daemon's port, over connections that
// the acceptor has recognised: metrics, health, the API reference, a page that
// says what this host is, and images of storage.
package httpserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// patience is how long a client may take for its request's header, for the
// next request, and for reading an answer.
const patience = 60 * time.Second

// farewell is how long answers under way may take when the daemon ends.
const farewell = 2 * time.Second

// Health is the answer to GET /healthz: status 200 when healthy, else 503.
type Health struct {
	Healthy bool              `json:"healthy"`
	Parts   map[string]string `json:"parts,omitempty"` // "libvirt": "connected"
}

// Options configure a Server. Nil functions and handlers leave their part out.
type Options struct {
	Registry *prometheus.Registry
	Health   func(context.Context) Health
	About    func(context.Context) About
	// API serves the paths below /api; it sees the path without that prefix.
	API http.Handler
	// Images has the images that requests with headers such as
	// Storage-Domain-Id are about, whatever their path.
	Images Images
	Log    *slog.Logger
}

// Server is a protocol for the acceptor.
type Server struct {
	options   Options
	http      *http.Server
	conns     *handover
	transfers chan struct{} // a place for each image that travels
}

// New returns a server; Run makes it serve.
func New(o Options) *Server {
	s := &Server{options: o, conns: newHandover(), transfers: make(chan struct{}, mostTransfers)}
	s.http = &http.Server{
		Handler:           s.route(),
		ReadHeaderTimeout: patience,
		IdleTimeout:       patience,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(debugLog{o.Log}, "", 0),
	}
	return s
}

// debugLog takes what net/http has to say: the faults of clients.
type debugLog struct{ log *slog.Logger }

func (d debugLog) Write(p []byte) (int, error) {
	d.log.Debug("http", "message", string(bytes.TrimSpace(p)))
	return len(p), nil
}

// Name names the protocol to the acceptor.
func (s *Server) Name() string { return "http" }

// Peek is how many first bytes Detect wants to see.
func (s *Server) Peek() int { return len("GET /") }

// Detect recognises the two methods that are offered.
func (s *Server) Detect(first []byte) bool {
	return string(first) == "GET /" || string(first) == "PUT /"
}

// Serve hands conn to the running server and returns when it is closed.
func (s *Server) Serve(ctx context.Context, conn net.Conn) { s.conns.serve(ctx, conn) }

// Run serves until ctx is done; answers under way have a moment to end.
func (s *Server) Run(ctx context.Context) error {
	var stopping sync.WaitGroup
	stop := context.AfterFunc(ctx, func() {
		defer stopping.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		if s.http.Shutdown(grace) != nil {
			_ = s.http.Close()
		}
	})
	stopping.Add(1)
	err := s.http.Serve(s.conns)
	if stop() {
		stopping.Done()
	}
	stopping.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (s *Server) route() http.Handler {
	mux := http.NewServeMux()
	if s.options.Registry != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(s.options.Registry, promhttp.HandlerOpts{}))
	}
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /{$}", s.about)
	if s.options.API != nil {
		api := http.StripPrefix("/api", s.options.API)
		mux.Handle("GET /api", http.RedirectHandler("/api/", http.StatusMovedPermanently))
		mux.Handle("GET /api/", api)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if forImages(r) {
			s.image(w, r)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		control := http.NewResponseController(w)
		deadline := time.Now().Add(patience)
		if control.SetReadDeadline(deadline) != nil || control.SetWriteDeadline(deadline) != nil {
			return
		}
		if r.Method == http.MethodPut { // an image without its identifiers
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	h := Health{Healthy: true}
	if s.options.Health != nil {
		h = s.options.Health(r.Context())
	}
	w.Header().Set("Content-Type", "application/json")
	if !h.Healthy {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	if err := json.NewEncoder(w).Encode(h); err != nil {
		s.options.Log.DebugContext(r.Context(), "health not sent", "error", err)
	}
}
