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

// Metrics are what GET /metrics shows. Names are unique: to add one twice is a
// fault of the composition root, and panics.
type Metrics struct{ registry *prometheus.Registry }

// NewMetrics returns metrics with the process's own health.
func NewMetrics() *Metrics {
	m := &Metrics{prometheus.NewRegistry()}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{Namespace: "vdsm"}),
	)
	return m
}

// Gauge adds a value that goes up and down; f is called for each scrape.
func (m *Metrics) Gauge(name, help string, f func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f))
}

// Counter adds a value that only grows; f is called for each scrape.
func (m *Metrics) Counter(name, help string, f func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, f))
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

// Calls adds the metrics of calls.
func (m *Metrics) Calls() *Calls {
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
	m.registry.MustRegister(c.total, c.wait, c.work)
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

// Wire adds the metrics of the port, its sessions and the executor.
func (m *Metrics) Wire(s Sources) {
	m.Gauge("vdsm_ready", "1 when calls are served, 0 while the host recovers.", func() float64 {
		if s.Ready() {
			return 1
		}
		return 0
	})
	m.Gauge("vdsm_connections", "Open connections on the port.", func() float64 { return float64(s.Acceptor().Open) })
	m.Counter("vdsm_connections_total", "Connections accepted.", func() float64 { return float64(s.Acceptor().Accepted) })
	m.Counter("vdsm_handshakes_refused_total", "Connections whose TLS handshake failed.",
		func() float64 { return float64(s.Acceptor().HandshakesRefused) })
	m.Counter("vdsm_connections_undetected_total", "Connections closed without a known protocol.",
		func() float64 { return float64(s.Acceptor().Undetected) })
	m.Gauge("vdsm_stomp_sessions", "Clients that speak STOMP.", func() float64 { return float64(s.Sessions().Sessions) })
	m.Gauge("vdsm_stomp_subscriptions", "Subscriptions of all clients.",
		func() float64 { return float64(s.Sessions().Subscriptions) })
	m.Counter("vdsm_stomp_slow_readers_total", "Clients cut off because they did not read.",
		func() float64 { return float64(s.Sessions().SlowReaders) })
	m.Counter("vdsm_stomp_bad_frames_total", "Clients cut off because of what they sent.",
		func() float64 { return float64(s.Sessions().BadFrames) })
	m.Counter("vdsm_events_dropped_total", "Events published while the host recovered.",
		func() float64 { return float64(s.Dropped()) })
	m.Gauge("vdsm_rpc_running", "Calls that hold a worker.", func() float64 { return float64(s.Work().Running) })
	m.Gauge("vdsm_rpc_queue_depth", "Calls that wait for a worker.", func() float64 { return float64(s.Work().Waiting) })
	m.Gauge("vdsm_rpc_set_aside", "Calls stuck for longer than the limit.", func() float64 { return float64(s.Work().Aside) })
	m.Counter("vdsm_rpc_refused_total", "Calls refused because the queue was full.",
		func() float64 { return float64(s.Work().Refused) })
}
