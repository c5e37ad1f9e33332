// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"testing"

	"govdsm/internal/rpc"
	"govdsm/internal/rpc/pingtest"
)

// BenchmarkPing measures round trips of Host.ping inside one process, which is
// what to profile; test/bench measures the real programs.
func BenchmarkPing(b *testing.B) {
	server, client := identity(b)
	for _, secured := range []bool{false, true} {
		for _, clients := range []int{1, 10, 100} {
			b.Run(fmt.Sprintf("tls=%t/clients=%d", secured, clients), func(b *testing.B) {
				var change func(*rpc.Options)
				o := pingtest.Options{Clients: clients, Calls: b.N, Turns: 10}
				var serverTLS *tls.Config
				if secured {
					change, serverTLS = secure(server), server
					o.Wrap = func(c net.Conn) net.Conn { return tls.Client(c, client) }
				}
				o.Host = start(b, change).Addr().String()
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					b.Fatal(err)
				}
				defer l.Close()
				go pingtest.Echo(l, serverTLS)
				o.Echo = l.Addr().String()
				b.ResetTimer()
				r := pingtest.Compare(b, o)
				b.StopTimer()
				var calls, echoes float64
				for _, t := range r.Turns {
					calls += t.Calls / float64(len(r.Turns))
					echoes += t.Echoes / float64(len(r.Turns))
				}
				b.ReportMetric(calls, "calls/s")
				b.ReportMetric(echoes, "echo/s")
				b.ReportMetric(100*calls/echoes, "%echo")
				b.ReportMetric(float64(r.Quantile(0.99).Microseconds()), "p99-µs")
			})
		}
	}
}
