// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"govdsm/internal/rpc"
)

// BenchmarkPing measures round trips of Host.ping, beside a bare echo of the
// same bytes through the same kind of connection in the same run. Metrics:
// calls/s, echo/s, their ratio in percent, and p99 of a call in microseconds.
func BenchmarkPing(b *testing.B) {
	server, client := identity(b)
	for _, secured := range []bool{false, true} {
		for _, clients := range []int{1, 10, 100} {
			b.Run(fmt.Sprintf("tls=%t/clients=%d", secured, clients), func(b *testing.B) {
				var change func(*rpc.Options)
				wrap := func(c net.Conn) net.Conn { return c }
				var serverTLS *tls.Config
				if secured {
					change, serverTLS = secure(server), server
					wrap = func(c net.Conn) net.Conn { return tls.Client(c, client) }
				}
				h := start(b, change)
				echo := startEcho(b, serverTLS)
				benchmarkPing(b, h.Addr().String(), echo, clients, wrap)
			})
		}
	}
}

func benchmarkPing(b *testing.B, ours, echo string, clients int, wrap func(net.Conn) net.Conn) {
	var calls, echoes []*caller
	for i := range clients {
		queue := fmt.Sprintf("bench-%03d", i)
		call := request(queue, `{"jsonrpc": "2.0", "method": "Host.ping", "id": "00000000", "params": {}}`)
		reply := replyFor(queue, "s", `{"jsonrpc": "2.0", "id": "00000000", "result": true}`)
		c := newCaller(b, wrap, ours, call, len(reply))
		if _, err := io.WriteString(c.conn, subscribe("s", queue)); err != nil {
			b.Fatal(err)
		}
		calls = append(calls, c)
		echoes = append(echoes, newCaller(b, wrap, echo, call, len(call)))
	}
	// Both run in turns, so that what else the machine does hurts both alike.
	const turns = 10
	each := max(1, b.N/clients/turns)
	run(b, echoes, min(each, 100)) // warm both
	run(b, calls, min(each, 100))
	var echoTime, callTime time.Duration
	var latencies []time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for range turns {
		b.StopTimer()
		took, _ := run(b, echoes, each)
		echoTime += took
		b.StartTimer()
		took, waits := run(b, calls, each)
		callTime += took
		latencies = append(latencies, waits...)
	}
	b.StopTimer()
	total := float64(each * clients * turns)
	slices.Sort(latencies)
	b.ReportMetric(total/callTime.Seconds(), "calls/s")
	b.ReportMetric(total/echoTime.Seconds(), "echo/s")
	b.ReportMetric(100*echoTime.Seconds()/callTime.Seconds(), "%echo")
	b.ReportMetric(float64(latencies[len(latencies)*99/100].Microseconds()), "p99-µs")
}

// caller sends the same bytes again and again, one at a time.
type caller struct {
	conn      net.Conn
	call      []byte
	answer    []byte
	latencies []time.Duration
}

func newCaller(b *testing.B, wrap func(net.Conn) net.Conn, address, call string, answer int) *caller {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return &caller{conn: wrap(conn), call: []byte(call), answer: make([]byte, answer)}
}

func run(b *testing.B, callers []*caller, each int) (took time.Duration, latencies []time.Duration) {
	var all sync.WaitGroup
	start := time.Now()
	for _, c := range callers {
		c.latencies = make([]time.Duration, 0, each)
		all.Go(func() {
			for range each {
				begin := time.Now()
				if _, err := c.conn.Write(c.call); err != nil {
					b.Error(err)
					return
				}
				if _, err := io.ReadFull(c.conn, c.answer); err != nil {
					b.Error(err)
					return
				}
				c.latencies = append(c.latencies, time.Since(begin))
			}
		})
	}
	all.Wait()
	took = time.Since(start)
	for _, c := range callers {
		latencies = append(latencies, c.latencies...)
	}
	if len(latencies) == 0 {
		b.Fatal("nothing measured")
	}
	return took, latencies
}

// startEcho serves what comes back as it came.
func startEcho(b *testing.B, config *tls.Config) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if config != nil {
				conn = tls.Server(conn, config)
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 4<<10)
				for {
					n, err := conn.Read(buf)
					if err != nil {
						return
					}
					if _, err := conn.Write(buf[:n]); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}
