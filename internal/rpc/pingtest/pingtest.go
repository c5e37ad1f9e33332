// SPDX-License-Identifier: GPL-2.0-or-later

// Package pingtest measures round trips of Host.ping over any connection,
// beside a bare echo of the same bytes through the same kind of connection.
//
// Its clients send bytes that were encoded before and compare what comes back
// with bytes they know, so that what is measured is the server and the kernel,
// not the client.
package pingtest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// Options say what to compare.
type Options struct {
	Host, Echo string                  // addresses of both servers
	Wrap       func(net.Conn) net.Conn // makes a connection a TLS one; nil for plain ones
	Clients    int                     // connections at one time, each with one call under way
	Calls      int                     // of all clients together, to each server
	// Turns is how often the servers alternate, so that whatever else the
	// machine does hurts both alike.
	Turns int
}

// Turn is one turn of both servers.
type Turn struct {
	Calls, Echoes float64 // round trips a second
}

// Result is what was measured.
type Result struct {
	Turns []Turn
	Calls []time.Duration // of single calls, ascending
}

// Ratios are calls to echoes in percent, one per turn.
func (r Result) Ratios() []float64 {
	var list []float64
	for _, t := range r.Turns {
		list = append(list, 100*t.Calls/t.Echoes)
	}
	return list
}

// Quantile is the duration that the share q of all calls stayed below.
func (r Result) Quantile(q float64) time.Duration {
	return r.Calls[min(int(q*float64(len(r.Calls))), len(r.Calls)-1)]
}

// Compare measures both servers in turns.
func Compare(tb testing.TB, o Options) Result {
	tb.Helper()
	if o.Wrap == nil {
		o.Wrap = func(c net.Conn) net.Conn { return c }
	}
	var host, echo []*caller
	for i := range o.Clients {
		queue := fmt.Sprintf("bench-%03d", i)
		call := []byte(request(queue))
		h := dial(tb, o.Wrap, o.Host, call, []byte(reply(queue)))
		if _, err := io.WriteString(h.conn, subscribe(queue)); err != nil {
			tb.Fatal(err)
		}
		host = append(host, h)
		echo = append(echo, dial(tb, o.Wrap, o.Echo, call, call))
	}
	each := max(1, o.Calls/o.Clients/o.Turns)
	run(tb, echo, min(each, 100)) // warm both
	run(tb, host, min(each, 100))
	var r Result
	for range o.Turns {
		t := Turn{}
		t.Echoes, _ = run(tb, echo, each)
		calls, latencies := run(tb, host, each)
		t.Calls = calls
		r.Turns = append(r.Turns, t)
		r.Calls = append(r.Calls, latencies...)
	}
	slices.Sort(r.Calls)
	return r
}

// caller sends the same bytes again and again, one call at a time.
type caller struct {
	conn               net.Conn
	call, want, answer []byte
	latencies          []time.Duration
}

func dial(tb testing.TB, wrap func(net.Conn) net.Conn, address string, call, want []byte) *caller {
	tb.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return &caller{conn: wrap(conn), call: call, want: want, answer: make([]byte, len(want))}
}

// repeat makes each calls and notes how long every one took.
func (c *caller) repeat(each int) error {
	c.latencies = make([]time.Duration, 0, each)
	for range each {
		begin := time.Now()
		if _, err := c.conn.Write(c.call); err != nil {
			return err
		}
		if _, err := io.ReadFull(c.conn, c.answer); err != nil {
			return err
		}
		c.latencies = append(c.latencies, time.Since(begin))
		if !bytes.Equal(c.answer, c.want) {
			return fmt.Errorf("answer is %q, not %q", c.answer, c.want)
		}
	}
	return nil
}

// run lets all callers work at once and returns their round trips a second.
func run(tb testing.TB, callers []*caller, each int) (rate float64, latencies []time.Duration) {
	tb.Helper()
	var all sync.WaitGroup
	began := time.Now()
	for _, c := range callers {
		all.Go(func() {
			if err := c.repeat(each); err != nil {
				tb.Error(err)
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	if tb.Failed() {
		tb.FailNow()
	}
	for _, c := range callers {
		latencies = append(latencies, c.latencies...)
	}
	return float64(len(latencies)) / took.Seconds(), latencies
}

const id = "00000000"

func subscribe(queue string) string {
	return "SUBSCRIBE\nack:auto\ndestination:" + queue + "\nid:s\n\n\x00"
}

func request(queue string) string {
	body := `{"jsonrpc": "2.0", "method": "Host.ping", "id": "` + id + `", "params": {}}`
	return fmt.Sprintf("SEND\nreply-to:%s\ndestination:jms.topic.vdsm_requests\ncontent-length:%d\n\n%s\x00",
		queue, len(body), body)
}

func reply(queue string) string {
	body := `{"jsonrpc": "2.0", "id": "` + id + `", "result": true}`
	return fmt.Sprintf("MESSAGE\ndestination:%s\ncontent-type:application/json\nsubscription:s\ncontent-length:%d\n\n%s\x00",
		queue, len(body), body)
}
