// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/rpc"
)

// serves checks that the next well-formed client is served.
func (h *host) serves(t testing.TB) {
	t.Helper()
	p := newPeer(h.dial(t))
	p.send(t, subscribe("s", "r")+request("r", `{"jsonrpc":"2.0","method":"Host.ping2","id":"n"}`))
	if f, err := p.read(); err != nil || f.body != `{"jsonrpc": "2.0", "id": "n", "result": true}` {
		t.Errorf("next client: %s, %v", f.body, err)
	}
}

// What is no frame ends its connection without a word, and only that one.
func TestBadFrames(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	for name, data := range map[string]string{
		"long line":           "SEND\ndestination:" + strings.Repeat("x", 10_000) + "\n",
		"line without end":    "SEND" + strings.Repeat("x", 100_000),
		"many headers":        "SEND\n" + strings.Repeat("a:b\n", 100),
		"announced 100 MB":    "SEND\ndestination:q\ncontent-length:104857600\n\nx",
		"announced 2^63":      "SEND\ndestination:q\ncontent-length:9223372036854775808\n\nx",
		"interleaved":         "SEND\ndestination:q\ncontent-length:20\n\nabcSEND\ndestination:q\ncontent-length:3\n\ndef\x00",
		"binary":              "SEND\xff\xfe\n\n\x00",
		"unknown command":     "SENDX\n\n\x00",
		"UNSUBSCRIBEX":        "UNSUBSCRIBEX\n\n\x00",
		"NUL in header":       "SEND\ndest\x00ination:q\n\n\x00\x00",
		"SEND to nowhere":     "SEND\ndestination:\n\nx\x00",
		"header without name": "SEND\n:q\n\nx\x00",
	} {
		p := newPeer(h.dial(t))
		_, _ = io.WriteString(p.conn, data) // the other side may close early
		t.Run(name, p.expectClose)
	}
	h.serves(t)
}

// A client that dies in the middle of a frame leaves nothing behind.
func TestTruncatedFrames(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	whole := subscribe("s", "r") + request("r", `{"jsonrpc":"2.0","method":"Host.ping2","id":"n"}`)
	for n := range len(whole) {
		conn := h.dial(t)
		if _, err := io.WriteString(conn, whole[:n]); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
	}
	eventually(t, "all sessions end", func() bool { return h.Sessions().Sessions == 0 })
	h.serves(t)
}

// 100 MB of JSON are refused before they are read; 60 MB that are not JSON are
// refused afterwards; both without their weight in memory.
func TestHugeBodies(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	p := newPeer(h.dial(t))
	p.send(t, "SEND\ndestination:jms.topic.vdsm_requests\ncontent-length:104857600\n\n")
	chunk := bytes.Repeat([]byte(`{"a":[1,2,3]},`), 1000)
	for sent := 0; sent < 100<<20; sent += len(chunk) {
		if _, err := p.conn.Write(chunk); err != nil {
			break
		}
	}
	p.expectClose(t)

	p = newPeer(h.dial(t))
	p.send(t, subscribe("s", "r"))
	p.send(t, request("r", `{"jsonrpc":"2.0","id":1,"method":"Host.echo","params":{"message":"`+strings.Repeat("x", 60<<20)))
	if f, err := p.read(); err != nil || !strings.Contains(f.body, "-32700") {
		t.Errorf("60 MB: %.200s, %v", f.body, err)
	}
	h.serves(t)
	runtime.GC()
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	p := newPeer(h.dial(t))
	p.send(t, subscribe("s", "r"))
	const call = `{"jsonrpc":"2.0","method":"Host.echo","id":1,"params":`
	long := strings.Repeat("x", 100_000)
	for name, tc := range map[string]struct{ body, want string }{
		"NaN":             {call + `{"message":NaN}}`, `"code": -32700`},
		"Infinity":        {call + `[-Infinity]}`, `"code": -32700`},
		"not UTF-8":       {call + "{\"message\":\"\xff\"}}", `"code": -32700`},
		"deep":            {strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), `"code": -32700`},
		"deep params":     {call + strings.Repeat("[", 600) + strings.Repeat("]", 600) + "}", `"code": -32700`},
		"open":            {strings.Repeat(`{"a":`, 100_000), `"code": -32700`},
		"two values":      {call + `{"message":"a"}} {}`, `"code": -32700`},
		"twice a key":     {`{"jsonrpc":"2.0","method":"Host.nope","id":7,"method":"Host.echo","params":{"message":"a","message":"b"}}`, `"id": 7, "result": "b"`},
		"key in capitals": {`{"JSONRPC":"2.0","METHOD":"Host.ping","ID":1}`, `Wrong protocol version`},
		"huge method":     {`{"jsonrpc":"2.0","method":"` + long + `","id":1}`, `"code": -32601`},
		"huge fault":      {`{"jsonrpc":"1.0","method":"` + long + `","id":1}`, `'100036 bytes'`},
		"huge batch":      {"[" + strings.TrimSuffix(strings.Repeat(call+`[]},`, 1001), ",") + "]", "request batch is too large"},
		"empty method":    {`{"jsonrpc":"2.0","method":"","id":1}`, `"code": -32601`},
		"structured id":   {`{"jsonrpc":"2.0","method":"Host.ping","id":{"a":[1,"é"]}}`, `"id": {"a":[1,"\u00e9"]}, "result": true`},
		"unimplemented":   {`{"jsonrpc":"2.0","method":"Host.getStats","id":1}`, `"code": 44, "message": "Not implemented"`},
		"wrong argument":  {call + `{"message":{}}}`, `"code": -32602`},
		"no argument":     {call + `{}}`, `"code": -32602`},
	} {
		p.send(t, request("r", tc.body))
		f, err := p.read()
		if err != nil || !strings.Contains(f.body, tc.want) {
			t.Errorf("%s: %.300s, %v", name, f.body, err)
		}
		if len(f.body) > 6<<10 {
			t.Errorf("%s: answered with %d bytes", name, len(f.body))
		}
	}
	p.expectNothingMore(t, h)
}

// A notification runs its verb, is not answered, and stops nobody.
func TestNotification(t *testing.T) {
	t.Parallel()
	ran := make(chan string, 10)
	h := start(t, func(o *rpc.Options) {
		dispatch.Bind(o.Table, api.VMPause, func(_ context.Context, p *api.VMPauseParams) (r api.VMListResult, err error) {
			ran <- string(p.VMID)
			return r, api.ErrNoSuchVM
		})
	})
	p := newPeer(h.dial(t))
	p.send(t, subscribe("s", "r")+subscribe("d", "jms.topic.vdsm_responses"))
	for _, body := range []string{
		`{"jsonrpc":"2.0","method":"VM.pause","params":{"vmID":"a"}}`,
		`{"jsonrpc":"2.0","method":"VM.pause","params":{"vmID":"a"},"id":null}`,
		`[{"jsonrpc":"2.0","method":"VM.pause","params":["a"]},{"jsonrpc":"2.0","method":"VM.pause","params":["a"]}]`,
	} {
		p.send(t, request("r", body))
	}
	for range 4 {
		if vm := <-ran; vm != "a" {
			t.Errorf("vm %q", vm)
		}
	}
	p.expectNothingMore(t, h)
}

// What goes wrong in a handler is an error of its call and a line in the log.
func TestFailingHandlers(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var log bytes.Buffer
	h := start(t, func(o *rpc.Options) {
		o.Log = slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return log.Write(p)
		}), nil))
		dispatch.Bind(o.Table, api.VMPause, func(context.Context, *api.VMPauseParams) (r api.VMListResult, err error) {
			panic("the cat\nis out")
		})
		dispatch.Bind(o.Table, api.VMCont, func(context.Context, *api.VMContParams) (r api.VMListResult, err error) {
			return r, fmt.Errorf("it isn't there: %w", io.ErrUnexpectedEOF)
		})
		dispatch.Bind(o.Table, api.VMDestroy, func(context.Context, *api.VMDestroyParams) (r api.Nothing, err error) {
			return r, fmt.Errorf("destroying: %w", api.ErrNoSuchVM.With("vmId", "x").Caused(io.EOF))
		})
		dispatch.Bind(o.Table, api.VMReset, func(context.Context, *api.VMResetParams) (r api.Nothing, err error) {
			return r, fmt.Errorf("resetting: %w", api.ErrResetFailed)
		})
	})
	p := newPeer(h.dial(t))
	p.send(t, subscribe("s", "r"))
	for verb, want := range map[string]string{
		"VM.pause":   `{"code": -32603, "message": "Internal JSON-RPC error: {'reason': 'the cat\\nis out'}"}`,
		"VM.cont":    `{"code": 100, "message": "General Exception: (\"it isn't there: unexpected EOF\",)"}`,
		"VM.destroy": `{"code": 1, "message": "Virtual machine does not exist: {'vmId': 'x'}"}`,
		"VM.reset":   `{"code": 90, "message": "Failed to reset VM."}`,
	} {
		p.send(t, request("r", `{"jsonrpc":"2.0","method":"`+verb+`","id":1,"params":{"vmID":"x"}}`))
		f, err := p.read()
		var got, expected any
		_ = json.Unmarshal([]byte(f.body), &got)
		_ = json.Unmarshal([]byte(`{"jsonrpc": "2.0", "id": 1, "error": `+want+"}"), &expected)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(expected) {
			t.Errorf("%s: %s, %v\nwant %s", verb, f.body, err, want)
		}
	}
	p.expectNothingMore(t, h)
	mu.Lock()
	defer mu.Unlock()
	for _, want := range []string{"handler panicked", "TestFailingHandlers", "code=100"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in the log:\n%s", want, log.String())
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
