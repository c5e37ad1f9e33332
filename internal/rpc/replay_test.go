// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/event"
	"govdsm/internal/rpc"
)

// TestReplay sends the bytes of every capture and compares what comes back with
// what the original answered. Differences are in the table of quirks or fail.
func TestReplay(t *testing.T) {
	t.Parallel()
	used := make(map[string]bool)
	for _, name := range captureNames(t) {
		for _, s := range loadSteps(t, name) {
			used[name+"/"+s.note] = true
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test, ok := elsewhere[name]; ok {
				t.Skipf("is replayed by %s", test)
			}
			replayCapture(t, name)
		})
	}
	for _, q := range quirks {
		if !used[q.capture+"/"+q.note] {
			t.Errorf("quirk for %s, %q: no such step", q.capture, q.note)
		}
		if q.reason == "" {
			t.Errorf("quirk for %s, %q gives no reason", q.capture, q.note)
		}
	}
}

// elsewhere are captures that other tests replay.
var elsewhere = map[string]string{
	"overload":           "TestOverload",
	"two-clients-reader": "TestTwoClients",
	"two-clients-sender": "TestTwoClients",
}

func replayCapture(t *testing.T, name string) {
	script := &script{}
	h := start(t, func(o *rpc.Options) { script.bind(o.Table) })
	h.SetReady(name != "recovery")
	steps := loadSteps(t, name)
	applyQuirks(steps, name)
	peers := make(map[int]*peer)
	for _, s := range steps {
		p := peers[s.conn]
		if p == nil {
			p = newPeer(h.dial(t))
			peers[s.conn] = p
		}
		script.expect(s)
		for _, data := range s.send {
			p.send(t, data)
		}
		for _, w := range s.want {
			publishRecorded(t, h.events, w.Data)
			p.expect(t, s.note, w)
		}
	}
	for _, p := range peers {
		p.expectNothingMore(t, h)
	}
}

// publishRecorded publishes what a recorded message says has happened.
func publishRecorded(t *testing.T, bus *event.Bus, data string) {
	t.Helper()
	for _, f := range splitFrames(data) {
		if f.header("destination") != "jms.queue.events" {
			continue
		}
		var e struct {
			Method string
			Params map[string]json.RawMessage
		}
		if err := json.Unmarshal([]byte(f.body), &e); err != nil {
			t.Fatal(err)
		}
		delete(e.Params, "notify_time")
		parts := strings.Split(e.Method, "|")
		declared := api.Event[map[string]json.RawMessage]{
			EventDeclaration: &api.EventDeclaration{Namespace: parts[1], Name: parts[2]},
		}
		if err := event.Publish(bus, declared, parts[3], e.Params); err != nil {
			t.Fatal(err)
		}
	}
}

// frame is what the test itself makes of the bytes, apart from our codec.
type frame struct {
	command string
	headers []string
	body    string
}

func parseFrame(text string) frame {
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	return frame{lines[0], lines[1:], body}
}

func splitFrames(data string) []frame {
	var frames []frame
	for text := range strings.SplitSeq(data, "\x00") {
		if text = strings.TrimLeft(text, "\n"); text != "" {
			frames = append(frames, parseFrame(text))
		}
	}
	return frames
}

func (f frame) header(key string) string {
	for _, h := range f.headers {
		if v, ok := strings.CutPrefix(h, key+":"); ok {
			return v
		}
	}
	return ""
}

// stream is what orders a frame among others: frames of different
// subscriptions may overtake each other.
func (f frame) stream() string { return f.command + " " + f.header("subscription") }

// comparable reduces a frame to what must be equal: a body of JSON counts by
// its meaning, its length not at all.
func (f frame) comparable() any {
	headers := slices.DeleteFunc(slices.Clone(f.headers), func(h string) bool {
		return strings.HasPrefix(h, "content-length:")
	})
	return map[string]any{"command": f.command, "headers": headers, "body": meaning(f.body)}
}

func meaning(body string) any {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	if m, ok := v.(map[string]any); ok {
		if params, ok := m["params"].(map[string]any); ok {
			delete(params, "notify_time")
		}
	}
	return v
}

// peer is a client that knows bytes only.
type peer struct {
	conn    net.Conn
	in      *bufio.Reader
	pending []frame // received, not yet expected
	closed  bool
}

func newPeer(conn net.Conn) *peer { return &peer{conn: conn, in: bufio.NewReader(conn)} }

func (p *peer) send(t testing.TB, data string) {
	t.Helper()
	if _, err := io.WriteString(p.conn, data); err != nil {
		t.Errorf("sending %.80q: %v", data, err)
	}
}

// read returns the next frame.
func (p *peer) read() (frame, error) {
	text, err := p.in.ReadString(0)
	if err != nil {
		return frame{}, fmt.Errorf("after %.80q: %w", text, err)
	}
	return parseFrame(strings.TrimLeft(strings.TrimSuffix(text, "\x00"), "\n")), nil
}

// expect waits for what a record holds.
func (p *peer) expect(t *testing.T, note string, want record) {
	t.Helper()
	switch {
	case want.closes():
		p.expectClose(t)
	case want.Data == "\n":
		if b, err := p.in.ReadByte(); b != '\n' {
			t.Fatalf("%s: heart-beat: %q, %v", note, b, err)
		}
	case strings.HasPrefix(want.Data, "HTTP/"):
		p.expectHTTP(t, want.Data)
	default:
		for _, f := range splitFrames(want.Data) {
			p.expectFrame(t, note, f)
		}
	}
}

func (p *peer) expectFrame(t *testing.T, note string, want frame) {
	t.Helper()
	for {
		i := slices.IndexFunc(p.pending, func(f frame) bool { return f.stream() == want.stream() })
		if i >= 0 {
			got := p.pending[i]
			p.pending = slices.Delete(p.pending, i, i+1)
			if d := cmp.Diff(want.comparable(), got.comparable()); d != "" {
				t.Errorf("%s: (-original +ours)\n%s", note, d)
			}
			if strings.HasSuffix(got.header("heart-beat"), ",1000") {
				p.closed = true // soon, as the client of the capture is silent
			}
			if n := got.header("content-length"); got.body != "" && n != fmt.Sprint(len(got.body)) {
				t.Errorf("%s: content-length %s of %d bytes", note, n, len(got.body))
			}
			return
		}
		f, err := p.read()
		if err != nil {
			t.Fatalf("%s: expected %v: %v; pending %v", note, want, err, p.pending)
		}
		p.pending = append(p.pending, f)
	}
}

func (p *peer) expectHTTP(t *testing.T, data string) {
	t.Helper()
	want, err := http.ReadResponse(bufio.NewReader(strings.NewReader(data)), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadResponse(p.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	wantBody, _ := io.ReadAll(want.Body)
	gotBody, _ := io.ReadAll(got.Body)
	if got.StatusCode != want.StatusCode {
		t.Errorf("status %s, want %s", got.Status, want.Status)
	}
	p.closed = true // for what speaks STOMP
	if len(wantBody) > 0 {
		if d := cmp.Diff(meaning(string(wantBody)), meaning(string(gotBody))); d != "" {
			t.Errorf("body (-original +ours)\n%s", d)
		}
	}
}

func (p *peer) expectClose(t *testing.T) {
	t.Helper()
	rest, err := io.ReadAll(p.in)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("waiting for the end: %v", err)
	}
	if len(rest) > 0 {
		t.Errorf("before the end came %q", rest)
	}
	p.closed = true
}

// expectNothingMore lets the server finish what it does and then asks for one
// more reply, which must be the next thing to arrive.
func (p *peer) expectNothingMore(t *testing.T, h *host) {
	t.Helper()
	if p.closed {
		return
	}
	eventually(t, "all calls end", func() bool { s := h.Work(); return s.Running+s.Waiting == 0 })
	p.send(t, subscribe("probe", "probe")+request("probe", `{"jsonrpc":"2.0","id":"probe","method":"Host.ping","params":{}}`))
	f, err := p.read()
	for err == nil && f.header("reply-to") == "probe" { // a subscriber of requests hears the question too
		f, err = p.read()
	}
	if err != nil {
		t.Fatalf("the connection does not serve any more: %v", err)
	}
	if f.header("destination") != "probe" || len(p.pending) > 0 {
		t.Errorf("the original did not send %v %v", p.pending, f)
	}
}

func subscribe(id, destination string) string {
	return "SUBSCRIBE\ndestination:" + destination + "\nack:auto\nid:" + id + "\n\n\x00"
}

func request(replyTo, body string) string {
	return fmt.Sprintf("SEND\ndestination:jms.topic.vdsm_requests\ncontent-type:application/json\nreply-to:%s\ncontent-length:%d\n\n%s\x00",
		replyTo, len(body), body)
}
