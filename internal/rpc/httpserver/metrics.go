// SPDX-License-Identifier: GPL-2.0-or-later

package httpserver

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"govdsm/internal/rpc/acceptor"
	"govdsm/internal/rpc/stomp"
	"govdsm/internal/work"
)

// NewRegistry returns a registry with the process's own health in it.
func NewRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{Namespace: "vdsm"}),
	)
	return r
}

// Calls counts and times calls by verb. It is the observer of a jsonrpc.Server.
type Calls struct {
	total *prometheus.CounterVec
	wait  prometheus.Histogram
	work  *prometheus.HistogramVec
	known sync.Map // outcome -> *series
}

type outcome struct {
	verb string
	code int
}

type series struct {
	total prometheus.Counter
	work  prometheus.Observer
}

// durations of calls: from what an inline verb takes to what clients wait for.
func durations() []float64 {
	return []float64{0.0001, 0.0005, 0.002, 0.01, 0.05, 0.25, 1, 5, 30, 180}
}

// NewCalls registers the metrics of calls.
func NewCalls(r prometheus.Registerer) *Calls {
	c := &Calls{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vdsm_rpc_calls_total",
			Help: "Calls that have ended, by verb and error code; code 0 is success.",
		}, []string{"verb", "code"}),
		wait: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "vdsm_rpc_wait_seconds",
			Help:    "Time that calls waited for a worker.",
			Buckets: durations(),
		}),
		work: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "vdsm_rpc_call_seconds",
			Help:    "Time that calls took once they ran, by verb.",
			Buckets: durations(),
		}, []string{"verb"}),
	}
	r.MustRegister(c.total, c.wait, c.work)
	return c
}

// Called counts a call. Verb must come from a closed set.
func (c *Calls) Called(verb string, code int, wait, work time.Duration) {
	key := outcome{verb, code}
	known, ok := c.known.Load(key)
	if !ok {
		known, _ = c.known.LoadOrStore(key, &series{
			total: c.total.WithLabelValues(verb, strconv.Itoa(code)),
			work:  c.work.WithLabelValues(verb),
		})
	}
	s, _ := known.(*series)
	s.total.Inc()
	s.work.Observe(work.Seconds())
	c.wait.Observe(wait.Seconds())
}

// Sources are where the gauges of the wire read their values.
type Sources struct {
	Acceptor func() acceptor.Stats
	Sessions func() stomp.Stats
	Work     func() work.Stats
	Ready    func() bool
	Dropped  func() uint64 // events that nobody was sent
}

// RegisterSources registers the metrics of the port, its sessions and the
// executor.
func RegisterSources(r prometheus.Registerer, s Sources) {
	gauge := func(name, help string, f func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f))
	}
	counter := func(name, help string, f func() float64) {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, f))
	}
	gauge("vdsm_ready", "1 when calls are served, 0 while the host recovers.", func() float64 {
		if s.Ready() {
			return 1
		}
		return 0
	})
	gauge("vdsm_connections", "Open connections on the port.", func() float64 { return float64(s.Acceptor().Open) })
	counter("vdsm_connections_total", "Connections accepted.", func() float64 { return float64(s.Acceptor().Accepted) })
	counter("vdsm_handshakes_refused_total", "Connections whose TLS handshake failed.",
		func() float64 { return float64(s.Acceptor().HandshakesRefused) })
	counter("vdsm_connections_undetected_total", "Connections closed without a known protocol.",
		func() float64 { return float64(s.Acceptor().Undetected) })
	gauge("vdsm_stomp_sessions", "Clients that speak STOMP.", func() float64 { return float64(s.Sessions().Sessions) })
	gauge("vdsm_stomp_subscriptions", "Subscriptions of all clients.",
		func() float64 { return float64(s.Sessions().Subscriptions) })
	counter("vdsm_stomp_slow_readers_total", "Clients cut off because they did not read.",
		func() float64 { return float64(s.Sessions().SlowReaders) })
	counter("vdsm_stomp_bad_frames_total", "Clients cut off because of what they sent.",
		func() float64 { return float64(s.Sessions().BadFrames) })
	counter("vdsm_events_dropped_total", "Events published while the host recovered.",
		func() float64 { return float64(s.Dropped()) })
	gauge("vdsm_rpc_running", "Calls that hold a worker.", func() float64 { return float64(s.Work().Running) })
	gauge("vdsm_rpc_queue_depth", "Calls that wait for a worker.", func() float64 { return float64(s.Work().Waiting) })
	gauge("vdsm_rpc_set_aside", "Calls stuck for longer than the limit.", func() float64 { return float64(s.Work().Aside) })
	counter("vdsm_rpc_refused_total", "Calls refused because the queue was full.",
		func() float64 { return float64(s.Work().Refused) })
}
