// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	gostomp "github.com/go-stomp/stomp/v3"

	"govdsm/api"
	"govdsm/internal/event"
	"govdsm/internal/rpc/stomp"
)

// TestTwoClients replays raw-two-clients: one client publishes to the other.
func TestTwoClients(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	reader, sender := newPeer(h.dial(t)), newPeer(h.dial(t))
	var message []record
	for _, s := range loadSteps(t, "two-clients-reader") {
		for _, data := range s.send {
			reader.send(t, data)
		}
		for _, w := range s.want {
			if strings.HasPrefix(w.Data, "MESSAGE") {
				message = append(message, w)
				continue
			}
			reader.expect(t, "reader", w)
		}
	}
	reader.send(t, subscribe("r", "r")+request("r", `{"jsonrpc":"2.0","method":"Host.ping","id":1}`))
	if _, err := reader.read(); err != nil { // now the subscription is in force
		t.Fatal(err)
	}
	for _, s := range loadSteps(t, "two-clients-sender") {
		for _, data := range s.send {
			sender.send(t, data)
		}
		for _, w := range s.want {
			sender.expect(t, "sender", w)
		}
	}
	for _, w := range message {
		reader.expect(t, "message", w)
	}
	sender.expectNothingMore(t, h)
}

// Clients that share ids and the name of the reply queue's parent get their own
// replies only.
func TestRepliesNeverCross(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	var clients sync.WaitGroup
	for c := range 20 {
		p := newPeer(h.dial(t))
		clients.Go(func() {
			queue := fmt.Sprintf("replies.%d", c)
			p.send(t, subscribe("s", queue))
			for i := range 50 {
				text := fmt.Sprintf("client %d call %d", c, i)
				p.send(t, request(queue, fmt.Sprintf(
					`{"jsonrpc":"2.0","method":"Host.echo","id":%d,"params":{"message":"%s"}}`, i, text)))
				f, err := p.read()
				if want := fmt.Sprintf(`{"jsonrpc": "2.0", "id": %d, "result": "%s"}`, i, text); err != nil || f.body != want {
					t.Errorf("got %q, %v; want %s", f.body, err, want)
					return
				}
			}
		})
	}
	clients.Wait()
}

// Events reach every subscription of exactly the event queue, and nobody while
// the host is not ready.
func TestEvents(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	p := newPeer(h.dial(t))
	p.send(t, subscribe("e1", "jms.queue.events")+subscribe("e2", "jms.queue.events")+subscribe("parent", "jms.queue")+
		subscribe("r", "r")+request("r", `{"jsonrpc":"2.0","method":"Host.ping","id":1}`))
	if _, err := p.read(); err != nil {
		t.Fatal(err)
	}
	declared := api.Event[map[string]any]{EventDeclaration: &api.EventDeclaration{Namespace: "net", Name: "host_conn"}}
	publish := func(n int) {
		if err := event.Publish(h.events, declared, "no_id", map[string]any{"n": n, "é": "<ü>"}); err != nil {
			t.Fatal(err)
		}
	}
	h.SetReady(false)
	publish(1)
	h.SetReady(true)
	publish(2)
	for _, id := range []string{"e1", "e2"} {
		f, err := p.read()
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			JSONRPC, Method string
			Params          struct {
				N    int
				Time int64 `json:"notify_time"`
			}
			ID *int
		}
		if err := json.Unmarshal([]byte(f.body), &got); err != nil {
			t.Fatal(err)
		}
		if f.header("subscription") != id || got.Method != "|net|host_conn|no_id" || got.Params.N != 2 || got.Params.Time == 0 || got.ID != nil {
			t.Errorf("%v", f)
		}
		if strings.ContainsFunc(f.body, func(r rune) bool { return r > '~' }) {
			t.Errorf("not ASCII: %s", f.body)
		}
	}
	p.expectNothingMore(t, h)
}

// A client of another make: go-stomp insists on STOMP 1.2 where we do not, and
// asks for 1.2 alone when told to.
func TestForeignClient(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	conn, err := gostomp.Connect(h.dial(t), gostomp.ConnOpt.AcceptVersion(gostomp.V12))
	if err != nil {
		t.Fatal(err)
	}
	replies, err := conn.Subscribe("replies:with\\odd name", gostomp.AckAuto)
	if err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("0123456789é", 100_000)
	body, _ := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": 1, "method": "Host.echo", "params": map[string]string{"message": big},
	})
	err = conn.Send("jms.topic.vdsm_requests", "application/json", body,
		gostomp.SendOpt.Header("reply-to", "replies:with\\odd name"))
	if err != nil {
		t.Fatal(err)
	}
	m := <-replies.C
	if m.Err != nil {
		t.Fatal(m.Err)
	}
	var got struct{ Result string }
	if err := json.Unmarshal(m.Body, &got); err != nil || got.Result != big {
		t.Errorf("echo of %d bytes has %d, %v", len(big), len(got.Result), err)
	}
	if m.Destination != "replies:with\\odd name" {
		t.Errorf("destination %q", m.Destination)
	}
	if err := conn.Disconnect(); err != nil { // waits for a receipt
		t.Error(err)
	}
}

// Our own client's end, with heart-beats both ways.
func TestOwnClient(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	c, err := stomp.NewClient(t.Context(), h.dial(t), stomp.ClientOptions{Sends: 20 * time.Second, Wants: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Subscribe("s", "replies"); err != nil {
		t.Fatal(err)
	}
	if err := c.Send("jms.topic.vdsm_requests", []byte(`[{"jsonrpc":"2.0","method":"Host.ping","id":1}]`),
		stomp.HdrReplyTo, "replies"); err != nil {
		t.Fatal(err)
	}
	f, err := c.Read()
	if err != nil || string(f.Body) != `{"jsonrpc": "2.0", "id": 1, "result": true}` {
		t.Fatalf("%v, %v", f, err)
	}
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	p := newPeer(h.dial(t))
	p.send(t, subscribe("r", "r")+request("r", `{"jsonrpc":"2.0","method":"Host.ping","id":1}`)+
		request("r", `{"jsonrpc":"2.0","method":"Host.nope","id":1}`))
	for range 2 {
		if _, err := p.read(); err != nil {
			t.Fatal(err)
		}
	}
	conn := h.dial(t)
	in := bufio.NewReader(conn)
	for path, want := range map[string][]string{ // all on one connection
		"/metrics": {
			`vdsm_rpc_calls_total{code="0",verb="Host.ping"} 1`, `vdsm_rpc_calls_total{code="-32601",verb="unknown"} 1`,
			"vdsm_stomp_sessions 1", "vdsm_ready 1", "vdsm_rpc_queue_depth 0", "vdsm_connections 2", "go_goroutines",
		},
		"/healthz": {`"healthy":true`},
		"/":        {"<h1>", "/metrics"},
		"/nothing": {"404"},
	} {
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", path); err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(string(body), w) {
				t.Errorf("%s: no %s in %s", path, w, body)
			}
		}
	}
}
