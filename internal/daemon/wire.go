// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"govdsm/internal/apidoc/page"
	"govdsm/internal/logging"
	"govdsm/internal/pki"
	"govdsm/internal/rpc"
	"govdsm/internal/rpc/httpserver"
	"govdsm/internal/version"
)

// listen opens the port with everything that is spoken on it.
func listen(ctx context.Context, s *settings, p *pillars, logs *logging.Log) (*rpc.Server, error) {
	o := rpc.Options{
		Address:       s.address,
		Port:          s.port,
		RequestQueues: s.Addresses.RequestQueues,
		EventQueue:    s.Addresses.EventQueue,
		Workers:       s.RPC.WorkerThreads,
		Waiting:       s.RPC.WorkerThreads * s.RPC.TasksPerWorker,
		CallLimit:     s.RPC.WorkerTimeout,
		Table:         p.table,
		Events:        p.bus,
		Log:           logs.Logger("rpc"),
	}
	if p.certs != nil {
		config := p.certs.Server()
		o.TLS = func() (*tls.Config, error) { return config, nil }
		if s.Vars.VerifyClientCert {
			o.VerifyPeer = verifyPeer
		}
	}
	if s.Vars.HTTPEnable {
		registry := httpserver.NewRegistry()
		p.registerMetrics(registry, logs)
		o.HTTP = &httpserver.Options{
			Registry: registry,
			Health:   p.health,
			About:    p.about,
			API:      page.Handler(page.Options{Title: "VDSM API of this host", Implemented: p.table.Implemented}),
			Log:      logs.Logger("http"),
		}
		if p.storage != nil {
			o.HTTP.Images = imagesOverHTTP{p.storage}
		}
	}
	return rpc.Listen(ctx, o)
}

// verifyPeer insists that a client's certificate was made for the machine it
// comes from.
func verifyPeer(ctx context.Context, conn *tls.Conn) error {
	peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return err
	}
	chain := conn.ConnectionState().PeerCertificates
	if len(chain) == 0 {
		return errors.New("the client has no certificate")
	}
	return pki.CheckPeerName(ctx, net.DefaultResolver, chain[0], peer.Addr())
}

// registerMetrics adds what the wire does not know of itself.
func (p *pillars) registerMetrics(r prometheus.Registerer, logs *logging.Log) {
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "vdsm_libvirt_connected",
		Help: "1 while there is a connection to libvirt.",
	}, func() float64 {
		if p.libvirt.Connected() {
			return 1
		}
		return 0
	}))
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "vdsm_vms",
		Help: "VMs that the host knows, those that are down included.",
	}, func() float64 { return float64(p.vms.Counts().All) }))
	r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "vdsm_log_lines_lost_total",
		Help: "Log lines that could not be written.",
	}, func() float64 { return float64(logs.Lost()) }))
	if p.certs != nil {
		r.MustRegister(expiries{p.certs})
	}
}

// expiries are when certificates end, by file and subject: a gauge that
// appears and goes as certificates do.
type expiries struct{ certs *pki.Source }

var expiryDesc = prometheus.NewDesc("vdsm_certificate_expiry_timestamp_seconds",
	"When a certificate in use ends.", []string{"file", "subject"}, nil)

// Describe implements prometheus.Collector.
func (expiries) Describe(ch chan<- *prometheus.Desc) { ch <- expiryDesc }

// Collect implements prometheus.Collector.
func (e expiries) Collect(ch chan<- prometheus.Metric) {
	seen := make(map[pki.Expiry]bool)
	for _, end := range e.certs.Expiries() {
		if !seen[end] { // a bundle may hold a certificate twice
			seen[end] = true
			ch <- prometheus.MustNewConstMetric(expiryDesc, prometheus.GaugeValue,
				float64(end.NotAfter.Unix()), end.File, end.Subject)
		}
	}
}

// health is what GET /healthz answers.
func (p *pillars) health(context.Context) httpserver.Health {
	h := httpserver.Health{Healthy: true, Parts: map[string]string{"vms": "known", "libvirt": "connected"}}
	if !closed(p.vms.Ready()) {
		h.Healthy, h.Parts["vms"] = false, "being looked for"
	}
	if !p.libvirt.Connected() {
		h.Healthy, h.Parts["libvirt"] = false, "not connected"
	}
	return h
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// about is what the first page says of this host.
func (p *pillars) about(context.Context) httpserver.About {
	name, err := os.Hostname()
	if err != nil {
		name = "virtualization host"
	}
	counts := p.vms.Counts()
	a := httpserver.About{Host: name, Version: version.Version, Facts: []httpserver.Fact{
		{Name: "VMs", Value: fmt.Sprintf("%d, %d of them up", counts.All, counts.Active)},
		{Name: "libvirt", Value: map[bool]string{true: "connected", false: "not connected"}[p.libvirt.Connected()]},
		{Name: "verbs", Value: coverageOf(p.table).String()},
	}}
	if p.certs != nil {
		a.Facts = append(a.Facts, httpserver.Fact{
			Name: "certificates until", Value: p.certs.Earliest().NotAfter.Format(time.DateOnly),
		})
	}
	return a
}
